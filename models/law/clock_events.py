"""What happened to the clock, and in what order do the events of one day count? Always in the same.

A limit is counted by days, so two letters of one day count the same in either order: what frees the
clock comes first (an answer, a correction, a payment), then what is asked of others, then what stops
it, then the reply. Only a decision and our own reply of one day stay as they were recorded: which of
them came first says whether the decision was answered; and what was told after both of them moves the
limit that the decision began (33, 51), not the one that the reply had ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from models.errors import ImpossibleHistory
from models.law.consultation import Consultation, Party
from models.law.pauses import OpenCause
from models.law.rules import ClockEffect, ClockRule
from models.law.statute import Statute


class ClockEvent(NamedTuple):
    """One event that the clock knows (kinds: config/statute/clock.toml), on its legal date.

    days          working days allowed, or added
    until         the day named instead of a number of days (Art. 35; a term in calendar days)
    delivered_on  the day the letter reached whoever it is for, if that is not `on`
    moved_by      kinds of events that may move the term of this order by its own words (Art. 51)
    """

    kind: str
    on: date
    days: int | None = None
    party: Party | None = None
    ref: str = ""
    delivered_on: date | None = None
    until: date | None = None
    moved_by: frozenset[str] = frozenset()

    @property
    def sets_term(self) -> bool:
        """Whether an order sets a term of its own; without one the statutory one counts."""
        return self.days is not None or self.until is not None


BEGUN_BY: dict[str, type[OpenCause]] = {"consultation_started": Consultation}
"""Kind of event with the effect `pause` (clock.toml) → what stops the count from then on."""

CHECKED: frozenset[ClockEffect] = frozenset({"resume", "halt", "add", "defer"})
"""Effects of the events of which something must be stated (`check`)."""
MOVING: frozenset[ClockEffect] = frozenset({"halt", "pause", "add", "defer"})
RANK: dict[ClockEffect, int] = {
    "start": 0,
    "resume": 1,
    "restart": 2,
    "reopen": 3,
    "pause": 4,
    "add": 5,
    "defer": 6,
    "halt": 7,
    "stop": 9,
}
FIRST = 10_000  # before whatever else of that rank
LATER = 10  # not possible yet: what it answers is of the same day


def check(event: ClockEvent, rule: ClockRule, law: Statute) -> None:
    """What an event must state (contract: Events); ImpossibleHistory names the field.

    What one that pauses must state, its cause knows (`OpenCause.of`).
    """
    match rule.effect:
        case "resume" if not event.ref:
            raise ImpossibleHistory(f"{event.on} {rule.label}，应写明所答复的编号 ref")
        case "halt" if rule.article == "30" and event.days is None:
            raise ImpossibleHistory(f"{event.on} {rule.label}，应写明所给的期限 days（工作日）")
        case "add":
            most = law.period("extension", event.on).days
            if event.days is None or not 1 <= event.days <= most:
                raise ImpossibleHistory(f"延长答复期限应为1至{most}个工作日，而不是 {event.days}")
        case "defer" if event.until is None or event.until <= event.on:
            raise ImpossibleHistory(
                f"{event.on} {rule.label}，应写明其后的答复日期 until（条例第三十五条）"
            )


class _Known:
    """What is open when a day begins: letters without an answer, notices waited for, a reply."""

    def __init__(self, law: Statute) -> None:
        self.law = law
        self.open: list[str] = []
        self.replied = False

    def take(self, event: ClockEvent) -> None:
        """Note what an event opens or closes."""
        rule = self.law.clock.get(event.kind)
        match rule.effect if rule else None:
            case "pause":
                self.open.append(f"{BEGUN_BY[event.kind].ended_by}.{event.ref}")
            case "halt":
                self.open.append(f"{rule.article if rule else ''}.")
            case "resume" | "restart" if (name := self._answers(event)) in self.open:
                self.open.remove(name)
            case "stop":
                self.replied = True
            case "reopen":
                self.replied = False
                if event.kind == "redecision_ordered":  # it waits for no notice of before
                    self.open = [name for name in self.open if not name.endswith(".")]

    def _answers(self, event: ClockEvent) -> str:
        rule = self.law.clock[event.kind]
        return f"{event.kind}.{event.ref}" if rule.effect == "resume" else f"{rule.article}."

    def place(self, event: ClockEvent, rest: Sequence[ClockEvent]) -> tuple[int, int, str]:
        """Where an event comes among the rest of its day: the lowest first.

        Of two of a kind the shorter extension and the longer correction come first: the one that
        counts is the applicant's.
        """
        rule = self.law.clock.get(event.kind)
        if rule is None:
            return 0, 0, ""
        days, rank = event.days or 0, RANK[rule.effect]
        match rule.effect:
            case "halt":
                rank, days = rank + (rule.article != "30"), -days
            case "defer" if event.until:
                days = event.until.toordinal()
            case "resume" | "restart" if self._answers(event) not in self.open:
                rank += LATER
            case "reopen" if self.replied:  # nothing but an answer can be before it
                withdrawn = event.kind == "reply_withdrawn"  # an order leaves no reply to withdraw
                rank, days = RANK["restart"], days - (2 if withdrawn else 1) * FIRST
            case "reopen" | "stop" if not self._turn(event, rule, rest):
                rank += LATER
        if rule.effect in MOVING and not self.replied and _ordered_before(event, rest):
            rank += 2 * LATER  # it is of the time that the order gives
        return rank, days, event.ref

    def _turn(self, event: ClockEvent, rule: ClockRule, rest: Sequence[ClockEvent]) -> bool:
        """Whether it is a reply's turn, or a decision's: as recorded, where both can be."""
        if self.replied or event.kind == "reply_withdrawn":
            return self.replied is (rule.effect == "reopen")
        earlier = [one.kind for one in rest[: rest.index(event)]]
        return ("redecision_ordered" if rule.effect == "stop" else "replied") not in earlier


def _ordered_before(event: ClockEvent, rest: Sequence[ClockEvent]) -> bool:
    """Whether our reply of this day, and then the order to answer again, were recorded before (51)."""
    earlier = [one.kind for one in rest[: rest.index(event)]]
    return "replied" in earlier and "redecision_ordered" in earlier[earlier.index("replied") :]


def in_order(events: Sequence[ClockEvent], law: Statute) -> Iterator[ClockEvent]:
    """The events, those of one day in the order in which they count."""
    if len(events) < 2 or len(set(map(_day, events))) == len(events):
        return iter(events)
    return _day_by_day(events, law)


def _day_by_day(events: Sequence[ClockEvent], law: Statute) -> Iterator[ClockEvent]:
    known = _Known(law)
    for _, same in groupby(events, key=_day):
        for rest in _stretches(list(same), law):
            while rest:
                first = min(rest, key=partial(known.place, rest=rest))
                rest.remove(first)
                known.take(first)
                yield first


def _stretches(same: list[ClockEvent], law: Statute) -> Iterator[list[ClockEvent]]:
    """The events of a day; after a notice that was met on its own day, the clock began again."""
    asked, found = set[str](), list[ClockEvent]()
    for event in same:
        rule = law.clock.get(event.kind)
        found.append(event)
        if rule and rule.effect == "halt":
            asked.add(rule.article)
        elif rule and rule.effect == "restart" and rule.article in asked:
            yield found
            asked, found = set(), []
    yield found


_day = attrgetter("on")
