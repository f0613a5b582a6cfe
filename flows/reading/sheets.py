"""A workbook (.xlsx): its sheets as grids, as far down as a report goes."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from io import BytesIO
from itertools import islice
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from flows.arguments import UnreadableFile
from flows.reading.packed import SPOILT, few_elements, parts_of
from models.units.laid_out import Block, Cell, Grid, LaidOut

MOST_ROWS: Final = 3000  # of a sheet: lists of cases may follow
MOST_COLUMNS: Final = 60
MOST_SHEETS: Final = 60
LONGEST_LABEL: Final = 80
_UNKNOWN: Final = "（公式，没有值）"


def sheets(name: str, content: bytes) -> LaidOut:
    """The sheets of a workbook in order; UnreadableFile where it is damaged."""
    with parts_of(name, content) as packed:
        few_elements(name, packed)
    blocks: list[Block] = []
    unread: list[str] = []
    try:
        with (
            closing(load_workbook(BytesIO(content), read_only=True, data_only=True)) as values,
            closing(load_workbook(BytesIO(content), read_only=True)) as written,
        ):
            title = str(values.properties.title or "")
            pairs = zip(values.worksheets, written.worksheets, strict=True)
            for shown, source in islice(pairs, MOST_SHEETS):
                cells, formulas = _cells(shown, source)
                if formulas:
                    unread.append(
                        f"工作表“{shown.title}”有{formulas}个公式没有值（请打开并保存后再报送）"
                    )
                blocks.append(Grid(tuple(cells), f"工作表“{shown.title}”"))
    except (*SPOILT, InvalidFileException):
        raise UnreadableFile(name, "不是有效的 .xlsx 文件，或者文件已损坏") from None
    return LaidOut(tuple(blocks), title, unread=tuple(unread))


def _cells(shown: Any, source: Any) -> tuple[list[Cell], int]:
    for sheet in (shown, source):
        sheet.reset_dimensions()  # what the file says of its size may be wrong
    found, formulas = [], 0
    for y, (line, written) in enumerate(
        islice(zip(shown.iter_rows(), source.iter_rows(), strict=True), MOST_ROWS)
    ):
        for x, (cell, stated) in enumerate(zip(line[:MOST_COLUMNS], written, strict=False)):
            text = _text(cell.value)
            if cell.value is None and stated.data_type == "f":
                formulas += 1
                text = _UNKNOWN
            found.append(Cell(y, x, 1, 1, text))
    return found, formulas


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case date():
            return value.isoformat()
        case _:
            return str(value).strip()
