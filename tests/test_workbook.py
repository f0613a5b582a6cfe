"""The tables as a workbook: the same tables, the checks, and the cases behind every cell."""

from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.worksheet import Worksheet
from published_reports import FORMS, figures, lines, report
from years import WHOLE
from years import figures as year_of

import letters.report.case_lists
from letters.report.workbook import Sheet, lists, workbook
from models.report_tables.form import form_for
from models.report_tables.identities import Check, checks
from models.report_tables.table3 import CaseLine, table3
from models.report_tables.table4 import ReviewLine, table4

FORM = form_for(FORMS, 2023)
NAME = "suqian_city_2023"
TABLE = table3(lines(NAME), 2023, FORM)
BYTES = workbook("宿迁市", TABLE, checks(TABLE), table4=report(NAME)["table4"])


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(content))


def rows(sheet: Worksheet) -> list[tuple[object, ...]]:
    return list(sheet.iter_rows(values_only=True))


def one_case(
    number: str, agency: str = "某局", checks: tuple[Check, ...] = ()
) -> openpyxl.Workbook:
    day = date(2023, 3, 1)
    table = table3([CaseLine(number, "自然人", day, day, "3.1")], 2023, FORM)
    return opened(workbook(agency, table, checks))


def test_table_three_is_printed_as_numbers_in_merged_cells() -> None:
    sheet = opened(BYTES)["表三"]
    printed = [row[3:] for row in sheet.iter_rows(min_row=4, values_only=True)]
    assert printed == list(figures(NAME).values())
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A1:C3", "D1:J1", "E2:I2", "A6:A27", "B8:B15", "B6:C6", "A28:C28"} <= merged
    assert sheet["A6"].value == "三、本年度办理结果"
    assert sheet["B27"].value == "（七）总计"


def test_only_the_tables_given_have_a_sheet() -> None:
    assert opened(BYTES).sheetnames == ["表三", "表四", "校验", "办件清单", "办结清单"]
    assert opened(BYTES).active.title == "表三"
    book = opened(workbook("某局", TABLE, [], table2={"行政许可": 3}))
    assert book.sheetnames == ["表二", "表三", "校验", "办件清单", "办结清单"]
    assert book.active.title == "表三"
    assert book["表二"]["B7"].value == 3


def test_every_case_is_listed_with_its_row_and_column() -> None:
    head, *listed = rows(opened(BYTES)["办件清单"])
    assert head == ("行次", "表三项目", "申请人类别", "登记号")
    assert len(listed) == 2 * 3607  # taken in once, ended once
    counts = {c: sum(row[0] == one.ordinal for row in listed) for c, one in FORM.rows.items()}
    assert counts == {code: row[-1] for code, row in (figures(NAME) | {"3.7": (0,)}).items()}
    assert listed[-1][:3] == ("四", "四、结转下年度继续办理", "商业企业")


def opened_by(book: openpyxl.Workbook, sheet: str, cell: str) -> list[tuple[object, ...]]:
    """The rows that a click on a cell selects."""
    link = book[sheet][cell].hyperlink
    if link is None:
        return []
    name, _, area = link.location.rpartition("!")
    return [tuple(one.value for one in row) for row in book[name.strip("'")][area]]


def test_every_figure_opens_exactly_its_cases() -> None:
    book = opened(BYTES)
    for y, code in enumerate(FORM.rows, 4):
        for x, column in enumerate(FORM.columns, 4):
            cell = f"{get_column_letter(x)}{y}"
            found = opened_by(book, "表三", cell)
            opens = sorted(str(row[3]) for row in found)
            assert opens == sorted(TABLE.cases(code, column)), (code, column)


def test_a_figure_of_table_four_opens_its_reviews() -> None:
    day = date(2023, 5, 5)
    decided = [
        ReviewLine("FS2", "行政复议", day, day, "结果纠正"),
        ReviewLine("FS1", "行政复议", day, day, "结果维持"),
        ReviewLine("FS3", "复议后起诉", day),
    ]
    reviews = table4(decided, 2023, FORM)
    book = opened(
        workbook("某局", table3([], 2023, FORM), [], table4=reviews.figures(), reviews=reviews)
    )
    assert opened_by(book, "表四", "A4") == [("行政复议", "结果维持", "FS1")]
    assert [row[2] for row in opened_by(book, "表四", "E4")] == ["FS1", "FS2"]
    assert opened_by(book, "表四", "N4") == [("复议后起诉", "尚未审结", "FS3")]
    assert opened_by(book, "表四", "C4") == []


def test_a_figure_of_table_two_opens_what_was_recorded() -> None:
    tables = year_of(facts=WHOLE).tables
    table = tables.table2
    book = opened(
        workbook("某局", tables.table3, [], table2=table.figures(), facts=table),
    )
    count = "2021-12-31　现行有效件数（清点）：12"
    documents = ("行政规范性文件", "现行有效件数")
    assert [row[2] for row in opened_by(book, "表二", "F4")] == [
        count,
        "2022-06-01　制发（制作）件数：1",
        "2022-06-01　废止件数：2",
    ]
    assert {row[:2] for row in opened_by(book, "表二", "F4")} == {documents}
    assert opened_by(book, "表二", "B14")[0][2] == "2022-06-01　收费金额（元）：592372449.00"
    empty = year_of().tables.table2
    assert opened_by(
        opened(workbook("某局", tables.table3, [], table2=empty.figures(), facts=empty)),
        "表二",
        "B14",
    ) == []  # fmt: skip


def test_the_checks_are_listed_with_the_cases_they_name() -> None:
    broken = Check("cases.ended_once", False, "重复计数", tuple(str(n) for n in range(250)))
    [_, first, second] = rows(one_case("1", checks=(Check("a", True, "好"), broken))["校验"])
    assert first == ("a", "成立", "好", None)
    assert second[:3] == ("cases.ended_once", "不成立", "重复计数")
    assert str(second[3]).startswith("0、1、2、")
    assert str(second[3]).endswith("、99等250件")


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x","y")', "#N/A", "+1", "@x", "-1"])
def test_what_people_typed_stays_text(text: str) -> None:
    book = one_case(text, checks=(Check(text, False, text, (text,)),))
    cells = [*book["校验"][2], book["办件清单"]["D2"]]
    assert [cell.data_type for cell in cells] == ["s"] * 5
    assert [cells[n].value for n in (0, 2, 3, 4)] == [text] * 4


def test_a_character_that_no_workbook_may_hold_is_replaced() -> None:
    book = one_case("沪\x0b1号", agency="某\x00局", checks=(Check("a", False, "x\x01y"),))
    assert book["办件清单"]["D2"].value == "沪\ufffd1号"
    assert book["校验"]["C2"].value == "x\ufffdy"
    assert book.properties.creator == "某\ufffd局"


def test_the_same_tables_give_the_same_bytes() -> None:
    again = workbook("宿迁市", TABLE, checks(TABLE), table4=report(NAME)["table4"])
    assert again == BYTES
    with zipfile.ZipFile(BytesIO(BYTES)) as package:
        assert {part.date_time for part in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2023-12-31T00:00:00Z" in package.read("docProps/core.xml")


def test_more_cases_than_a_sheet_holds_go_on_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters.report.case_lists, "CASES_A_SHEET", 3)
    small = table3(lines("hongze_district_2023"), 2023, FORM)
    book = opened(workbook("某局", small, []))
    sheets = [name for name in book.sheetnames if name.startswith("办件清单")]
    assert sheets == ["办件清单", *(f"办件清单{n}" for n in range(2, 15))]
    assert sum(book[name].max_row - 1 for name in sheets) == 42
    received = opened_by(book, "表三", "J4")
    assert received == [tuple(c.value for c in row) for row in book["办件清单"]["A2:D4"]]


def test_a_year_without_cases_has_an_empty_list() -> None:
    book = opened(workbook("某局", table3([], 2023, FORM), []))
    assert rows(book["办件清单"]) == [("行次", "表三项目", "申请人类别", "登记号")]
    assert {v for row in rows(book["表三"])[3:] for v in row[3:]} == {0}


def test_a_font_is_looked_for_once_however_many_cells_have_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It took a third of what the tables take, for each of a thousand cells anew."""
    looked_for, add = [], IndexedList.add

    def counted(self, value):
        looked_for.append(value)
        return add(self, value)

    monkeypatch.setattr(IndexedList, "add", counted)
    rows = [(f"{n}", n) for n in range(500)]
    content = lists("某局", date(2026, 1, 5), [Sheet("甲", ("名称", "件数"), (10, 10), rows)])
    sheet = opened(content)["甲"]
    assert [cell.font.b for cell in next(sheet.iter_rows())] == [True, True]
    assert {cell.font.name for row in sheet.iter_rows(min_row=2) for cell in row} == {"宋体"}
    assert sum(isinstance(one, Font) for one in looked_for) < 20
