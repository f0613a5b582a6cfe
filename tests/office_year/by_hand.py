"""The last day and the row, counted by another hand: from the Regulation and the notices alone.

It shares no line with models/: holidays are read from the notices as published, days are walked one
by one. It answers for plain courses only, and says so of every other by None.
"""

from __future__ import annotations

import tomllib
from collections.abc import Container, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

DAY = timedelta(days=1)
PARTLY = "3.2"
REPLY_DAYS = 20  # Art. 33: within 20 working days of receipt
CORRECTION_DAYS = 7  # Art. 30: of receipt
OPINION_DAYS = 15  # Art. 32: from the day on which the party had the letter
TOUCHES_NO_LIMIT = {
    *("registered", "found_ours", "found_elsewhere", "approved", "sent_back", "signed", "revised"),
    *("secrecy_cleared", "contact_tried", "records_asked", "records_supplied", "assigned"),
    *("extension_drafted", "fee_notice_delivered", "correction_delivered", "letter_received"),
    *("drafted_granted", "drafted_refused", "drafted_unable", "drafted_other"),
    *("drafted_partly_granted", "drafted_not_handled"),
}

MET_BY = {"correction_requested": "corrected", "fee_noticed": "fee_paid"}
OPINIONS = frozenset(
    {"consultation_started", "consultation_delivered", "consultation_ended", "third_party_told"}
)


class Told(NamedTuple):
    """One thing that was recorded of a case: what, the day it counts from, what was stated; the
    numbers of the letters that went out with it.
    """

    kind: str
    on: date
    facts: dict[str, Any]
    letters: tuple[str, ...] = ()


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
    application (30) and from the payment (42), up to 20 more once told (33); the days on which an
    opinion was awaited are not counted (33); anew from the order to answer again that sets no term
    (51), which waits for no notice of before. What was told when the limit was over moves nothing.
    None where the limit stands still, or the course is not a plain one; nor is one in which an opinion
    was still awaited when the count began anew: whether it is waited for on is the office's choice.
    """
    begun: date | None = None
    more, awaits, answered = 0, "", False
    idle = set[int]()  # what was told too late, by its place
    for n, one in enumerate(told):
        match one.kind:
            case "received":
                begun = one.on
            case "consultation_started" | "extended" | "fee_noticed" | "correction_requested":
                moves = begun and not awaits and _in_time(told, n, begun, more, idle, count)
                if moves is None:
                    return None
                if moves:
                    more += int(one.facts["days"]) if one.kind == "extended" else 0
                    awaits = MET_BY.get(one.kind, "")
                else:
                    idle.add(n)
            case "corrected" | "fee_paid" if awaits == one.kind:
                begun, more, awaits = one.on, 0, ""
            case "redecision_ordered" if answered and not one.facts.get("term"):
                begun, more, awaits, answered = one.on, 0, "", False
            case "replied":
                answered = True
            case kind if kind in TOUCHES_NO_LIMIT | OPINIONS | {*MET_BY.values()}:
                pass
            case _:
                return None
    paused = uncounted(told, count, idle)
    if begun is None or awaits or paused is None or _anew_while_asked(told):
        return None
    return _counted(begun, more, paused, count)


def _counted(begun: date, more: int, paused: set[date], count: Count) -> date:
    """The last day: none on which an opinion was still awaited, and no rest day (民法典 203)."""
    days = sum(count.is_workday(day) for day in paused if day > begun)
    last = count.after(begun, REPLY_DAYS + more + days)
    while last + DAY in paused or not count.is_workday(last):
        last += DAY
    return last


def _in_time(
    told: Sequence[Told], n: int, begun: date, more: int, idle: set[int], count: Count
) -> bool | None:
    """Whether what was told at that place moves the limit: before it is over (33; 收费办法: the notice
    goes out within the time for handling), an extension once; a request to correct the first time,
    within 7 working days of receipt (30). None where that cannot be told by hand.
    """
    one, before = told[n], told[:n]
    if more and one.kind == "extended":
        return False
    if one.kind == "correction_requested":
        received = next(each.on for each in before if each.kind == "received")
        first = all(each.kind != one.kind for each in before)
        return first and one.on <= count.after(received, CORRECTION_DAYS)
    if one.on <= count.after(begun, REPLY_DAYS + more):
        return True
    paused = uncounted(before, count, idle)
    return None if paused is None else one.on <= _counted(begun, more, paused, count)


def uncounted(told: Sequence[Told], count: Count, idle: Container[int] = ()) -> set[date] | None:
    """The days on which an opinion was awaited; None while one still is. None is awaited once the reply
    has gone out, nor one that was asked for when the limit was over (idle: by its place).
    """
    asked: dict[str, date] = {}
    delivered: dict[str, date] = {}
    late = set[str]()
    paused, serial = set[date](), 0
    for n, one in enumerate(told):
        ref = str(one.facts.get("ref"))
        if one.kind == "consultation_started":
            serial += 1
            if n in idle:
                late.add(str(serial))
            else:
                asked[str(serial)] = one.on
        elif one.kind == "consultation_delivered":
            delivered[ref] = one.on
        elif one.kind == "consultation_ended" and ref not in asked:
            if ref not in late:
                return None
            continue
        for each in [ref] if one.kind == "consultation_ended" else [*asked]:
            if one.kind in ("consultation_ended", "replied"):
                sent = asked.pop(each)
                paused |= awaited(sent, one.on, delivered.get(each, sent), count)
    return None if asked else paused


def _anew_while_asked(told: Sequence[Told]) -> bool:
    """Whether the count began anew while an opinion was awaited that had been asked for before."""
    anew = [(n, one.on) for n, one in enumerate(told) if one.kind in MET_BY.values()]
    return any(sent < on for n, on in anew for sent in still_asked(told[:n]))


def still_asked(told: Sequence[Told]) -> list[date]:
    """When those opinions were asked for that have not come."""
    asked: dict[str, date] = {}
    for one in told:
        if one.kind == "consultation_started":
            asked[str(len(asked) + 1)] = one.on
        elif one.kind == "consultation_ended":
            asked[str(one.facts.get("ref"))] = date.max
    return [sent for sent in asked.values() if sent < date.max]


def awaited(sent: date, until: date, delivered: date, count: Count) -> set[date]:
    """The days on which an opinion was awaited: to the answer, at most 15 working days from the day on
    which the party had the letter (32).
    """
    end = min(until, count.after(delivered, OPINION_DAYS))
    return {sent + n * DAY for n in range(1, (end - sent).days + 1)}


def is_plain(told: Sequence[Told], closing: frozenset[str] = frozenset({"replied"})) -> bool:
    """Whether the row of a case can be told by hand: answered once, and nothing became of it."""
    plain = TOUCHES_NO_LIMIT | {"received", "corrected", "fee_paid", "extended"} | closing
    plain |= {"correction_requested", "fee_noticed"} | OPINIONS
    return {one.kind for one in told} <= plain


DELIVERED = {"correction_requested": "correction_delivered", "fee_noticed": "fee_notice_delivered"}


def waited_for(told: Sequence[Told], count: Count) -> Told | None:
    """The notice to correct (30) or to pay (42) for which the limit stands still; None where there is
    none, or it came too late for that.
    """
    beside = {"contact_tried", "assigned", *DELIVERED.values()}
    place = max((n for n, one in enumerate(told) if one.kind not in beside), default=0)
    notice = told[place] if told else None
    if notice is None or notice.kind not in DELIVERED:
        return None
    limit = last_day(told[:place], count)
    if limit is None or notice.on > limit:
        return None
    received = next(one.on for one in told if one.kind == "received")
    late = notice.kind == "correction_requested" and notice.on > count.after(
        received, CORRECTION_DAYS
    )
    return None if late else notice


def is_plain_or_ordered(told: Sequence[Told]) -> bool:
    """Whether the last day of a case can be told by hand: as of a plain one, also answered again by
    order (51).
    """
    return is_plain(told, frozenset({"replied", "redecision_ordered"}))


def row_of(told: Sequence[Told], rows: dict[str, str]) -> str | None:
    """The row of table 三 in which an answered case is counted: that of its last draft (50)."""
    if not any(one.kind == "replied" for one in told):
        return None
    drafts = [one for one in told if one.kind.startswith("drafted_")]
    outcome = drafts[-1].facts.get("outcome") or drafts[-1].kind.removeprefix("drafted_")
    return rows.get(str(outcome))


def row_when_supplemented(told: Sequence[Told], rows: dict[str, str]) -> str | None:
    """The row of a case that was answered, and supplemented by order while its reply stood: the one
    row of all its replies, or that of what is given in part (50); None of any other course.
    """
    orders = [one for one in told if one.kind == "redecision_ordered"]
    kinds = {one.kind for one in told} - {"redecision_ordered"}
    if not orders or not kinds <= TOUCHES_NO_LIMIT | {"received", "replied"}:
        return None
    if any(one.facts.get("holds") != "yes" for one in orders) or told[-1].kind != "replied":
        return None
    drafts, found = list[str](), set[str | None]()
    for one in told:
        if one.kind.startswith("drafted_"):
            drafts.append(str(one.facts.get("outcome") or one.kind.removeprefix("drafted_")))
        elif one.kind == "replied":
            found.add(rows.get(drafts[-1]))
    if None in found:
        return None
    return found.pop() if len(found) == 1 else PARTLY if "3.1" in found else None


def cells_of(
    kind: str, told: Sequence[Told], rows: dict[str, str], year: int, *, by_correction: bool = False
) -> set[tuple[str, str]]:
    """The cells of table 三 of a year in which a case of a plain course is counted, row and column:
    as new or carried in, and as answered or carried over (50).

    by_correction = one that was corrected is new in the year of the correction
    """
    new = ("received", "corrected") if by_correction else ("received",)
    received = max((one.on for one in told if one.kind in new), default=None)
    if received is None or received.year > year:
        return set()
    answered = next((one.on for one in told if one.kind == "replied"), None)
    if answered and answered.year < year:
        return set()
    row = row_of(told, rows) if answered and answered.year == year else "4"
    assert row is not None
    return {("1" if received.year == year else "2", kind), (row, kind)}


def forbidden(told: Sequence[Told]) -> set[str]:
    """What no form may offer, by what was recorded before: a second request to correct (30), a second
    extension of one count (33), what goes out unsigned, and is signed unread (45).
    """
    kinds = [one.kind for one in told]
    since = max((n for n, kind in enumerate(kinds) if kind in ("corrected", "fee_paid")), default=0)
    drafted = max((n for n, kind in enumerate(kinds) if kind.startswith("drafted_")), default=None)
    after = kinds[drafted:] if drafted is not None else []
    found: set[str] = set()
    if "correction_requested" in kinds:
        found.add("correction_requested")
    if "extended" in kinds[since:]:
        found |= {"extended", "extension_drafted"}
    if "signed" not in after:
        found.add("replied")
    if "approved" not in after:
        found.add("signed")
    return found


def due_today(last: date, today: date, before: Sequence[int], count: Count) -> bool:
    """Whether an alert of the limit for the reply falls on this working day: so many days before, on
    the last day, and every working day after it.
    """
    if today > last:
        return True
    left = 0
    while today < last:
        today += DAY
        left += count.is_workday(today)
    return left in (0, *before)
