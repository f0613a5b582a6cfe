"""A letter as it will be printed, before it is signed or sent: the same words, for the form.

Composed by the same function as the letter itself (letters/letter/facts.py); only what signature gives, a
reply's number and date, or a notice's number, is still open. In a reply the officers' own words
stand in bold: they may be revised (models/acts/reply/revising.py); the rest follows from the register and the
law.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Final

from letters.letter.facts import letter_of
from letters.letter.phrases import lines_of, one_line
from letters.letter.words import Letter, escaped
from models.acts.reply.revising import revisable
from models.agency.agency import Agency
from models.case.act import Act, Circumstances
from models.case.case import Case
from models.case.time_given import short_times
from models.errors import FactMissing
from models.law.statute import Statute

NUMBER: Final = "（文号：签发时编）"
NOTICE_NUMBER: Final = "（文号：发出时编）"
DATED: Final = "（成文日期：签发之日）"
LEGEND: Final = (
    "粗体是起草人拟写的文字，可以改动；其余文字由登记的事实和法律规定确定，不能改动。"
    "文号和成文日期在签发时确定。"
)
_BEGIN, _END = "\ue000", "\ue001"  # private use: no template and no officer writes them
_SPAN: Final = re.compile(f"{_BEGIN}(.*?){_END}")


Borne = tuple[tuple[str, str], ...]


def preview(
    case: Case, law: Statute, agency: Agency, today: date, borne: Borne = ()
) -> Letter | None:
    """The reply that the draft makes if it is signed today; None if there is no whole draft.

    Raises FactMissing when the draft does not say what its letter must state.
    """
    draft = case.draft
    if draft is None or draft.remaining:
        return None
    made = letter_of(draft.outcome, case, NUMBER, today, law, agency, borne)
    return replace(made, signed_on=DATED)


def shown(case: Case, law: Statute, agency: Agency, today: date, borne: Borne = ()) -> list[str]:
    """The preview as Markdown paragraphs, the officers' words in bold; none without a draft."""
    try:
        plain = preview(case, law, agency, today, borne)
    except FactMissing as missing:
        return [f"**⚠️ 告知书还不能成文**　{escaped(str(missing))}"]
    if plain is None:
        return []
    marked = preview(_marked(case, law), law, agency, today, borne)
    assert marked is not None
    return list(_lines(plain, marked))


def notices(case: Case, act: Act, now: Circumstances) -> list[str]:
    """The letters that an act is about to issue, as Markdown paragraphs."""
    case = deepcopy(case)
    act.apply(case, act.effective_on(now.today), now.officer)
    try:
        made = [
            letter_of(
                *(kind, case, NOTICE_NUMBER, act.letter_on(now.today), now.law, now.agency),
                borne=now.borne,
            )
            for kind in act.letters(case)
        ]
    except FactMissing as missing:
        return [f"**⚠️ 文书还不能成文**　{escaped(str(missing))}"]
    doubts = [f"**⚠️ 请注意**　{words}" for words in short_times(case, now.law)]
    return doubts + [line for letter in made for line in ("<hr>", *_lines(letter, letter))]


def _marked(case: Case, law: Statute) -> Case:
    """The same case, each of the officers' texts between marks."""
    case = deepcopy(case)
    assert case.draft is not None
    for key in revisable(case.draft, law):
        place, _, name = key.partition("-")
        _, particulars = case.draft.stated[int(place)]
        text = particulars.get(name, "")
        words = list(lines_of(text)) if name == "attachments" else [one_line(text)]
        particulars[name] = "\n".join(f"{_BEGIN}{line}{_END}" for line in words if line)
    return case


def _lines(plain: Letter, marked: Letter) -> Iterator[str]:
    """A paragraph of the letter a line; the marks of the marked one as bold, where they fit."""
    yield f"#### {escaped(plain.title)}"
    yield escaped(f"{plain.agency}　{plain.number}")
    yield escaped(plain.addressee)
    for one, other in zip(plain.paragraphs, marked.paragraphs, strict=True):
        yield f"　　{_bold(one.text, other.text)}"
    for (label, name), (_, other_name) in zip(
        plain.attachment_lines, marked.attachment_lines, strict=True
    ):
        yield f"　　{escaped(label)}{_bold(name, other_name)}"
    yield f"{escaped(plain.signed_by)}　{escaped(plain.signed_on)}"
    yield "　".join(escaped(each) for each in (*plain.contact, *plain.remarks))


def _bold(plain: str, marked: str) -> str:
    """The plain text, in bold what stands between marks; plain where the marks changed it."""
    if marked.replace(_BEGIN, "").replace(_END, "") != plain:
        return escaped(plain)
    text = escaped(marked)
    return _SPAN.sub(lambda span: _emphasised(span, text), text)


def _emphasised(span: re.Match[str], text: str) -> str:
    """Words in bold, where Markdown would read the asterisks as that (CommonMark, 6.2)."""
    words, before, after = span[1], text[: span.start()][-1:], text[span.end() :][:1]
    opens = not _is_mark(words[:1]) or not before or _is_mark(before)
    closes = not _is_mark(words[-1:]) or not after or _is_mark(after)
    return f"**{words}**" if words and opens and closes else words


def _is_mark(character: str) -> bool:
    """Whether it is punctuation or space, beside which Markdown reads asterisks differently."""
    return character.isspace() or unicodedata.category(character)[0] in "PSZ"
