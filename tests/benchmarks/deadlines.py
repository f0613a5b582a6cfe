"""How many deadlines a second, with their explanation? And what would simple counting get wrong?

Against a baseline written here from scratch, in the same run: weekdays less the days off of the
yearly notices, which is what a spreadsheet's NETWORKDAYS counts; it knows no weekend worked.

    python tests/benchmarks/deadlines.py
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from flows.shown.deadlines import answer, line_of  # noqa: E402
from models.law.deadline import ClockEvent, deadline  # noqa: E402
from models.law.statute import Statute, load  # noqa: E402

DAY = timedelta(days=1)
FIRST, LAST = date(2020, 1, 1), date(2025, 10, 31)
RECEIPTS = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]
LONG = (
    '{"id": "%s", "events": [{"kind": "received", "on": "%s"},'
    ' {"kind": "consultation_started", "on": "%s", "party": "third_party", "ref": "a"},'
    ' {"kind": "consultation_ended", "on": "%s", "ref": "a"},'
    ' {"kind": "extended", "on": "%s", "days": 20}]}'
)
ROUNDS = 7


def days_off(law: Statute) -> frozenset[date]:
    """Every day off that a notice names, 2020-2026."""
    notices = (law.calendar.notices[year] for year in range(2020, 2027))
    return frozenset(day for one in notices for all_ in one.holidays() for day in all_.rest_days())


def weekdays_less_holidays(received: date, off: frozenset[date]) -> date:
    """The baseline: the 20th Monday-to-Friday after receipt that is no holiday."""
    day, left = received, 20
    while left:
        day += DAY
        if day.weekday() < 5 and day not in off:
            left -= 1
    return day


def history(received: date) -> list[ClockEvent]:
    """A long one: consultation with its answer, then an extension."""
    return [
        ClockEvent("received", received),
        ClockEvent("consultation_started", received + 7 * DAY, party="third_party", ref="a"),
        ClockEvent("consultation_ended", received + 17 * DAY, ref="a"),
        ClockEvent("extended", received + 20 * DAY, days=20),
    ]


def per_second(work: Callable[[], object], count: int) -> float:
    """Median over some rounds of how many a second."""
    speeds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        speeds.append(count / (time.perf_counter() - begun))
    return statistics.median(speeds)


def main() -> int:
    """Measure, and print one table of speeds and one of mistakes."""
    law = load(ROOT / "config")
    off = days_off(law)
    plain = [[ClockEvent("received", day)] for day in RECEIPTS]
    long = [history(day) for day in RECEIPTS]
    lines = [LONG % (day, *(event.on for event in history(day))) for day in RECEIPTS]
    count = len(RECEIPTS)
    speeds = {
        "baseline: weekdays less holidays, a date, no reason": per_second(
            lambda: [weekdays_less_holidays(day, off) for day in RECEIPTS], count
        ),
        "ours: the calendar alone, a date, no steps": per_second(
            lambda: [law.calendar.reach(day, 20) for day in RECEIPTS], count
        ),
        "ours: receipt, with steps": per_second(
            lambda: [deadline(events, law) for events in plain], count
        ),
        "ours: receipt, consultation, extension, with steps": per_second(
            lambda: [deadline(events, law) for events in long], count
        ),
        "ours: the same from a line of JSON to a line of JSON": per_second(
            lambda: [line_of(found) for found in answer(lines, law)], count
        ),
    }
    print(f"{'deadlines per second (median of ' + str(ROUNDS) + ')':<56}{'1/s':>10}")
    for name, speed in speeds.items():
        print(f"  {name:<54}{speed:>10,.0f}")

    off_by = []
    for day in RECEIPTS:
        true = deadline([ClockEvent("received", day)], law).last_day
        assert true is not None
        off_by.append((weekdays_less_holidays(day, off) - true).days)
    late = [days for days in off_by if days > 0]
    early = [days for days in off_by if days < 0]
    print(f"\n{f'the baseline on {count:,} receipt dates, {FIRST} to {LAST}':<56}{'dates':>10}")
    rows = [("right", count - len(late) - len(early)), ("too late", len(late))]
    rows += [("too early", len(early)), ("at worst, days too late", max(late, default=0))]
    for name, figure in rows:
        print(f"  {name:<54}{figure:>10,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
