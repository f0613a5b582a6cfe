"""What is owed beside the path of an application, and by when?

A reply that a review or judgment ordered (Art. 51), the publication of what is fit for it (44, 26),
whether a reply that was sent has been received (45), and, from autumn on, next year's holiday notice
and the festival days of the year after it. These are few: they are counted every morning.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from sqlmodel import Session, col, func, select

from models.alerts.alert_rows import AlertRow
from models.alerts.alert_tables import Alert
from models.alerts.due_alerts import facts, owed
from models.case.act import Circumstances
from models.case.stage import Stage
from models.duties.alert_days import thresholds
from models.duties.duties import Duty
from models.errors import NoRuleInForce
from models.law.statute import Statute
from models.neighbours.publication import to_publish
from models.neighbours.review_register import redecisions
from models.store.tables import Application
from models.watch.unserved import LOOKED_BACK, unserved

Of = Collection[str] | None
Asked = Mapping[str, Collection[str]]
NOTICE, FESTIVALS = "放假安排", "法定节日"
SERVICE = "service"
TOLD_FOR = timedelta(days=90)
"""What was to be told of a reply's service longer ago is not made up for: the page lists it."""


@dataclass(frozen=True)
class Owed:
    """A duty beside the path: of which subject, since when it is there (None = not known), whose."""

    subject: str
    duty: Duty
    since: date | None
    officer: str = ""


def owing(session: Session, now: Circumstances, asked: Asked | None = None) -> Iterator[Owed]:
    """All that is owed beside the path now; asked = of these subjects, by kind of duty, None = of all.

    Service is looked for among the subjects asked about alone; of another kind all are found.
    """
    for kind, found in BESIDE.items():
        if asked is None or kind in asked:
            yield from found(session, now, None if asked is None else asked[kind])


def _ordered(session: Session, now: Circumstances, _of: Of) -> Iterator[Owed]:
    for one in redecisions(session, now.law):
        due = Duty("redecision", one.due.day, one.due.provisional)
        yield Owed(one.case.number, due, one.case.latest_day)


def _to_publish(session: Session, now: Circumstances, _of: Of) -> Iterator[Owed]:
    for task in to_publish(session, now.law):
        if task.due:
            due = Duty("publication", task.due.day, task.due.provisional)
            yield Owed(task.number, due, task.since)


def _not_known_to_be_served(session: Session, now: Circumstances, of: Of) -> Iterator[Owed]:
    """The replies that nobody knows to have been received; its day is the one they were sent on. Of no
    case in particular: those of which something is still to be told.
    """
    if SERVICE not in now.law.alerts:  # an office's own alerts.toml may be older
        return
    first = _first_told_of(now) if of is None else None
    for sent in unserved(session, now.law, now.today, of, first):
        whom = f"{sent.letter}，{sent.way_words}"
        duty = Duty("service", sent.sent_on, ref=sent.letter, whom=whom)
        yield Owed(sent.number, duty, sent.sent_on, sent.officer)


class _First(NamedTuple):
    """The first day of sending of which something is told on a day, by a law."""

    law: Statute
    today: date
    day: date


_FIRST: dict[str, _First] = {}  # as it was found last: asked every few minutes


def _first_told_of(now: Circumstances) -> date:
    """The first day of sending of which a reminder is due that is not too old to be told."""
    known = _FIRST.get(SERVICE)
    if known is not None and known.law is now.law and known.today == now.today:
        return known.day
    day = now.today - LOOKED_BACK
    while day < now.today and not _is_told_of(day, now):
        day += timedelta(days=1)
    _FIRST[SERVICE] = _First(now.law, now.today, day)
    return day


def _is_told_of(day: date, now: Circumstances) -> bool:
    """Whether a reminder of a reply sent on a day is not too old to be told. Where no rule said then when
    to remind, yes: whoever counts its days says so.
    """
    told_from = now.today - TOLD_FOR
    try:
        found = next(thresholds(Duty(SERVICE, day), now.law, told_from), None)
    except NoRuleInForce:
        return True
    return found is not None


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


def _festivals(_session: Session, now: Circumstances, _of: Of) -> Iterator[Owed]:
    if ending := missing_festivals(now):
        yield ending


BESIDE: Final[Mapping[str, Callable[[Session, Circumstances, Of], Iterator[Owed]]]] = {
    "redecision": _ordered,
    "publication": _to_publish,
    SERVICE: _not_known_to_be_served,
    "notice": lambda session, now, _: missing_notices(session, now),
    "festivals": _festivals,
}
"""What finds the duties of each kind."""


def due_beside(session: Session, now: Circumstances, at: datetime) -> list[AlertRow]:
    """The alerts that are due by now of what is owed beside the path, entered or not."""
    found: list[AlertRow] = []
    for one in owing(session, now):
        since = one.since or _first_found(session, one) or now.today
        found += [
            AlertRow(
                subject=one.subject,
                officer=one.officer,
                **facts(one.duty, threshold, now.today, at),
            )
            for threshold in owed(one.duty, since, now.today, now.law)
            if one.duty.kind != SERVICE or threshold.day >= now.today - TOLD_FOR
        ]
    return found


def _first_found(session: Session, one: Owed) -> date | None:
    statement = select(func.min(Alert.due_on)).where(
        Alert.subject == one.subject, Alert.kind == one.duty.kind
    )
    return session.exec(statement).one()
