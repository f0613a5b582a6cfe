"""The published reports as a unit would send them: Word, web page, workbook; cells as they are typed."""

from __future__ import annotations

import html
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from published_reports import FORMS, report

from letters.letter.stationery import Sheet
from letters.report.tables import (
    _WIDTHS_3,
    Box,
    Layout,
    _head3,
    _labels3,
    add_layout,
    layout2,
    layout4,
)
from models.report_tables.form import Form
from models.report_tables.tables_file import read_tables

WHOLE2 = {
    "规章": [1, 2, 3],
    "行政规范性文件": [4, 5, 16],
    "行政许可": 70,
    "行政处罚": 8,
    "行政强制": 9,
    "行政事业性收费": 10.25,
}


def whole(name: str) -> dict[str, Any]:
    """A published report with every table: table 二 invented where it is not known by figures."""
    data = deepcopy(report(name))
    stated = {item.partition("(")[0]: value for item, value in (data.get("table2") or {}).items()}
    known = stated.keys() == WHOLE2.keys() and not any(isinstance(v, str) for v in stated.values())
    return data | {"table2": stated if known else dict(WHOLE2)}


def form_of(data: dict[str, Any]) -> Form:
    return read_tables(data, FORMS).form


def layouts(data: dict[str, Any], form: Form | None = None) -> list[Layout]:
    """Tables 二, 三 and 四 as the form prints them, whatever stands in the cells."""
    form = form or form_of(data)
    boxes = [*_head3(form), *_labels3(form)]
    for y, code in enumerate(form.rows, 3):
        boxes += [Box(y, x, 1, 1, cell) for x, cell in enumerate(data["table3"][code], 3)]
    return [
        layout2(data["table2"], form),
        Layout(tuple(boxes), _WIDTHS_3, head=3),
        layout4(data["table4"], form),
    ]


def words(data: dict[str, Any]) -> list[str]:
    return [str(text) for text in (data.get("section1_figures") or {}).values()]


def title(data: dict[str, Any]) -> str:
    return f"{data['year']}年政府信息公开工作年度报告"


def as_docx(data: dict[str, Any], form: Form | None = None) -> bytes:
    form = form or form_of(data)
    sheet = Sheet(author="", title="", subject="", dated=date(data["year"] + 1, 1, 20))
    sheet.title(data["agency"])
    sheet.title(title(data))
    sheet.heading(form.sections[0])
    for text in words(data):
        sheet.body(text)
    for heading, layout in zip(form.sections[1:4], layouts(data, form), strict=True):
        sheet.heading(heading)
        add_layout(sheet.document, layout)
    for heading in form.sections[4:]:
        sheet.heading(heading)
        sheet.body("无。")
    return sheet.to_bytes()


def table_of(layout: Layout) -> str:
    """A table as plain markup."""
    rows = []
    for y in range(layout.height):
        own = sorted((box for box in layout.boxes if box.row == y), key=lambda box: box.column)
        cells = [
            f'<td rowspan="{box.rows}" colspan="{box.columns}">'
            f"{html.escape('' if box.text is None else str(box.text))}</td>"
            for box in own
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table border=1>{''.join(rows)}</table>"


def as_html(
    data: dict[str, Any],
    form: Form | None = None,
    table: Callable[[Layout], str] = table_of,
    frame: str = "<body>{}</body>",
) -> str:
    form = form or form_of(data)
    body = [f"<h2>{data['agency']}<br>{title(data)}</h2>", f"<p>{form.sections[0]}</p>"]
    body += [f"<p>{html.escape(text)}</p>" for text in words(data)]
    for heading, layout in zip(form.sections[1:4], layouts(data, form), strict=True):
        body += [f"<p><b>{heading}</b></p>", table(layout)]
    body += [f"<p>{heading}</p><p>无。</p>" for heading in form.sections[4:]]
    return f'<html><head><meta charset="utf-8"></head>{frame.format("".join(body))}</html>'


def as_xlsx(data: dict[str, Any], form: Form | None = None, *, one_sheet: bool = True) -> bytes:
    """All on one sheet, or a table a sheet; merged as the form has it."""
    form = form or form_of(data)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    row = 1
    for text in (data["agency"], title(data), form.sections[0], *words(data)):
        sheet.cell(row, 1, text)
        row += 1
    for n, (heading, layout) in enumerate(
        zip(form.sections[1:4], layouts(data, form), strict=True)
    ):
        if not one_sheet:
            sheet, row = book.create_sheet(f"表{n + 2}"), 1
        sheet.cell(row, 1, heading)
        for box in layout.boxes:
            y, x = row + 1 + box.row, 1 + box.column
            sheet.cell(y, x, box.text)
            if box.rows * box.columns > 1:
                sheet.merge_cells(
                    start_row=y,
                    start_column=x,
                    end_row=y + box.rows - 1,
                    end_column=x + box.columns - 1,
                )
        row += layout.height + 2
    written = BytesIO()
    book.save(written)
    return written.getvalue()
