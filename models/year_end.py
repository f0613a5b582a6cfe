"""What the annual report asks of the register, as the register knew it on a day (`as_of`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import case, func, or_, select
from sqlmodel import Session, col

from models.annual import CaseLine
from models.case import Application, Enquiry


def case_lines(session: Session, year: int, as_of: date) -> Iterator[CaseLine]:
    """What table 三 of `year` counts, by number.

    A closing recorded later than `as_of` is not known yet; neither is a later receipt.
    """
    number, received_on, closed_on = (
        col(Application.number),
        col(Application.received_on),
        col(Application.closed_on),
    )
    known = col(Application.closed_recorded_on) <= as_of
    statement = (
        select(
            number,
            col(Application.applicant_kind),
            received_on,
            case((known, closed_on)).label("closed_on"),
            case((known, col(Application.row))).label("row"),
        )
        .where(
            received_on <= date(year, 12, 31),
            col(Application.received_recorded_on) <= as_of,
            or_(closed_on.is_(None), closed_on >= date(year, 1, 1), ~known),
        )
        .order_by(number)
    )
    found = session.execute(statement, execution_options={"yield_per": 10_000})
    return map(CaseLine._make, found)


def closed_by_outcome(session: Session, year: int, as_of: date) -> dict[str | None, int]:
    """How many applications were closed in a year, by outcome; None = taken over from a ledger."""
    statement = (
        select(col(Application.outcome), func.count())
        .where(
            col(Application.closed_on).between(date(year, 1, 1), date(year, 12, 31)),
            col(Application.closed_recorded_on) <= as_of,
        )
        .group_by(Application.outcome)
    )
    return dict(session.execute(statement).tuples().all())


def persons_advised(session: Session, year: int, as_of: date) -> int:
    """人次 of enquirers advised in a year, as recorded by `as_of`."""
    statement = select(func.sum(Enquiry.persons)).where(
        col(Enquiry.on).between(date(year, 1, 1), date(year, 12, 31)),
        col(Enquiry.recorded_on) <= as_of,
    )
    return session.execute(statement).scalar() or 0


def recorded_later(session: Session, year: int, as_of: date) -> int:
    """How many applications received by the end of the year were recorded only after `as_of`."""
    statement = select(func.count()).where(
        col(Application.received_on) <= date(year, 12, 31),
        col(Application.received_recorded_on) > as_of,
    )
    return int(session.execute(statement).scalar_one())
