"""The rows of a workbook's sheet as its markup has them, one at a time; no tree is built."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import IO, Any, Final
from xml.parsers import expat

from openpyxl.chartsheet import Chartsheet
from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.xml.constants import SHARED_STRINGS
from typing_extensions import override

from flows.commands.ledger_plain_markup import (
    WINDOW,
    Attributes,
    MarkedCell,
    MarkedRow,
    PlainSheet,
)
from flows.commands.ledger_strings import OFF, STRIKE, shared_strings
from flows.reading.packed import MOST_IN_ROW

_ROW, _CELL, _PART, _RUN = 1, 2, 3, 4  # how deep within a row
STRUCK: Final = "struck"
"""The type of a cell of whose own text some runs are struck through."""
_FIGURES: Final = "0123456789"


def rows(
    opened: Callable[[], IO[bytes]], column: Callable[[Attributes], None]
) -> Iterator[MarkedRow]:
    """The rows of a sheet; `column` is told of each description of columns. ExpatError.

    opened = the sheet from its beginning: where it is not written plainly, it is read once more
    """
    sheet, done = PlainSheet(column), 0
    with opened() as source:
        for row in sheet.rows(source):
            done += 1
            yield row
    if not sheet.plain:
        with opened() as source:
            yield from islice(by_elements(source, column), done + sheet.passed, None)


def by_elements(source: IO[bytes], column: Callable[[Attributes], None]) -> Iterator[MarkedRow]:
    """The rows of a sheet, however it is written. ExpatError."""
    reading = _Reading(column)
    while some := source.read(WINDOW):
        reading.parser.Parse(some)
        yield from reading.taken()
    reading.parser.Parse(b"", True)
    yield from reading.taken()


class _Cell:
    """A cell as it is read; text = "" as soon as it holds anything but a formula."""

    def __init__(self, told: Attributes) -> None:
        self.told = told
        self.formula: str | None = None
        self.text: str | None = None
        self.struck = False

    def marked(self) -> MarkedCell:
        told = self.told
        letters = told["r"].rstrip(_FIGURES) if "r" in told else None
        kind = STRUCK if self.struck else told.get("t")
        return letters, told.get("s"), kind, self.formula, self.text


class _Reading:
    """Takes what the parser tells of one sheet."""

    def __init__(self, column: Callable[[Attributes], None]) -> None:
        self.column = column
        self.done: list[MarkedRow] = []
        self.row: Attributes | None = None
        self.cells: list[_Cell] = []
        self.cell = _Cell({})
        self.depth = 0
        self.part = ""
        self.aside = False  # within a reading aid (拼音), which is no text of the cell
        self.words: list[str] = []
        self.heard = False
        self.names: dict[str, str] = {}
        self.parser: Any = expat.ParserCreate(None, "}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.begin
        self.parser.EndElementHandler = self.end

    def taken(self) -> list[MarkedRow]:
        done, self.done = self.done, []
        return done

    def begin(self, tag: str, told: Attributes) -> None:
        row = self.row
        if row is not None and self.depth == _ROW:
            self.depth = _CELL
            self.cell = cell = _Cell(told)
            self.cells.append(cell)
            if len(self.cells) > MOST_IN_ROW:
                raise OverflowError
            return
        name = self.names.get(tag) or self.names.setdefault(tag, tag.rpartition("}")[2])
        if row is not None:
            self.depth += 1
            self.within(name)
            if name == STRIKE and told.get("val") not in OFF:
                self.cell.struck = True
        elif name == "row":
            self.row, self.cells, self.depth = told, [], _ROW
        elif name == "col":
            self.column(told)

    def within(self, name: str) -> None:
        """Something within a cell begins: its value, its formula, a text of its own."""
        if self.heard:
            self.hear(False)
        if self.depth == _PART:
            self.part, self.words = name, []
            if name == "f":
                self.cell.formula = name
            else:
                self.cell.text = self.cell.text or ""
                self.hear(name == "v")
        elif self.part == "is":
            if self.depth == _RUN:
                self.aside = name == "rPh"
            if name == "t" and not self.aside:
                self.hear(True)

    def hear(self, wanted: bool) -> None:
        """Whether what stands between the marks is kept."""
        self.heard = wanted
        self.parser.CharacterDataHandler = self.words.append if wanted else None

    def end(self, _: str) -> None:
        if self.row is None:
            return
        if self.heard:
            self.hear(False)
        depth = self.depth
        if depth == _PART:
            if self.part in ("v", "is"):
                self.cell.text = "".join(self.words)
        elif depth == _ROW:
            self.done.append(MarkedRow(self.row, [cell.marked() for cell in self.cells]))
            self.row = None
        self.depth = depth - 1


class Workbook(ExcelReader):  # type: ignore[misc]
    """openpyxl's reading of a workbook, without going through its sheets for their size, or making objects
    of its strings; struck = the shared strings of which some runs are struck through.
    """

    struck: frozenset[int] = frozenset()

    @override
    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                self.shared_strings, self.struck = shared_strings(source)

    @override
    def read_worksheets(self) -> None:
        for sheet, relation in self.parser.find_sheets():
            if relation.target not in self.valid_files:
                continue
            if "chartsheet" in relation.Type:
                self.wb._sheets.append(
                    Chartsheet(parent=self.wb, title=sheet.name)
                )  # of which nothing is read
                continue
            found = _Unmeasured(self.wb, sheet.name, relation.target, self.shared_strings)
            found.sheet_state = sheet.state
            self.wb._sheets.append(found)


class _Unmeasured(ReadOnlyWorksheet):  # type: ignore[misc]
    @override
    def _get_size(self) -> None:
        """What the file says of its size is not needed, and may be wrong."""
