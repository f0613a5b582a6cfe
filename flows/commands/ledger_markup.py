"""The rows of a workbook's sheet as its markup has them, one at a time; no tree is built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final
from xml.parsers import expat

from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from typing_extensions import override

Attributes = Mapping[str, str]
_WINDOW: Final = 1 << 16
_ROW, _CELL, _PART, _RUN = 1, 2, 3, 4  # how deep within a row


@dataclass(slots=True)
class MarkedCell:
    """A cell of a row: its attributes; text = its value, or the text that it keeps itself.

    formula = it is computed; filled = it holds anything at all
    """

    told: Attributes
    text: str | None = None
    formula: bool = False
    filled: bool = False


@dataclass(slots=True)
class MarkedRow:
    """A row: its attributes, and its cells."""

    told: Attributes
    cells: list[MarkedCell] = field(default_factory=list)


def rows(source: IO[bytes], column: Callable[[Attributes], None]) -> Iterator[MarkedRow]:
    """The rows of a sheet; `column` is told of each description of columns. ExpatError."""
    reading = _Reading(column)
    while some := source.read(_WINDOW):
        reading.parser.Parse(some)
        yield from reading.taken()
    reading.parser.Parse(b"", True)
    yield from reading.taken()


class _Reading:
    """Takes what the parser tells of one sheet."""

    def __init__(self, column: Callable[[Attributes], None]) -> None:
        self.column = column
        self.done: list[MarkedRow] = []
        self.row: MarkedRow | None = None
        self.cell = MarkedCell({})
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
            self.cell = cell = MarkedCell(told)
            row.cells.append(cell)
            return
        name = self.names.get(tag) or self.names.setdefault(tag, tag.rpartition("}")[2])
        if row is not None:
            self.depth += 1
            self.within(name)
        elif name == "row":
            self.row, self.depth = MarkedRow(told), _ROW
        elif name == "col":
            self.column(told)

    def within(self, name: str) -> None:
        """Something within a cell begins: its value, its formula, a text of its own."""
        if self.heard:
            self.hear(False)
        if self.depth == _PART:
            self.cell.filled, self.part, self.words = True, name, []
            if name == "v":
                self.hear(True)
            elif name == "f":
                self.cell.formula = True
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
                self.cell.text = "".join(self.words) if self.words else None
        elif depth == _ROW:
            self.done.append(self.row)
            self.row = None
        self.depth = depth - 1


class Workbook(ExcelReader):  # type: ignore[misc]
    """openpyxl's reading of a workbook, without going through its sheets for their size."""

    @override
    def read_worksheets(self) -> None:
        for sheet, relation in self.parser.find_sheets():
            if relation.target not in self.valid_files:
                continue
            if "chartsheet" in relation.Type:
                self.read_chartsheet(sheet, relation)
                continue
            found = _Unmeasured(self.wb, sheet.name, relation.target, self.shared_strings)
            found.sheet_state = sheet.state
            self.wb._sheets.append(found)


class _Unmeasured(ReadOnlyWorksheet):  # type: ignore[misc]
    @override
    def _get_size(self) -> None:
        """What the file says of its size is not needed, and may be wrong."""
