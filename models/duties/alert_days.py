"""When is an alert due? The days of a duty's thresholds, in working days (config/alerts.toml)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import NamedTuple

from models.duties.duties import Duty
from models.errors import CalendarNotPublished
from models.law.rules import AlertRule
from models.law.statute import Statute

DAY = timedelta(days=1)


class Threshold(NamedTuple):
    """One alert of a duty: `left` working days before its last day (negative: after), and the day."""

    left: int
    day: date


def thresholds(duty: Duty, law: Statute, first: date = date.min) -> Iterator[Threshold]:
    """The alerts of a duty, earliest first; without end where each further working day has one.

    Before the last day they stand on days worked under every plausible arrangement, as early as it
    takes. Ends where the calendar does. first = those of this day and later alone
    """
    rule, calendar = law.alerts.on(duty.kind, duty.due), law.calendar
    early = [(left, calendar.before(duty.due, left)) for left in sorted(rule.before, reverse=True)]
    if rule.on_day:
        early.append((0, calendar.before(duty.due, 0)))
    yield from (Threshold(left, day) for left, day in early if day >= first)
    try:
        passed = calendar.used(duty.due, first - DAY) if first > duty.due else 0
        for over in _after(rule, passed):
            yield Threshold(-over, calendar.reach(duty.due, over).day)
    except CalendarNotPublished:
        return


def _after(rule: AlertRule, passed: int) -> Iterator[int]:
    """Working days after the last day at which an alert is due, in order, but the first so many days."""
    yield from (over for over in rule.after if over > passed)
    if rule.every:
        last = max(rule.after, default=0)
        gone = max(0, passed - last) // rule.every
        yield from count(last + rule.every * (gone + 1), rule.every)


def first_after(duty: Duty, day: date | None, law: Statute) -> date | None:
    """The day of the duty's first alert after a day (None = of all); None if there is none."""
    first = date.min if day is None else day + DAY
    return next((one.day for one in thresholds(duty, law, first)), None)


def look_on(duties: tuple[Duty, ...], day: date | None, law: Statute) -> date | None:
    """The first day after `day` on which one of the duties has an alert; None = there is none."""
    if not duties:
        return None
    found = [first_after(duty, day, law) for duty in duties]
    return min((one for one in found if one is not None), default=None)
