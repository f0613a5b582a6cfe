"""The sheet of an official document (公文用纸, GB/T 9704-2012): page, grid, fonts, page numbers.

A `Sheet` is an empty sheet to write on, for a letter (`paper.py`) and for the annual report alike;
`to_bytes` gives the same bytes for the same words whenever it is asked. Nothing touches a disk.
Lengths are millimetres, or twips (1/20 point) where Word wants them. The fonts are named, not
shipped: 仿宋_GB2312 and 方正小标宋 may not be passed on, so each names the next best one instead.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt, RGBColor

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.section import _Footer
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

TEXT_FONT: Final = "仿宋_GB2312"
TITLE_FONT: Final = "方正小标宋简体"
HEADING_FONT: Final = "黑体"
SUBHEADING_FONT: Final = "楷体_GB2312"
NUMBER_FONT: Final = "宋体"
STAND_INS: Final = {
    TEXT_FONT: "仿宋,FangSong,STFangsong,华文仿宋",
    TITLE_FONT: "方正小标宋_GBK,FZXiaoBiaoSong-B05S,FZXiaoBiaoSong-B05,华文中宋,STZhongsong,宋体",
    HEADING_FONT: "SimHei,STHeiti",
    SUBHEADING_FONT: "楷体,KaiTi,STKaiti,华文楷体",
    NUMBER_FONT: "SimSun,STSong",
}

PAGE_MM: Final = (210, 297)
MARGINS_MM: Final = {"top": 37, "bottom": 35, "left": 28, "right": 26}  # 版心 156 × 225
HEADER_MM: Final = 30
FOOTER_MM: Final = 15
_FOOT_POINTS, _FOOT_GREY = 6.5, (0x80, 0x80, 0x80)
LINE: Final = 579  # twips; 22 lines in 225 mm (580 would need 4 twips more than there are)
CHARACTER: Final = 315  # twips: 16 pt less 0.25 pt, so that 28 fit into 156 mm
LINE_LENGTH: Final = 28  # characters
_TIGHTER: Final = -5  # twips between characters; see CHARACTER

_WORD: Final = nsdecls("w")


class Sheet:
    """An empty A4 sheet with the styles of an official document, to be written from the top.

    `document` is the python-docx document, for what this class has no word for (tables).
    """

    def __init__(self, *, author: str, title: str, subject: str, dated: date) -> None:
        self.document: WordDocument = Document(BytesIO(_blank()))
        about = self.document.core_properties
        about.author = about.last_modified_by = author
        about.title, about.subject, about.language = title, subject, "zh-CN"
        about.created = about.modified = datetime(dated.year, dated.month, dated.day, tzinfo=UTC)
        about.revision = 1
        _lay_out(self.document)

    def set_lines(self, twips: int) -> None:
        """From one line to the next, where it is not the standard's (GB/T 9704, 7.3.5.5)."""
        grid = self.document.sections[0]._sectPr.find(qn("w:docGrid"))
        grid.set(qn("w:linePitch"), str(twips))

    def title(self, text: str) -> Paragraph:
        """The title: 2号小标宋, centred."""
        return self._write("Title", text)

    def heading(self, text: str) -> Paragraph:
        """A heading of the first level, 一、: 3号黑体."""
        return self._write("Heading 1", text)

    def subheading(self, text: str) -> Paragraph:
        """A heading of the second level, （一）: 3号楷体."""
        return self._write("Heading 2", text)

    def body(self, text: str) -> Paragraph:
        """A paragraph of text: 3号仿宋, first line two characters in."""
        return self._write("Body Text", text)

    def line(self, text: str) -> Paragraph:
        """A line of 3号仿宋 that starts at the left edge (主送, 发文字号, 署名)."""
        return self._write("Normal", text)

    def foot(self, text: str) -> None:
        """A small grey line at the foot of each page, below the number: no part of the text."""
        section = self.document.sections[0]
        for footer in (section.footer, section.even_page_footer):
            below = footer.paragraphs[1]
            below.alignment = WD_ALIGN_PARAGRAPH.CENTER
            run = write_run(below, text)
            run.font.size, run.font.color.rgb = Pt(_FOOT_POINTS), RGBColor(*_FOOT_GREY)

    def to_bytes(self) -> bytes:
        """The sheet as a .docx: the same words give the same bytes, whatever the clock."""
        written = BytesIO()
        self.document.save(written)
        return rezipped(written.getvalue())

    def _write(self, style: str, text: str) -> Paragraph:
        paragraph = self.document.add_paragraph(style=style)
        write_run(paragraph, text)
        return paragraph


def write_run(paragraph: Paragraph, text: str) -> Run:
    """Text at the end of a paragraph, whose “”, — and … take the Chinese font."""
    run = paragraph.add_run(text)
    fonts = run._r.get_or_add_rPr()._add_rFonts()
    fonts.set(qn("w:hint"), "eastAsia")
    return run


def width(text: str) -> float:
    """How wide the text is in 3号 characters: full-width 1, ASCII half."""
    return sum(0.5 if character.isascii() else 1.0 for character in text)


# ── the page ───────────────────────────────────────────────────────────────────────────────────


def _lay_out(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = (Mm(side) for side in PAGE_MM)
    section.top_margin, section.bottom_margin = Mm(MARGINS_MM["top"]), Mm(MARGINS_MM["bottom"])
    section.left_margin, section.right_margin = Mm(MARGINS_MM["left"]), Mm(MARGINS_MM["right"])
    section.header_distance, section.footer_distance = Mm(HEADER_MM), Mm(FOOTER_MM)
    section.gutter = Mm(0)
    section._sectPr.append(parse_xml(f'<w:docGrid {_WORD} w:type="lines" w:linePitch="{LINE}"/>'))
    document.settings.odd_and_even_pages_header_footer = True
    _number_pages(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _number_pages(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)


def _number_pages(footer: _Footer, side: WD_ALIGN_PARAGRAPH) -> None:
    """— 1 — in 4号宋体, 7 mm below the text, one character from the outer edge (GB/T 9704, 7.5)."""
    number, below = footer.paragraphs[0], footer.add_paragraph()
    number.alignment = side
    number.paragraph_format.left_indent = number.paragraph_format.right_indent = Pt(14)
    number.paragraph_format.line_spacing = Pt(14)
    write_run(number, "— ")
    number._p.append(
        parse_xml(f'<w:fldSimple {_WORD} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>')
    )
    write_run(number, " —")
    # The dash stands 28 mm above the page's edge, in the middle of its line.
    below.paragraph_format.line_spacing = Length(Mm(28 - FOOTER_MM) - Pt(7))


# ── the empty document ─────────────────────────────────────────────────────────────────────────


def _fonts(name: str) -> str:
    return f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}" w:cs="{name}"/>'


def _style(name: str, paragraph: str = "", run: str = "") -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{name.title().replace(" ", "")}">'
        f'<w:name w:val="{name}"/><w:basedOn w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


_INDENT: Final = f'<w:ind w:firstLineChars="200" w:firstLine="{2 * CHARACTER}"/>'
_EDGES: Final = "".join(
    f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_STYLES: Final = f"""<w:styles {_WORD}>
<w:docDefaults><w:rPrDefault><w:rPr>{_fonts(TEXT_FONT)}<w:sz w:val="32"/><w:szCs w:val="32"/>
<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>
<w:pPrDefault/></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>
<w:pPr><w:widowControl w:val="0"/><w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>
<w:jc w:val="both"/></w:pPr>
<w:rPr>{_fonts(TEXT_FONT)}<w:spacing w:val="{_TIGHTER}"/></w:rPr></w:style>
<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">
<w:name w:val="Default Paragraph Font"/></w:style>
<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>
<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/>
<w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/>
</w:tblCellMar></w:tblPr></w:style>
<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/></w:style>
<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/>
<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{_EDGES}</w:tblBorders></w:tblPr></w:style>
{_style("Body Text", _INDENT)}
{_style("heading 1", "<w:keepNext/>" + _INDENT + '<w:outlineLvl w:val="0"/>', _fonts(HEADING_FONT))}
{
    _style(
        "heading 2",
        "<w:keepNext/>" + _INDENT + '<w:outlineLvl w:val="1"/>',
        _fonts(SUBHEADING_FONT),
    )
}
{
    _style(
        "Title",
        '<w:keepNext/><w:spacing w:line="660" w:lineRule="exact"/><w:jc w:val="center"/>',
        _fonts(TITLE_FONT) + '<w:spacing w:val="0"/><w:sz w:val="44"/><w:szCs w:val="44"/>',
    )
}
{_style("header", '<w:snapToGrid w:val="0"/>')}
{
    _style(
        "footer",
        '<w:snapToGrid w:val="0"/>',
        _fonts(NUMBER_FONT) + '<w:spacing w:val="0"/><w:sz w:val="28"/><w:szCs w:val="28"/>',
    )
}
</w:styles>"""

_SETTINGS: Final = f"""<w:settings {_WORD}><w:defaultTabStop w:val="420"/>
<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:useFELayout/>
<w:compatSetting w:name="compatibilityMode" w:val="15"
w:uri="http://schemas.microsoft.com/office/word"/>
</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>"""

_FONT_TABLE: Final = f"""<w:fonts {_WORD}>{
    "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/></w:font>'
        for name, others in STAND_INS.items()
    )
}</w:fonts>"""

_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_MAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_PARTS: Final = {
    "[Content_Types].xml": f"""<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="{_MAIN}.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="{_MAIN}.styles+xml"/>
<Override PartName="/word/settings.xml" ContentType="{_MAIN}.settings+xml"/>
<Override PartName="/word/fontTable.xml" ContentType="{_MAIN}.fontTable+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>
</Relationships>""",
    "word/_rels/document.xml.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/>
<Relationship Id="rId2" Type="{_OFFICE}/settings" Target="settings.xml"/>
<Relationship Id="rId3" Type="{_OFFICE}/fontTable" Target="fontTable.xml"/></Relationships>""",
    "word/document.xml": f"""<w:document {nsdecls("w", "r")}><w:body><w:sectPr/></w:body>
</w:document>""",
    "word/styles.xml": _STYLES,
    "word/settings.xml": _SETTINGS,
    "word/fontTable.xml": _FONT_TABLE,
}


@cache
def _blank() -> bytes:
    """A Word document with our styles and nothing in it."""
    blank = BytesIO()
    with ZipFile(blank, "w") as package:
        for name, xml in _PARTS.items():
            package.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}')
    return blank.getvalue()


def rezipped(package: bytes) -> bytes:
    """The same parts in the same order, under a fixed time: python-docx stamps the clock's."""
    fixed = BytesIO()
    with ZipFile(BytesIO(package)) as source, ZipFile(fixed, "w") as target:
        for part in source.infolist():
            entry = ZipInfo(part.filename, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system = ZIP_DEFLATED, 0
            target.writestr(entry, source.read(part))
    return fixed.getvalue()
