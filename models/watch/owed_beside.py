"""What is owed beside the path of an application, and by when?

A reply that a review or judgment ordered (Art. 51), the publication of what is fit for it (44, 26),
and, from autumn on, next year's holiday notice and the festival days of the year after it. These are
few: they are counted every morning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from models.alerts.alert_tables import Alert
from models.alerts.due_alerts import facts, owed
from models.case.act import Circumstances
from models.case.stage import Stage
from models.duties.duties import Duty
from models.neighbours.publication import to_publish
from models.neighbours.review_register import redecisions
from models.store.tables import Application

NOTICE, FESTIVALS = "放假安排", "法定节日"


@dataclass(frozen=True)
class Owed:
    """A duty beside the path: of which subject, and since when it is there (None = not known)."""

    subject: str
    duty: Duty
    since: date | None


def owing(session: Session, now: Circumstances) -> Iterator[Owed]:
    """All that is owed beside the path now."""
    for one in redecisions(session, now.law):
        due = Duty("redecision", one.due.day, one.due.provisional)
        yield Owed(one.case.number, due, one.case.latest_day)
    for task in to_publish(session, now.law):
        if task.due:
            due = Duty("publication", task.due.day, task.due.provisional)
            yield Owed(task.number, due, task.since)
    yield from missing_notices(session, now)
    if ending := missing_festivals(now):
        yield ending


def missing_notices(session: Session, now: Circumstances) -> Iterator[Owed]:
    """A year's holiday notice, from 1 November before it (alerts.toml) until it is in config/workdays:
    also in the year itself, and after it, for the cases that are counted by it.
    """
    calendar = now.law.calendar
    for year in range(calendar.first_year, min(now.today.year, calendar.last_day.year) + 2):
        awaited_on = now.law.notice_awaited(year - 1)
        if now.today < awaited_on or calendar.published(year):
            continue
        duty = Duty("notice", awaited_on, ref=str(year), whom=_reaching(session))
        yield Owed(f"{year}年{NOTICE}", duty, None)


def missing_festivals(now: Circumstances) -> Owed | None:
    """The first year whose statutory days are not listed, from November of the year before last on.

    After the days that are listed no limit can be counted at all.
    """
    year = now.law.calendar.last_day.year + 1
    awaited_on = now.law.notice_awaited(year - 2)
    if now.today < awaited_on:
        return None
    return Owed(f"{year}年{FESTIVALS}", Duty("festivals", awaited_on, ref=str(year)), None)


def _reaching(session: Session) -> str:
    """How many open cases the notice may still move."""
    statement = select(func.count()).where(
        Application.stage != str(Stage.CLOSED), col(Application.provisional)
    )
    cases = session.exec(statement).one()
    return f"现有{cases}件在办申请的期限为暂定" if cases else ""


def due_beside(session: Session, now: Circumstances, at: datetime) -> list[Alert]:
    """The alerts that are due by now of what is owed beside the path, entered or not."""
    found: list[Alert] = []
    for one in owing(session, now):
        since = one.since or _first_found(session, one) or now.today
        found += [
            Alert(subject=one.subject, **facts(one.duty, threshold, now.today, at))
            for threshold in owed(one.duty, since, now.today, now.law)
        ]
    return found


def _first_found(session: Session, one: Owed) -> date | None:
    statement = select(func.min(Alert.due_on)).where(
        Alert.subject == one.subject, Alert.kind == one.duty.kind
    )
    return session.exec(statement).one()
