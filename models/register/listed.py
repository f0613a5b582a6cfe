"""The register as a list: its rows as they stand, without what acts do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.case.stage import Stage
from models.register.open_lists import IS_OPEN
from models.store.tables import Application
from models.words.numbers_in_order import in_order

T = TypeVar("T")


@dataclass(frozen=True)
class Filters:
    """Which rows are listed; due_before = the limit ends before it, is_open = None: open and closed."""

    stage: str = ""
    officer: str = ""
    is_open: bool | None = None
    due_before: date | None = None


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
    asked = _filtered(select(Application), Filters(stage, officer, is_open, due_before))
    return sorted(session.exec(asked), key=lambda row: in_order(row.number))


def page_of(
    session: Session, asked: Filters, after: int, most: int
) -> tuple[Sequence[Application], int]:
    """So many of the rows after the first `after`, in the same order; and how many there are in all."""
    numbers = sorted(session.exec(_filtered(select(col(Application.number)), asked)), key=in_order)
    some = numbers[after : after + most]
    rows = session.exec(select(Application).where(col(Application.number).in_(some)))
    return sorted(rows, key=lambda row: in_order(row.number)), len(numbers)


def _filtered(statement: SelectOfScalar[T], asked: Filters) -> SelectOfScalar[T]:
    stage, officer, due_before = asked.stage, asked.officer, asked.due_before
    if stage:
        statement = statement.where(Application.stage == stage)
    if officer:
        statement = statement.where(Application.officer == officer)
    if due_before is not None:
        statement = statement.where(col(Application.last_day) < due_before)
    if asked.is_open is not None:
        closed = str(Stage.CLOSED)
        statement = statement.where(IS_OPEN if asked.is_open else col(Application.stage) == closed)
    return statement
