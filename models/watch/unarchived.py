"""应归未归: which cases were closed in a year and are not with the archive? (Art. 45; 档案法 14)"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from models.acts import catalogue
from models.agency.archive_rules import ArchiveRules
from models.case.case import Case
from models.case.matters import HandedOver
from models.case.review_case import LIVING, ReviewStage
from models.case.stage import Stage
from models.store.happened import of_cases
from models.store.tables import Application, Review

CHUNK = 500


@dataclass(frozen=True)
class Closed:
    """A case closed in the year: since when, whose, by when it was to be handed over, and the archive's
    receipt, if it has it.

    contested = reviews and suits about it that are not over: it is handed over after them
    """

    number: str
    applicant: str
    officer: str
    closed_on: date
    due_on: date
    handed: HandedOver | None = None
    contested: tuple[str, ...] = ()


def closed_in(session: Session, year: int, rules: ArchiveRules) -> list[Closed]:
    """The cases closed in a year, handed over or not, by number; struck entries are none."""
    statement = (
        select(Application.number)
        .where(
            Application.stage == str(Stage.CLOSED),
            col(Application.row).is_not(None),  # a struck entry has no file
            col(Application.closed_on) >= date(year, 1, 1),
            col(Application.closed_on) <= date(year, 12, 31),
        )
        .order_by(col(Application.number))
    )
    return list(_closed(session, session.exec(statement).all(), rules))


def unarchived(found: Sequence[Closed]) -> list[Closed]:
    """Those of them that the archive has not (应归未归), what is due first."""
    return sorted(
        (one for one in found if one.handed is None), key=lambda one: (one.due_on, one.number)
    )


def years_closed(session: Session) -> list[int]:
    """The years in which any case was closed, the last first."""
    days = session.exec(select(col(Application.closed_on)).distinct())
    return sorted({day.year for day in days if day}, reverse=True)


def _closed(session: Session, numbers: Sequence[str], rules: ArchiveRules) -> Iterator[Closed]:
    for first in range(0, len(numbers), CHUNK):
        some = numbers[first : first + CHUNK]
        contested = _contested(session, some)
        for number, events in zip(some, of_cases(session, some), strict=True):
            case = catalogue.replay(number, events)
            if case.closed_on is not None:
                yield _one(case, case.closed_on, rules, tuple(contested.get(number, ())))


def _one(case: Case, on: date, rules: ArchiveRules, contested: tuple[str, ...]) -> Closed:
    due = rules.due_on(on)
    return Closed(case.number, case.applicant, case.officer, on, due, case.handed_over, contested)


def _contested(session: Session, numbers: Sequence[str]) -> dict[str, list[str]]:
    """The numbers of the reviews and suits about these cases that are not over."""
    asked = select(Review).where(
        col(Review.application).in_(numbers),
        col(Review.stage).in_([str(one) for one in LIVING - {ReviewStage.SETTLED}]),
    )
    found: dict[str, list[str]] = {}
    for row in session.exec(asked.order_by(col(Review.number))):
        found.setdefault(row.application, []).append(row.number)
    return found
