"""What is noted once, though two do it at the same time: rows by their key, and how far the sweep is."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Table, bindparam, update
from sqlmodel import Session, SQLModel, col

from models.alerts.alert_tables import Swept
from models.store import many_rows


def insert_new(session: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> int:
    """Insert those rows whose key is not there yet, also in a race; how many were."""
    if not rows:
        return 0
    into: Table = table.__table__  # type: ignore[attr-defined]
    return many_rows.write_new(session.connection(), into, rows)


def note(session: Session, name: str, mark: str, on: date) -> None:
    """Note how far the sweep is: law, counts or morning; CLOCK: the last day recorded on."""
    insert_new(session, Swept, [{"name": name, "mark": mark, "day": on}])
    session.connection().execute(_NOTED, {"of": name, "new_mark": mark, "new_day": on})


_NOTED = (
    update(Swept)
    .where(col(Swept.name) == bindparam("of"))
    .values(mark=bindparam("new_mark"), day=bindparam("new_day"))
)
