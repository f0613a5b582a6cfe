"""Is the year before compared with? Not where the register holds it in part (条例第四十九条).

What was signed stays as it was signed: with the comparison, or without it.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Final

from sqlmodel import Session, col, func, select

from models.law.workdays import written
from models.register import closed_years
from models.register.complete_since import complete_since
from models.store.tables import Application, Event
from models.year.year_figures import Tables

COMPARED: Final = "与上年相比"
"""What stands above the comparison in the year's picture."""
UNCOMPARED: Final = "不与上年比较。"
"""How the note ends that there is none."""
UNSTATED: Final = f"自哪一天起是完整的，还没有写明，{UNCOMPARED}"
"""How it ends where whoever keeps the office running has but to state the day."""
BEGUN: Final = (1, 31)
"""Month and day by which the first act of a year is recorded that the register surely holds whole."""


def uncompared(session: Session, year: int, before: Tables | None, as_of: date) -> str:
    """Why the report of `year` does not compare it with the year before, as a note; "" if it does.

    The register is complete from the day that was stated (models/register/complete_since.py). Where
    none was, a year is in part of which it holds nothing but what was carried out; and may be of which
    no report was signed here, if a ledger told its results, or the first act was recorded within it.
    """
    as_signed = _as_signed(session, year, as_of)
    if as_signed is not None:
        return as_signed
    since, last = complete_since(session, as_of), year - 1
    if since is not None:
        told = f"登记簿自{written(since)}起才完整，{UNCOMPARED}"
        return "" if holds_whole(session, last, as_of) else told
    if before and before.received and not before.carried_in and not before.closed:
        return f"登记簿中{last}年的申请只有结转下来的，{UNCOMPARED}"
    if not (before and before.known) or closed_years.signed(session, last, as_of):
        return ""
    if _from_a_ledger(session, last):
        return f"登记簿{UNSTATED}"
    began = session.exec(select(func.min(Event.recorded_on))).one()
    return f"登记簿{written(began)}开始登记，{UNSTATED}" if _within(began, last) else ""


def _within(began: date | None, year: int) -> bool:
    """Whether what began then may lack some of a year: in an office of few applications, the first of a
    whole year comes within its first month or not for long.
    """
    return began is not None and began > date(year, *BEGUN)


def _from_a_ledger(session: Session, year: int) -> bool:
    """Whether results of a year were taken over from a ledger, which may have held it in part."""
    closed = select(col(Application.number)).where(
        col(Application.closed_on).between(date(year, 1, 1), date(year, 12, 31)),
        col(Application.row).is_not(None),
        col(Application.outcome).is_(None),
    )
    return session.exec(closed.limit(1)).first() is not None


def holds_whole(session: Session, year: int, as_of: date) -> bool:
    """Whether the register is complete for all of a year; so it is where nothing was stated."""
    since = complete_since(session, as_of)
    return since is None or since <= date(year, 1, 1)


def _as_signed(session: Session, year: int, as_of: date) -> str | None:
    """What the picture said of it when the year was signed; None if it was not, or is corrected."""
    report = closed_years.signed(session, year, as_of)
    if report is None or closed_years.corrections(session, year, as_of):
        return None
    said = json.loads(closed_years.tables_text(report)).get("picture")
    if said is None:
        return None
    return next((one for one in said if one.endswith(UNCOMPARED)), "")
