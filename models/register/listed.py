"""The register as a list: its rows as they stand, without what acts do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from models.case.stage import Stage
from models.register.open_lists import IS_OPEN
from models.store.tables import Application
from models.words.numbers_in_order import in_order


def applications(
    session: Session,
    *,
    stage: str = "",
    officer: str = "",
    is_open: bool | None = None,
    due_before: date | None = None,
) -> Sequence[Application]:
    """Register rows, by number (2 before 10), with the usual filters; due_before = the limit ends
    before it.
    """
    statement = select(Application)
    if stage:
        statement = statement.where(Application.stage == stage)
    if officer:
        statement = statement.where(Application.officer == officer)
    if due_before is not None:
        statement = statement.where(col(Application.last_day) < due_before)
    if is_open is not None:
        closed = str(Stage.CLOSED)
        statement = statement.where(IS_OPEN if is_open else col(Application.stage) == closed)
    return sorted(session.exec(statement), key=lambda row: in_order(row.number))
