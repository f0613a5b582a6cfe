"""Which application is meant by a number as somebody typed it, and which are in the register?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column
from sqlmodel import Session, select

from models.errors import NoSuchCase
from models.store import many_rows
from models.store.tables import Applicant, Application
from models.words.names import one_name


def number_meant(session: Session, typed: str) -> str | None:
    """The number of the case that is meant, however it is typed: in full width, with spaces or
    characters that nobody sees, in small letters; None if the register has none like it.
    """
    if number := number_written(session, typed):
        return number
    asked = one_name(typed).casefold()
    every = session.exec(select(Application.number)) if asked else ()
    alike = [number for number in every if one_name(number).casefold() == asked]
    return alike[0] if len(alike) == 1 else None


def number_of(session: Session, typed: str) -> str:
    """As `number_meant`; NoSuchCase if the register has none like it."""
    number = number_meant(session, typed)
    if number is None:
        raise NoSuchCase(typed)
    return number


def number_written(session: Session, typed: str) -> str | None:
    """The number of the case that is written so, or in small letters; None if there is none."""
    likely = (typed.strip(), one_name(typed), one_name(typed).upper())
    there = known(session, likely)
    return next((number for number in likely if number in there), None)


def known(session: Session, numbers: Sequence[str]) -> set[str]:
    """Those of the numbers that the register has."""
    session.flush()
    number: Column[Any] = Application.__table__.c.number  # type: ignore[attr-defined]
    return set(many_rows.among(session.connection(), number, numbers))


def taken_in(session: Session, intake: str) -> str | None:
    """The number under which a submission is registered already, if it is."""
    found = session.exec(select(Applicant).where(Applicant.intake == intake)).first()
    return found.case_number if found else None
