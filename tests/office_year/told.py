"""What was recorded of each case, as the other hand reads it (by_hand.py)."""

from __future__ import annotations

from collections import defaultdict

from sqlmodel import Session, select

from models.store.tables import Event
from tests.office_year.by_hand import Told


def told_of(session: Session) -> dict[str, list[Told]]:
    """The events of every case, in order: read once in a session, which sees one state of them."""
    if (known := session.info.get(told_of)) is not None:
        return defaultdict(list, known)
    found: dict[str, list[Told]] = defaultdict(list)
    statement = select(Event).order_by(Event.case_number, Event.position)  # type: ignore[arg-type]
    for event in session.exec(statement):
        out = tuple(one["number"] for one in event.letters)
        found[event.case_number].append(Told(event.kind, event.on, event.facts, out))
    session.info[told_of] = {**found}
    return found
