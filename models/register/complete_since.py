"""From which day does the register hold every application? It is asked, and kept (条例第四十五条).

An office that took over an earlier ledger holds the years before it in part: what was carried in,
and no more. Such a year is compared with none.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session, col, select

from models.store.known_by import entries_by
from models.store.tables import Entry

COMPLETE = "complete"
SINCE = "complete_since"


def complete_since(session: Session, as_of: date | None = None) -> date | None:
    """The day from which the register is complete, as last recorded by `as_of`; None if never.

    What was stated first holds of the days before it was stated, too: the years of which the register
    held a part then were no fuller for not having been asked about.
    """
    stated = select(Entry).where(Entry.register_key == COMPLETE).order_by(col(Entry.position))
    told = session.exec(stated).all()
    if as_of is not None and told:
        told = session.exec(stated.where(entries_by(session, as_of))).all() or told[:1]
    return date.fromisoformat(told[-1].facts["since"]) if told else None


def record(session: Session, since: date, officer: str, today: date, at: datetime) -> bool:
    """Keep that the register is complete since a day; False if it is what is kept already."""
    if complete_since(session) == since:
        return False
    kept = session.exec(select(Entry).where(Entry.register_key == COMPLETE)).all()
    session.add(
        Entry(
            register_key=COMPLETE,
            case_number=COMPLETE,
            position=len(kept),
            kind=SINCE,
            on=since,
            recorded_on=today,
            recorded_at=at,
            officer=officer,
            article="45",
            facts={"since": since.isoformat()},
        )
    )
    session.flush()
    return True
