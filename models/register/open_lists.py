"""What do the lists of open cases hold? How many of each list, who works on them, and the most pressing
of them: asked of the database, whatever the number of cases that are open; `session` first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy import and_, bindparam, case, func, not_, or_
from sqlmodel import Date, Session, col

from models.case.stage import OPEN
from models.store.happened import rows
from models.store.tables import Application

IS_OPEN = col(Application.stage).in_(OPEN)
"""As it stands in a statement: those that are open by the index of stages, however many are closed."""

_TODAY, _SOON, _MOST = bindparam("today", type_=Date), bindparam("soon", type_=Date), "most"
_LAST, _UNTIL = col(Application.last_day), col(Application.waiting_until)
_WAITING = and_(col(Application.waiting) != "", or_(_UNTIL.is_(None), _UNTIL >= _TODAY))
LISTS = {
    "todo": not_(_WAITING),
    "due-soon": _LAST.between(_TODAY, _SOON),
    "overdue": _LAST < _TODAY,
    "waiting": _WAITING,
}
"""Which open cases belong to each list, by its key (flows/shown/lists.py says what they are for)."""

_COUNTED = (
    sql.select(
        col(Application.officer), *(func.sum(case((one, 1), else_=0)) for one in LISTS.values())
    )
    .where(IS_OPEN)
    .group_by(col(Application.officer))
)


class Listed(NamedTuple):
    """What a list says of an open case, as its row states it: only read, so no object of the table."""

    number: str
    applicant: str
    stage: str
    waiting: str
    last_day: date | None
    provisional: bool
    officer: str


_FIRST = {
    key: sql.select(*(getattr(Application, name) for name in Listed._fields))
    .where(IS_OPEN, condition)
    .order_by(_LAST.is_(None), _LAST, col(Application.number))
    .limit(bindparam(_MOST, type_=sql.Integer))
    for key, condition in LISTS.items()
}


@dataclass(frozen=True)
class OpenLists:
    """How many open cases each list holds, by its key, the most pressing of them, and the officers of
    all that are open, by name.
    """

    many: Mapping[str, int]
    first: Mapping[str, Sequence[Listed]]
    officers: Sequence[str]


def open_lists(session: Session, today: date, soon: date, most: int) -> OpenLists:
    """The lists as they stand today: of each so many cases, those whose last day comes first in front;
    soon = the last of the last days that are soon.
    """
    day: dict[str, Any] = {"today": today, "soon": soon}
    counted = rows(session, _COUNTED, day).all()
    many = {key: sum(row[place] for row in counted) for place, key in enumerate(LISTS, 1)}
    asked = {**day, _MOST: most}
    first = {
        key: [*map(Listed._make, rows(session, _FIRST[key], asked))] if many[key] else ()
        for key in LISTS
    }
    return OpenLists(many, first, sorted(row[0] for row in counted if row[0]))
