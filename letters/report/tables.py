"""Tables 二, 三 and 四 as the national form prints them (年报格式): merged heads, its labels.

A layout says which text stands in which rectangle of the grid; Word takes it from here, Excel in
letters/report/workbook.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final, Literal
from xml.sax.saxutils import escape

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Length

from letters.letter.stationery import NUMBER_FONT
from models.report_tables.form import Form, ReviewGroup
from models.report_tables.table3 import Table3

if TYPE_CHECKING:
    from docx.document import Document

Figure = int | float | None
Part = Literal["column", "row", "figure"]
Values = Figure | Sequence[Figure]

_POINTS: Final = 9  # 小五: 35 characters of the longest label in three lines of its column
_ROW_MM: Final = 6.5  # at least, so that the table fills its page and fits it
_RUN_FONT: Final = (
    f'<w:rFonts w:ascii="{NUMBER_FONT}" w:hAnsi="{NUMBER_FONT}" w:eastAsia="{NUMBER_FONT}"'
    ' w:hint="eastAsia"/>'
)
_PADDING: Final = 45  # twips, left and right in a cell
_WIDTHS_3: Final = (8, 19, 49, 13, 10, 10, 12, 12, 10, 13)  # heads break after 2 or 3 characters
_WIDTHS_4: Final = (1,) * 15
_WIDTHS_2: Final = (54, 17, 17, 17, 17, 17, 17)
_SIXTHS: Final = 6  # table 二 has blocks of one, two and three columns


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the grid: its upper left cell, its extent, and what it says.

    align = "center" or "left"; a figure that is None is a blank
    part = the head of a column, or of a row, or a figure
    counts = for a figure its row and column, its item or its group and column
    """

    row: int
    column: int
    rows: int
    columns: int
    text: str | Figure
    align: str = "center"
    part: Part = "figure"
    counts: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A table: boxes that cover its grid, relative widths of the columns, rows of the head.

    labels = columns at the left that name the rows; breaks = rows after which a page may end: what
    belongs together, a group of results or an item of Article 20, is not parted
    """

    boxes: tuple[Box, ...]
    widths: tuple[int, ...]
    head: int
    breaks: frozenset[int] = frozenset()
    labels: int = 0

    @property
    def height(self) -> int:
        return max(box.row + box.rows for box in self.boxes)


def _head(row: int, column: int, rows: int, columns: int, text: str) -> Box:
    return Box(row, column, rows, columns, text, part="column")


# ── what stands where ─────────────────────────────────────────────────────────────────────────


def layout3(table: Table3) -> Layout:
    """Table 三: 3 rows of head, a row for each of the form; 3 columns of labels, 7 of figures."""
    form, figures = table.form, table.figures()
    boxes = [*_head3(form), *_labels3(form)]
    for y, code in enumerate(form.rows, 3):
        boxes += [
            Box(y, x, 1, 1, figure, counts=(code, column))
            for x, (column, figure) in enumerate(zip(form.columns, figures[code], strict=True), 3)
        ]
    return Layout(tuple(boxes), _WIDTHS_3, head=3, breaks=_breaks3(form), labels=3)


def _breaks3(form: Form) -> frozenset[int]:
    """Between two groups of results, and two results of none; the sums stand with what they end."""
    pairs = enumerate(pairwise(form.row), 3)
    return frozenset(
        y
        for y, (row, below) in pairs
        if row.kind == below.kind == "result" and (row.group != below.group or not row.group)
    )


def _head3(form: Form) -> Iterator[Box]:
    kinds = form.organisation_kinds
    yield _head(0, 0, 3, 3, form.corner)
    yield _head(0, 3, 1, len(form.columns), form.applicants)
    yield _head(1, 3, 2, 1, form.person)
    yield _head(1, 4, 1, len(kinds), form.organisations)
    for x, kind in enumerate(kinds, 4):
        yield _head(2, x, 1, 1, kind)
    yield _head(1, 4 + len(kinds), 2, 1, form.total)


def _labels3(form: Form) -> Iterator[Box]:
    rows = list(enumerate(form.row, 3))
    outcomes = [y for y, row in rows if row.kind in ("result", "results")]
    yield Box(outcomes[0], 0, len(outcomes), 1, form.results, part="row")
    for group, members in groupby(rows, key=lambda each: each[1].group):
        below = list(members)
        if group:
            yield Box(below[0][0], 1, len(below), 1, group, part="row")
        for y, row in below:
            x = 0 if y not in outcomes else 2 if group else 1
            yield Box(y, x, 1, 3 - x, row.label, "left", "row")


def layout4(figures: Sequence[Figure], form: Form) -> Layout:
    """Table 四: 3 rows of head and one of figures, three groups of five columns."""
    boxes, x = [], 0
    for heading, members in groupby(form.review, key=lambda group: group.heading):
        groups = list(members)
        boxes.append(_head(0, x, 1, sum(len(group.columns) for group in groups), heading))
        for group in groups:
            boxes += _head4(group, x)
            x += len(group.columns)
    keys = [(group.key, column) for group in form.review for column in group.columns]
    boxes += [
        Box(3, x, 1, 1, figure, counts=key)
        for x, (key, figure) in enumerate(zip(keys, figures, strict=True))
    ]
    return Layout(tuple(boxes), _WIDTHS_4, head=3)


def _head4(group: ReviewGroup, left: int) -> Iterator[Box]:
    """The columns of a group, under its name unless the heading says it already."""
    named = group.key != group.heading
    if named:
        yield _head(1, left, 1, len(group.columns), group.key)
    for x, column in enumerate(group.columns, left):
        yield _head(2, x, 1, 1, column) if named else _head(1, x, 2, 1, column)


def layout2(figures: Mapping[str, Values], form: Form) -> Layout:
    """Table 二: a block for each item of Article 20; what `figures` does not name is blank."""
    boxes: list[Box] = []
    breaks, y = set[int](), 0
    for group in form.proactive:
        breaks.add(y - 1)
        wide = _SIXTHS // len(group.columns)
        boxes.append(_head(y, 0, 1, 1 + _SIXTHS, group.article))
        boxes.append(_head(y + 1, 0, 1, 1, form.proactive_content))
        boxes += [_head(y + 1, 1 + n * wide, 1, wide, name) for n, name in enumerate(group.columns)]
        y += 2
        for item in group.items:
            values = figures.get(item, (None,) * len(group.columns))
            row = values if isinstance(values, Sequence) else (values,)
            boxes.append(Box(y, 0, 1, 1, item, "left", "row"))
            boxes += [
                Box(y, 1 + n * wide, 1, wide, value, counts=(item, column))
                for n, (column, value) in enumerate(zip(group.columns, row, strict=True))
            ]
            y += 1
    return Layout(tuple(boxes), _WIDTHS_2, head=0, breaks=frozenset(breaks), labels=1)


# ── on paper ──────────────────────────────────────────────────────────────────────────────────


def add_layout(document: Document, layout: Layout) -> None:
    """The table at the end of the document, as wide as its text."""
    section = document.sections[-1]
    margins = (section.left_margin or 0) + (section.right_margin or 0)
    available = Length((section.page_width or 0) - margins)
    unit = available.twips / sum(layout.widths)
    table = parse_xml(_xml(layout, [round(width * unit) for width in layout.widths]))
    document.element.body.insert_element_before(table, "w:sectPr")


def _xml(layout: Layout, widths: Sequence[int]) -> str:
    """The table in WordprocessingML; `widths` in twips."""
    edges = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    padding = "".join(f'<w:{side} w:w="{_PADDING}" w:type="dxa"/>' for side in ("left", "right"))
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblBorders>{edges}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{padding}</w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>"
        + "".join(_row(layout, y, widths) for y in range(layout.height))
        + "</w:tbl>"
    )


def _row(layout: Layout, y: int, widths: Sequence[int]) -> str:
    """A row; it stays with the next where a page may not end after it."""
    head = "<w:tblHeader/>" if y < layout.head else ""
    crossing = [box for box in layout.boxes if box.row <= y < box.row + box.rows]
    last = y == layout.height - 1
    together = "" if last or y in layout.breaks else "<w:keepNext/>"
    cells = "".join(
        _cell(box, y, widths, together) for box in sorted(crossing, key=lambda box: box.column)
    )
    height = f'<w:trHeight w:val="{round(_ROW_MM * 56.7)}" w:hRule="atLeast"/>'
    return f"<w:tr><w:trPr><w:cantSplit/>{height}{head}</w:trPr>{cells}</w:tr>"


def _cell(box: Box, y: int, widths: Sequence[int], together: str) -> str:
    """The part of a box that lies in row `y`; its text stands in the first."""
    width = sum(widths[box.column : box.column + box.columns])
    merge = (
        "" if box.rows == 1 else f'<w:vMerge w:val="{"restart" if y == box.row else "continue"}"/>'
    )
    text = "" if y > box.row or box.text is None else escape(str(box.text))
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:gridSpan w:val="{box.columns}"/>'
        f'{merge}<w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr>{together}<w:snapToGrid w:val="0"/>'
        f'<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
        f'<w:ind w:left="0" w:right="0" w:firstLine="0"/><w:jc w:val="{box.align}"/></w:pPr>'
        f'<w:r><w:rPr>{_RUN_FONT}<w:spacing w:val="0"/><w:sz w:val="{2 * _POINTS}"/>'
        f'<w:szCs w:val="{2 * _POINTS}"/></w:rPr><w:t>{text}</w:t></w:r></w:p></w:tc>'
    )
