"""A letter on paper: the 信函格式 of GB/T 9704-2012, 10.1, as a .docx.

Red agency name whose top edge is 30 mm below the page's, red double rule under it, its mirror 20 mm
above the page's foot, document number flush right below the rule, no number on the first page, and
room for the seal over signature and date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt, RGBColor, Twips

from letters.letter.fitted import Setting, setting_of
from letters.letter.stationery import (
    CHARACTER,
    FOOTER_MM,
    HEADER_MM,
    LINE,
    LINE_LENGTH,
    MARGINS_MM,
    PAGE_MM,
    TITLE_FONT,
    Sheet,
    width,
    write_run,
)
from letters.letter.word_xml import MADE, SUBJECT, TITLE, Blank, paragraph, table
from letters.letter.words import Letter, Style

if TYPE_CHECKING:
    from docx.section import Section
    from docx.text.paragraph import Paragraph

RED: Final = "FF0000"
RULE_MM: Final = 170
FOOT_RULE_MM: Final = 20  # from the page's lower edge
_MARK_POINTS: Final = (22, 42)  # least and greatest size of the agency's name
_SEVEN_EIGHTHS: Final = 280  # twips: 7/8 of the height of a 3号 character
_UNDER_MARK_MM: Final = 10.8  # the rule, and the line of 7/8 under it
_SEAL_CHARACTERS: Final = 4  # the date ends so far from the right edge
_HINT: Final = re.compile("（[^（）]+）")
_FORM_COLUMNS: Final = (10.5, 17.5)  # characters
_STYLES: Final = {
    Style.BODY: "BodyText",
    Style.HEADING: "Heading1",
    Style.SUBHEADING: "Heading2",
}


def write(letter: Letter) -> bytes:
    """The letter as a .docx, byte for byte the same for the same letter.

    The file says that the agency made it, on the day of the letter.
    """
    points = _mark_points(letter.agency)
    how = setting_of(letter, _text_of_first_page(points))
    blank = _blank(letter.agency, points, how.line)
    body = "".join(_over_text(letter, how)) + "".join(_text(letter, how)) + _behind(letter)
    return blank.filled(body, letter.title, letter.number, day_of(letter.signed_on))


@lru_cache(maxsize=64)
def _blank(agency: str, points: int, line: int) -> Blank:
    """The agency's sheet, its letterhead on it, its lines so far from one another."""
    sheet = Sheet(author=agency, title=TITLE, subject=SUBJECT, dated=MADE)
    sheet.set_lines(line)
    _letterhead(sheet.document.sections[0], agency, points)
    return Blank(sheet.to_bytes())


def _over_text(letter: Letter, how: Setting) -> Iterator[str]:
    """Number, title, and to whom it goes, or the form that is all there is."""
    above, below = (how.above, how.below) if letter.addressee else (0, 0.5)
    before, after = round(above * how.line), round(below * how.line)
    yield paragraph(letter.number, side="right")
    yield paragraph(letter.title, "Title", before=before, after=after)
    yield paragraph(letter.addressee) if letter.addressee else _form(letter.form)


def _text(letter: Letter, how: Setting) -> Iterator[str]:
    """The text, what is enclosed, signature and date, the notes.

    Signature and date never stand alone on a page: the text before and the notes after stay. One
    paragraph of text, not two: LibreOffice never breaks a kept one, and a third would stay empty.
    """
    attached = list(letter.attachment_lines)
    signed = bool(letter.addressee)
    notes = (*letter.contact, *letter.remarks)
    followed = bool(attached) or signed or bool(notes)
    last = len(letter.paragraphs) - 1
    for n, each in enumerate(letter.paragraphs):
        yield paragraph(each.text, _STYLES[each.style], keep_next=n == last and followed)
    for n, (label, name) in enumerate(attached):
        on = n < len(attached) - 1 or signed or bool(notes)
        yield _attachment(label, name, how.gap * how.line if n == 0 else None, keep_next=on)
    if signed:
        yield from _signature(letter, how, keep_next=bool(notes))
    for n, note in enumerate(notes):
        end = n == len(notes) - 1
        yield paragraph(note, _STYLES[Style.BODY], keep_next=not end, keep_lines=end)


def _behind(letter: Letter) -> str:
    """The form behind the letter, on a page of its own."""
    if not (letter.addressee and letter.form):
        return ""
    title = paragraph(letter.form_title, "Title", new_page=True, after=LINE)
    return title + _form(letter.form)


def day_of(signed_on: str) -> date:
    """The day that a letter's 成文日期 names."""
    year, month, day = (int(part) for part in re.findall("[0-9]+", signed_on))
    return date(year, month, day)


def _mark_points(agency: str) -> int:
    """The size of the agency's name in the letterhead: as large as one line holds."""
    least, greatest = _MARK_POINTS
    return min(greatest, max(least, int(LINE_LENGTH * 15.75 / width(agency))))


def _text_of_first_page(points: int) -> float:
    """The height of the text under the letterhead, in twips."""
    begins = max(MARGINS_MM["top"], HEADER_MM + Pt(points).mm + _UNDER_MARK_MM)
    return float(Mm(PAGE_MM[1] - MARGINS_MM["bottom"] - begins).twips)


def _letterhead(section: Section, agency: str, points: int) -> None:
    """The agency's red name and the two red double rules, on the first page only."""
    section.different_first_page_header_footer = True
    mark = section.first_page_header.paragraphs[0]
    _across_the_page(mark)
    mark.alignment = WD_ALIGN_PARAGRAPH.CENTER
    mark.paragraph_format.line_spacing = Pt(points)
    _rule(mark, "thickThinSmallGap", below=Mm(4))
    name = write_run(mark, agency)
    name.font.size, name.font.color.rgb = Pt(points), RGBColor.from_string(RED)
    name.font.name = TITLE_FONT
    name._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), TITLE_FONT)

    under = section.first_page_header.add_paragraph()
    under.paragraph_format.line_spacing = Twips(_SEVEN_EIGHTHS)

    foot = section.first_page_footer.paragraphs[0]
    _across_the_page(foot)
    _rule(foot, "thinThickSmallGap", below=Pt(0))
    foot.paragraph_format.line_spacing = Pt(2)
    under = section.first_page_footer.add_paragraph()
    under.paragraph_format.line_spacing = Mm(FOOT_RULE_MM - FOOTER_MM)


def _across_the_page(paragraph: Paragraph) -> None:
    """Stretch the paragraph to the 170 mm of the rules, centred on the page, not on the text."""
    side = (PAGE_MM[0] - RULE_MM) // 2
    paragraph.paragraph_format.left_indent = Mm(side - MARGINS_MM["left"])
    paragraph.paragraph_format.right_indent = Mm(side - MARGINS_MM["right"])


def _rule(paragraph: Paragraph, kind: str, *, below: Length) -> None:
    """A red double rule `below` the paragraph; a lower border, which all programs draw the same way
    up (LibreOffice turns an upper one round)."""
    border = parse_xml(
        f"<w:pBdr {nsdecls('w')}>"
        f'<w:bottom w:val="{kind}" w:sz="24" w:space="{round(below.pt)}" w:color="{RED}"/></w:pBdr>'
    )
    paragraph._p.get_or_add_pPr().insert_element_before(border, "w:spacing", "w:ind", "w:jc")


def _form(rows: Sequence[tuple[str, str]]) -> str:
    return table(*form_rows(rows))


def form_rows(
    rows: Sequence[tuple[str, str]],
) -> tuple[list[tuple[int, Sequence[str]]], list[int]]:
    """The rows of a table to be filled in by hand, each with its least height, and the columns' widths:
    labels at the left, high rows where nothing is filled in, and room for several lines where it says
    in brackets what belongs there.
    """

    def height(value: str) -> int:
        return LINE * 4 if _HINT.fullmatch(value) else LINE if value else LINE * 4 // 3

    found: list[tuple[int, Sequence[str]]] = [(height(row[1]), row) for row in rows]
    return found, [_twips(each) for each in _FORM_COLUMNS]


def _attachment(label: str, name: str, before: int | None, *, keep_next: bool) -> str:
    """A line of the 附件说明, two characters in; a long name goes on under its own beginning."""
    before_name = width("附件：") + width(label.removeprefix("附件："))
    return paragraph(
        label + name,
        keep_next=keep_next,
        before=before,
        left=_twips(2 + before_name),
        first=_twips(-width(label)),
    )


def _signature(letter: Letter, how: Setting, *, keep_next: bool) -> Iterator[str]:
    """署名 and 成文日期 with room for the seal: the name centred over the date (7.3.5.1).

    The date ends four characters from the right edge; a name so long that it would leave the page
    moves the date in, so that it stays under the name's middle.
    """
    by, on = min(width(letter.signed_by), LINE_LENGTH), width(letter.signed_on)
    middle = max(_SEAL_CHARACTERS + on / 2, by / 2)  # from the right edge
    left, over = _twips(LINE_LENGTH - 2 * middle), round(how.over * how.line)
    yield paragraph(letter.signed_by, keep_next=True, before=over, left=left, side="center")
    yield paragraph(letter.signed_on, keep_next=keep_next, left=left, side="center")


def _twips(characters: float) -> int:
    return round(characters * CHARACTER)
