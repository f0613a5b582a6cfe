"""What the register had recorded by a day, also where the machine's clock was once wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.store.happened import objects
from models.store.tables import Entry, Event

CLOCK = "clock"


def clock_corrections(session: Session) -> Sequence[Entry]:
    """Every time the clock was stated to have been wrong, in order (models/soundness/clock.py)."""
    return objects(session, _CORRECTIONS)


_CORRECTIONS = select(Entry).where(Entry.register_key == CLOCK).order_by(col(Entry.position))


def events_by(session: Session, as_of: date) -> ColumnElement[bool]:
    """The events recorded by a day. What was recorded before something recorded by that day was
    recorded by that day, whatever the clock said then.
    """
    if not clock_corrections(session):
        return col(Event.recorded_on) <= as_of
    later = aliased(Event)
    last = select(func.max(later.position)).where(
        later.case_number == Event.case_number, later.recorded_on <= as_of
    )
    return col(Event.position) <= last.scalar_subquery()


def entries_by(session: Session, as_of: date) -> ColumnElement[bool]:
    """The same of the entries of the neighbouring registers."""
    if not clock_corrections(session):
        return col(Entry.recorded_on) <= as_of
    later = aliased(Entry)
    last = select(func.max(later.position)).where(
        later.register_key == Entry.register_key,
        later.case_number == Entry.case_number,
        later.recorded_on <= as_of,
    )
    return col(Entry.position) <= last.scalar_subquery()
