"""Which case is meant? By its number, by that of a letter, by who applied, or by any words of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from flows import office
from flows.shown.candidates import Asked
from flows.shown.pages import form_url, page_url
from flows.shown.row_words import masked
from flows.shown.search import Hits, search
from letters.report.named_figures import result_groups
from models.case.stage import Stage
from models.law.citing import row_label
from models.register import filed_letters, numbers_meant, register
from models.report_tables.form import form_nearest
from models.store.tables import Application
from models.words.names import one_name
from models.words.pairs import folded, too_short

MOST: Final = 50
OWN_NUMBER: Final = re.compile(r"^\d+\.")
"""Before a row's words on the form, where its group stands above it."""
SHORTEST: Final = 2
"""Characters of a name that is looked for within longer ones: one alone would find half the register."""


@dataclass(frozen=True)
class Row:
    """A case that was found, and where it is opened; form = "" for one that is closed.

    came_on = the day by which it is listed: of receipt, of arrival where that is not confirmed yet
    result = its row of table 三, once it is closed
    """

    number: str
    applicant: str
    came_on: date
    stage: str
    result: str
    request: str
    page: str
    form: str


@dataclass(frozen=True)
class Found:
    """What was found; is_number = by a number, so that it names nobody.

    after = where the next page of it begins, 0 = there is none
    behind = the index is still being made: what was recorded last may be missing
    """

    rows: tuple[Row, ...]
    is_number: bool
    more: bool = False
    after: int = 0
    behind: bool = False


def found_by(session: Session, words: str, ask: Asked | None = None, after: int = 0) -> Found:
    """The cases that are meant: by number first; else those that say the words, in the applicant's
    name or anywhere, and are as they are asked for besides.

    after = where this page of them begins
    """
    asked, narrowed = one_name(words), ask or Asked()
    plain = is_plain(words, narrowed, after)
    if not asked and plain:
        return Found((), is_number=True)
    if plain and (found := _numbered(session, words)):
        return found
    if plain and len(folded(words)) < SHORTEST:  # marks are nothing to look for
        return _found(_called(session, asked), is_number=False)
    return _page(search(session, replace(narrowed, words=words), after, MOST), is_number=False)


def is_plain(words: str, ask: Asked, after: int) -> bool:
    """Whether nothing is asked but one word or name: that may be a number, or a name of one character."""
    alone = replace(ask, by_relevance=False) == Asked() and not after
    return alone and (len(words.split()) == 1 or not too_short(words))


def results() -> dict[str, str]:
    """By which rows of table 三 a search is narrowed, as today's form calls them: each group and each row."""
    form = form_nearest(office.annual_rules().forms, office.today().year)
    found = dict[str, str]()
    for label, codes in result_groups(form).items():
        group = codes[0] if len(codes) == 1 else codes[0].rpartition(".")[0]
        found[group] = f"{row_label(group)}　{label}"
        for code in codes if len(codes) > 1 else ():
            found[code] = f"{row_label(code)}　{OWN_NUMBER.sub('', form.rows[code].label)}"
    return found


def _numbered(session: Session, words: str) -> Found | None:
    """The case of this number, or whose letter bears it; else those whose own number holds the digits;
    None if there is none.
    """
    number = numbers_meant.number_written(session, words)
    if number is None and (letter := filed_letters.letter_meant(session, one_name(words))):
        number = letter.case_number
    if number is not None:
        return _found([register.row(session, number)], is_number=True)
    if len(folded(words)) < SHORTEST or not any(map(str.isdecimal, words)):
        return None
    found = _page(search(session, Asked(number=words), most=MOST), is_number=True)
    return found if found.rows else None


def _page(hits: Hits, *, is_number: bool) -> Found:
    found = _found(hits.rows, is_number=is_number)
    return replace(found, more=hits.after > 0, after=hits.after, behind=hits.behind)


def _called(session: Session, name: str) -> Sequence[Application]:
    """The cases of whoever is called so, in one character."""
    order = col(Application.number).desc()
    named = select(Application).where(Application.applicant == name)
    return session.exec(named.order_by(order).limit(MOST + 1)).all()


def _found(rows: Sequence[Application], *, is_number: bool) -> Found:
    shown = tuple(
        Row(
            row.number,
            masked(row.applicant) if is_number else row.applicant,
            row.received_on or row.arrived_on,
            row.stage,
            row_label(row.row) if row.row else "",
            row.request,
            page_url(row.number),
            "" if row.stage == Stage.CLOSED else form_url(row.number),
        )
        for row in rows[:MOST]
    )
    return Found(shown, is_number, len(rows) > MOST)
