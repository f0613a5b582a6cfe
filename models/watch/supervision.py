"""督办清单: what is soon overdue, what is overdue, and what was answered late (Arts. 33, 47).

From the register rows; the working days used and left from the events of those that are listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlmodel import Session, col, select

from models.acts import catalogue
from models.alerts.due_alerts import CHUNK
from models.case.act import Circumstances
from models.case.stage import Stage
from models.errors import UNCOMPUTABLE
from models.law.statute import Statute
from models.store.happened import of_cases
from models.store.tables import Application


class Concern(StrEnum):
    """Why a case is listed."""

    SOON = "即将到期"
    OVER = "逾期未办"
    LATE = "逾期已办"


@dataclass(frozen=True)
class Listed:
    """One case on a list; used, left in working days (left < 0: over by so many).

    waiting = what others owe it (models/duties/duties.py); closed_on = answered, though late
    """

    concern: Concern
    number: str
    applicant: str
    officer: str
    stage: str
    waiting: str
    last_day: date
    provisional: bool
    used: int
    left: int
    closed_on: date | None = None


def supervised(session: Session, now: Circumstances, since: date) -> list[Listed]:
    """The three lists one after the other, each by officer, stage and last day.

    since = the first day of closing that 逾期已办 looks at
    """
    found = [*_open(session, now), *_late(session, now, since)]
    order = list(Concern)
    return sorted(
        found,
        key=lambda one: (
            order.index(one.concern),
            one.officer,
            one.stage,
            one.last_day,
            one.number,
        ),
    )


def _open(session: Session, now: Circumstances) -> Iterator[Listed]:
    soon = now.law.calendar.reach(now.today, now.law.soon).day
    statement = select(Application).where(
        Application.stage != str(Stage.CLOSED), col(Application.last_day) <= soon
    )
    for row, allowed in _with_allowed(session, session.exec(statement).all(), now.law):
        if row.last_day is None:
            continue
        left = _left(row.last_day, now.today, now.law)
        yield _listed(Concern.SOON if left >= 0 else Concern.OVER, row, row.last_day, allowed, left)


def _late(session: Session, now: Circumstances, since: date) -> Iterator[Listed]:
    statement = select(Application).where(
        Application.stage == str(Stage.CLOSED),
        col(Application.closed_on) >= since,
        col(Application.closed_on) > col(Application.last_day),
    )
    rows = [row for row in session.exec(statement) if not row.untimed]
    for row, allowed in _with_allowed(session, rows, now.law):
        if row.last_day is None or row.closed_on is None:
            continue
        left = _left(row.last_day, row.closed_on, now.law)
        yield _listed(Concern.LATE, row, row.last_day, allowed, left)


def _left(last: date, on: date, law: Statute) -> int:
    """Working days left on a day; at least one over once the last day has passed."""
    if on <= last:
        return law.calendar.count(on, last).fewest
    return -max(1, law.calendar.count(last, on).fewest)


def _with_allowed(
    session: Session, rows: Sequence[Application], law: Statute
) -> Iterator[tuple[Application, int]]:
    """Each row with the working days its limit allows: the 20 and what extends them."""
    for first in range(0, len(rows), CHUNK):
        some = rows[first : first + CHUNK]
        numbers = [row.number for row in some]
        for row, events in zip(some, of_cases(session, numbers), strict=True):
            try:
                limit = catalogue.replay(row.number, events).deadline(law)
            except UNCOMPUTABLE:
                continue
            yield row, limit.allowed if limit else 0


def _listed(concern: Concern, row: Application, last: date, allowed: int, left: int) -> Listed:
    return Listed(
        concern=concern,
        number=row.number,
        applicant=row.applicant,
        officer=row.officer,
        stage=row.stage,
        waiting=row.waiting,
        last_day=last,
        provisional=row.provisional,
        used=max(0, allowed - left),
        left=left,
        closed_on=row.closed_on,
    )


def by_officer(found: Iterable[Listed]) -> list[tuple[str, Counter[Concern]]]:
    """How many of each list every officer has, by name."""
    return sorted(_counted((one.officer or "（未登记）", one.concern) for one in found).items())


def by_stage(found: Iterable[Listed]) -> list[tuple[str, Counter[Concern]]]:
    """How many of each list stand at every stage, in the order of the path."""
    counted = _counted((one.stage, one.concern) for one in found)
    return [(stage, counted[stage]) for stage in map(str, Stage) if stage in counted]


def _counted(found: Iterable[tuple[str, Concern]]) -> dict[str, Counter[Concern]]:
    counted: dict[str, Counter[Concern]] = {}
    for key, concern in found:
        counted.setdefault(key, Counter())[concern] += 1
    return counted
