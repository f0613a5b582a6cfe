"""Which cases have gone on? Those of which something was recorded since the chain was so long."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.case.stage import Stage
from models.store.tables import Application, Link

EVENTS = "event "  # what the lines of the chain begin with that are of a case's acts


def length(session: Session) -> int:
    """How long the chain of all that was recorded is."""
    return session.exec(select(func.max(Link.seq))).one() or 0


def cases(session: Session, since: int, most: int) -> set[str]:
    """The numbers of the cases in which an act was recorded since then, at most so many."""
    acts = select(Link.line).where(Link.seq > since, col(Link.line).startswith(EVENTS))
    lines = session.exec(acts.distinct().limit(most))
    return {line.removeprefix(EVENTS) for line in lines}


def open_cases(session: Session) -> int:
    """How many cases are open."""
    still = Application.stage != str(Stage.CLOSED)
    return session.exec(select(func.count()).select_from(Application).where(still)).one()
