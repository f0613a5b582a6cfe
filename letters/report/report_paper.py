"""The annual report on paper: report.docx, on the sheet of an official document (GB/T 9704)."""

from __future__ import annotations

from typing import Final

from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.parfmt import ParagraphFormat

from letters.letter.stationery import SUBHEADING_FONT, Sheet, write_run
from letters.report.report import SUBJECT, Report, Words
from letters.report.tables import add_layout

MISSING: Final = "【待补充】"
_GAP_POINTS: Final = 10


def on_paper(report: Report, seal: str = "") -> bytes:
    """The report as a .docx; the same bytes for the same report.

    seal = what its signature vouches for (letters/report/report.py), at the foot of each page
    """
    sheet = Sheet(
        author=report.agency,
        title=f"{report.agency}{report.title}",
        subject=SUBJECT,
        dated=report.dated,
    )
    sheet.title(report.agency)
    sheet.title(report.title)
    sheet.line("")
    if seal:
        sheet.foot(seal)
    for words in report.preamble:
        _write(sheet, words)
    for section in report.sections:
        sheet.heading(section.title)
        for words in section.words:
            _write(sheet, words)
        if section.table is not None:
            _gap(sheet).keep_with_next = True
            add_layout(sheet.document, section.table)
            _gap(sheet)
    return sheet.to_bytes()


def _gap(sheet: Sheet) -> ParagraphFormat:
    """A little room above and below a table."""
    room: ParagraphFormat = sheet.line("").paragraph_format
    room.line_spacing, room.space_after = Pt(_GAP_POINTS), Pt(0)
    return room


def _write(sheet: Sheet, words: Words) -> None:
    """A paragraph; its heading run in as 楷体, what is missing marked so that nobody signs it."""
    if words.missing:
        run = write_run(sheet.body(""), f"{MISSING}{words.text}")
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW
        return
    paragraph = sheet.body("")
    if words.heading:
        fonts = write_run(paragraph, words.heading)._r.get_or_add_rPr().get_or_add_rFonts()
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), SUBHEADING_FONT)
    write_run(paragraph, words.text)
