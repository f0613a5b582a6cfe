"""The annual report as a page: report.html, one file ready to publish, accessible and printable.

The tables are those of letters/tables.py with the official labels; every figure names the heads
that it stands under (WCAG 1.3.1, H43), so that a screen reader says what it is a figure of.
"""

from __future__ import annotations

from dataclasses import dataclass

from letters.markup import marked_up, safe
from letters.report import Report, Section
from letters.tables import Box, Layout


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: `th` with its scope, or `td` with the ids of its heads."""

    tag: str
    id: str
    scope: str
    headers: str
    rows: int
    columns: int
    text: str
    align: str


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table of the page: its rows of cells, how many of them are its head."""

    key: str
    caption: str
    widths: tuple[str, ...]
    head: tuple[tuple[Cell, ...], ...]
    body: tuple[tuple[Cell, ...], ...]


def page(report: Report, svg: str) -> str:
    """report.html: the six sections and, at the end, the year in one picture."""
    return marked_up(
        "report.html.j2",
        {
            "report": report,
            "sections": [
                (section, _table(section, n)) for n, section in enumerate(report.sections)
            ],
            "picture": safe(svg),
        },
    )


def _table(section: Section, n: int) -> PageTable | None:
    layout = section.table
    if layout is None:
        return None
    key = f"t{n + 1}"
    rows = tuple(tuple(_cells(layout, key, y)) for y in range(layout.height))
    total = sum(layout.widths)
    widths = tuple(f"{width / total:.2%}" for width in layout.widths)
    return PageTable(key, section.caption, widths, rows[: layout.head], rows[layout.head :])


def _cells(layout: Layout, key: str, y: int) -> list[Cell]:
    """The cells whose upper edge is in row `y`, from the left."""
    starting = sorted((box for box in layout.boxes if box.row == y), key=lambda box: box.column)
    return [_cell(layout, key, box) for box in starting]


def _cell(layout: Layout, key: str, box: Box) -> Cell:
    text = "" if box.text is None else str(box.text)
    shared = (box.rows, box.columns, text, box.align)
    if box.part == "figure":
        heads = " ".join(_id(key, head) for head in _heads(layout, box))
        return Cell("td", "", "", heads, *shared)
    side = "col" if box.part == "column" else "row"
    several = (box.columns if side == "col" else box.rows) > 1
    return Cell("th", _id(key, box), f"{side}group" if several else side, "", *shared)


def _id(key: str, box: Box) -> str:
    return f"{key}-{box.row}-{box.column}"


def _heads(layout: Layout, figure: Box) -> list[Box]:
    """The heads of a figure: those of its column, from the nearest block above, then of its row."""
    above = sorted(
        (
            box
            for box in layout.boxes
            if box.row < figure.row
            and box.column <= figure.column < box.column + box.columns
            and box.part != "row"
        ),
        key=lambda box: -box.row,
    )
    columns: list[Box] = []
    for box in above:
        if box.part == "column":
            columns.append(box)
        elif columns:
            break
    beside = [
        box
        for box in layout.boxes
        if box.part == "row"
        and box.row <= figure.row < box.row + box.rows
        and box.column < figure.column
    ]
    return [*reversed(columns), *sorted(beside, key=lambda box: box.column)]
