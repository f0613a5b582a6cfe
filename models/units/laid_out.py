"""What does a unit's report look like once it is opened? Paragraphs, grids of cells and pictures in order.

Word, web page, workbook and PDF are all brought to this (flows/reading); what they say is found in it
by models/units/found_tables.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

WIDEST = 200  # columns: a span is cut there
MOST_CELLS = 200_000  # of a grid: a span is cut there


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, or a line, with its place in the file."""

    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: what it shows cannot be read."""

    place: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its upper left corner in the grid, its extent, its text."""

    row: int
    column: int
    rows: int
    columns: int
    text: str

    def covers(self, column: int) -> bool:
        return self.column <= column < self.column + self.columns


@dataclass(frozen=True)
class Grid:
    """A table of a file: its cells, and where in the file it stands."""

    cells: tuple[Cell, ...]
    place: str

    @cached_property
    def lines(self) -> tuple[tuple[Cell, ...], ...]:
        """For every row the cells that cross it, from the left."""
        height = max((cell.row + cell.rows for cell in self.cells), default=0)
        found: list[list[Cell]] = [[] for _ in range(height)]
        for cell in self.cells:
            for y in range(cell.row, cell.row + cell.rows):
                found[y].append(cell)
        return tuple(tuple(sorted(line, key=lambda cell: cell.column)) for line in found)


Block = Paragraph | Picture | Grid


@dataclass(frozen=True)
class LaidOut:
    """A file opened: its blocks in order, its title if it has one apart, what could not be read, and
    the files that a page leads to.
    """

    blocks: tuple[Block, ...]
    title: str = ""
    unread: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()


def grid_of(rows: Sequence[Sequence[tuple[str, int, int]]], place: str) -> Grid:
    """A grid of rows as markup states them: of each cell its text, its rows and its columns.

    What spans from above takes its place first, as a browser draws it; a span ends with the table.
    """
    cells: list[Cell] = []
    taken, room = set[tuple[int, int]](), MOST_CELLS
    for y, row in enumerate(rows):
        x = 0
        for text, stated_rows, stated_columns in row:
            while (y, x) in taken:
                x += 1
            down, across = (
                max(1, min(stated_rows, len(rows) - y)),
                max(1, min(stated_columns, WIDEST)),
            )
            if (room := room - down * across) < 0:
                return Grid(tuple(cells), place)
            taken |= {(y + dy, x + dx) for dy in range(down) for dx in range(across)}
            cells.append(Cell(y, x, down, across, text))
            x += across
    return Grid(tuple(cells), place)


_ORDINAL = re.compile(r"^(?:\(?[一二三四五六七八九十]+(?:\)|、|\.)|\(?\d{1,2}(?:\)|、|\.)(?!\d))+")
_MARKS = re.compile(r"[^\w]|_")
_ASIDE = re.compile(r"\([^()]*\)$")


def one_line(text: str) -> str:
    """A text in half width, without any space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def core(label: str) -> str:
    """A label without its number and its punctuation: “3.危及‘三安全一稳定’” → 危及三安全一稳定."""
    return _MARKS.sub("", _ORDINAL.sub("", one_line(label)))


def short_core(label: str) -> str:
    """The same without what the label says in brackets at its end."""
    return core(_ASIDE.sub("", one_line(label)))
