"""How many deadlines a second of processor, with their explanation? And who gets the day wrong?

Beside what others would use, in turn in the same run: a loop from day to day that knows every day off
and every weekend worked; what a spreadsheet's NETWORKDAYS counts (weekdays less holidays; no weekend
worked); the packages chinese_calendar and holidays; numpy's busday, if it is installed.

What is wanted is wanted of both lines of the long history: with its sentences unread, and with each
of them written. What lies between two days is told anew in the first round alone, which is the least of
the spread.

    python -m tests.benchmarks deadlines
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import chinese_calendar
import holidays

from flows.shown.deadlines import explain
from models.law.deadline import ClockEvent, Deadline, deadline
from models.law.statute import Statute
from models.law.statute_files import load
from tests.benchmarks.measured import ROUNDS, Line, per_second

DAY = timedelta(days=1)
FIRST, LAST = date(2020, 1, 1), date(2025, 10, 31)
RECEIPTS = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]
TERM = 20
WANTED = "≥ 30,000"
SMALL = {"rounds": 1}

T = TypeVar("T")
Counts = Callable[[date], date]
"""Day of receipt → the last day of the twenty working days."""


def history(received: date) -> list[ClockEvent]:
    """A long one: correction, consultation with its answer, extension."""
    corrected = received + 9 * DAY
    return [
        ClockEvent("received", received),
        ClockEvent("correction_requested", received + 5 * DAY, days=10),
        ClockEvent("corrected", corrected),
        ClockEvent("consultation_started", corrected + 7 * DAY, party="third_party", ref="a"),
        ClockEvent("consultation_ended", corrected + 17 * DAY, ref="a"),
        ClockEvent("extended", corrected + 20 * DAY, days=20),
    ]


def from_day_to_day(works: Callable[[date], bool]) -> Counts:
    """Counting one day after the other, by whoever knows which of them are working days."""

    def counted(day: date) -> date:
        left = TERM
        while left:
            day += DAY
            left -= works(day)
        return day

    return counted


def comparators(law: Statute) -> dict[str, Counts]:
    """Who else counts, by name; the loop over the notices' own days is first."""
    notices = [law.calendar.notices[year].holidays() for year in range(2020, 2027)]
    off = frozenset(day for year in notices for one in year for day in one.rest_days())
    worked = frozenset(day for year in notices for one in year for day in one.work)
    china = holidays.country_holidays("CN", years=range(2020, 2027))
    found = {
        "loop over days": from_day_to_day(
            lambda day: day in worked or (day.weekday() < 5 and day not in off)
        ),
        "weekdays less holidays": from_day_to_day(lambda day: day.weekday() < 5 and day not in off),
        "chinese_calendar": from_day_to_day(chinese_calendar.is_workday),
        "holidays": lambda day: china.get_nth_working_day(day, TERM),
    }
    if find_spec("numpy"):
        found["numpy busday"] = _numpy(off)
    return found


def _numpy(off: frozenset[date]) -> Counts:
    busday_offset = import_module("numpy").busday_offset
    days = sorted(off)
    return lambda day: busday_offset(day, TERM, "backward", holidays=days).item()


def last_day(found: Deadline) -> date:
    """The last day of a limit that is running."""
    assert found.last_day is not None, "runs"
    return found.last_day


def lines(rounds: int = ROUNDS) -> list[Line]:
    """Speeds, and how many of the receipts each gets wrong: ours by the loop over the notices' days."""
    law = load(Path(__file__).parents[2] / "config")
    others = comparators(law)
    plain = [[ClockEvent("received", day)] for day in RECEIPTS]
    long = [history(day) for day in RECEIPTS]
    ours: dict[str, Callable[[], object]] = {
        "the calendar alone: a date": _each(lambda day: law.calendar.reach(day, TERM), RECEIPTS),
        "receipt, explained": _each(lambda one: deadline(one, law), plain),
        "correction, consultation, extension": _each(lambda one: deadline(one, law), long),
        "the same, every sentence read": _each(lambda one: explain(deadline(one, law)), long),
    }
    counted = {name: _each(count, RECEIPTS) for name, count in others.items()}
    speeds = per_second({**ours, **counted}, len(RECEIPTS), rounds)
    loop, *rest = others
    limits = dict.fromkeys(
        ("correction, consultation, extension", "the same, every sentence read"), WANTED
    )
    found = [
        Line(work, "1/s", speeds[work], loop, tuple(speeds[loop]), limits.get(work, ""))
        for work in ours
    ]
    found += [
        Line(
            f"receipt, beside {name}",
            "1/s",
            speeds["receipt, explained"],
            name,
            tuple(speeds[name]),
        )
        for name in rest
    ]
    right = [others[loop](day) for day in RECEIPTS]
    mine = [last_day(deadline(one, law)) for one in plain]
    return found + [
        Line(
            f"wrong last days of {len(right):,}",
            "",
            [_wrong(mine, right)],
            name,
            (_wrong([count(day) for day in RECEIPTS], right),),
            "0",
        )
        for name, count in others.items()
    ]


def _each(do: Callable[[T], object], given: Sequence[T]) -> Callable[[], object]:
    """Doing it to each, one after the other, and keeping nothing: as over a file of any length."""

    def work() -> None:
        for one in given:
            do(one)

    return work


def _wrong(answers: list[date], right: list[date]) -> float:
    return sum(one != other for one, other in zip(answers, right, strict=True))
