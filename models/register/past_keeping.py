"""Whose particulars are kept no longer, and what leaves the register then?

`session` first. The periods: models/acts/afterwards/retention.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from models.acts.afterwards.retention import Keep
from models.case.personal import PARTICULARS
from models.case.stage import Stage
from models.store.tables import Applicant, Application, RefusedAnswer


def due(session: Session, keep: Keep, today: date) -> Iterator[tuple[str, date]]:
    """The closed cases whose particulars are kept no longer, each with the last day they were."""
    before = min(today, date(today.year - keep.years + 1, 1, 1))  # closed since: kept for a while
    held = or_(*(col(getattr(Applicant, name)) != "" for name in PARTICULARS))
    statement = (
        select(Application.number, col(Application.closed_on))
        .join(Applicant, col(Applicant.case_number) == col(Application.number))
        .where(
            held,
            Application.stage == str(Stage.CLOSED),
            col(Application.closed_on) < before,
        )
        .order_by(col(Application.closed_on), col(Application.number))
    )
    for number, closed_on in session.exec(statement):
        assert closed_on is not None
        until = keep.last_day(closed_on)
        if until >= today:
            return
        yield number, until


def destroy(session: Session, number: str) -> None:
    """Take the particulars out, and what was typed in forms that were refused."""
    person = session.get(Applicant, number)
    if person is not None:
        for name in PARTICULARS:
            setattr(person, name, "")
    session.exec(delete(RefusedAnswer).where(col(RefusedAnswer.case_number) == number))
