"""A letter on paper: the 信函格式 of GB/T 9704-2012, 10.1, as a .docx.

Red agency name whose top edge is 30 mm below the page's, red double rule under it, its mirror 20 mm
above the page's foot, document number flush right below the rule, no number on the first page, and
room for the seal over signature and date.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt, RGBColor, Twips

from letters.letter.stationery import (
    CHARACTER,
    FOOTER_MM,
    LINE,
    MARGINS_MM,
    PAGE_MM,
    TITLE_FONT,
    Sheet,
    width,
    write_run,
)
from letters.letter.words import Letter, Style

if TYPE_CHECKING:
    from docx.section import Section
    from docx.text.paragraph import Paragraph

RED: Final = "FF0000"
RULE_MM: Final = 170
FOOT_RULE_MM: Final = 20  # from the page's lower edge
_MARK_POINTS: Final = (22, 42)  # least and greatest size of the agency's name
_SEVEN_EIGHTHS: Final = 280  # twips: 7/8 of the height of a 3号 character
_SEAL_CHARACTERS: Final = 4  # the date ends so far from the right edge
_LINE_LENGTH: Final = 28  # characters
_HINT: Final = re.compile("（[^（）]+）")
_FORM_COLUMNS: Final = (10.5, 17.5)  # characters


def write(letter: Letter) -> bytes:
    """The letter as a .docx, byte for byte the same for the same letter.

    The file says that the agency made it, on the day of the letter.
    """
    sheet = Sheet(
        author=letter.agency,
        title=letter.title,
        subject=letter.number,
        dated=day_of(letter.signed_on),
    )
    _letterhead(sheet.document.sections[0], letter.agency)
    number = sheet.line(letter.number)
    number.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    title = sheet.title(letter.title)
    title.paragraph_format.space_before = Twips(2 * LINE if letter.addressee else 0)
    title.paragraph_format.space_after = Twips(LINE if letter.addressee else LINE // 2)
    if letter.addressee:
        sheet.line(letter.addressee)
    else:
        _form(sheet, letter.form)

    write_paragraph = {
        Style.BODY: sheet.body,
        Style.HEADING: sheet.heading,
        Style.SUBHEADING: sheet.subheading,
    }
    written = [write_paragraph[each.style](each.text) for each in letter.paragraphs]
    attached = [_attachment(sheet, *each) for each in letter.attachment_lines]
    if attached:
        attached[0].paragraph_format.space_before = Twips(LINE)
    signed = _signature(sheet, letter) if letter.addressee else []
    notes = [sheet.body(each) for each in (*letter.contact, *letter.remarks)]

    # Signature and date never stand alone on a page: the text before and the notes after stay. One
    # paragraph of text, not two: LibreOffice never breaks a kept one, and a third would stay empty.
    together = [*written[-1:], *attached, *signed, *notes]
    for paragraph in together[:-1]:
        paragraph.paragraph_format.keep_with_next = True
    if letter.addressee and letter.form:
        title = sheet.title(letter.form_title)
        title.paragraph_format.page_break_before = True
        title.paragraph_format.space_after = Twips(LINE)
        _form(sheet, letter.form)
    return sheet.to_bytes()


def day_of(signed_on: str) -> date:
    """The day that a letter's 成文日期 names."""
    year, month, day = (int(part) for part in re.findall("[0-9]+", signed_on))
    return date(year, month, day)


def _letterhead(section: Section, agency: str) -> None:
    """The agency's red name and the two red double rules, on the first page only."""
    section.different_first_page_header_footer = True
    least, greatest = _MARK_POINTS
    points = min(greatest, max(least, int(_LINE_LENGTH * 15.75 / width(agency))))

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


def _form(sheet: Sheet, rows: Sequence[tuple[str, str]]) -> None:
    """A table to be filled in by hand: labels at the left, high rows where nothing is filled in, and
    room for several lines where it says in brackets what belongs there.
    """
    table = sheet.document.add_table(rows=0, cols=2, style="Table Grid")
    table.autofit = False
    for column, characters in zip(table.columns, _FORM_COLUMNS, strict=True):
        column.width = _characters(characters)
    for label, value in rows:
        row = table.add_row()
        row.height = Twips(LINE * 4 if _HINT.fullmatch(value) else LINE if value else LINE * 4 // 3)
        row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
        row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
        for cell, text, characters in zip(row.cells, (label, value), _FORM_COLUMNS, strict=True):
            cell.width = _characters(characters)
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            cell.paragraphs[0].style = sheet.document.styles["Normal"]
            write_run(cell.paragraphs[0], text)


def _attachment(sheet: Sheet, label: str, name: str) -> Paragraph:
    """A line of the 附件说明, two characters in; a long name goes on under its own beginning."""
    paragraph = sheet.line(label + name)
    before_name = width("附件：") + width(label.removeprefix("附件："))
    paragraph.paragraph_format.left_indent = _characters(2 + before_name)
    paragraph.paragraph_format.first_line_indent = _characters(-width(label))
    return paragraph


def _signature(sheet: Sheet, letter: Letter) -> list[Paragraph]:
    """署名 and 成文日期 with room for the seal: the name centred over the date (7.3.5.1).

    The date ends four characters from the right edge; a name so long that it would leave the page
    moves the date in, so that it stays under the name's middle.
    """
    by, on = min(width(letter.signed_by), _LINE_LENGTH), width(letter.signed_on)
    middle = max(_SEAL_CHARACTERS + on / 2, by / 2)  # from the right edge
    lines = [sheet.line(letter.signed_by), sheet.line(letter.signed_on)]
    for line in lines:
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.paragraph_format.left_indent = _characters(_LINE_LENGTH - 2 * middle)
    lines[0].paragraph_format.space_before = Twips(2 * LINE)
    return lines


def _characters(count: float) -> Length:
    return Twips(round(count * CHARACTER))
