"""The sheets of a workbook, row by row: every one, hidden or not; merged cells filled down; numbers as
they were typed. One row is in the memory at a time.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Final
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

from flows.arguments import MEGABYTE, UnreadableFile
from flows.commands.ledger_markup import STRUCK, Workbook
from flows.commands.ledger_markup import rows as marked_rows
from flows.commands.ledger_plain_markup import Attributes, MarkedCell
from flows.commands.ledger_styles import Styles
from flows.commands.ledger_values import BadLedger, ExcelDay, RawRow, Sheet, Unreadable, Value
from flows.reading.packed import few_elements, filled_size, is_sheet

UNPACKED = 100 * MEGABYTE
LARGEST_PART = 80 * MEGABYTE  # a sheet of a hundred thousand rows of twenty columns
LARGEST_SHEET: Final = 400 * MEGABYTE
"""With rows that were formatted and never filled, down to the last of a million; those are passed over."""
MOST_PARTS = 2000
MOST_ROWS = 200_000
BESIDE_ROWS: Final = 200_000  # merged cells, marks, links of a sheet
MOST_STRINGS: Final = (
    4_000_000  # elements: two for each text that stands in a hundred thousand rows
)

SPOILT = (
    *(BadZipFile, InvalidFileException, zlib.error, ParseError, ExpatError, EOFError),
    *(OSError, RuntimeError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError, SyntaxError),
)
"""What reading a file raises that is no XLSX, or a damaged one; a missing part is a KeyError."""
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_NO_SIZE: Final = re.compile(r"0+(?:\.0+)?")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_LETTERS: Final = re.compile("[A-Z]+")
_WINDOW: Final = 1 << 20
_MOST_COLUMNS: Final = 1000
_TYPED: Final = frozenset({"inlineStr", "str"})
"""Kinds of cells that keep a text of their own."""
IN_PART: Final = "有的字带删除线；作废的，删去这些字，仍然算数的，去掉删除线"
MANY_EMPTY: Final = "多半是台账下面有大量带格式的空行：在 Excel 中选中这些行，删除后保存"


def workbook(path: Path, content: bytes) -> list[Sheet]:
    """The sheets of a workbook; BadLedger for what is none, or would fill the memory."""
    try:
        _small_enough(path, content)
        reader = Workbook(io.BytesIO(content), read_only=True)
        reader.read()
        book = reader.wb
        if not book.worksheets:
            raise BadLedger(path.name, None, "没有工作表")
        styles = Styles(book)
        return [_sheet(path, book, one, styles, reader.struck) for one in book.worksheets]
    except SPOILT:
        raise BadLedger(path.name, None, "不是有效的 XLSX 文件，或者文件已损坏") from None


def _sheet(path: Path, book: Any, sheet: Any, styles: Styles, struck: frozenset[int]) -> Sheet:
    several = len(book.worksheets) > 1
    reading = _SheetXml(book, sheet, styles, struck)

    def rows() -> Iterator[RawRow]:
        filled = 0
        try:
            for row in reading.rows():
                filled += row.own > 0
                if filled > MOST_ROWS:
                    said = f"超过{MOST_ROWS}行，请分成几个文件导入"
                    raise BadLedger(path.name, row.line, said, sheet.title if several else "")
                yield row
        except SPOILT:
            raise BadLedger(path.name, None, "不是有效的 XLSX 文件，或者文件已损坏") from None

    name = sheet.title if several else ""
    hidden, remarks = sheet.sheet_state != "visible", _remarks(book, sheet)
    of_columns, part = lambda: reading.hidden_columns, str(sheet._worksheet_path)
    return Sheet(name, hidden, False, rows, of_columns, remarks, str(sheet.title), part)


def _remarks(book: Any, sheet: Any) -> bool:
    """Whether a sheet has notes beside its cells: its relations name a part for them."""
    folder, _, name = sheet._worksheet_path.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    packed: ZipFile = book._archive
    return relations in packed.namelist() and b"/comments" in packed.read(relations)


def _small_enough(path: Path, content: bytes) -> None:
    """BadLedger for what would fill the memory once it is unpacked: a small file may hold a cell of
    hundreds of megabytes. No more is unpacked of a part than the file says that it has.
    """
    with ZipFile(io.BytesIO(content)) as packed:
        sizes = [_size(packed, part) for part in packed.infolist()]
        if len(sizes) > MOST_PARTS or max(sizes, default=0) > LARGEST_PART or sum(sizes) > UNPACKED:
            largest = UNPACKED // MEGABYTE
            said = f"解压后过大（超过 {largest} MB），请只保留台账一张表；{MANY_EMPTY}"
            raise BadLedger(path.name, None, said)
        try:
            few_elements(path.name, packed, MOST_STRINGS, MOST_ROWS + BESIDE_ROWS)
        except UnreadableFile as fault:
            raise BadLedger(path.name, None, f"{fault.problem}；{MANY_EMPTY}") from None


def _size(packed: ZipFile, part: ZipInfo) -> int:
    """How much of a part of a workbook has to be read, unpacked."""
    if LARGEST_PART < part.file_size <= LARGEST_SHEET and is_sheet(part.filename):
        return filled_size(packed, part.filename)
    return part.file_size


def _hidden(told: Attributes, measure: str) -> bool:
    """Whether a row or a column is not seen: hidden, or of no height or width."""
    return (
        told.get("hidden") in ("1", "true")
        or _NO_SIZE.fullmatch(told.get(measure) or "") is not None
    )


class _SheetXml:
    """The rows of one sheet, read from its XML; struck = the shared strings that are so in part."""

    def __init__(self, book: Any, sheet: Any, styles: Styles, struck: frozenset[int]) -> None:
        self._book, self._part = book, sheet._worksheet_path
        self._strings: Sequence[Any] = sheet._shared_strings
        self._styles = styles
        self._in_part = struck
        self.hidden_columns: frozenset[int] = frozenset()
        self._across: dict[int, list[tuple[int, int]]] = {}

    def rows(self) -> Iterator[RawRow]:
        """The rows that the sheet has, from the top; what is merged over several is in each."""
        spread, held = self._merged, dict[int, tuple[int, Value]]()
        line, struck = 0, self._styles.struck
        for told, marked in marked_rows(self._opened, self._column):
            line = int(float(told.get("r") or line + 1))
            cells, own = self._cells(marked)
            through = own > 0 and bool(struck) and self._struck(marked)
            if spread or held:
                self._fill_down(line, cells, spread, held)
            across = tuple(self._across.get(line, ()))
            yield RawRow(line, cells, _hidden(told, "ht"), own, through, across)

    def _opened(self) -> IO[bytes]:
        part: IO[bytes] = self._book._archive.open(self._part)
        return part

    @cached_property
    def _merged(self) -> dict[int, dict[int, int]]:
        """Cells merged over several rows: first row → {column: last row}; over columns: `_across`."""
        found: dict[int, dict[int, int]] = {}
        with self._opened() as source:
            kept = b""
            while part := source.read(_WINDOW):
                text = kept + part
                for first, top, last, bottom in (
                    _MERGED.findall(text) if b"mergeCell" in text else ()
                ):
                    column = column_index_from_string(first.decode()) - 1
                    if bottom != top:
                        found.setdefault(int(top), {})[column] = int(bottom)
                    if last != first:
                        right = column_index_from_string(last.decode()) - 1
                        self._across.setdefault(int(top), []).append((column, right))
                kept = text[-200:]
        return found

    @staticmethod
    def _fill_down(
        line: int,
        cells: list[Value],
        spread: dict[int, dict[int, int]],
        held: dict[int, tuple[int, Value]],
    ) -> None:
        for column, (bottom, value) in list(held.items()):
            if line > bottom:
                del held[column]
                continue
            cells.extend([""] * (column + 1 - len(cells)))
            if cells[column] == "":
                cells[column] = value
        for column, bottom in spread.get(line, {}).items():
            if column < len(cells):
                held[column] = bottom, cells[column]

    def _struck(self, cells: Iterable[MarkedCell]) -> bool:
        """Whether a cell of a row that says something is struck through."""
        struck = self._styles.struck
        return any(
            int(style or 0) in struck and (formula or text is not None)
            for _, style, _, formula, text in cells
        )

    def _column(self, told: Attributes) -> None:
        if _hidden(told, "width"):
            first, last = int(told.get("min", 1)), min(int(told.get("max", 1)), 200)
            self.hidden_columns |= frozenset(range(first - 1, last))

    def _cells(self, marked: Iterable[MarkedCell]) -> tuple[list[Value], int]:
        """The cells of a row, and how many of them say something."""
        cells: list[Value] = []
        at, own, standing = -1, 0, _COLUMNS
        for letters, style, kind, formula, text in marked:
            stated = standing[letters] if letters else None
            at = at + 1 if stated is None else stated
            if text and kind in _TYPED:
                value: Value = _unescaped(text) if "_x" in text else text.strip()
            else:
                value = self._value(style, kind, formula, text)
            if value:  # all but an empty text is true
                if at > len(cells):
                    cells.extend([""] * (at - len(cells)))
                cells.append(value)
                own += 1
        return cells, own

    def _value(
        self, style: str | None, kind: str | None, formula: str | None, text: str | None
    ) -> Value:
        """A cell's text, day or number; a formula counts by the value that Excel stored for it."""
        if not text:
            lacking = formula and kind != "str"
            return (
                Unreadable("是公式，文件中没有它的值（请在 Excel 中打开并保存）") if lacking else ""
            )
        if kind == STRUCK or (self._in_part and kind == "s" and int(text) in self._in_part):
            return Unreadable(IN_PART)
        if kind == "s":
            return _unescaped(str(self._strings[int(text)]))
        if not kind or kind == "n":
            return self._styles.value(text, int(style or 0))
        if kind == "e":
            return Unreadable(f"的值是错误 {text}")
        if kind == "b":
            return str(text == "1")
        if kind == "d":
            return ExcelDay(datetime.fromisoformat(text).date(), True)
        return _unescaped(text)


class _Columns(dict[str, int | None]):
    """Where a column stands, counted from 0, by its letters; None if these are no letters of one."""

    def __missing__(self, letters: str) -> int | None:
        found = column_index_from_string(letters) - 1 if _LETTERS.fullmatch(letters) else None
        if len(self) < _MOST_COLUMNS:
            self[letters] = found
        return found


_COLUMNS: Final = _Columns()


def _unescaped(text: str) -> str:
    """A text as it was typed: Excel writes some characters as _x000D_."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text.strip()
