"""Rows that are only read: events as they are kept, without what an object of a table costs.

A register is read far more often than it is written to: each form, each line of a message and each
morning's look replays cases. SQLAlchemy makes and watches an object for every row, and asks a
statement of objects by a longer way: of what is only read these are two thirds of the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Executable, Result, Select, bindparam, literal_column
from sqlalchemy import select as columns
from sqlmodel import Session, col

from models.store.tables import Event

T = TypeVar("T")
NOTHING: Mapping[str, Any] = {}


class Happened(NamedTuple):
    """One event as `Event` states it; what is changed here is changed nowhere."""

    case_number: str
    position: int
    kind: str
    version: int
    on: date
    recorded_on: date
    recorded_at: datetime
    officer: str
    article: str
    facts: dict[str, Any]
    letters: list[dict[str, str]]


AnyEvent = Event | Happened


def rows(
    session: Session, statement: Executable, params: Mapping[str, Any] = NOTHING
) -> Result[Any]:
    """What a statement finds that asks for columns, after whatever this session is still to write."""
    session.flush()
    return session.connection().execute(statement, params)


def objects(
    session: Session, statement: Select[tuple[T]], params: Mapping[str, Any] = NOTHING
) -> Sequence[T]:
    """The objects of a table that a statement finds, which mostly is none: that is found out without
    making ready for any.
    """
    if rows(session, _anything(statement), params).first() is None:
        return ()
    return session.execute(statement, params).scalars().all()


@cache
def _anything(statement: Select[Any]) -> Select[Any]:
    return statement.with_only_columns(literal_column("1")).order_by(None).limit(1)


def paired(
    session: Session, statement: Executable, params: Mapping[str, Any] = NOTHING
) -> dict[str, str]:
    """What a statement finds that asks for two columns: the second by the first."""
    return {str(row[0]): row[1] for row in rows(session, statement, params)}


def happened(*where: Any) -> Select[Any]:
    """A statement that asks for the events of some cases, each case's in order."""
    asked = columns(*(getattr(Event, name) for name in Happened._fields)).where(*where)
    return asked.order_by(col(Event.case_number), col(Event.position))


def events(
    session: Session, statement: Select[Any], params: Mapping[str, Any] = NOTHING
) -> list[Happened]:
    """The events that such a statement finds."""
    return [*map(Happened._make, rows(session, statement, params))]


def of_cases(session: Session, numbers: Sequence[str]) -> list[list[Happened]]:
    """The events of some cases, each in order; a case without any has an empty list."""
    found = events(session, _OF_CASES, {"numbers": list(numbers)})
    by_case = {number: list(own) for number, own in groupby(found, key=lambda e: e.case_number)}
    return [by_case.get(number, []) for number in numbers]


def of_case(session: Session, number: str) -> list[Happened]:
    """The events of one case, in order."""
    return events(session, _OF_CASE, {"number": number})


_OF_CASES = happened(col(Event.case_number).in_(bindparam("numbers", expanding=True)))
_OF_CASE = happened(Event.case_number == bindparam("number"))
