"""Three offices begin with the ledgers that they have: a township, a bureau, a department.

Each is as that office would keep it. What is doubtful is told at once, in words that say what to do;
done so, all of it goes in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from test_ledger import FORMS, rows

from flows import office
from flows.commands import ledger
from flows.commands.ledger import Asked, Imported
from flows.commands.ledger_doubts import DoubtfulLedger
from flows.commands.ledger_sheets import BadLedger
from models.register import register
from models.soundness import integrity


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def load(path: Path, **asked: Any) -> Imported:
    return ledger.import_ledger(path, FORMS, lambda *_: None, Asked(**asked))


def doubts(path: Path, **asked: Any) -> list[str]:
    """Each doubt about a ledger, with its line."""
    with pytest.raises(DoubtfulLedger) as found:
        load(path, **asked)
    return [f"{one.sheet}{one.line}：{one.problem}" for one in found.value.doubts]


def kept(path: Path, made: Any) -> Path:
    made.save(path)
    return path


def filled(sheet: Any, lines: Sequence[Sequence[Any]]) -> None:
    for line in lines:
        sheet.append(line)


def results() -> dict[str, str | None]:
    return {row["number"]: row["row"] for row in rows()}


# ── a township: one sheet, numbered from 1 in every month ─────────────────────────────────────────

TOWNSHIP = [
    ["临河镇人民政府依申请公开登记台账（2023—2024年）"],
    ["单位：临河镇党政办", "", "", "", "", "", "", "", "单位：件"],
    ["序号", "收到申请\n时间", "申请人信息", "", "", "渠道", "申请公开的内容", "办理情况", "", "备注"],
    ["", "", "申请人姓名/单位名称", "申请人\n类别*", "联系电话", "", "", "答复结果", "答复时间", ""],
    ["2023年12月"],
    [1, "2023.12.4", "周晓岚", "村民", "/", "来人", "2022年征地补偿标准", "公开。", "2023.12.12"],
    [2, "2023年12月5日上午", "临河粮食种植专业合作社", "合作社", "0516-5550101", "邮寄EMS",
     "高标准农田项目名单", "不予公开（商业秘密）", "二〇二三年十二月二十日"],
    ["小计", "", "", "", "", "", "2件"],
    ["2024年1月"],
    [1, "2024--1-3", " 李  明 ", "村民", "13800000001", "信函", "宅基地审批", "所申请信息不存在", "2024/1/9 0:00"],
    [2, date(2024, 1, 8), "王秀兰13800000002", "村民", "", "现场", "低保名单", "信访", date(2024, 1, 15)],
    [3, date(2024, 1, 9), "作废", "村民", "", "现场", "作废", "信访", date(2024, 1, 15)],
    ["以下空白"],
    ["填表人：张某", "", "", "审核人：李某"],
]  # fmt: skip


def township(folder: Path) -> tuple[Path, Any]:
    made = Workbook()
    sheet: Any = made.active
    filled(sheet, TOWNSHIP)
    for merged in ("A1:J1", "C3:E3", "H3:I3", "A3:A4", "B3:B4", "F3:F4", "G3:G4", "J3:J4"):
        sheet.merge_cells(merged)
    for cell in sheet[12]:
        cell.font = Font(strike=True)
    return kept(folder / "台账.xlsx", made), sheet


def test_a_townships_ledger_goes_in(tmp_path: Path) -> None:
    path, _ = township(tmp_path)
    said = doubts(path)
    assert said[0].startswith("7：申请人类别“合作社”可能是商业企业、其他；请逐行填写")
    assert "10：登记号“1”与第6行重复；编号每年从头编的，加 --prefix {年}-" in said
    assert "11：“申请人”中有电话或者证件号码（138……），请移到“联系方式”" in said
    assert "12：有删除线：这一件作废的，删去这一行；仍然算数的，去掉删除线" in said
    assert len(said) == 4
    book = load_workbook(path)
    sheet: Any = book.active
    sheet["D7"], sheet["C11"], sheet["E11"] = "商业企业", "王秀兰", "13800000002"
    sheet.delete_rows(12)
    done = load(kept(path, book), prefix="{年}-")
    assert done == Imported(4, 0)
    assert results() == {"2023-1": "3.1", "2023-2": "3.3.4", "2024-1": "3.4.1", "2024-2": "3.5.1"}
    assert any(one.startswith("“小计”行，未导入") for one in done.told)


def test_numbers_from_one_in_every_month_take_the_month_before_them(tmp_path: Path) -> None:
    made = Workbook()
    sheet: Any = made.active
    head = ["序号", "收到日期", "申请人", "类别", "内容", "结果", "答复时间"]
    filled(
        sheet,
        [
            head,
            *(
                [1, f"2024-0{n}-04", "周晓岚", "公民", "名单", "公开", f"2024-0{n}-08"]
                for n in (1, 2)
            ),
        ],
    )
    path = kept(tmp_path / "台账.xlsx", made)
    assert doubts(path) == ["3：登记号“1”与第2行重复；编号每月从头编的，加 --prefix {年}{月}-"]
    assert load(path, prefix="{年}{月}-") == Imported(2, 0)
    assert sorted(results()) == ["202401-1", "202402-1"]


# ── a bureau: a sheet for each year, each with a head of its own, and one that adds them up ───────

BUREAU = {
    "2019年": (
        ["依申请编号", "登记时间", "姓名或名称", "申请人身份", "申请形式", "所需信息的内容描述", "办结情况", "回复时间", "承办科室"],
        [
            ["自然资依申〔2019〕1号", 43591, "周晓岚", "公民（个人）", "网站在线申请", "规划许可", "同意公开", 43601, "规划科"],
            ["自然资依申〔2019〕2号", 43601, "江河律师事务所", "律所", "E-mail", "征地批文", "（四）1", 43621, "利用科"],
            ["合计", "", 2],
        ],
    ),
    "2020年": (
        ["编号", "受理日", "申请人（单位）", "主体类型", "收件渠道", "申请事项内容", "处理方式", "结案日期"],
        [
            ["自然资依申〔2020〕1号", "20200304", "大同置业有限公司", "有限责任公司", "挂号信", "土地出让合同", "不予公开-商业秘密", "20200320"],
            ["编号", "受理日", "申请人（单位）", "主体类型", "收件渠道", "申请事项内容", "处理方式", "结案日期"],
            ["自然资依申〔2020〕2号", "２０２０．３．５", "张伟", "市民", "线上", "不动产登记", "属于行政查询事项", "2020\\3\\20"],
        ],
    ),
    "汇总": (
        ["编号", "受理日", "申请人（单位）", "主体类型", "收件渠道", "申请事项内容", "处理方式", "结案日期"],
        [
            ["自然资依申〔2020〕1号", "20200304", "大同置业有限公司", "有限责任公司", "挂号信", "土地出让合同", "不予公开-商业秘密", "20200320"],
        ],
    ),
    "说明": (["本台账由办公室登记，各科室不得涂改"], []),
}  # fmt: skip


def bureau(folder: Path) -> Path:
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, (head, lines) in BUREAU.items():
        filled(made.create_sheet(title), [head, *lines])
    hidden: Any = made.create_sheet("2018年")
    filled(hidden, [["编号", "受理日"]])
    hidden.sheet_state = "hidden"
    return kept(folder / "局台账.xlsx", made)


def test_a_bureaus_ledger_goes_in_as_it_is(tmp_path: Path) -> None:
    done = load(bureau(tmp_path))
    assert done == Imported(4, 0)
    assert done.sheets == {"2019年": 2, "2020年": 2}
    numbered = {number[-5:-1]: row for number, row in results().items()}
    assert numbered == {"19〕1": "3.1", "19〕2": "3.4.1", "20〕1": "3.3.4", "20〕2": "3.3.8"}
    days = {row["number"][-5:-1]: row["received_on"] for row in rows()}
    assert days["19〕1"] == date(2019, 5, 6)
    assert days["20〕2"] == date(2020, 3, 5)
    told = "\n".join(done.told)
    assert "别的工作表中各栏都相同的行，只导入一次：“汇总”第2行同“2020年”第2行" in told
    assert "隐藏的工作表" in told
    assert "没有台账表头的工作表，未导入：“说明”" in told
    assert "重复的表头，未导入：“2020年”第3行" in told
    with office.reading() as session:
        assert list(integrity.faults(session, office.law(), office.agency())) == []


# ── a department: columns of its own, one lacking, one with numbers that Excel spoilt ─────────────

DEPARTMENT = [
    ["信息索取号", "", "申请日期", "申请人", "主体类别", "手机", "申请信息名称", "处理结果", "实际答复日期"],
    ["A-1", "", "2024-3-4", "周晓岚", "个人", 1.38e10, "预算", "予以公开（含部分公开）", "2024-3-20"],
    ["A-2", "", "3月5日", "陈　静", "群众", "1.38E+10", "决算", "已答复", "在办"],
    ["A-3", "", "2024-3-6", "李明", "学校", "", "名单", "在办", "未办结"],
]  # fmt: skip


def test_a_departments_ledger_says_what_it_lacks_and_what_is_spoilt(tmp_path: Path) -> None:
    made = Workbook()
    sheet: Any = made.active
    filled(sheet, DEPARTMENT)
    sheet["F2"].number_format = "0.00E+00"
    path = kept(tmp_path / "处台账.xlsx", made)
    with pytest.raises(BadLedger, match="第1行：表头缺少：收到日期；没有认出的列：“申请日期”。"):
        load(path)
    sheet["C1"] = "收到日期"
    said = doubts(kept(path, made))
    assert [one[:14] for one in said] == [
        "2：“联系方式”是科学计数法",
        "2：办理结果“予以公开（含部",
        "3：“联系方式”是科学计数法",
        "3：“收到日期”应为日期（如",
        "3：办理结果和办结日期应同时",
        "4：申请人类别“学校”可能是",
    ]


PLAIN = "序号{0}收到日期{0}申请人{0}类别{0}电话{0}内容{0}结果{0}答复时间\n{1}{0}2024-03-04{0}周晓岚{0}公民{0}{2}{0}名单{0}公开{0}2024-03-08\n"


@pytest.mark.parametrize(
    ("between", "number", "telephone", "encoding"),
    [
        (",", "1", "013800000001", "gb18030"),
        (",", '="1"', '="013800000001"', "utf-8-sig"),
        (",", "'1", "'013800000001", "utf-8"),
        ("\t", "1", "013800000001", "gbk"),
        ("；", "1", "013800000001", "utf-8"),
        ("，", "1", "013800000001", "gbk"),
        ("|", "1", "013800000001", "utf-8"),
    ],
)
def test_a_text_is_read_whatever_stands_between_and_however_it_is_kept(
    between: str, number: str, telephone: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "台账.csv"
    path.write_bytes(PLAIN.format(between, number, telephone).encode(encoding))
    assert load(path) == Imported(1, 0)
    assert results() == {"1": "3.1"}
    with office.reading() as session:
        assert register.applicant(session, "1").contact == "013800000001"


def test_notes_beside_cells_are_said_not_to_be_taken(tmp_path: Path) -> None:
    made = Workbook()
    sheet: Any = made.active
    filled(sheet, [["序号", "收到日期", "申请人", "类别", "内容", "结果", "答复时间"],
                   ["'1", "2024-03-04", "周晓岚", "公民", "名单", "公开", "2024-03-08"]])  # fmt: skip
    sheet["F2"].comment = Comment("经局长批示公开", "张某")
    done = load(kept(tmp_path / "台账.xlsx", made))
    assert done == Imported(1, 0)
    assert "单元格的批注，未导入" in done.told
    assert set(results()) == {"1"}
