"""Which cases have gone on? Those of which something was recorded since the chain was so long; and what
the law computes of all that are open, which a sweep may change without an act.
"""

from __future__ import annotations

import sqlalchemy as sql
from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from models.register.open_lists import IS_OPEN
from models.store.happened import rows
from models.store.tables import Application, Link

EMPTY = (0, b"")  # the end of a chain that has no link
EVENTS = "event "  # what the lines of the chain begin with that are of a case's acts

Limits = dict[tuple[object, ...], int]
"""How many open cases have the same last day, and wait for the same until the same day."""


def length(session: Session) -> int:
    """How long the chain of all that was recorded is."""
    return rows(session, _LENGTH).scalar_one() or 0


_LENGTH = sql.select(func.max(Link.seq))


def end(session: Session) -> tuple[int, bytes]:
    """How long the chain is, and its head: where both are as they were, nothing was recorded since."""
    last = rows(session, _END).first()
    return (last.seq, bytes(last.head)) if last else EMPTY


_END = select(Link.seq, Link.head).order_by(col(Link.seq).desc()).limit(1)


def cases(session: Session, since: int, most: int) -> set[str]:
    """The numbers of the cases in which an act was recorded since then, at most so many."""
    lines = rows(session, _ACTS, {"since": since, "most": most}).scalars()
    return {line.removeprefix(EVENTS) for line in lines}


_ACTS = (
    select(Link.line)
    .where(Link.seq > bindparam("since"), col(Link.line).startswith(EVENTS))
    .distinct()
    .limit(bindparam("most", type_=sql.Integer))
)


def limits(session: Session) -> Limits:
    """The limits of the cases that are open, counted."""
    return {tuple(found): many for *found, many in rows(session, _LIMITS)}


_ALIKE = [
    getattr(Application, name) for name in ("last_day", "provisional", "waiting", "waiting_until")
]
_LIMITS = sql.select(*_ALIKE, func.count()).where(IS_OPEN).group_by(*_ALIKE)
