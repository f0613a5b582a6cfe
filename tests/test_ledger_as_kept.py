"""Ledgers as offices keep them: heads in two lines, a second head below, figures that a format adds,
characters that were lost, days of another time zone, a reason in its own column; files that are none.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from docx import Document
from openpyxl import Workbook
from test_ledger import FORMS, rows

from flows import office
from flows.commands import ledger
from flows.commands.ledger import Asked, Imported
from flows.commands.ledger_doubts import DoubtfulLedger
from flows.commands.ledger_foreign import IN_HAND, no_ledger
from flows.commands.ledger_sheets import sheets
from flows.commands.ledger_values import BadLedger
from models.register import register
from models.words.written_days import short_year, written_day


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


HEAD = [
    "登记号",
    "收到日期",
    "申请人类别",
    "申请人",
    "联系方式",
    "申请内容",
    "办理结果",
    "办结日期",
]


def row(number: object = "1", **change: Any) -> list[Any]:
    said = [number, "2024-03-04", "公民", "周晓岚", "13800000001", "名单", "公开", "2024-03-20"]
    return [(dict(zip(HEAD, said, strict=True)) | change)[name] for name in HEAD]


def book(folder: Path, *lines: Sequence[Any], title: str = "台账") -> Path:
    made = Workbook()
    sheet: Any = made.active
    sheet.title = title
    for line in lines:
        sheet.append(line)
    made.save(folder / "台账.xlsx")
    return folder / "台账.xlsx"


def load(path: Path, **asked: Any) -> Imported:
    return ledger.import_ledger(path, FORMS, lambda *_: None, Asked(**asked))


def doubts(path: Path) -> list[str]:
    with pytest.raises(DoubtfulLedger) as found:
        load(path)
    return [f"{one.line}：{one.problem}" for one in found.value.doubts]


def contact(number: str) -> str:
    with office.reading() as session:
        return register.applicant(session, number).contact or ""


# ── heads ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_head_in_two_lines_is_read_with_the_one_that_stands_over_it(tmp_path: Path) -> None:
    over = ["编号", "收到申请", "", "申请人", "", "", "申请内容", "答复", ""]
    below = ["", "日期", "方式", "类别", "姓名", "电话", "", "结果", "时间"]
    line = ["1", "2024-3-4", "网上", "公民", "周晓岚", "138", "名单", "公开", "2024-3-20"]
    assert load(book(tmp_path, over, below, line)) == Imported(1, 0)
    (found,) = rows()
    assert (found["received_on"], found["closed_on"]) == (date(2024, 3, 4), date(2024, 3, 20))
    assert (found["channel"], found["row"], contact("1")) == ("online", "3.1", "138")


def test_who_acts_for_the_applicant_is_not_the_applicant(tmp_path: Path) -> None:
    """Both have a 姓名 and a 电话, and a consultation has a 结果 and a 日期, as the answer has."""
    over = [
        "序号",
        "申请信息",
        "",
        "代理人",
        "",
        "申请人基本情况",
        "",
        "",
        "第三方",
        "",
        "答复情况",
    ]
    below = [
        "",
        "收到日期",
        "内容",
        "姓名",
        "电话",
        "姓名",
        "类型",
        "电话",
        "结果",
        "日期",
        "类型",
        "日期",
    ]
    line = [
        "1",
        "2024-3-4",
        "名单",
        "李四",
        "139",
        "周晓岚",
        "公民",
        "138",
        "同意",
        "2024-3-9",
        "公开",
        "2024-3-20",
    ]
    done = load(book(tmp_path, over, below, line))
    (found,) = rows()
    assert (found["applicant"], contact("1")) == ("周晓岚", "138")
    assert (found["row"], found["closed_on"]) == ("3.1", date(2024, 3, 20))
    (left,) = (one for one in done.told if one.startswith("没有导入的列"))
    assert left.endswith("：“代理人姓名”、“代理人电话”、“第三方结果”、“第三方日期”")


@pytest.mark.parametrize(
    "other",
    [
        [*HEAD[:3], "联系方式", "申请人", *HEAD[5:]],  # read by the first head, nobody would notice
        [*HEAD[::-1]],
    ],
)
def test_a_second_head_with_its_columns_otherwise_is_found(
    other: list[str], tmp_path: Path
) -> None:
    path = book(tmp_path, HEAD, row("1"), other, row("2"))
    assert doubts(path) == [
        "3：又是一行表头，各列的次序与第1行不同；请把以下各行移到另一张工作表，或者调成一样的次序"
    ]


def test_a_head_that_is_repeated_as_it_is_is_left_out(tmp_path: Path) -> None:
    assert load(book(tmp_path, HEAD, row("1"), HEAD, row("2"))) == Imported(2, 0)


def test_all_columns_that_are_left_out_are_named(tmp_path: Path) -> None:
    more = [f"其他栏{n}" for n in range(20)]
    done = load(book(tmp_path, [*HEAD, *more], row()))
    (left,) = (one for one in done.told if one.startswith("没有导入的列"))
    assert left.endswith("、".join(f"“{one}”" for one in more))


def test_rows_that_count_are_told_once_a_kind(tmp_path: Path) -> None:
    path = book(
        tmp_path, HEAD, row("1"), ["累计：1件"], row("2"), ["累计：2件"], ["注：一"], ["注：二"]
    )
    told = load(path).told
    assert "“累计”等合计、填表说明行，未导入：第3行、第5行" in told
    assert "“注”等合计、填表说明行，未导入：第6行、第7行" in told


def test_numbers_that_begin_again_are_one_doubt_on_the_screen(tmp_path: Path) -> None:
    again = [row(n, 收到日期="2025-03-04", 办结日期="2025-03-20") for n in range(1, 31)]
    with pytest.raises(DoubtfulLedger) as found:
        load(book(tmp_path, HEAD, *(row(n) for n in range(1, 31)), *again))
    assert len(found.value.doubts) == 30
    assert str(found.value) == (
        "台账 台账.xlsx 第32行：登记号“1”与第2行重复；编号每年从头编的，加 --prefix {年}-"
        "（第33行、第34行、第35行、第36行、第37行、第38行、第39行、第40行等29行同此）（未导入任何一行）"
    )


# ── cells ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_figures_of_a_number_are_those_that_excel_shows(tmp_path: Path) -> None:
    made = Workbook()
    sheet: Any = made.active
    for line in (HEAD, row(7), row(8), row(9), row(10)):
        sheet.append(line)
    sheet["A2"].number_format = "0000"
    sheet["A3"].number_format = '"清公开〔2024〕"000"号"'
    sheet["A4"].number_format = "2024-0"  # Excel takes these figures for places: as it is
    sheet["E5"], sheet["E5"].number_format = 51712345678, "000000000000"
    made.save(tmp_path / "台账.xlsx")
    assert load(tmp_path / "台账.xlsx") == Imported(4, 0)
    assert {one["number"] for one in rows()} == {"0007", "清公开〔2024〕008号", "9", "10"}
    assert contact("10") == "051712345678"


def test_characters_that_were_lost_are_asked_for(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        HEAD,
        row("1", 申请人="周?岚"),
        row("2", 申请人="周\ufffd岚"),
        row("3", 申请内容="名单\ufffd"),
        row("4", 申请内容="何时公布？"),
    )
    said = "多半是生僻字在转存时变成了问号，请从原件重新填写"
    assert doubts(path) == [
        f"2：“申请人”中有没有保存下来的字（周?岚）；{said}；照原样导入的，加 --names-as-they-are",
        f"3：“申请人”中有没有保存下来的字（周\ufffd岚）；{said}",
        f"4：“申请内容”中有没有保存下来的字（名单\ufffd）；{said}",
    ]


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2024-03-04T15:59:00Z", date(2024, 3, 4)),
        ("2024-03-04T16:00:00Z", date(2024, 3, 5)),
        ("2024-03-04T23:30:00+08:00", date(2024, 3, 4)),
        ("2024-03-04 01:00:00.000+0900", date(2024, 3, 4)),
        ("2024-03-04T25:00:00Z", None),
        ("2024-3-4日", date(2024, 3, 4)),
        ("2024.03.04.", date(2024, 3, 4)),
        ("2024.3.4、3.6", None),
        ("24.3.4", None),
    ],
)
def test_a_moment_is_the_day_that_it_was_here(words: str, day: date | None) -> None:
    assert written_day(words) == day


def test_a_year_of_two_figures_is_certain_where_the_sheet_says_it(tmp_path: Path) -> None:
    assert [short_year(one) for one in ("24.3.4", "24年3月4日", "24.13.1", "3.4", "2024.3.4")] == [
        (24, 3, 4), (24, 3, 4), None, None, None,
    ]  # fmt: skip
    lines = (
        row("1", 收到日期="23.12.4", 办结日期="24.1.3"),
        row("2", 收到日期="24.12.4", 办结日期="25年1月3日"),
    )
    assert doubts(book(tmp_path, HEAD, *lines)) == [
        "2：“收到日期”（23.12.4）的年份只有两位，请写四位（如 2024.3.4）",
        "2：“办结日期”（24.1.3）的年份只有两位，请写四位（如 2024.3.4）",
        "3：“收到日期”（24.12.4）的年份只有两位，请写四位（如 2024.3.4）",
    ]
    done = load(book(tmp_path, HEAD, *lines, title="2024年"))
    assert {(one["received_on"], one["closed_on"]) for one in rows()} == {
        (date(2023, 12, 4), date(2024, 1, 3)),
        (date(2024, 12, 4), date(2025, 1, 3)),
    }
    assert any(one.startswith("年份只写两位的日期，按20××年：") for one in done.told)


def test_a_day_before_anybody_could_apply_is_doubtful(tmp_path: Path) -> None:
    """1900-01-01 is what Excel shows of an empty cell that is formatted as a date."""
    path = book(tmp_path, HEAD, row(收到日期="1900-01-01"), row("2", 收到日期="45355.5"))
    assert doubts(path) == ["2：收到日期 1900-01-01 早于2003年，那时还没有依申请公开，请核对"]


def test_a_dry_run_gives_every_year_that_a_case_lies_in(tmp_path: Path) -> None:
    """Received in 2022 and open: carried on in each year since, also where nothing else happened."""
    path = book(tmp_path, HEAD, row(收到日期="2022-11-04", 办理结果="", 办结日期=""))
    found = ledger.try_ledger(path, FORMS, lambda *_: None).years
    carried = {
        year: [tables.figure(code, "自然人") for code in ("1", "2", "3.7", "4")]
        for year, tables in found.items()
    }
    assert carried[2022] == [1, 0, 0, 1]
    assert [carried[year] for year in (2023, 2024, 2025)] == [[0, 1, 0, 1]] * 3
    assert max(carried) == office.today().year


# ── words ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_result_that_may_be_several_is_told_by_the_reason_beside_it(tmp_path: Path) -> None:
    lines = [
        [*row("1", 办理结果="不予公开"), "过程性信息"],
        [*row("2", 办理结果="不予公开"), "涉及第三方商业秘密"],
        [*row("3", 办理结果="不予处理"), "重复申请"],
        [*row("4"), "无"],
    ]
    head = [*HEAD, "不予公开原因"]
    assert load(book(tmp_path, head, *lines)) == Imported(4, 0)
    assert {one["number"]: one["row"] for one in rows()} == {
        "1": "3.3.6", "2": "3.3.4", "3": "3.5.2", "4": "3.1",
    }  # fmt: skip
    said = doubts(
        book(
            tmp_path,
            head,
            [*row("5", 办理结果="不予公开"), "/"],
            [*row("6", 办理结果="不予公开"), "重复申请"],  # no ground to refuse
        )
    )
    assert len(said) == 2
    assert all("办理结果“不予公开”可能是三（三）1　" in one for one in said)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("法人（企业）", "商业企业"),
        ("公民/自然人", "自然人"),
        ("公民（企业）", ""),
        ("自然人/企业", ""),
    ],
)
def test_a_kind_said_twice_must_be_one(words: str, kind: str, tmp_path: Path) -> None:
    path = book(tmp_path, HEAD, row(申请人类别=words))
    if not kind:
        assert doubts(path)[0].startswith(f"2：申请人类别“{words}”应为")
        return
    load(path)
    assert rows()[0]["applicant_kind"] == kind


# ── files ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_excels_unicode_text_is_read(encoding: str, tmp_path: Path) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter="\t").writerows([HEAD, row(申请人="𠮷田")])
    mark = {"utf-16-be": b"\xfe\xff", "utf-16-le": b"\xff\xfe"}.get(encoding, b"")
    (tmp_path / "台账.txt").write_bytes(mark + written.getvalue().encode(encoding))
    assert load(tmp_path / "台账.txt") == Imported(1, 0)
    assert rows()[0]["applicant"] == "𠮷田"


def text_of(mark: str, *lines: Sequence[Any], title: str = "") -> str:
    return title + "".join(mark.join(map(str, line)) + "\r\n" for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        text_of("\t", HEAD, row(申请内容="名单, 含甲, 乙, 丙, 丁, 戊, 己, 庚, 辛")),
        text_of(
            ",", HEAD, [f"{one}\t" for one in row(申请内容="名单")]
        ),  # as old systems keep figures
        text_of(";", HEAD, row(申请内容="名单")),
        text_of(",", HEAD, row(申请内容="名单"), title="某局台账，2024年度，按月填写\r\n"),
    ],
    ids=["tabs", "tabs behind", "semicolons", "title"],
)
def test_what_stands_between_the_fields_is_told_by_the_head(text: str, tmp_path: Path) -> None:
    (tmp_path / "台账.csv").write_bytes(text.encode("gb18030"))
    assert load(tmp_path / "台账.csv") == Imported(1, 0)
    (found,) = rows()
    assert found["request"].startswith("名单")
    assert (found["applicant"], found["closed_on"]) == ("周晓岚", date(2024, 3, 20))


def packed(*names: str, **content: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        for name in names:
            out.writestr(name, content.get("text", "x"))
    return made.getvalue()


def word() -> bytes:
    made = io.BytesIO()
    document = Document()
    document.add_table(1, len(HEAD))
    document.save(made)
    return made.getvalue()


OLD = "是 Excel 97—2003（.xls）或者 WPS（.et）的旧格式；请先另存为 XLSX 或 CSV"
NOT_PLAIN = "是“严格 Open XML”格式；请在 Excel 中另存为普通的 XLSX（“Excel 工作簿”）"
STRICT = '<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>'


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("台账.xlsx", b"", "是空文件"),
        ("台账.csv", b"\r\n \r\n", "是空文件"),
        ("台账.docx", word(), "其实是 Word 文档；请把其中的表格复制到 Excel，存为 XLSX"),
        ("台账.xlsx", word(), "其实是 Word 文档；请把其中的表格复制到 Excel，存为 XLSX"),
        ("台账.xlsx", packed("content.xml", "mimetype"), "请先另存为 XLSX 或 CSV"),
        ("台账.xlsx", packed("Index/Document.iwa"), "请先另存为 XLSX 或 CSV"),
        ("台账.xlsx", packed("xl/workbook.bin"), "请先另存为 XLSX 或 CSV"),
        ("台账.zip", packed("2023年.xlsx", "2024年.xlsx"), "是压缩文件，请先解压"),
        ("台账.csv", b"Rar!\x1a\x07", "是压缩文件，请先解压"),
        ("台账.xlsx", b"%PDF-1.7", "其实是 PDF；请用当时登记的 Excel、WPS 表格"),
        ("台账.csv", b"\xff\xd8\xff\xe0", "其实是图片；请用当时登记的 Excel、WPS 表格"),
        ("台账.xls", b"<?xml version='1.0'?>", "是 XML 表格，不是工作簿；请先另存为 XLSX 或 CSV"),
        ("台账.fods", b"<?xml version='1.0'?>", "是 XML 表格，不是工作簿；请先另存为 XLSX 或 CSV"),
        ("~$台账.xlsx", b"\x06\xe6\x9d\x8e" + b" " * 160, IN_HAND),
        ("台账.html", b"<!DOCTYPE html>", "其实是网页，不是工作簿；用 Excel 打开后，请先另存为 XLSX 或 CSV"),
        ("台账.xls", b"\x09\x08\x08\x00", OLD),
        ("台账.xlsx", "登记号,收到日期".encode(), "其实是文本，不是工作簿；扩展名改为 .csv 再导入"),
        ("台账.xlsx", packed("xl/workbook.xml", text=STRICT), NOT_PLAIN),
    ],
)  # fmt: skip
def test_a_file_that_is_no_ledger_is_told_what_it_is(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadLedger) as found:
        sheets(tmp_path / name)
    assert found.value.problem == said


def test_a_ledger_is_no_other_file(tmp_path: Path) -> None:
    assert no_ledger(".xlsx", book(tmp_path, HEAD, row()).read_bytes()) == ""
    assert no_ledger(".csv", "登记号,收到日期\r\n".encode("gb18030")) == ""
