"""The last day and the row, counted by another hand: from the Regulation and the notices alone.

It shares no line with models/: holidays are read from the notices as published, days are walked one
by one. It answers for plain courses only, and says so of every other by None.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

DAY = timedelta(days=1)
REPLY_DAYS = 20  # Art. 33: within 20 working days of receipt
TOUCHES_NO_LIMIT = {
    *("registered", "found_ours", "found_elsewhere", "approved", "sent_back", "signed", "revised"),
    *("secrecy_cleared", "contact_tried", "records_asked", "records_supplied", "assigned"),
    *("extension_drafted", "fee_notice_delivered", "correction_delivered", "letter_received"),
    *("drafted_granted", "drafted_refused", "drafted_unable", "drafted_other"),
    *("drafted_partly_granted", "drafted_not_handled"),
}


class Told(NamedTuple):
    """One thing that was recorded of a case: what, the day it counts from, what was stated."""

    kind: str
    on: date
    facts: dict[str, Any]


class Unpublished(Exception):
    """A day of a year whose holidays nobody has announced yet."""


@cache
def holidays(folder: Path, year: int, _stamp: float) -> tuple[frozenset[date], frozenset[date]]:
    """The days off and the weekend days worked of a year, by its notices; a later notice on the
    same festival takes the place of the earlier.
    """
    told = tomllib.loads((folder / f"{year}.toml").read_text("utf-8"))
    by_name: dict[str, dict[str, Any]] = {}
    for paper in sorted(told["papers"], key=lambda one: one["dated"]):
        by_name |= {one["name"]: one for one in paper["holidays"]}
    rest: set[date] = set()
    for one in by_name.values():
        spans = [one["rest"]] if one["rest"] and isinstance(one["rest"][0], date) else one["rest"]
        for first, last in ((span[0], span[-1]) for span in spans if span):
            rest |= {first + n * DAY for n in range((last - first).days + 1)}
    worked = {day for one in by_name.values() for day in one["work"]}
    return frozenset(rest), frozenset(worked)


class Count:
    """Working days by the notices in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def is_workday(self, day: date) -> bool:
        path = self._folder / f"{day.year}.toml"
        if not path.exists():
            raise Unpublished(day.year)
        rest, worked = holidays(self._folder, day.year, path.stat().st_mtime)
        return day in worked or (day.weekday() < 5 and day not in rest)

    def after(self, day: date, days: int) -> date:
        """The last of so many working days, the first of which follows `day`."""
        while days:
            day += DAY
            days -= self.is_workday(day)
        return day


def last_day(told: Sequence[Told], count: Count) -> date | None:
    """Until when the agency must answer: 20 working days from receipt (33), anew from the corrected
    application (30) and from the payment (42), up to 20 more once told (33). None where the limit
    stands still, or the course is not a plain one.
    """
    begun: date | None = None
    more, stands_still = 0, False
    for one in told:
        match one.kind:
            case "received":
                begun = one.on
            case "correction_requested" if begun and one.on <= count.after(begun, 7):
                stands_still = True
            case "fee_noticed":
                stands_still = True
            case "corrected" | "fee_paid":
                begun, more, stands_still = one.on, 0, False
            case "extended":
                more = int(one.facts["days"])
            case kind if kind in TOUCHES_NO_LIMIT:
                pass
            case _:
                return None
    if begun is None or stands_still:
        return None
    return count.after(begun, REPLY_DAYS + more)


def is_plain(told: Sequence[Told], closing: frozenset[str] = frozenset({"replied"})) -> bool:
    """Whether the row of a case can be told by hand: answered once, and nothing became of it."""
    plain = TOUCHES_NO_LIMIT | {"received", "corrected", "fee_paid", "extended"} | closing
    plain |= {"correction_requested", "fee_noticed", "consultation_started"}
    plain |= {"consultation_delivered", "consultation_ended", "third_party_told"}
    return {one.kind for one in told} <= plain


def row_of(told: Sequence[Told], rows: dict[str, str]) -> str | None:
    """The row of table 三 in which an answered case is counted: that of its last draft (50)."""
    if not any(one.kind == "replied" for one in told):
        return None
    drafts = [one for one in told if one.kind.startswith("drafted_")]
    outcome = drafts[-1].facts.get("outcome") or drafts[-1].kind.removeprefix("drafted_")
    return rows.get(str(outcome))
