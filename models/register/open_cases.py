"""What waits in this office now? The open cases with their last act, read once; `session` first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, select

from models.acts.afterwards.delivery import RecordReturned
from models.case.case import UNDO
from models.case.stage import Stage
from models.register.undone_steps import standing
from models.store.tables import Application, Event, Refusal

RETURNED_WITHIN = timedelta(days=366)
"""A letter that came back longer ago is on nobody's list any more; the case's page has it."""


@dataclass(frozen=True)
class OpenCase:
    """A register row, and the last act that was recorded of it: its kind, its day, by whom.

    refused = why an answer to where it stands now was not recorded; "" = none was refused
    asked = what the head is asked for beside the path, in words; "" = nothing
    """

    row: Application
    act: str
    on: date
    by: str
    refused: str = ""
    asked: str = ""


def open_cases(session: Session) -> list[OpenCase]:
    """All open cases, those whose last day comes first in front."""
    found = (
        select(Application, Event)
        .join(Event, _last())
        .where(Application.stage != str(Stage.CLOSED))
        .order_by(
            col(Application.last_day).is_(None), col(Application.last_day), Application.number
        )
    )
    refused = _refused(session)
    return [
        _open(row, _standing(session, last), refused.get(row.number, ""))
        for row, last in session.exec(found)
    ]


def _open(row: Application, last: Event, refused: str = "") -> OpenCase:
    return OpenCase(row, last.kind, last.on, last.officer, refused)


def _standing(session: Session, last: Event) -> Event:
    """The last act that stands: not one that undid another."""
    if last.kind != UNDO:
        return last
    whole = select(Event).where(Event.case_number == last.case_number)
    return standing(session.exec(whole.order_by(col(Event.position))))[-1]


def _refused(session: Session) -> dict[str, str]:
    """Why the answer given last where a case stands now was not recorded, by number."""
    found = (
        select(Refusal)
        .join(Application, col(Application.number) == col(Refusal.case_number))
        .where(Application.stage != str(Stage.CLOSED), Refusal.position == Application.position)
        .order_by(col(Refusal.attempt))
    )
    return {one.case_number: one.reason for one in session.exec(found)}


def open_with(session: Session, kind: str) -> Sequence[str]:
    """The numbers of the open cases in whose history an act of this kind was recorded."""
    found = (
        select(Application.number)
        .join(Event, col(Event.case_number) == col(Application.number))
        .where(Application.stage != str(Stage.CLOSED), Event.kind == kind)
        .distinct()
    )
    return session.exec(found).all()


def letters_returned(session: Session, today: date) -> Sequence[OpenCase]:
    """The closed cases whose reply came back and was not sent again (Art. 45)."""
    found = (
        select(Application, Event)
        .join(Event, _last())
        .where(
            Application.stage == str(Stage.CLOSED),
            col(Application.closed_on) >= today - RETURNED_WITHIN,
            col(Event.kind).in_((RecordReturned.kind, UNDO)),
        )
        .order_by(col(Event.on), Application.number)
    )
    standing_last = ((row, _standing(session, last)) for row, last in session.exec(found))
    return [_open(row, last) for row, last in standing_last if last.kind == RecordReturned.kind]


def in_span(session: Session, first: date, last: date) -> tuple[int, int]:
    """How many applications were received and how many closed from one day to another."""
    of = (col(Application.received_on), col(Application.closed_on))
    received, closed = (
        session.exec(select(func.count()).where(day.between(first, last))).one() for day in of
    )
    return received, closed


def _last() -> ColumnElement[bool]:
    """Joins a register row with the last event of its case."""
    return and_(
        col(Event.case_number) == col(Application.number),
        col(Event.position) == col(Application.position) - 1,
    )
