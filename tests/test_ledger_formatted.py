"""A sheet that was formatted down to its last row: hundreds of thousands of rows hold nothing."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from flows import office
from flows.commands import ledger, ledger_workbook
from flows.commands.ledger_doubts import DoubtfulLedger, beside, write_copy
from flows.commands.ledger_export import HEAD
from flows.commands.ledger_markup import by_elements
from flows.commands.ledger_sheets import sheets
from flows.commands.ledger_values import BadLedger
from flows.reading import packed
from models.report_tables.form import load_forms

SHEET = "xl/worksheets/sheet1.xml"
EMPTY = 20_000
LAST = EMPTY + 5
ROWS = tuple(
    (f"L{n}", f"2024-03-0{n}", "网络", "自然人", f"申请人{n}", "", "名单", "3.1", "2024-03-15", "")
    for n in (1, 2, 3)
)
CELLS = "".join(f'<c r="{letter}{{0}}" s="0"/>' for letter in "ABCDEFGHIJ")
WAYS = {
    "cells": f'<row r="{{0}}" spans="1:10">{CELLS}</row>',
    "rows": '<row r="{0}" s="0" customFormat="1" ht="14.25"/>',
    "cells with an end": '<row r="{0}"><c r="A{0}" s="0"></c></row>',
    "several lines": f'<row r="{{0}}" spans="1:10">{CELLS}</row>\n',
}


def formatted(path: Path, way: str, last: tuple[str, ...] = ROWS[2], before: str = "") -> Path:
    """A ledger of two rows, then so many empty ones, then one more; before = within the last row."""
    book, plain = Workbook(), BytesIO()
    sheet = book.worksheets[0]
    for row in (tuple(HEAD), *ROWS[:2]):
        sheet.append(row)
    book.save(plain)
    cells = "".join(
        f'<c r="{letter}{LAST}" t="inlineStr"><is>{before}<t>{words}</t></is></c>'
        for letter, words in zip("ABCDEFGHIJ", last, strict=True)
    )
    empty = "".join(WAYS[way].format(n) for n in range(4, LAST))
    end = f'{empty}<row r="{LAST}">{cells}</row></sheetData>'
    with ZipFile(plain) as parts, ZipFile(path, "w", ZIP_DEFLATED) as out:
        for name in parts.namelist():
            content = parts.read(name)
            out.writestr(
                name, content.replace(b"</sheetData>", end.encode()) if name == SHEET else content
            )
    return path


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that such a sheet is over, in small: one with a million such rows has 230 MB."""
    monkeypatch.setattr(ledger_workbook, "LARGEST_PART", 300_000)
    monkeypatch.setattr(ledger_workbook, "MOST_ROWS", 10)
    monkeypatch.setattr(ledger_workbook, "BESIDE_ROWS", 5000)
    monkeypatch.setattr(packed, "MOST_IN_ROW", 1000)


def loaded(path: Path) -> ledger.Imported:
    forms = load_forms(office.config() / "annual")
    return ledger.import_ledger(path, forms, lambda _done, _all: None)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("way", WAYS)
def test_rows_that_were_formatted_and_never_filled_are_passed_over(
    way: str, tmp_path: Path
) -> None:
    path = formatted(tmp_path / "台账.xlsx", way)
    (sheet,) = sheets(path)
    filled = [(row.line, row.cells[0]) for row in sheet.rows() if row.own]
    assert filled == [(1, "登记号"), (2, "L1"), (3, "L2"), (LAST, "L3")]
    done = loaded(path)
    assert done.added + done.known == 3


@pytest.mark.usefixtures("small")
def test_they_are_passed_over_once_where_a_row_below_them_is_not_written_plainly(
    tmp_path: Path,
) -> None:
    path = formatted(tmp_path / "台账.xlsx", "cells", before="<r><t>名</t></r>")
    (sheet,) = sheets(path)
    assert [row.line for row in sheet.rows() if row.own] == [1, 2, 3, LAST]


@pytest.mark.usefixtures("small")
def test_doubts_are_written_beside_the_rows_above_and_below_them(tmp_path: Path) -> None:
    path = formatted(tmp_path / "台账.xlsx", "cells", last=("L2", *ROWS[2][1:]))
    with pytest.raises(DoubtfulLedger) as found:
        loaded(path)
    write_copy(found.value, out := beside(path))
    sheet: Any = load_workbook(out, read_only=True).worksheets[0]
    sheet.reset_dimensions()
    rows = [row for row in sheet.iter_rows(values_only=True) if any(row)]
    assert [row[10:] for row in rows[:3]] == [("存疑",), (), ()]
    assert rows[3][0] == "L2"
    assert "登记号“L2”与第3行重复" in str(rows[3][10])
    with ZipFile(path) as before, ZipFile(out) as after:
        assert before.read(SHEET).count(b"<row ") == after.read(SHEET).count(b"<row ")


@pytest.mark.usefixtures("small")
def test_a_sheet_as_large_whose_cells_say_something_is_refused(tmp_path: Path) -> None:
    path = formatted(tmp_path / "台账.xlsx", "cells")
    with ZipFile(path) as parts:
        held = {name: parts.read(name) for name in parts.namelist()}
    held[SHEET] = (
        held[SHEET]
        .replace(b'<c r="A', b'<c t="str" r="A')
        .replace(b'" s="0"/>', b'" s="0"><v>1</v></c>')
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as out:
        for name, content in held.items():
            out.writestr(name, content)
    with pytest.raises(BadLedger, match="解压后过大"):
        sheets(path)


@pytest.mark.parametrize(
    "markup", ["<row>" + '<row r="1"/>' * 3000, "<row>" + "<c/>" * 3000], ids=["rows", "cells"]
)
def test_no_row_has_more_cells_than_are_taken(markup: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even one that is never closed: a row within a row would be kept as a cell of it."""
    monkeypatch.setattr("flows.commands.ledger_markup.MOST_IN_ROW", 2000)
    with pytest.raises(OverflowError):
        list(by_elements(BytesIO(f"<s>{markup}".encode()), lambda _: None))
