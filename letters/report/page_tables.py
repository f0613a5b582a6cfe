"""A table on a page: the layout of letters/report/tables.py with its heads told to whoever cannot see it.

Every figure names the heads that it stands under (WCAG 1.3.1, H43), so that a screen reader says
what it is a figure of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from letters.report.tables import Box, Layout

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: `th` with its scope, or `td` with the ids of its heads and its link.

    label = its column, if it stands among the labels of the rows: it stays in view
    """

    tag: str
    id: str
    scope: str
    headers: str
    rows: int
    columns: int
    text: str
    align: str
    href: str = ""
    label: int | None = None


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table of the page: its rows of cells, how many of them are its head.

    labels = its columns that name the rows; breaks = its rows after which a page may end
    """

    key: str
    caption: str
    widths: tuple[str, ...]
    labels: int
    head: tuple[tuple[Cell, ...], ...]
    body: tuple[tuple[Cell, ...], ...]
    breaks: frozenset[int]


def page_table(
    layout: Layout, key: str, caption: str, links: Mapping[Place, str] | None = None
) -> PageTable:
    """A layout as a table of a page; `key` begins its ids, `links` = where a figure leads."""
    rows = tuple(tuple(_cells(layout, key, y, links or {})) for y in range(layout.height))
    total = sum(layout.widths)
    widths = tuple(f"{width / total:.2%}" for width in layout.widths)
    head, body = rows[: layout.head], rows[layout.head :]
    breaks = frozenset(y - layout.head for y in layout.breaks)
    return PageTable(key, caption, widths, layout.labels, head, body, breaks)


def _cells(layout: Layout, key: str, y: int, links: Mapping[Place, str]) -> list[Cell]:
    """The cells whose upper edge is in row `y`, from the left."""
    starting = sorted((box for box in layout.boxes if box.row == y), key=lambda box: box.column)
    return [_cell(layout, key, box, links) for box in starting]


def _cell(layout: Layout, key: str, box: Box, links: Mapping[Place, str]) -> Cell:
    text = "" if box.text is None else str(box.text)
    shared = (box.rows, box.columns, text, box.align)
    if box.part == "figure":
        heads = " ".join(_id(key, head) for head in _heads(layout, box))
        return Cell("td", "", "", heads, *shared, links.get(box.counts or ("", ""), ""))
    side = "col" if box.part == "column" else "row"
    several = (box.columns if side == "col" else box.rows) > 1
    label = box.column if box.column + box.columns <= layout.labels else None
    scope = f"{side}group" if several else side
    return Cell("th", _id(key, box), scope, "", *shared, label=label)


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
