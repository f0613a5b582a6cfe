"""Other days for those of a case, with as many working days between any two of them.

A shift by years would not do: each has its own holidays. First whole weeks are tried, which leave the
days of the week and every span in days as they are; then working day by working day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import pairwise
from random import Random

from models.law.workdays import Calendar

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
APART = timedelta(days=14)  # that no day of the case is one of it afterwards


def ways(days: Collection[date], calendar: Calendar, chance: Random) -> Iterator[dict[date, date]]:
    """Ways to move these days that keep the working days between them, in any order by chance."""
    given = sorted(set(days))
    least = given[-1] - given[0] + APART
    for tried in (_by_weeks, _by_workdays):
        starts = [*_starts(given, calendar, least)]
        chance.shuffle(starts)
        for start in starts:
            moved = tried(given, start, calendar)
            if moved is not None and alike(given, moved, calendar):
                yield moved


def _starts(given: list[date], calendar: Calendar, least: timedelta) -> Iterator[date]:
    """The days on which the case may begin instead, so that all of it is within known years."""
    first, last = date(calendar.first_year, 1, 15), date(calendar.last_year, 12, 15)
    start = given[0] + (first - given[0]) // WEEK * WEEK + WEEK
    while start + (given[-1] - given[0]) <= last:
        if abs(start - given[0]) > least:
            yield start
        start += WEEK


def _by_weeks(given: list[date], start: date, _calendar: Calendar) -> dict[date, date]:
    return {day: day + (start - given[0]) for day in given}


def _by_workdays(given: list[date], start: date, calendar: Calendar) -> dict[date, date] | None:
    """Each day so many working days after the first as before; one of rest as many days after the
    last working day before it.
    """
    moved: dict[date, date] = {given[0]: start}
    for day in given[1:]:
        if not (days := calendar.between(given[0], day)):
            moved[day] = start + (day - given[0])
            continue
        worked = day
        while not calendar.is_workday(worked):
            worked -= DAY
        moved[day] = calendar.nth_workday(start, days) + (day - worked)
    return moved


def alike(given: list[date], moved: dict[date, date], calendar: Calendar) -> bool:
    """Whether the moved days are of the same kind, in the same order, with the same working days."""
    same_kind = all(calendar.is_workday(day) == calendar.is_workday(moved[day]) for day in given)
    return same_kind and all(
        moved[one] < moved[next_]
        and calendar.between(one, next_) == calendar.between(moved[one], moved[next_])
        for one, next_ in pairwise(given)
    )
