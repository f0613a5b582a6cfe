"""The tables on paper: the official form's merged cells, its labels, and our figures in them."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.table import Table
from published_reports import FORMS, figures, lines, report

from letters.letter.stationery import Sheet
from letters.report.tables import Layout, add_layout, layout2, layout3, layout4
from models.report_tables.form import form_for
from models.report_tables.table3 import table3

FORM = form_for(FORMS, 2023)
NAME = "suqian_city_2023"
TABLE = table3(lines(NAME), 2023, FORM)
REVIEWS = report(NAME)["table4"]
PROACTIVE = {"规章": [2, 0, 11], "行政许可": 1808595}
LAYOUTS = {
    "table 3": layout3(TABLE),
    "table 3 of 2019": layout3(table3([], 2019, form_for(FORMS, 2019))),
    "table 4": layout4(REVIEWS, FORM),
    "table 2": layout2(PROACTIVE, FORM),
    "table 2 of 2019": layout2({}, form_for(FORMS, 2019)),
}


def sheet() -> Sheet:
    return Sheet(author="某局", title="年报", subject="", dated=date(2024, 1, 8))


def reopened(written: Sheet) -> WordDocument:
    return Document(BytesIO(written.to_bytes()))


def word_table3() -> Table:
    written = sheet()
    add_layout(written.document, layout3(TABLE))
    return reopened(written).tables[0]


def text(table: Table, row: int, column: int) -> str:
    return table.cell(row, column).text


def extent(table: Table, row: int, column: int) -> tuple[int, int]:
    """How many rows and columns the cell at this place spans."""
    cell = table.cell(row, column)._tc
    return cell.bottom - cell.top, cell.right - cell.left


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_boxes_of_a_layout_cover_its_grid_once(name: str) -> None:
    layout: Layout = LAYOUTS[name]
    covered = [
        (y, x)
        for box in layout.boxes
        for y in range(box.row, box.row + box.rows)
        for x in range(box.column, box.column + box.columns)
    ]
    assert sorted(covered) == [
        (y, x) for y in range(layout.height) for x in range(len(layout.widths))
    ]


def test_table_three_has_the_head_of_the_official_form() -> None:
    table = word_table3()
    assert (len(table.rows), len(table.columns)) == (28, 10)
    assert text(table, 0, 0) == (
        "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
    )
    assert extent(table, 0, 0) == (3, 3)
    assert (text(table, 0, 3), extent(table, 0, 3)) == ("申请人情况", (1, 7))
    assert (text(table, 1, 3), extent(table, 1, 3)) == ("自然人", (2, 1))
    assert (text(table, 1, 4), extent(table, 1, 4)) == ("法人或其他组织", (1, 5))
    assert (text(table, 1, 9), extent(table, 1, 9)) == ("总计", (2, 1))
    assert [text(table, 2, x) for x in range(4, 9)] == [
        *("商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")
    ]


def test_table_three_has_the_labels_of_the_official_form() -> None:
    table = word_table3()
    assert extent(table, 3, 0) == extent(table, 4, 0) == extent(table, 27, 0) == (1, 3)
    assert (text(table, 5, 0), extent(table, 5, 0)) == ("三、本年度办理结果", (22, 1))
    assert extent(table, 5, 1) == extent(table, 6, 1) == extent(table, 26, 1) == (1, 2)
    groups = {7: ("（三）不予公开", 8), 15: ("（四）无法提供", 3)}
    groups |= {18: ("（五）不予处理", 5), 23: ("（六）其他处理", 3)}
    for row, (label, rows) in groups.items():
        assert (text(table, row, 1), extent(table, row, 1)) == (label, (rows, 1))
    assert text(table, 9, 2) == "3.危及“三安全一稳定”"
    assert text(table, 26, 1) == "（七）总计"
    assert text(table, 27, 0) == "四、结转下年度继续办理"


def test_table_three_holds_the_published_figures() -> None:
    table = word_table3()
    printed = [tuple(int(text(table, y, x)) for x in range(3, 10)) for y in range(3, 28)]
    assert printed == list(figures(NAME).values())


def test_table_four_has_three_groups_of_five() -> None:
    written = sheet()
    add_layout(written.document, layout4(REVIEWS, FORM))
    [table] = reopened(written).tables
    assert (text(table, 0, 0), extent(table, 0, 0)) == ("行政复议", (1, 5))
    assert (text(table, 0, 5), extent(table, 0, 5)) == ("行政诉讼", (1, 10))
    assert (text(table, 1, 0), extent(table, 1, 0)) == ("结果维持", (2, 1))
    assert (text(table, 1, 5), extent(table, 1, 5)) == ("未经复议直接起诉", (1, 5))
    assert (text(table, 1, 10), extent(table, 1, 10)) == ("复议后起诉", (1, 5))
    assert [int(text(table, 3, x)) for x in range(15)] == REVIEWS


def test_table_two_prints_what_is_known_and_leaves_the_rest_blank() -> None:
    written = sheet()
    add_layout(written.document, layout2(PROACTIVE, FORM))
    [table] = reopened(written).tables
    printed = [[cell.text for cell in dict.fromkeys(row.cells)] for row in table.rows]
    assert printed == [
        ["第二十条第（一）项"],
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
        ["规章", "2", "0", "11"],
        ["行政规范性文件", "", "", ""],
        ["第二十条第（五）项"],
        ["信息内容", "本年处理决定数量"],
        ["行政许可", "1808595"],
        ["第二十条第（六）项"],
        ["信息内容", "本年处理决定数量"],
        ["行政处罚", ""],
        ["行政强制", ""],
        ["第二十条第（八）项"],
        ["信息内容", "本年收费金额（单位：万元）"],
        ["行政事业性收费", ""],
    ]


def test_the_tables_stand_where_they_are_added_and_fit_between_the_margins() -> None:
    written = sheet()
    written.heading(FORM.sections[2])
    add_layout(written.document, layout3(TABLE))
    written.body("后文。")
    body = reopened(written).element.body
    assert [child.tag for child in body] == [*(qn("w:p"), qn("w:tbl"), qn("w:p"), qn("w:sectPr"))]
    section = written.document.sections[0]
    text_width = section.page_width - section.left_margin - section.right_margin
    assert abs(sum(c.width for c in word_table3().columns) - text_width) < 20_000  # 0.5 mm


def test_the_head_is_repeated_and_the_rows_stay_together() -> None:
    rows = [row._tr for row in word_table3().rows]
    assert [bool(row.xpath("./w:trPr/w:tblHeader")) for row in rows] == [True] * 3 + [False] * 25
    kept = [bool(row.xpath(".//w:keepNext")) for row in rows]
    ends = [n for n, together in enumerate(kept, 1) if not together]
    assert ends == [
        6,
        7,
        15,
        18,
        23,
        28,
    ]  # （一）, （二）, 不予公开, 无法提供, 不予处理, the last row
