"""Which case is meant? By its number, by that of a letter, or by who applied, however it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from flows.shown.bench import form_url, page_url
from flows.shown.brief import masked
from models.case.stage import Stage
from models.register import register
from models.store.tables import Application
from models.words.names import one_name

MOST: Final = 50
SHORTEST: Final = 2
"""Characters of a name that is looked for within longer ones: one alone would find half the register."""


@dataclass(frozen=True)
class Row:
    """A case that was found, and where it is opened; form = "" for one that is closed."""

    number: str
    applicant: str
    stage: str
    request: str
    page: str
    form: str


@dataclass(frozen=True)
class Found:
    """What was found; is_number = by a number, so that it names nobody."""

    rows: tuple[Row, ...]
    is_number: bool
    more: bool = False


def found_by(session: Session, words: str) -> Found:
    """The cases that are meant; by number first, by the applicant's name if no number is like it."""
    asked = one_name(words)
    if not asked:
        return Found((), is_number=True)
    if number := register.number_meant(session, words):
        return _found([register.row(session, number)], is_number=True)
    if rows := _numbered(session, asked):
        return _found(rows, is_number=True)
    return _found(_of_applicant(session, asked), is_number=False)


def _numbered(session: Session, asked: str) -> Sequence[Application]:
    """The case whose letter bears this number; else those whose own number holds the digits."""
    if letter := register.letter_meant(session, asked):
        return [register.row(session, letter.case_number)]
    if not any(one.isdecimal() for one in asked):
        return ()
    alike = col(Application.number).contains(asked.upper(), autoescape=True)
    order = col(Application.number).desc()
    return session.exec(select(Application).where(alike).order_by(order).limit(MOST + 1)).all()


def _of_applicant(session: Session, asked: str) -> Sequence[Application]:
    """The cases of whoever is called so, or, of two characters and more, so in part."""
    names = [
        name
        for name in session.exec(select(Application.applicant).distinct())
        if asked == (known := one_name(name)) or (len(asked) >= SHORTEST and asked in known)
    ]
    order = col(Application.number).desc()
    named = select(Application).where(col(Application.applicant).in_(names[:MOST]))
    return session.exec(named.order_by(order).limit(MOST + 1)).all()


def _found(rows: Sequence[Application], *, is_number: bool) -> Found:
    shown = tuple(
        Row(
            row.number,
            masked(row.applicant) if is_number else row.applicant,
            row.stage,
            row.request,
            page_url(row.number),
            "" if row.stage == Stage.CLOSED else form_url(row.number),
        )
        for row in rows[:MOST]
    )
    return Found(shown, is_number, len(rows) > MOST)
