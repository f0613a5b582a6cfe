"""What is bound with a file and is no paper of the case: cover, contents, 备考表, page numbers (Art. 45).

As DA/T 22 has them; .docx like every other paper of ours, the same words the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, Pt, Twips
from docx.table import _Cell

from letters.letter.stationery import LINE, NUMBER_FONT, Sheet, write_run

SUBJECT: Final = "归档案卷"
_COVER_MM: Final = (42, 114)
_LINES_MM: Final = (13, 24, 32, 46, 20, 12, 23)
_UNBOUND_MM: Final = (13, 23, 38, 40, 56)
_CLOSING_POINTS: Final = 14


@dataclass(frozen=True)
class ContentsLine:
    """A line of 卷内文件目录: who made the paper, its number, title, day, first page, what to know."""

    by: str
    number: str
    title: str
    on: date | None
    page: str
    remark: str = ""


@dataclass(frozen=True)
class UnboundLine:
    """What cannot be a page: kind, title, type and size, where its original lies, its SHA-256."""

    kind: str
    title: str
    what: str
    original: str
    digest: str


def cover(agency: str, rows: Sequence[tuple[str, str]], dated: date) -> bytes:
    """The cover: whose file it is, and its particulars, a row each."""
    sheet = _sheet(agency, "政府信息公开申请案卷", dated)
    name = sheet.line(agency)
    name.alignment = WD_ALIGN_PARAGRAPH.CENTER
    name.paragraph_format.space_before = Twips(LINE)
    title = sheet.title("政府信息公开申请案卷")
    title.paragraph_format.space_before, title.paragraph_format.space_after = (
        Twips(LINE),
        Twips(LINE),
    )
    _table(sheet, _COVER_MM, rows, points=_CLOSING_POINTS, least=LINE)
    return sheet.to_bytes()


def contents(agency: str, lines: Sequence[ContentsLine], dated: date) -> bytes:
    """卷内文件目录, with the page that each paper begins on."""
    sheet = _sheet(agency, "卷内文件目录", dated)
    sheet.title("卷内文件目录").paragraph_format.space_after = Twips(LINE // 2)
    head = ("序号", "责任者", "文号", "题名", "日期", "页号", "备注")
    rows = [
        (str(n), one.by, one.number, one.title, _day(one.on), one.page, one.remark)
        for n, one in enumerate(lines, 1)
    ]
    _table(sheet, _LINES_MM, [head, *rows], headed=True)
    return sheet.to_bytes()


def unbound(agency: str, lines: Sequence[UnboundLine], dated: date) -> bytes:
    """What belongs to the file and is no page of it: its original lies beside."""
    sheet = _sheet(agency, "未装订的材料", dated)
    sheet.title("未装订的材料").paragraph_format.space_after = Twips(LINE // 2)
    sheet.body("以下材料不能制成页面，或者已由另一份代替。原件在“原件”目录中，可按摘要核对。")
    head = ("序号", "种类", "名称", "格式、原件文件名", "摘要（SHA-256）")
    rows = [
        (str(n), one.kind, one.title, f"{one.what}\n{one.original}", one.digest)
        for n, one in enumerate(lines, 1)
    ]
    _table(sheet, _UNBOUND_MM, [head, *rows], headed=True)
    return sheet.to_bytes()


def closing(agency: str, situation: Sequence[str], dated: date) -> bytes:
    """卷内备考表: what there is, what is missing; who bound it and who looked it over sign by hand."""
    sheet = _sheet(agency, "卷内备考表", dated)
    sheet.title("卷内备考表").paragraph_format.space_after = Twips(LINE)
    sheet.heading("本卷情况说明")
    for words in situation:
        sheet.body(words)
    rows = [(label, "") for label in ("立卷人", "检查人", "立卷时间")]
    sheet.line("").paragraph_format.space_after = Twips(LINE)
    _table(sheet, _COVER_MM, rows, points=_CLOSING_POINTS, least=LINE)
    return sheet.to_bytes()


def page_numbers(count: int, dated: date) -> bytes:
    """So many empty sheets with the number of each at its outer upper corner, to be laid over the pages."""
    sheet = _sheet("", "页号", dated)
    section = sheet.document.sections[0]
    section.header_distance, section.right_margin = Mm(9), Mm(14)
    number = section.header.paragraphs[0]
    number.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    field = '<w:fldSimple {} w:instr=" PAGE "><w:r><w:rPr><w:rFonts w:ascii="{}" w:hAnsi="{}"/>'
    field += '<w:sz w:val="24"/></w:rPr><w:t>1</w:t></w:r></w:fldSimple>'
    number._p.append(parse_xml(field.format(nsdecls("w"), NUMBER_FONT, NUMBER_FONT)))
    sheet.document.settings.odd_and_even_pages_header_footer = False
    for n in range(count):
        sheet.line("").paragraph_format.page_break_before = n > 0
    return sheet.to_bytes()


def _sheet(agency: str, title: str, dated: date) -> Sheet:
    """A sheet without a number of its own: the pages of a file are numbered through."""
    sheet = Sheet(author=agency, title=title, subject=SUBJECT, dated=dated)
    section = sheet.document.sections[0]
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(30), Mm(20)
    for footer in (section.footer, section.even_page_footer):
        for paragraph in footer.paragraphs:
            for child in list(paragraph._p):
                paragraph._p.remove(child)
    return sheet


def _table(
    sheet: Sheet,
    widths: Sequence[int],
    rows: Sequence[Sequence[str]],
    *,
    points: float = 10.5,
    least: int = 0,
    headed: bool = False,
) -> None:
    """Rows of small text in columns of so many millimetres; headed = the first stands on each page."""
    table = sheet.document.add_table(rows=0, cols=len(widths), style="Table Grid")
    table.autofit = False
    for column, millimetres in zip(table.columns, widths, strict=True):
        column.width = Mm(millimetres)
    for n, words in enumerate(rows):
        row = table.add_row()
        if least:
            row.height = Twips(least)
        above = row._tr.get_or_add_trPr()
        above.append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
        if headed and not n:
            above.append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
        for cell, text, millimetres in zip(row.cells, words, widths, strict=True):
            cell.width = Mm(millimetres)
            _fill(sheet, cell, text, points)


def _fill(sheet: Sheet, cell: _Cell, text: str, points: float) -> None:
    """A cell's lines; a digest breaks anywhere."""
    for n, line in enumerate(text.split("\n")):
        paragraph = cell.paragraphs[0] if not n else cell.add_paragraph()
        paragraph.style = sheet.document.styles["Normal"]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
        paragraph.paragraph_format.line_spacing = Pt(points * 1.3)
        above = paragraph._p.get_or_add_pPr()
        for name in ("wordWrap", "snapToGrid"):
            child = parse_xml(f'<w:{name} {nsdecls("w")} w:val="0"/>')
            above.insert_element_before(child, "w:spacing", "w:ind", "w:jc")
        run = write_run(paragraph, line)
        run.font.size = Pt(points)


def _day(on: date | None) -> str:
    """As DA/T 22 has it: 20260302."""
    return f"{on:%Y%m%d}" if on else ""
