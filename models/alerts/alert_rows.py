"""Alerts that are only read, or not entered yet: without what an object of a table costs.

What is due is found anew by every look, and told in every digest: of both, the objects were the
larger part of the time (compare models/store/happened.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select
from sqlalchemy import select as columns
from sqlmodel import Session

from models.alerts.alert_tables import Alert
from models.store.happened import NOTHING, rows


class AlertRow(NamedTuple):
    """One alert as `Alert` states it; what is changed here is changed nowhere."""

    subject: str
    rule: str
    version: str
    kind: str
    left: int
    last_day: date
    due_on: date
    found_on: date
    found_at: datetime
    ref: str = ""
    provisional: bool = False
    officer: str = ""
    stage: str = ""
    whom: str = ""


AnyAlert = Alert | AlertRow


def alerts(*where: Any, beside: Sequence[Any] = ()) -> Select[Any]:
    """A statement that asks for alerts as they are entered, and after each for more columns."""
    asked = columns(*(getattr(Alert, name) for name in AlertRow._fields), *beside)
    return asked.where(*where)


def found(
    session: Session, statement: Select[Any], params: Mapping[str, Any] = NOTHING
) -> list[AlertRow]:
    """The alerts that such a statement finds."""
    return [*map(AlertRow._make, rows(session, statement, params))]
