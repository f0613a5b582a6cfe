"""The words of a letter: a template and the facts of a case become a `Letter` (条例第三十六条).

A template under `templates/` extends `_letter.j2` and fills its blocks; each block is rendered by
itself and **one line of a block is one paragraph**. Whatever a value contains, it stays inside the
paragraph where the template put it: see `_written`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    Undefined,
    UndefinedError,
)
from jinja2.sandbox import SandboxedEnvironment

from models.errors import FactMissing, NoSuchLetter, TemplateFault

_TEMPLATES: Final = Path(__file__).parent.parent / "templates"
_BASE: Final = "_letter"

_TITLE: Final = re.compile(r"\{% block title %\}(.+?)\{% endblock %\}")

_SINGLE: Final = ("agency", "number", "title", "addressee", "signed_by", "signed_on")
_BODY: Final = ("opening", "findings", "decision", "remedy", "closing")
_LISTS: Final = ("attachments", "contact", "remarks")
_FORM: Final = ("form_title", "form")
BLOCKS: Final = (*_SINGLE, *_BODY, *_LISTS, *_FORM)
"""The blocks of a letter. The body is the five of `_BODY`, in that order; a line of `form` is a row
of a table to be filled in by hand, its label up to the first “：”."""

OPTIONAL: Final[Mapping[str, object]] = {
    "you": "您",
    "called": "告知书",
    "corrected_on": "",
    "lacking": "申请内容不明确",
    "extended_on": "",
    "consulted": (),
    "together": (),
    "attachments": (),
    "superseded": (),
    "ordered": (),
}
"""Facts that a case may lack, and what then holds. Any other is due where a template writes it; a
fact that is None is a fact that is not there (a template asks `{% if fact | default %}`)."""


PLACES: Final = tuple("一二三四五六七八九十")
LONGEST_HEADING: Final = 40


class Style(StrEnum):
    """What a paragraph of the body is: text, 一、 (黑体) or （一） (楷体)."""

    BODY = "body"
    HEADING = "heading"
    SUBHEADING = "subheading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of the body."""

    style: Style
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, word for word, before it is put on paper; texts are as printed.

    `kind` is the template's name, `number` the 发文字号, `signed_on` the 成文日期 (2026年1月5日),
    `contact` and `remarks` the 附注 below it. Attachments carry no number; see `attachment_lines`.
    `form` = rows (label, what is filled in) of a table for handwriting: a page of its own behind
    the letter, or all there is if there is no body and so no addressee (送达回证).
    `remedy` = from which paragraph to which (excluded) it tells of remedies; (0, 0) = of none, or
    written by a release that did not note it.
    """

    kind: str
    agency: str
    number: str
    title: str
    addressee: str
    paragraphs: tuple[Paragraph, ...]
    attachments: tuple[str, ...]
    signed_by: str
    signed_on: str
    contact: tuple[str, ...]
    remarks: tuple[str, ...]
    form_title: str = ""
    form: tuple[tuple[str, str], ...] = ()
    remedy: tuple[int, int] = (0, 0)

    @property
    def attachment_lines(self) -> tuple[tuple[str, str], ...]:
        """The 附件说明 as (label, name): numbered from 1 if there are several, no end mark."""
        several = len(self.attachments) > 1
        return tuple(
            (("附件：" if n == 1 else "") + (f"{n}." if several else ""), name)
            for n, name in enumerate(self.attachments, start=1)
        )

    def to_json(self) -> str:
        """The letter as JSON, to be kept; `from_json` gives the same letter back."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Letter:
        """The letter that `to_json` wrote."""
        kept = json.loads(text)
        kept["paragraphs"] = tuple(
            Paragraph(Style(each["style"]), each["text"]) for each in kept["paragraphs"]
        )
        kept["form"] = tuple((label, value) for label, value in kept.get("form", ()))
        start, end = kept.get("remedy", (0, 0))
        kept["remedy"] = (start, end)
        return cls(**kept | {name: tuple(kept[name]) for name in _LISTS})


def compose(template: str, facts: Mapping[str, object]) -> Letter:
    """The letter that `templates/<template>.j2` makes of the facts of a case.

    Raises NoSuchLetter, FactMissing (a fact is absent or None) or TemplateFault (a block is
    unknown, or empty where every letter must say something).
    """
    return _titled(_letter(template, _blocks(template, facts)), facts)


def _titled(letter: Letter, facts: Mapping[str, object]) -> Letter:
    """The letter under the title that the office has chosen for it, if it has chosen one."""
    return replace(letter, title=_clean(facts.get("title") or letter.title))


@cache
def usual_title(template: str) -> str:
    """The title that a template gives its letter: its own, else that of every reply; "" = a reply's."""
    try:
        sources = [_source(name) for name in (template, _BASE) if name]
    except TemplateNotFound as absent:
        raise NoSuchLetter(template) from absent
    found = (_TITLE.search(source) for source in sources)
    return next(title[1] for title in found if title)


def _source(template: str) -> str:
    loader = _environment().loader
    assert loader is not None
    return loader.get_source(_environment(), f"{template}.j2")[0]


def compose_parts(parts: Sequence[tuple[str, str, Mapping[str, object]]]) -> Letter:
    """One reply that says several things: (item, template, facts) for each, the first one's first.

    Opening, remedy and closing are said once; each part has a heading, and its own headings are
    one step lower.
    """
    rendered = [_blocks(template, facts) for _, template, facts in parts]
    merged = dict(rendered[0])
    merged["findings"] = tuple(
        each
        for (item, _, _), number, blocks in zip(parts, PLACES, rendered, strict=False)
        for each in (*_part_heading(item, number), *map(_lowered, _own(blocks)))
    )
    merged["decision"] = ()
    merged["attachments"] = tuple(each for blocks in rendered for each in blocks["attachments"])
    return _titled(_letter(parts[0][1], merged), parts[0][2])


def _own(blocks: Mapping[str, tuple[Paragraph, ...]]) -> tuple[Paragraph, ...]:
    return (*blocks["findings"], *blocks["decision"])


def _part_heading(item: str, number: str) -> tuple[Paragraph, ...]:
    """The heading of a part: what it answers; what is too long for one stands below it."""
    words = _clean(item).strip().rstrip("。；;")
    if len(words) <= LONGEST_HEADING:
        return (Paragraph(Style.HEADING, f"{number}、关于{_quoted(words)}"),)
    heading = Paragraph(Style.HEADING, f"{number}、关于申请内容的第{number}部分")
    return (heading, Paragraph(Style.BODY, f"这一部分申请的内容为：{_quoted(words)}。"))


def _lowered(paragraph: Paragraph) -> Paragraph:
    """A heading one step lower: 一、 becomes （一）."""
    number, mark, words = paragraph.text.partition("、")
    if paragraph.style is Style.HEADING and mark and number in PLACES:
        return Paragraph(Style.SUBHEADING, f"（{number}）{words}")
    return paragraph


def _blocks(template: str, facts: Mapping[str, object]) -> dict[str, tuple[Paragraph, ...]]:
    """The paragraphs of each block."""
    try:
        source = _environment().get_template(f"{template}.j2")
    except TemplateNotFound as absent:
        raise NoSuchLetter(template) from absent
    try:
        known = {name: value for name, value in facts.items() if value is not None}
        blocks = _render(source, {**OPTIONAL, **known})
    except UndefinedError as undefined:
        quoted = re.findall(r"'([^']*)'", undefined.message or "")
        raise FactMissing(template, quoted[-1] if quoted else "") from undefined
    except _NotWritableError as refused:
        raise TemplateFault(template, str(refused)) from refused
    if unknown := blocks.keys() - set(BLOCKS):
        raise TemplateFault(template, f"没有名为 {'、'.join(sorted(unknown))} 的部分")
    return {name: _paragraphs(template, blocks[name]) for name in BLOCKS}


def _letter(template: str, blocks: Mapping[str, tuple[Paragraph, ...]]) -> Letter:
    def one(name: str) -> str:
        if len(blocks[name]) != 1:
            raise TemplateFault(template, f"{name} 部分应当恰为一行")
        return blocks[name][0].text

    def several(name: str) -> tuple[str, ...]:
        return tuple(each.text for each in blocks[name])

    def row(line: Paragraph) -> tuple[str, str]:
        label, colon, value = line.text.partition("：")
        if not colon:
            raise TemplateFault(template, f"表格的行应当写作“名称：内容”：{label[:40]}")
        return label, value

    body = tuple(each for name in _BODY for each in blocks[name])
    over = sum(len(blocks[name]) for name in _BODY[: _BODY.index("remedy")])
    told = len(blocks["remedy"])
    if not body and not blocks["form"]:
        raise TemplateFault(template, "没有正文")
    return Letter(
        kind=template,
        agency=one("agency"),
        number=one("number"),
        title=one("title"),
        addressee=one("addressee") if body else "",
        paragraphs=body,
        attachments=several("attachments"),
        signed_by=one("signed_by"),
        signed_on=one("signed_on"),
        contact=several("contact"),
        remarks=several("remarks"),
        form_title=one("form_title") if blocks["form_title"] else "",
        form=tuple(map(row, blocks["form"])),
        remedy=(over, over + told) if told else (0, 0),
    )


def passage(template: str, facts: Mapping[str, object]) -> tuple[str, ...]:
    """The paragraphs of a text that is not a letter (a section of the annual report)."""
    source = _environment().get_template(f"{template}.j2")
    return tuple(line for line in source.render(dict(facts)).split(_NEXT) if line.strip())


def plain_text(letter: Letter) -> str:
    """The letter as text for a terminal or a golden file: a line a paragraph, indented by two."""
    lines = [letter.agency, "", letter.number, "", letter.title, ""]
    lines += [letter.addressee] if letter.addressee else _form_lines(letter)
    lines += [f"　　{each.text}" for each in letter.paragraphs]
    if letter.attachments:
        lines += ["", *(f"　　{label}{name}" for label, name in letter.attachment_lines)]
    if letter.addressee:
        lines += ["", f"　　　　{letter.signed_by}", f"　　　　{letter.signed_on}"]
    lines += [f"　　{each}" for each in (*letter.contact, *letter.remarks)]
    if letter.addressee and letter.form:
        lines += ["", letter.form_title, "", *_form_lines(letter)]
    return "\n".join(lines) + "\n"


def _form_lines(letter: Letter) -> list[str]:
    return [f"｜{label}｜{value}｜" for label, value in letter.form]


def markdown(letter: Letter) -> str:
    """The letter as Markdown, to be previewed in the UI; every value shows as itself."""
    marks = {Style.BODY: "　　", Style.HEADING: "#### ", Style.SUBHEADING: "##### "}
    parts = [f"### {escaped(letter.title)}", escaped(f"{letter.agency}　{letter.number}")]
    parts += [escaped(letter.addressee)] if letter.addressee else []
    parts += [marks[each.style] + escaped(each.text) for each in letter.paragraphs]
    parts += [f"　　{escaped(label + name)}" for label, name in letter.attachment_lines]
    parts += [f"**{escaped(letter.signed_by)}**", escaped(letter.signed_on)]
    parts += [escaped(each) for each in (*letter.contact, *letter.remarks)]
    parts += [f"#### {escaped(letter.form_title)}"] if letter.form_title else []
    parts += [f"{escaped(label)}：{escaped(value)}" for label, value in letter.form]
    return "\n\n".join(parts) + "\n"


def chinese_date(day: object) -> str:
    """A date as a letter writes it: 2026年1月5日, no leading zeros (GB/T 9704-2012, 7.3.5.4).

    Takes a date or its ISO text; a moment (datetime) is refused, for its day depends on a zone.
    """
    if isinstance(day, datetime) or not isinstance(day, date):
        day = date.fromisoformat(str(day))
    return f"{day.year}年{day.month}月{day.day}日"


# ── how a value is written ─────────────────────────────────────────────────────────────────────

_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_SPACING: Final = re.compile("\r\n|[\t\n\x0b\x0c\r\x1c-\x1f\x85\u2028\u2029]")
# What only this module can put into a block, since `_clean` takes both away from every value:
_NEXT: Final = "\n"
_MARKS: Final = {"\x01": Style.HEADING, "\x02": Style.SUBHEADING}


class _NotWritableError(Exception):
    """A template writes what has no place in a letter: nothing at all, a list, a truth value."""


class _Structure(str):
    """Text whose line ends and style marks are meant: only the filters below make it."""

    __slots__ = ()


def _clean(value: object) -> str:
    """The value on one line; control characters, direction overrides, lone surrogates as U+FFFD."""
    return _SPACING.sub(" ", _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(value)))


def _written(value: object) -> str:
    """What `{{ value }}` puts into a letter (Jinja's `finalize`)."""
    if isinstance(value, _Structure):
        return str(value)
    if isinstance(value, date):
        return chinese_date(value)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal | Undefined):
        raise _NotWritableError(f"不能把 {value!r:.40} 写进文书")
    return _clean(value)


def _as_paragraphs(text: object) -> _Structure:
    """Filter `paragraphs`: an officer's text of several paragraphs, one for each of its lines."""
    return _Structure(_NEXT.join(_clean(line) for line in str(text).splitlines()))


def _as_heading(text: object) -> _Structure:
    """Filter `heading`: a line such as 一、予以公开的信息."""
    return _Structure("\x01" + _clean(text))


def _as_subheading(text: object) -> _Structure:
    """Filter `subheading`: a line such as （一）…."""
    return _Structure("\x02" + _clean(text))


def _sentence(text: object) -> str:
    """Filter `sentence`: the text, closed by a full stop unless it has its end mark."""
    words = _clean(text).rstrip()
    if words.endswith(("。", "！", "？", "。”", "。）")):
        return words
    return words.rstrip("；，,;.") + "。"


def _quoted(text: object) -> str:
    """Filter `quoted`: the text in “”, without its final stop; quotation marks of its own become ‘’
    (GB/T 15834-2011, 4.8.3.4), so that it cannot close the quotation."""
    words = _clean(text).strip().removesuffix("。")
    return f"“{words.replace('“', '‘').replace('”', '’')}”"


@cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        finalize=_written,
        autoescape=False,  # the words are not HTML; paper.py and markdown() each write them safely
    )
    environment.filters.update(
        chinese_date=chinese_date,
        paragraphs=_as_paragraphs,
        heading=_as_heading,
        subheading=_as_subheading,
        sentence=_sentence,
        quoted=_quoted,
    )
    return environment


def _render(template: Template, facts: Mapping[str, object]) -> dict[str, str]:
    """Each block's text, by name; the first pass only walks up to the base template."""
    context = template.new_context(dict(facts))
    for _ in template.root_render_func(context):
        pass
    return {name: "".join(chain[0](context)) for name, chain in context.blocks.items()}


def _paragraphs(template: str, block: str) -> tuple[Paragraph, ...]:
    """The paragraphs of a rendered block: its lines that are not blank."""
    lines = (line.strip(" \t") for line in block.split(_NEXT))
    paragraphs = tuple(
        Paragraph(_MARKS.get(line[0], Style.BODY), line[1:] if line[0] in _MARKS else line)
        for line in lines
        if line
    )
    for each in paragraphs:
        if not _MARKS.keys().isdisjoint(each.text):
            raise TemplateFault(template, f"小标题应当独占一行：{_clean(each.text)[:40]}")
    return paragraphs


_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")


def escaped(text: str) -> str:
    """Text that Markdown shows as it stands: every ASCII punctuation mark escaped (CommonMark)."""
    return _PUNCTUATION.sub(r"\\\1", text.lstrip(" "))
