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
from flows.__main__ import main
from flows.commands import ledger
from flows.commands.ledger import Asked, Imported
from flows.commands.ledger_doubts import DoubtfulLedger
from flows.commands.ledger_values import BadLedger
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
    assert "12：有删除线：这一件作废的，删去这一行；仍然算数的，去掉删除线" in said
    assert "11：登记号“2”与第7行重复；编号每年从头编的，加 --prefix {年}-" in said
    assert len(said) == 4
    book = load_workbook(path)
    sheet: Any = book.active
    sheet["D7"] = "商业企业"
    sheet.delete_rows(12)
    done = load(kept(path, book), prefix="{年}-")
    assert done == Imported(4, 0)
    assert results() == {"2023-1": "3.1", "2023-2": "3.3.4", "2024-1": "3.4.1", "2024-2": "3.5.1"}
    assert any(one.startswith("“小计”行，未导入") for one in done.told)
    with office.reading() as session:
        assert register.row(session, "2024-2").applicant == "王秀兰"
        assert register.applicant(session, "2024-2").contact == "13800000002"


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
        "3：“收到日期”（3月5日）",
        "3：办理结果“已答复”可能是",
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


# ── three more: a county's bureau, a street office by the month, what an old system gives ──────────

COUNTY = [
    ["××县自然资源局依申请公开政府信息办理台账（2024年度）"],
    ["填报单位：办公室　　填报时间：2025年1月10日"],
    ["序\n号", "收到申请\n时间", "申请\n渠道", "申请人\n性质", "申请人姓名\n（名称）", "联系\n电话",
     "申请公开的\n政府信息内容", "承办\n股室", "是否\n延期", "答复\n时间", "答复结果\n（按年报表口径）", "备 注"],
    [1, date(2024, 1, 8), "信函", "公民", "王桂兰", 13800001111, "一书四方案", "耕保股", "否",
     date(2024, 1, 30), "予以公开", ""],
    [2, "2.6", "邮寄EMS", "1-公民", "李建国、王秀英等3人", "", "出让合同", "利用股", "是", "4月3日", "部分公开", ""],
    [3, "12月20日", "当面", "公民", "张三", "", "林权档案", "确权股", "否", "1.9", "信息不存在", ""],
    [4, "2024/6/17", "网上", "其他", "××村村民委员会", "", "确权资料", "确权股", "否", "2024/7/5",
     "不属于本机关公开，告知向××镇政府申请", ""],
    ["合计", "", "", "", "", "", "4件"],
    ["分管领导：", "", "", "", "审核人：", "", "", "", "填表人：刘×"],
]  # fmt: skip


def test_a_countys_ledger_goes_in_with_its_heads_and_days_of_its_year(tmp_path: Path) -> None:
    made = Workbook()
    filled(made.active, COUNTY)
    done = load(kept(tmp_path / "台账.xlsx", made))
    assert done == Imported(4, 0)
    assert "表头“申请公开的政府信息内容”按“申请内容”" in "\n".join(done.told)
    assert results() == {"1": "3.1", "2": "3.2", "3": "3.4.1", "4": "3.4.1"}
    days = {row["number"]: (row["received_on"], row["closed_on"]) for row in rows()}
    assert days["2"] == (date(2024, 2, 6), date(2024, 4, 3))
    assert days["3"] == (date(2024, 12, 20), date(2025, 1, 9))  # the first such day since


STREET = [
    "编号",
    "收件日",
    "姓名/单位名称",
    "类型",
    "电话",
    "申请内容",
    "申请方式",
    "答复日期",
    "答复类型",
]


def street(folder: Path, title: str) -> Path:
    """A sheet a month, days without a year, numbers from 1 in each."""
    made = Workbook()
    for month in (1, 2):
        sheet: Any = made.active if month == 1 else made.create_sheet()
        sheet.title = f"{month}月"
        filled(sheet, [[f"{title}{month}月登记表"], STREET])
        sheet.append(
            ["1", f"{month}.6", "周桂香", "居民", "", "改造资金", "当面", f"{month}.20", "公开"]
        )
        sheet.append([f"本月共{month}件"])
    return kept(folder / "台账.xlsx", made)


def test_a_street_offices_months_are_of_the_year_of_their_titles(tmp_path: Path) -> None:
    path = street(tmp_path, "××街道2025年")
    (said,) = doubts(path)
    assert "编号每月、每个单位从头编的，加 --prefix {年}{月}- 或者 --prefix {表}-" in said
    assert load(path, prefix="{表}-") == Imported(2, 0)
    assert {row["received_on"] for row in rows()} == {date(2025, 1, 6), date(2025, 2, 6)}


def test_where_no_title_says_the_year_it_is_asked_for(tmp_path: Path) -> None:
    path = street(tmp_path, "××街道")
    said = doubts(path, prefix="{表}-")
    assert said[0] == (
        "1月3：“收到日期”（1.6）没有年份；工作表名、表题没有写明是哪一年的，"
        "加 --year 年份，如 --year 2024"
    )
    assert len(said) == 4
    assert load(path, prefix="{表}-", year=2023) == Imported(2, 0)
    assert {row["closed_on"] for row in rows()} == {date(2023, 1, 20), date(2023, 2, 20)}


def test_a_title_of_several_years_says_none(tmp_path: Path) -> None:
    assert "没有年份" in doubts(street(tmp_path, "2024—2025年××街道"), prefix="{表}-")[0]


@pytest.mark.parametrize(
    ("typed", "day"), [(1.2, None), (3.5, date(2024, 3, 5)), (2.29, date(2024, 2, 29))]
)
def test_a_number_for_a_day_may_have_lost_its_last_figure(
    typed: float, day: date | None, tmp_path: Path
) -> None:
    """1.20 typed as a number is kept as 1.2."""
    made = Workbook()
    sheet: Any = made.active
    sheet.append(["2024年"])
    sheet.append(["序号", "收到日期", "申请人", "类别", "内容", "结果", "答复时间"])
    sheet.append([1, typed, "周晓岚", "公民", "名单", "公开", "2024-06-01"])
    path = kept(tmp_path / "台账.xlsx", made)
    if day is None:
        assert doubts(path) == [
            "3：“收到日期”是数字1.2，可能是1月2日，也可能是1月20日（Excel 去掉了末尾的0），请写明"
        ]
        return
    load(path)
    assert [row["received_on"] for row in rows()] == [day]


OLD_SYSTEM = [
    ["文档编号", "流程标题", "当前状态", "创建时间", "申请人姓名/名称", "申请人类型", "身份证号", "申请内容描述",
     "受理方式", "应答复时间", "办结时间", "答复形式", "答复结论", "流程ID"],
    ["依申请[2023]1号", "办理单", "已办结", "2023-03-02 14:22:31", "何平", "01-公民", "3101", "许可材料",
     "网上申请", "2023-03-30", "2023-03-28 10:00:00", "书面", "予以公开", "f8a7"],
    ["依申请[2023]2号", "办理单", "已办结", "2023-04-11 08:01:00", "上海××公司", "02-法人/其他组织-商业企业", "", "决定书",
     "来信", "2023-05-11", "2023-05-08 17:00:00", "书面", "不予公开-三安全一稳定", "f8a8"],
    ["依申请[2023]3号", "办理单", "已办结", "2023-06-20 11:11:11", "许多", "01-公民", "", "咨询政策",
     "网上申请", "2023-07-18", "2023-06-21 09:00:00", "书面", "其他处理-非政府信息公开申请", "f8a9"],
]  # fmt: skip


def test_what_an_old_system_gives_goes_in_once_its_column_is_named(tmp_path: Path) -> None:
    made = Workbook()
    filled(made.active, OLD_SYSTEM)
    path = kept(tmp_path / "导出.xlsx", made)
    with pytest.raises(BadLedger) as found:
        load(path)
    assert "表头缺少：收到日期；没有认出的列：" in str(found.value)
    assert "加 --column 收到日期=表头 写明" in str(found.value)
    assert load(path, columns=(("收到日期", "创建时间"),)) == Imported(3, 0)
    assert list(results().values()) == ["3.1", "3.3.3", "3.6.3"]
    assert {row["applicant_kind"] for row in rows()} == {"自然人", "商业企业"}


def test_a_column_named_on_the_command_line_must_be_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["import", str(tmp_path / "a.xlsx"), "--column", "收到日=创建时间"])
    assert "应为 列=表头，列为登记号、收到日期、" in capsys.readouterr().err


def test_a_name_with_a_number_goes_out_and_comes_in_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Workbook()
    filled(
        made.active,
        [
            ["序号", "收到日期", "申请人", "类别", "内容", "结果", "答复时间"],
            [
                1,
                "2024-03-04",
                "王秀兰 13800000002、王秀芳 13800000003",
                "公民",
                "名单",
                "公开",
                "2024-03-20",
            ],
            [2, "2024-03-04", "匿名", "公民", "名单", "公开", "2024-03-20"],
        ],
    )
    path = kept(tmp_path / "台账.xlsx", made)
    with pytest.raises(DoubtfulLedger, match="“申请人”写的“匿名”不是姓名、名称"):
        load(path)
    assert load(path, named=True) == Imported(2, 0)
    before, out = rows(), tmp_path / "导出.csv"
    assert main(["export", str(out)]) == 0
    assert "再导入时加 --names-as-they-are）：1、2" in capsys.readouterr().err
    (tmp_path / "另一处").mkdir()
    with empty_register(tmp_path / "另一处", monkeypatch):
        assert main(["import", str(out)]) == 2
        assert main(["import", str(out), "--names-as-they-are"]) == 0
        assert rows() == before


# ── ticks under a head of several columns, 同上, and what is not taken ────────────────────────────

TICKING = [
    ["临江街道2023年依申请公开台账"],
    ["编号", "申请人", "申请人类型", "", "申请渠道", "", "", "申请内容", "收到日期", "办理结果", "办结日期",
     "是否延期", "备注"],
    ["", "", "公民", "企业", "当面", "信函", "网络"],
    ["A1", "余德海", "√", "", "", "√", "", "违建认定材料", "2023-3-1", "予以公开", "2023-5-9", "√", ""],
    ["A2", "临江商贸有限公司", "", "✓", "", "", "√", "同上", "2023-3-2", "信息不存在", "2023-3-9", "", ""],
    ["A3", "潘小军", 1, "", "√", "", "", "门牌号", "2023-3-3", "", "", "", "电话撤回申请"],
    ["A4", "石磊", "√", "", "", "", "", "门牌号", "2023-3-6", "", "", "", ""],
    ["", "本月无其他申请"],
]  # fmt: skip


def ticking(folder: Path, lines: Sequence[Sequence[Any]] = TICKING) -> Path:
    made = Workbook()
    sheet: Any = made.active
    filled(sheet, lines)
    sheet.merge_cells("C2:D2")
    sheet.merge_cells("E2:G2")
    return kept(folder / "台账.xlsx", made)


def test_what_is_ticked_is_read_by_the_column_that_is_ticked(tmp_path: Path) -> None:
    done = load(ticking(tmp_path))
    found = {
        row["number"]: (row["channel"], row["applicant_kind"], row["request"]) for row in rows()
    }
    assert found == {
        "A1": ("ordinary_post", "自然人", "违建认定材料"),
        "A2": ("online", "商业企业", "违建认定材料"),
        "A3": ("in_person", "自然人", "门牌号"),
        "A4": ("other", "自然人", "门牌号"),
    }
    said = "\n".join(done.told)
    assert "“申请渠道”下面打勾的各列，按所勾的一列（当面、信函、网络）" in said
    assert "“同上”按上一行：第5行申请内容" in said
    assert (
        "没有导入的列（是登记簿的某一列、只是叫法不同的，加 --column 列=表头）：“是否延期”" in said
    )
    assert "没有写提交方式的，按“其他已公布的渠道”：第7行" in said
    assert "备注写有“撤回”而没有办理结果的，按未办结导入，请核对：第6行" in said


@pytest.mark.parametrize(
    ("said", "doubt"),
    [
        ("√", "“申请人类别”打了几个勾（公民、企业），请只留一个"),
        ("个体户", "“申请人类别”下面各列应只打勾，这一行写了别的，请核对"),
    ],
)
def test_two_ticks_or_a_word_among_ticks_are_asked(tmp_path: Path, said: str, doubt: str) -> None:
    more = [[f"B{n}", *TICKING[3][1:]] for n in range(12)]
    path = ticking(tmp_path, [*TICKING[:-1], *more])
    book = load_workbook(path)
    sheet: Any = book.active
    sheet["D4"] = said
    found = doubts(kept(path, book))
    assert len(found) == 1
    assert doubt in found[0]


def test_a_head_over_columns_of_words_is_no_head_over_ticks(tmp_path: Path) -> None:
    lines = [[*one] for one in TICKING[:5]]
    for line in lines[3:]:
        line[4:7] = ["当面", "", ""]
    done = load(ticking(tmp_path, lines))
    assert {row["channel"] for row in rows()} == {"in_person"}
    assert "申请渠道”下面打勾" not in "".join(done.told)


def test_a_ledger_without_a_channel_says_which_is_taken(tmp_path: Path) -> None:
    made = Workbook()
    sheet: Any = made.active
    heads = [
        "登记号",
        "收到日期",
        "申请人类别",
        "申请人",
        "申请内容",
        "办理结果",
        "办结日期",
        "收文途径",
    ]
    filled(sheet, [heads, ["A1", "2023-3-1", "自然人", "甲", "乙", "", "", "窗口"]])
    done = load(kept(tmp_path / "台账.xlsx", made))
    assert "没有“提交方式”一列的，各件按“其他已公布的渠道”" in done.told
    assert any("“收文途径”" in line for line in done.told)
