"""An office's own stationery: config/letters/KIND.docx, laid out by officers in Word or WPS.

In it stand places for what a letter says, `{{ 正文 }}` and the like; docxtpl fills them in, in a sandbox.
A sheet that could lose a word of a letter is refused: it is tried with a letter of marks, each of which
must come out once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from jinja2 import StrictUndefined, TemplateError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment
from lxml.etree import XMLSyntaxError

from letters.letter.paper import day_of
from letters.letter.paper import write as plain
from letters.letter.stationery import HEADING_FONT, SUBHEADING_FONT, rezipped
from letters.letter.word_xml import DOCUMENT, paragraph, table
from letters.letter.words import Letter, Paragraph, Style
from models.errors import ConfigFault

ONE: Final = {
    "机关": "agency", "文号": "number", "标题": "title", "主送": "addressee", "署名": "signed_by",
    "成文日期": "signed_on",
}  # fmt: skip
MANY: Final = ("正文", "救济", "结尾", "附件", "附注")
"""What may be several paragraphs: its place is a paragraph of its own."""
FREE: Final = frozenset({"机关"})
"""What the letterhead may say in its own way."""
_ALONE: Final = re.compile(rf"\{{\{{\s*({'|'.join(MANY)})\s*\}}\}}")
_FONTS: Final = {
    "段.一级": HEADING_FONT,
    "段.二级": SUBHEADING_FONT,
    "not 段.一级 and not 段.二级": "",
}
"""When a paragraph is set in which font; "" = in the one of its place."""
_SAMPLE: Final = Letter(
    kind="", agency="", number="", title="", addressee="", paragraphs=(), attachments=(),
    signed_by="", signed_on="2026年1月5日", contact=(), remarks=(),
)  # fmt: skip


FAULTS: Final = (TemplateError,)
"""What a sheet that was whole may still raise for one letter: officers may write conditions into it."""


def write(letter: Letter, sheet: bytes) -> bytes:
    """The letter on the office's own sheet, byte for byte the same for the same letter."""
    from docxtpl import DocxTemplate  # only an office with a sheet of its own waits for it

    filled = DocxTemplate(BytesIO(_opened_out(sheet)))
    filled.render(_said(letter), _sandbox(), autoescape=True)
    about = filled.docx.core_properties
    day = day_of(letter.signed_on)
    about.author = about.last_modified_by = letter.agency
    about.title, about.subject, about.comments = letter.title, letter.number, ""
    about.created = about.modified = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if letter.form:
        _form_behind(filled.docx, letter)
    made = BytesIO()
    filled.save(made)
    return rezipped(made.getvalue())


def checked(name: str, sheet: bytes) -> None:
    """ConfigFault unless every word of a letter comes out on the sheet, each once; name = of the file, as
    it is told.
    """
    marks = {place: f"暗记{n}号" for n, place in enumerate((*ONE, *MANY))}
    marks["成文日期"] = _SAMPLE.signed_on
    letter = _marked(marks)
    try:
        made = write(letter, sheet)
    except (BadZipFile, PackageNotFoundError, KeyError, XMLSyntaxError, ValueError):
        raise ConfigFault(name, "版式", "应为 Word 或者 WPS 存成的 .docx 文件") from None
    except UndefinedError as fault:
        unknown = re.findall(r"'([^']*)'", fault.message or "")
        said = f"“{unknown[0]}”不是可以填写的内容" if unknown else "有不能填写的内容"
        raise ConfigFault(name, "版式", f"{said}；可以写的是{'、'.join((*ONE, *MANY))}") from None
    except TemplateError as fault:
        raise ConfigFault(name, "版式", f"占位的写法有误：{fault.message}") from None
    text = _text_of(made)
    lost = [place for place, mark in marks.items() if place not in FREE and text.count(mark) != 1]
    if lost:
        places = "、".join(f"{{{{ {place} }}}}" for place in lost)
        raise ConfigFault(name, "版式", f"每份文书都要写明的，应当各有一处，且只有一处：{places}")


def starter(agency: str) -> bytes:
    """A sheet to begin with: our own, with the places in it."""
    letter = _marked({place: f"{{{{ {place} }}}}" for place in (*ONE, *MANY)})
    parts = _parts(plain(replace(letter, agency=agency)))
    words = parts[DOCUMENT].decode("utf-8").replace(_SAMPLE.signed_on, "{{ 成文日期 }}")
    parts[DOCUMENT] = words.replace("附件：{{ 附件 }}", "{{ 附件 }}").encode("utf-8")
    return _packed(parts)


def _marked(marks: Mapping[str, str]) -> Letter:
    """A letter that says nothing but a mark in each place."""
    texts = [marks[name] for name in ("正文", "救济", "结尾")]
    return replace(
        _SAMPLE,
        agency=marks["机关"],
        number=marks["文号"],
        title=marks["标题"],
        addressee=marks["主送"],
        signed_by=marks["署名"],
        paragraphs=tuple(Paragraph(Style.BODY, text) for text in texts),
        remedy=(1, 2),
        attachments=(marks["附件"],),
        contact=(marks["附注"],),
    )


def _said(letter: Letter) -> dict[str, Any]:
    """What stands in each place."""
    whole = len(letter.paragraphs)
    start, end = letter.remedy if letter.remedy[1] else (whole, whole)
    texts = [_part(each.text, each.style) for each in letter.paragraphs]
    notes = (*letter.contact, *letter.remarks)
    attached = tuple(label + name for label, name in letter.attachment_lines)
    return {
        **{name: getattr(letter, field) for name, field in ONE.items()},
        "正文": texts[:start],
        "救济": texts[start:end],
        "结尾": texts[end:],
        "附件": [_part(line) for line in attached],
        "附注": [_part(line) for line in notes],
    }


def _part(text: str, style: Style = Style.BODY) -> dict[str, object]:
    """A paragraph as a sheet repeats it: its words, and whether it is a heading of which level."""
    return {"字": text, "一级": style is Style.HEADING, "二级": style is Style.SUBHEADING}


def _opened_out(sheet: bytes) -> bytes:
    """The sheet, each place of several paragraphs written as docxtpl repeats it."""
    document = Document(BytesIO(sheet))
    for each in list(document.element.body.iter(qn("w:p"))):
        found = _ALONE.fullmatch("".join(text.text or "" for text in each.iter(qn("w:t"))).strip())
        if found is None:
            continue
        parts = [_tag(f"for 段 in {found[1]}")]
        for when, font in _FONTS.items():
            parts += [_tag(f"if {when}"), _said_in(each, font), _tag("endif")]
        parts += [_tag("endfor")]
        for part in parts:
            each.addprevious(part)
        each.getparent().remove(each)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def _tag(words: str) -> Any:
    """A paragraph that docxtpl takes for an instruction."""
    return parse_xml(f"<w:p {nsdecls('w')}><w:r><w:t>{{%p {words} %}}</w:t></w:r></w:p>")


def _said_in(place: Any, font: str) -> Any:
    """A paragraph as the place has it, its words to be filled in; font = "" as it stands there."""
    made = deepcopy(place)
    runs = [run for run in made.iter(qn("w:r")) if run.find(qn("w:t")) is not None]
    for run in runs[1:]:
        run.getparent().remove(run)
    texts = runs[0].findall(qn("w:t"))
    for text in texts[1:]:
        runs[0].remove(text)
    texts[0].text = "{{ 段.字 }}"
    if font:
        fonts = runs[0].get_or_add_rPr().get_or_add_rFonts()
        for name in ("ascii", "hAnsi", "eastAsia"):
            fonts.set(qn(f"w:{name}"), font)
    return made


def _form_behind(document: Any, letter: Letter) -> None:
    """The form that goes with the letter, on a page of its own."""
    from letters.letter.paper import form_rows

    rows, columns = form_rows(letter.form)
    title = paragraph(letter.form_title, new_page=True, after=290, side="center", size=36)
    body = document.element.body
    fragment = parse_xml(f"<w:body {nsdecls('w')}>{title}{table(rows, columns)}</w:body>")
    for part in list(fragment):
        body.insert(len(body) - 1, part)  # before the section's properties


def _sandbox() -> SandboxedEnvironment:
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)


def _text_of(docx: bytes) -> str:
    """All that stands on the sheet, letterhead and foot too."""
    return "".join(
        re.sub("<[^>]*>", "", content.decode("utf-8"))
        for name, content in _parts(docx).items()
        if re.fullmatch(r"word/(document|header[0-9]*|footer[0-9]*)\.xml", name)
    )


def _parts(docx: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(docx)) as package:
        return {name: package.read(name) for name in package.namelist()}


def _packed(parts: Mapping[str, bytes]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return rezipped(made.getvalue())
