"""月报, 季报, 半年报: what a span of time counts, as a document for a superior (25, 49).

It names no application and no applicant. Tables and words say what the page 统计 says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Final

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, Pt

from letters.letter.stationery import Sheet
from letters.report.span_words import in_words_of_span
from letters.report.tables import Box, Layout, add_layout, layout3
from models.law.workdays import written

if TYPE_CHECKING:
    from models.report_tables.table3 import Table3

_FIRST: Final = 26  # the share of a table's first column
_CHART_MM: Final = 140
_OFF_THE_GRID: Final = f'<w:snapToGrid {nsdecls("w")} w:val="0"/>'


@dataclass(frozen=True)
class SpanReport:
    """What the document says.

    title = of the span; kind = 月报, 季报 …; unfinished = it goes on after the day as of which it is
    counted; summary = paragraphs; tables = of groups, a caption, a head and
    rows each; charts = a caption and a PNG each
    """

    agency: str
    title: str
    kind: str
    dated: date
    as_of: date
    unfinished: bool
    summary: Sequence[str]
    table3: Table3 | None
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str | int | float]]]]
    charts: Sequence[tuple[str, bytes]]


def of_span(layout: Layout) -> Layout:
    """Table 三's layout in the words of a span: 本期, 上期, 下期 for 本年, 上年, 下年度."""

    def said(box: Box) -> Box:
        if not isinstance(box.text, str):
            return box
        return replace(box, text=in_words_of_span(box.text))

    return replace(layout, boxes=tuple(map(said, layout.boxes)))


def plain_layout(head: Sequence[str], rows: Iterable[Sequence[str | int | float]]) -> Layout:
    """A head and rows, the first column wider."""
    boxes = [Box(0, x, 1, 1, name, part="column") for x, name in enumerate(head)]
    for y, row in enumerate(rows, 1):
        first, *figures = row
        boxes.append(Box(y, 0, 1, 1, first, "left", "row"))
        boxes += [Box(y, x, 1, 1, figure) for x, figure in enumerate(figures, 1)]
    return Layout(tuple(boxes), (_FIRST, *(10,) * (len(head) - 1)), head=1)


def span_report(report: SpanReport) -> bytes:
    """The document; the same bytes for the same report."""
    name = f"政府信息公开申请办理情况{report.kind}"
    sheet = Sheet(
        author=report.agency,
        title=f"{report.agency}{name}",
        subject=report.title,
        dated=report.dated,
    )
    sheet.title(report.agency)
    sheet.title(name)
    still = f"，截至{written(report.as_of)}" if report.unfinished else ""
    under = sheet.line(f"（{report.title}{still}）")
    under.alignment = WD_ALIGN_PARAGRAPH.CENTER
    sheet.heading("一、收到和办理情况")
    for words in report.summary:
        sheet.body(words)
    sheet.body(
        f"数据来源：政府信息公开申请登记簿，按截至{written(report.as_of)}的记载统计。"
        "办理用时自收到申请的次日起计算至答复之日，按工作日，含依法不计入期限的时间。"
    )
    for n, (caption, picture) in enumerate(report.charts, 1):
        _chart(sheet, caption, picture, is_last=n == len(report.charts))
    for words in (report.agency, written(report.dated)):
        signed = sheet.line(words)
        signed.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        signed.paragraph_format.keep_with_next = words == report.agency
    _annexes(sheet, report)
    return sheet.to_bytes()


def _annexes(sheet: Sheet, report: SpanReport) -> None:
    """The tables, after the signature: a long one would leave it on a page of its own."""
    annexes = [
        *(["办理结果"] if report.table3 is not None else ()),
        *(["分类情况"] if report.tables else ()),
    ]
    named = {
        name: f"附表{n}　{name}" if len(annexes) > 1 else f"附表　{name}"
        for n, name in enumerate(annexes, 1)
    }
    if report.table3 is not None:
        sheet.heading(named["办理结果"]).paragraph_format.page_break_before = True
        add_layout(sheet.document, of_span(layout3(report.table3)))
        _gap(sheet, 1)
    if report.tables:
        heading = sheet.heading(named["分类情况"]).paragraph_format
        heading.page_break_before, heading.keep_with_next = True, True
    for caption, head, rows in report.tables:
        sheet.subheading(caption).paragraph_format.keep_with_next = True
        add_layout(sheet.document, plain_layout(head, rows))
        _gap(sheet)


def _chart(sheet: Sheet, caption: str, picture: bytes, *, is_last: bool) -> None:
    """A chart under its caption; the signature, which follows the last, stays with it."""
    named = sheet.line(caption)
    named.alignment, named.paragraph_format.keep_with_next = WD_ALIGN_PARAGRAPH.CENTER, True
    shown = sheet.document.add_paragraph()
    shown.alignment, shown.paragraph_format.keep_with_next = WD_ALIGN_PARAGRAPH.CENTER, is_last
    shown.add_run().add_picture(BytesIO(picture), width=Mm(_CHART_MM))


def _gap(sheet: Sheet, points: int = 10) -> None:
    """Room below a table; of one that fills its page, and is followed by another page or nothing, next to
    none: it would be an empty page.
    """
    line = sheet.line("")
    line._p.get_or_add_pPr().append(parse_xml(_OFF_THE_GRID))
    room = line.paragraph_format
    room.line_spacing, room.space_after = Pt(points), Pt(0)
