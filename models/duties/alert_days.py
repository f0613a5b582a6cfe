"""When is an alert due? The days of a duty's thresholds, in working days (config/alerts.toml)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import NamedTuple

from models.duties.duties import Duty
from models.errors import CalendarNotPublished
from models.law.rules import AlertRule
from models.law.statute import Statute


class Threshold(NamedTuple):
    """One alert of a duty: `left` working days before its last day (negative: after), and the day."""

    left: int
    day: date


def thresholds(duty: Duty, law: Statute) -> Iterator[Threshold]:
    """The alerts of a duty, earliest first; without end where each further working day has one.

    Before the last day they stand on days worked under every plausible arrangement, as early as it
    takes. Ends where the calendar does.
    """
    rule, calendar = law.alerts.on(duty.kind, duty.due), law.calendar
    for left in sorted(rule.before, reverse=True):
        yield Threshold(left, calendar.before(duty.due, left))
    if rule.on_day:
        yield Threshold(0, calendar.before(duty.due, 0))
    try:
        for over in _after(rule):
            yield Threshold(-over, calendar.reach(duty.due, over).day)
    except CalendarNotPublished:
        return


def _after(rule: AlertRule) -> Iterator[int]:
    """Working days after the last day at which an alert is due, in order."""
    yield from rule.after
    if rule.every:
        yield from count(max(rule.after, default=0) + rule.every, rule.every)


def first_after(duty: Duty, day: date | None, law: Statute) -> date | None:
    """The day of the duty's first alert after a day (None = of all); None if there is none."""
    days = (one.day for one in thresholds(duty, law))
    return next((one for one in days if day is None or one > day), None)


def look_on(duties: tuple[Duty, ...], day: date | None, law: Statute) -> date | None:
    """The first day after `day` on which one of the duties has an alert; None = there is none."""
    if not duties:
        return None
    found = [first_after(duty, day, law) for duty in duties]
    return min((one for one in found if one is not None), default=None)
