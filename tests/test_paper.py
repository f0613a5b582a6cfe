"""A letter on paper: the measures of GB/T 9704-2012, and every word where it belongs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from zipfile import ZipFile

import pypdfium2
import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Twips
from letter_examples import KINDS, written

from flows.printing import libreoffice
from flows.printing.libreoffice import LibreOffice
from letters.letter import fitted, paper
from letters.letter.paper import write
from letters.letter.stationery import LINE, LINE_LENGTH, Sheet, width
from letters.letter.words import Letter, Paragraph, Style

LETTER = Letter(
    kind="not_ours",
    agency="上海市知识产权局",
    number="沪知依申告〔2026〕3号",
    title="政府信息公开申请告知书",
    addressee="张三：",
    paragraphs=(
        Paragraph(Style.BODY, "本机关于2026年1月4日收到您提出的政府信息公开申请。"),
        Paragraph(Style.HEADING, "一、予以公开的信息"),
        Paragraph(Style.SUBHEADING, "（一）“甲”——乙……"),
        Paragraph(Style.BODY, "特此告知。"),
    ),
    attachments=("送达回证", "政府信息公开指南"),
    signed_by="上海市知识产权局",
    signed_on="2026年1月5日",
    contact=("联系电话：021-00000000",),
    remarks=("（此件依申请公开）",),
)
HOSTILE = {
    "markup": "张<三>&\"'",
    "forged XML": "</w:t></w:r></w:p><w:p><w:r><w:t>【伪造】同意全部公开",
    "Jinja": "{{ 7*7 }}{% for %}",
    "beyond the BMP": "😀𠮷㐂",
    "ten thousand": "一" * 10_000,
    "replaced": "甲\ufffd乙",
}

# The order of the schema (ECMA-376, CT_PPr, CT_RPr, CT_SectPr), as far as we use it: Word refuses
# a file that has another.
ORDER = {
    "pPr": "pStyle keepNext keepLines widowControl pBdr autoSpaceDE autoSpaceDN snapToGrid "
    "spacing ind jc outlineLvl",
    "rPr": "rFonts color spacing sz szCs lang",
    "sectPr": "Reference pgSz pgMar titlePg docGrid",
}


def opened(letter: Letter):
    return Document(BytesIO(write(letter)))


def part(letter: Letter, name: str) -> str:
    with ZipFile(BytesIO(write(letter))) as package:
        return package.read(name).decode()


def test_every_word_of_the_letter_stands_on_the_paper_once_and_in_order():
    assert [each.text for each in opened(LETTER).paragraphs] == [
        LETTER.number,
        LETTER.title,
        LETTER.addressee,
        *(each.text for each in LETTER.paragraphs),
        "附件：1.送达回证",
        "2.政府信息公开指南",
        LETTER.signed_by,
        LETTER.signed_on,
        *LETTER.contact,
        *LETTER.remarks,
    ]
    section = opened(LETTER).sections[0]
    assert section.first_page_header.paragraphs[0].text == LETTER.agency
    assert [each.text for each in section.header.paragraphs] == [""]


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_value_becomes_markup(value):
    letter = replace(
        LETTER, addressee=value, paragraphs=(Paragraph(Style.BODY, value),), attachments=(value,)
    )
    texts = [each.text for each in opened(letter).paragraphs]
    assert texts[2:5] == [value, value, f"附件：{value}"]
    assert len(texts) == 9


def test_the_same_letter_is_the_same_file_and_another_is_not():
    assert write(LETTER) == write(Letter.from_json(LETTER.to_json()))
    assert write(LETTER) != write(replace(LETTER, addressee="李四："))


def test_the_file_says_who_made_it_and_when_and_nothing_of_the_machine():
    about = opened(LETTER).core_properties
    assert (about.author, about.last_modified_by) == (LETTER.agency, LETTER.agency)
    assert about.created == about.modified == datetime(2026, 1, 5, tzinfo=UTC)
    assert (about.title, about.subject, about.comments) == (LETTER.title, LETTER.number, "")
    with ZipFile(BytesIO(write(LETTER))) as package:
        assert {each.date_time for each in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not any(b"python" in package.read(each).lower() for each in package.infolist())


def test_the_page_is_that_of_the_standard():
    section = opened(LETTER).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert (round(section.top_margin.mm), round(section.bottom_margin.mm)) == (37, 35)
    assert (round(section.left_margin.mm), round(section.right_margin.mm)) == (28, 26)
    assert round(section.header_distance.mm) == 30
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "lines"
    lines = int(grid.get(qn("w:linePitch")))
    assert 22 * lines <= Mm(225).twips < 23 * lines
    normal = opened(LETTER).styles["Normal"]
    size, tighter = Twips(32 * 10), int(normal.element.rPr.find(qn("w:spacing")).get(qn("w:val")))
    assert 28 * (size.twips + tighter) <= Mm(156).twips < 29 * (size.twips + tighter)


def test_the_red_rules_are_170_mm_and_centred_on_the_page():
    section = opened(LETTER).sections[0]
    ruled = {
        "thickThinSmallGap": section.first_page_header.paragraphs[0],
        "thinThickSmallGap": section.first_page_footer.paragraphs[0],
    }
    for kind, paragraph in ruled.items():
        (border,) = paragraph._p.pPr.find(qn("w:pBdr"))
        assert border.tag == qn("w:bottom")
        assert (border.get(qn("w:val")), border.get(qn("w:color"))) == (kind, "FF0000")
        left = section.left_margin.mm + paragraph.paragraph_format.left_indent.mm
        right = section.right_margin.mm + paragraph.paragraph_format.right_indent.mm
        assert (round(left, 1), round(right, 1)) == (20.0, 20.0)
    below_the_lower = section.first_page_footer.paragraphs[1].paragraph_format.line_spacing
    assert round(section.footer_distance.mm + below_the_lower.mm, 1) == 20.0


def test_a_long_name_of_an_agency_is_set_smaller_so_that_it_stays_on_one_line():
    name = "上海市浦东新区人民政府某某某某街道办事处"
    header = opened(replace(LETTER, agency=name)).sections[0].first_page_header
    assert header.paragraphs[0].runs[0].font.size.pt * width(name) <= Mm(156).pt


def test_the_first_page_has_no_number_then_even_is_left_and_odd_is_right():
    document = opened(LETTER)
    section = document.sections[0]
    assert section.different_first_page_header_footer
    assert document.settings.odd_and_even_pages_header_footer
    assert "PAGE" not in section.first_page_footer._element.xml
    for footer, side in (
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
    ):
        number = footer.paragraphs[0]
        assert number.alignment == side
        assert 'w:instr=" PAGE "' in number._p.xml
        assert [each.text for each in number.runs] == ["— ", " —"]


def test_the_date_ends_four_characters_from_the_edge_and_the_name_stands_over_its_middle():
    by, on = _named(LETTER, LETTER.signed_by), _named(LETTER, LETTER.signed_on)
    assert by.paragraph_format.left_indent == on.paragraph_format.left_indent
    assert {by.alignment, on.alignment} == {WD_ALIGN_PARAGRAPH.CENTER}
    box = 28 - on.paragraph_format.left_indent.twips / 315
    assert box / 2 - width(LETTER.signed_on) / 2 == pytest.approx(4, abs=0.01)
    assert by.paragraph_format.space_before.twips == 2 * LINE  # the seal's room


def test_a_name_longer_than_the_date_stays_on_the_paper():
    long = replace(LETTER, signed_by="上海市浦东新区人民政府某某某某街道办事处政务公开科")
    box = 28 - _named(long, long.signed_by).paragraph_format.left_indent.twips / 315
    assert box >= width(long.signed_by)


def test_the_signature_never_stands_alone():
    paragraphs = opened(LETTER).paragraphs
    last = [each.text for each in paragraphs].index("特此告知。")
    kept = [each.paragraph_format.keep_with_next for each in paragraphs[last:]]
    assert kept == [True] * (len(kept) - 1) + [None]


def test_a_long_name_of_an_attachment_goes_on_under_its_own_beginning():
    first, second = (
        _named(LETTER, text).paragraph_format for text in ("附件：1.送达回证", "2.政府信息公开指南")
    )
    assert first.left_indent == second.left_indent == Twips(6 * 315)
    assert first.first_line_indent == Twips(-4 * 315)
    assert second.first_line_indent == Twips(-1 * 315)


def test_fonts_are_named_for_chinese_and_quotation_marks_are_chinese():
    styles = opened(LETTER).styles
    named = {
        "Normal": "仿宋_GB2312",
        "Title": "方正小标宋简体",
        "Heading 1": "黑体",
        "Heading 2": "楷体_GB2312",
    }
    for style, font in named.items():
        assert styles[style].element.rPr.rFonts.get(qn("w:eastAsia")) == font
    for run in (run for each in opened(LETTER).paragraphs for run in each.runs):
        assert run._r.rPr.rFonts.get(qn("w:hint")) == "eastAsia"
    table = part(LETTER, "word/fontTable.xml")
    assert set(named.values()) <= set(re.findall('w:name="([^"]+)"', table))
    assert '<w:altName w:val="仿宋,' in table


def test_everything_stands_in_the_order_that_word_requires():
    checked = 0
    with ZipFile(BytesIO(write(LETTER))) as package:
        for name in (each for each in package.namelist() if each.startswith("word/")):
            for kind, order in ORDER.items():
                for found in re.findall(
                    f"<w:{kind}[ >].*?</w:{kind}>", package.read(name).decode(), re.S
                ):
                    inside = re.sub("<w:pBdr>.*?</w:pBdr>", "<w:pBdr/>", found, flags=re.S)
                    inside = re.sub("<w:(header|footer)Reference", "<w:Reference", inside)
                    tags = re.findall("<w:([A-Za-z]+)", inside)[1:]
                    ranks = [order.split().index(tag) for tag in tags]
                    assert ranks == sorted(ranks), f"{name}: {found}"
                    checked += 1
    assert checked > 30


def test_sheet_is_the_annual_reports_too():
    sheet = Sheet(author="甲局", title="年报", subject="2022", dated=date(2023, 1, 31))
    sheet.title("年报")
    sheet.heading("一、总体情况")
    sheet.subheading("（一）甲")
    sheet.body("乙")
    sheet.document.add_table(1, 2, style="Table Grid")
    document = Document(BytesIO(sheet.to_bytes()))
    assert [each.style.name for each in document.paragraphs] == [
        "Title",
        "Heading 1",
        "Heading 2",
        "Body Text",
    ]
    assert not document.sections[0].different_first_page_header_footer


@pytest.fixture(scope="module")
def printer() -> Iterator[LibreOffice]:
    if not libreoffice.is_here() and not os.environ.get("CI"):
        pytest.skip("LibreOffice (soffice) is not installed: the page cannot be laid out")
    with LibreOffice() as made:
        yield made


def lines_of(pdf: bytes) -> list[list[tuple[float, str]]]:
    """Each page: how far each line's foot is above the end of the text's height (mm), and its words."""
    pages = []
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        for page in document:
            text = page.get_textpage()
            rows: dict[int, tuple[float, str]] = {}
            for n in range(text.count_rects()):
                left, bottom, right, top = text.get_rect(n)
                if Mm(35).pt < bottom < page.get_height() - Mm(37).pt + 2:
                    at = next((row for row in rows if abs(row - bottom) < 6), round(bottom))
                    before = rows.get(at, (bottom, ""))[1]
                    words = before + text.get_text_bounded(left, bottom, right, top)
                    rows[at] = (bottom, re.sub(r"\s", "", words))
            pages.append([(bottom / Mm(1).pt - 35, words) for bottom, words in rows.values()])
    return pages


def ill_ended(pdf: bytes, letter: Letter) -> list[str]:
    """What is wrong with the pages: a third of one left empty, or a signature without its text."""
    pages = lines_of(pdf)
    last = next(
        n for n, rows in enumerate(pages) if any(row == letter.signed_on for _, row in rows)
    )
    left = [min(foot for foot, _ in rows) for rows in pages]
    empty = [f"第{n}页空{room:.0f}毫米" for n, room in enumerate(left[:last], 1) if room > 75]
    before = [row for _, row in pages[last]]
    text = before[: max(n for n, row in enumerate(before) if row == letter.signed_by)]
    alone = ["落款前没有两行正文"] if len(text) < 2 + len(letter.attachment_lines) else []
    return [*empty, *alone]


def test_a_page_takes_22_lines_of_28_characters(printer: LibreOffice):
    def pages(characters: int) -> list[list[tuple[float, str]]]:
        sheet = Sheet(author="甲局", title="版心", subject="", dated=date(2026, 1, 5))
        sheet.line("国" * characters)
        return lines_of(printer.pdf(sheet.to_bytes(), dated=date(2026, 1, 5)))

    (full,) = pages(22 * 28)
    assert [len(words) for _, words in full] == [28] * 22
    assert [len(each) for each in pages(22 * 28 + 1)] == [22, 1]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "service_receipt"])
def test_every_letter_ends_with_text_beside_its_signature(kind: str, printer: LibreOffice):
    letter = written(kind)
    assert ill_ended(printer.pdf(write(letter), dated=date(2026, 1, 5)), letter) == []


KEPT = re.compile(r"[“《（〔]*(?:[!-.0-~]+/*|[^!-~])[，。、；：”》）〕]*")
"""What is not parted at the end of a line: a number, a piece of an address, with the marks beside it."""


def stretched(text: str, digit: float) -> list[str]:
    """What leaves five characters or more of the line before it empty, to be filled by its others."""
    found, place = list[str](), 2.0
    for each in KEPT.findall(text):
        wide = sum(digit if one.isascii() else 1 for one in each)
        if place + wide > LINE_LENGTH + (each[-1] in "，。、；："):
            found += [each] if LINE_LENGTH - place >= 5 and "." not in each else []
            place = 0
        place += wide
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_no_number_in_our_own_words_falls_so_that_a_line_is_drawn_apart(kind: str):
    for each in written(kind).paragraphs:
        assert [stretched(each.text, digit) for digit in fitted.DIGIT] == [[], []], each.text


def test_a_correction_of_13_lines_takes_one_sheet_its_form_on_the_back(printer: LibreOffice):
    letter = written("correction")
    texts = (*letter.paragraphs[:2], Paragraph(Style.BODY, "国" * (5 * 28 - 2)))
    shorter = replace(letter, paragraphs=(*texts, letter.paragraphs[-2], letter.paragraphs[-1]))
    pages = lines_of(printer.pdf(write(shorter), dated=date(2026, 1, 5)))
    assert len(pages) == 2
    words = [row for _, row in pages[0]]
    to = words.index(letter.addressee)
    assert words.index("特此告知。") - to == 13
    assert any(letter.form_title in row for _, row in pages[1])


@pytest.mark.parametrize("lines", [*range(9, 25), 30, 34, 38])
def test_however_long_the_text_it_is_counted_to_end_well(lines: int):
    texts = [Paragraph(Style.BODY, "国" * 110)] * (lines // 4)
    letter = replace(LETTER, paragraphs=(*texts, *[Paragraph(Style.BODY, "国")] * (lines % 4 + 1)))
    room = paper._text_of_first_page(paper._mark_points(letter.agency))
    how = fitted.setting_of(letter, room)
    for digit in fitted.DIGIT:
        counted = fitted._counted(letter, digit, whole=digit != 0.5)
        assert fitted._ends_well(fitted._pages(counted, how, room))


def _named(letter: Letter, text: str):
    (paragraph,) = [each for each in opened(letter).paragraphs if each.text == text]
    return paragraph


FORM = replace(
    LETTER,
    title="送达回证",
    addressee="",
    paragraphs=(),
    attachments=(),
    contact=(),
    remarks=(),
    form=(("受送达人", "张<三>&"), ("收件人签名（盖章）", "")),
)


def test_a_form_is_a_table_with_higher_rows_where_nothing_is_filled_in():
    (table,) = opened(FORM).tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [list(r) for r in FORM.form]
    heights = [row.height for row in table.rows]
    assert heights[1] > heights[0] >= Twips(LINE)
    assert sum(cell.width for cell in table.rows[0].cells) <= Mm(156)


def test_a_form_without_a_letter_has_no_signature_and_one_behind_a_letter_its_own_page():
    assert not any(LETTER.signed_on in each.text for each in opened(FORM).paragraphs)
    behind = opened(replace(LETTER, form_title="意见回执", form=FORM.form))
    (title,) = [each for each in behind.paragraphs if each.text == "意见回执"]
    assert title.paragraph_format.page_break_before
    assert any(LETTER.signed_on in each.text for each in behind.paragraphs)
