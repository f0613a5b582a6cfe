"""The limit for the reply: a table a lawyer can read, a count by hand, and what must always hold."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from models.errors import CalendarNotPublished, DisclosureError, ImpossibleHistory, NoRuleInForce
from models.law.clock_events import in_order
from models.law.deadline import ClockEvent, Deadline, deadline
from models.law.statute import Statute
from models.law.statute_files import load
from models.law.workdays import Calendar

CONFIG = Path(__file__).parents[1] / "config"
LAW = load(CONFIG).with_calendar(Calendar.load(CONFIG / "workdays", hide=[2027]))
"""As before the notice of 2027: the table says what is provisional then."""
DAY = timedelta(days=1)
TABLE = tomllib.loads((Path(__file__).parent / "cases" / "deadlines.toml").read_text("utf-8"))
CASES: list[dict[str, Any]] = TABLE["case"]
FIELDS = {"name", "article", "events", "choices", "last_day", "suspended", "provisional", "timely"}
FRAGMENTS = {"warnings", "explains", "error"}


def on(month: int, day: int) -> date:
    return date(2026, month, day)


def clock_event(moved_by: Iterable[str] = (), **event: Any) -> ClockEvent:
    return ClockEvent(moved_by=frozenset(moved_by), **event)


def why(found: Deadline) -> str:
    return "\n".join(step.why for step in found.steps)


# ── the table ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_table_holds(case: dict[str, Any]) -> None:
    assert case.keys() <= FIELDS | FRAGMENTS, "a field that nothing checks"
    law = LAW.under(**case.get("choices", {}))
    events = [clock_event(**event) for event in case["events"]]
    if "error" in case:
        with pytest.raises(DisclosureError) as fault:
            deadline(events, law)
        assert case["error"] in str(fault.value)
        return
    found = deadline(events, law)
    assert found.last_day == case.get("last_day")
    assert found.suspended == case.get("suspended", False)
    assert found.provisional == case.get("provisional", False)
    assert len(found.warnings) == len(case.get("warnings", [])), found.warnings
    for fragment, warning in zip(case.get("warnings", []), found.warnings, strict=True):
        assert fragment in warning
    for fragment in case.get("explains", []):
        assert fragment in why(found)
    again = [one for one in events if one.kind in ("reply_withdrawn", "redecision_ordered")]
    assert again or found.steps[0].start == events[0].on
    for step, after in pairwise(found.steps):  # what ran to a reply set aside is not told of
        assert len(again) > 1 or step.end == after.start, (step, after)
    if "timely" in case:
        assert found.timely == case["timely"]
    if found.last_day and found.last_day < on(12, 1) and not found.provisional:
        assert by_hand(events, case.get("choices", {})) == case["last_day"]


def test_the_names_in_the_table_are_not_used_twice() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES)


def test_every_kind_of_event_stands_in_the_table() -> None:
    kinds = {event["kind"] for case in CASES if "error" not in case for event in case["events"]}
    assert kinds == LAW.clock.keys()


def test_each_disputed_point_of_the_clock_is_shown_with_another_choice() -> None:
    shown = {key for case in CASES for key in case.get("choices", {})}
    assert shown == CHOICES.keys() | {*TOLD, "order_without_term"}


def test_each_disputed_point_of_the_clock_has_a_name_to_be_told_by() -> None:
    for key in (*CHOICES, *TOLD):
        told = LAW.practice(key, on(3, 2))
        assert re.fullmatch(r"本机关的选择“[^”]{4,}”：.{4,}", told), told


@pytest.mark.parametrize(
    ("first", "fault"),
    [
        (date(2019, 5, 14), NoRuleInForce),
        (date(2028, 12, 20), CalendarNotPublished),
    ],
)
def test_a_day_nothing_is_known_of_is_an_error(first: date, fault: type[DisclosureError]) -> None:
    with pytest.raises(fault):
        deadline([ClockEvent("received", first)], LAW)


# ── counted by hand, day by day ─────────────────────────────────────────────────────────────────
@dataclass
class Letter:
    """A consultation as the count by hand knows it."""

    sent: date
    party: str
    delivered: date | None
    answered: date | None = None
    closed: date | None = None

    @property
    def over(self) -> date | None:
        return min((day for day in (self.answered, self.closed) if day), default=None)


@dataclass
class Running:
    """One run as the count by hand knows it."""

    start: date
    letters: dict[str, Letter] = field(default_factory=dict)
    told: date | None = None
    added: int = 0
    whole: int = 20
    until: date | None = None
    deferred: date = date.min
    waits: list[tuple[date, date]] = field(default_factory=list)
    ordered: bool = False
    moved_by: frozenset[str] = frozenset()

    def fixed(self, kind: str) -> bool:
        return self.ordered and kind in MOVERS and kind not in self.moved_by


MOVERS = ("correction_requested", "consultation_started", "extended", "fee_noticed", "deferred")


@cache
def works(day: date) -> bool:
    return LAW.calendar.is_workday(day)


def step_on(day: date, count: int) -> date:
    while count:
        day += DAY
        count -= works(day)
    return day


def days_after(start: date, end: date) -> list[date]:
    """The days (start, end]."""
    return [start + n * DAY for n in range(1, (end - start).days + 1)]


def term(event: ClockEvent) -> int:
    """The working days of a term for a new reply."""
    if event.until is None:
        return event.days or 20
    worked = [day for day in days_after(event.on, event.until) if works(day)]
    return len(worked) + (not works(event.until))


class ByHand:
    """A count by walking from day to day: the last working day before a 21st is used up."""

    def __init__(self, events: list[ClockEvent], choices: dict[str, str]) -> None:
        self.events, self.choices = events, choices
        self.run, self.received = Running(events[0].on), events[0].on
        self.stopped, self.asked_once = "", False
        self.replied: date | None = None
        self.before: list[Running] = []  # whose replies we withdrew ourselves
        self.barred = self.withdrawn = self.asked_after_withdrawal = False
        self.noticed = date.min

    def chosen(self, key: str) -> str:
        return self.choices.get(key, LAW.choice(key, self.received))

    def lapse(self, letter: Letter) -> date:
        return step_on(letter.delivered or letter.sent, 15)

    def end(self, letter: Letter) -> date:
        lapse, open_ended = self.lapse(letter), self.chosen("other_agency_lapse") == "until_answer"
        if letter.over is None:
            return lapse
        if letter.party == "other_agency" and open_ended:
            return letter.over
        return min(letter.over, lapse)

    def paused(self, letter: Letter, day: date) -> bool:
        end = self.end(letter)
        if self.chosen("pause_boundary") == "after_sending":
            return letter.sent < day <= end
        silent = letter.over is None or letter.over > end
        whole = silent and self.chosen("lapse_day") == "not_counted"
        return letter.sent <= day < end or (whole and day == end)

    def limit(self, letters: list[Letter], added: int) -> date:
        run = self.run
        allowed, used, last, day = run.whole + added, 0, run.start, run.start
        while True:
            day += DAY
            if not works(day):
                continue
            waited = any(begin < day <= end for begin, end in run.waits)
            used += not (waited or any(self.paused(one, day) for one in letters))
            if used > allowed:
                break
            last = day
        over = self.chosen("pause_boundary") == "after_sending" and any(
            one.sent <= last < self.end(one) < day for one in letters
        )
        over = over or any(begin <= last < end < day for begin, end in run.waits)
        if over and self.chosen("pause_over_on_rest_day") == "next_workday":
            last = day
        return max(last, self.put_off(letters) or last)

    def put_off(self, letters: list[Letter]) -> date | None:
        """The later day told, put off by the days that letters sent since take, where that is chosen."""
        until = self.run.until
        if until is None or self.chosen("consultation_after_deferral") == "fixed":
            return until
        later = [one for one in letters if self.run.deferred < one.sent <= until]
        days = days_after(self.run.deferred, max([until, *map(self.end, later)]))
        taken = [day for day in days if works(day) and any(self.paused(one, day) for one in later)]
        return step_on(until, len(taken))

    def effective(self) -> list[Letter]:
        """The letters sent while the limit ran, or while it was stopped by another letter."""
        found: list[Letter] = []
        for one in sorted(self.run.letters.values(), key=lambda letter: letter.sent):
            unproved = one.delivered is None and one.answered is None
            if unproved and self.chosen("undelivered_letter") == "nothing":
                continue
            added = self.run.added if self.run.told and self.run.told <= one.sent else 0
            if one.sent <= max([self.limit(found, added), *(self.end(each) for each in found)]):
                found.append(one)
            else:
                break
        return found

    def running(self) -> date:
        found = self.limit(self.effective(), self.run.added)
        if not self.before:
            return found
        run, runs = self.run, [*self.before, self.run]
        self.run = Running(self.before[0].start, whole=40)
        self.run.letters = {
            f"{n}{name}": one for n, each in enumerate(runs) for name, one in each.letters.items()
        }
        self.run.waits = [wait for each in runs for wait in each.waits]
        most, self.run = self.limit(self.effective(), 0), run
        return min(found, most)

    def stops(self, event: ClockEvent) -> bool:
        """Whether a notice stops the clock: asked once and in time, or a fee within the limit."""
        if event.kind == "fee_noticed":
            return event.on >= date(2021, 1, 1) and event.on <= self.running()
        late = event.on > step_on(self.received, 7)
        again, self.asked_once = self.asked_once, True
        revived = self.chosen("late_correction_notice") == "restart" and event.on <= self.running()
        return not again and (not late or revived)

    def restart(self, event: ClockEvent) -> None:
        key = "pause_over_payment" if event.kind == "fee_paid" else "pause_over_correction"
        if self.asked_after_withdrawal and self.chosen("restart_after_withdrawal") == "rest":
            self.run.waits.append((self.noticed, event.on))
            self.stopped = ""
            return
        old, self.run, self.stopped = self.run, Running(event.on), ""
        self.run.letters = {
            name: one
            for name, one in old.letters.items()
            if one.answered is None and (one.sent == event.on or self.chosen(key) == "not_counted")
        }
        if self.chosen("extension_after_restart") == "stands":
            self.run.told, self.run.added, self.run.until = old.told, old.added, old.until

    def sent(self, event: ClockEvent, name: str) -> None:
        self.run.letters[name] = Letter(event.on, event.party or "", event.delivered_on)

    def answered(self, event: ClockEvent) -> None:
        for name, letter in self.run.letters.items():
            if name.startswith(event.ref) and letter.answered is None:
                letter.answered = event.on

    def reopen(self, event: ClockEvent) -> None:
        unanswered, ours = (
            self.replied is None and not self.stopped,
            event.kind == "reply_withdrawn",
        )
        self.replied = None
        self.withdrawn = ours or (self.withdrawn and not (event.days or event.until))
        for letter in self.run.letters.values():
            letter.closed = None
        self.barred = ours and bool(self.barred or self.run.told)
        if ours and (self.run.ordered or self.chosen("withdrawn_reply_limit") == "original"):
            return
        self.before = [*self.before, self.run] if ours else []
        without = not event.days and not event.until
        running = unanswered and without and self.chosen("order_without_term") == "running"
        if running and event.on <= self.running():
            return
        self.run, self.stopped = Running(event.on, whole=term(event)), ""
        self.run.ordered, self.run.moved_by = bool(event.days or event.until), event.moved_by

    def last_day(self) -> date | None:
        for number, event in enumerate(self.events):
            void = self.run.fixed(event.kind) or (self.stopped and event.kind in MOVERS)
            match "" if void else event.kind:
                case "correction_requested" | "fee_noticed" if self.stops(event):
                    noticed = event.kind == "fee_noticed"
                    self.stopped = "fee_paid" if noticed else "corrected"
                    self.noticed, self.asked_after_withdrawal = event.on, self.withdrawn
                case "corrected" | "fee_paid" if self.stopped == event.kind:
                    self.restart(event)
                case "consultation_started":
                    again = event.ref in self.run.letters
                    self.sent(event, f"{event.ref}{number}" if again else event.ref)
                case "consultation_ended":
                    self.answered(event)
                case "extended":
                    self.extend(event)
                case "deferred" if not self.run.until and event.on <= self.running():
                    self.run.until, self.run.deferred = event.until, event.on
                case "replied":
                    self.replied = event.on
                    for letter in self.run.letters.values():
                        letter.closed = event.on if letter.answered is None else None
                case "redecision_ordered" | "reply_withdrawn":
                    self.reopen(event)
        return None if self.stopped else self.running()

    def extend(self, event: ClockEvent) -> None:
        total = self.run.added + (event.days or 0)
        barred = self.run.told and (self.chosen("second_extension") == "once" or total > 20)
        if not barred and not self.barred and event.on <= self.running():
            self.run.told, self.run.added = event.on, total


def by_hand(events: list[ClockEvent], choices: dict[str, str]) -> date | None:
    return ByHand(list(in_order(events, LAW)), choices).last_day()


class History(NamedTuple):
    """A history drawn by lot, under choices drawn by lot, and what we answer."""

    events: list[ClockEvent]
    choices: dict[str, str]
    found: Deadline


TOLD = ("withdrawn_reply_limit", "restart_after_withdrawal", "consultation_after_deferral")
CHOICES = {
    "pause_boundary": ("after_sending", "from_sending"),
    "late_correction_notice": ("no_restart", "restart"),
    "other_agency_lapse": ("fifteen_days", "until_answer"),
    "pause_over_correction": ("counted", "not_counted"),
    "pause_over_payment": ("counted", "not_counted"),
    "extension_after_restart": ("falls", "stands"),
    "pause_over_on_rest_day": ("next_workday", "last_workday"),
    "lapse_day": ("not_counted", "counted"),
    "undelivered_letter": ("from_sending", "nothing"),
    "second_extension": ("once", "total"),
}
DRAWN = {
    "received",
    "correction_requested",
    "corrected",
    "consultation_started",
    "consultation_ended",
    "extended",
    "fee_noticed",
    "fee_paid",
}
PARTIES = ("third_party", "other_agency", "joint_agency")


def draw(lot: random.Random, first: date, last: date) -> list[ClockEvent]:
    """A possible history: receipt in [first, last], then consultations, extension, correction, fee."""
    day = first + lot.randrange((last - first).days + 1) * DAY
    events = [ClockEvent("received", day)]
    pending: list[str] = []
    corrected = told = False
    for number in range(lot.randrange(9)):
        day += lot.choice((0, 0, 1, 1, 2, 3, 5, 8, 13)) * DAY
        match lot.choice(("send", "send", "send", "answer", "answer", "extend", "correct", "fee")):
            case "send":
                delivered = lot.choice((None, day, day + 2 * DAY, day + 9 * DAY))
                ref = f"{number}."
                events.append(
                    ClockEvent(
                        "consultation_started",
                        day,
                        party=lot.choice(PARTIES),  # type: ignore[arg-type]
                        ref=ref,
                        delivered_on=delivered,
                    )
                )
                pending.append(ref)
            case "answer" if pending:
                ref = pending.pop(lot.randrange(len(pending)))
                events.append(ClockEvent("consultation_ended", day, ref=ref))
            case "extend" if not told:
                told = True
                events.append(ClockEvent("extended", day, days=lot.randrange(1, 21)))
            case "correct" if not corrected and number < 4:
                corrected, told = True, False
                events.append(ClockEvent("correction_requested", day, days=10))
                day += lot.randrange(20) * DAY
                events.append(ClockEvent("corrected", day))
            case "fee" if lot.random() < 0.3:
                told = False
                events.append(ClockEvent("fee_noticed", day))
                day += lot.randrange(20) * DAY
                events.append(ClockEvent("fee_paid", day))
    return events


def histories(seed: int, count: int, first: date, last: date) -> Iterator[History]:
    """`count` possible histories; the refused (extended twice, a fee before 2021) are left out."""
    lot = random.Random(seed)
    while count:
        events = draw(lot, first, last)
        choices = {key: lot.choice(options) for key, options in CHOICES.items()}
        try:
            yield History(events, choices, deadline(events, LAW.under(**choices)))
        except (ImpossibleHistory, NoRuleInForce):
            continue
        count -= 1


@cache
def sample() -> list[History]:
    """Histories that end well before the calendar does."""
    return list(histories(2026, 3000, date(2021, 1, 4), date(2026, 4, 30)))


def test_thousands_of_histories_agree_with_a_count_by_hand() -> None:
    drawn = set()
    for events, choices, found in sample():
        assert found.last_day == by_hand(events, choices), (events, choices)
        drawn |= {event.kind for event in events}
    assert drawn == DRAWN


def test_every_receipt_date_agrees_with_a_count_by_hand() -> None:
    day = date(2019, 5, 15)
    while day <= date(2026, 12, 3):
        found = deadline([ClockEvent("received", day)], LAW)
        assert (found.last_day, found.provisional) == (step_on(day, 20), False), day
        day += DAY


# ── what must always hold ───────────────────────────────────────────────────────────────────────
def test_a_last_day_that_is_certain_is_a_working_day() -> None:
    for events, _, found in sample():
        assert found.last_day is None or works(found.last_day), events


def test_a_step_accounts_for_all_its_days() -> None:
    for events, _, found in sample():
        for step in found.steps:
            rests = [rest.day for rest in step.skipped]
            all_days = days_after(step.start, step.end)
            assert [day for day in all_days if not works(day)] == rests
            assert len(all_days) - len(rests) == step.working_days, (events, step)
            assert all(works(day) and day.weekday() > 4 for day, _ in step.worked)


def test_the_steps_follow_each_other_from_receipt_to_the_last_day() -> None:
    for events, _, found in sample():
        assert found.steps[0].start == events[0].on
        for step, after in zip(found.steps, found.steps[1:], strict=False):
            assert step.end == after.start, (events, step, after)
        if found.last_day:  # earlier only where a letter went out on the last day: see the table
            assert not any(works(day) for day in days_after(found.last_day, found.steps[-1].end))


def test_the_days_used_up_are_the_twenty_and_the_extension() -> None:
    judged = 0
    for events, _, found in sample():
        stops = [n for n, event in enumerate(events) if event.kind in ("corrected", "fee_paid")]
        if found.last_day is None or any("不重新计算" in warning for warning in found.warnings):
            continue
        run = max(stops, default=0)  # where the last run began
        told = [event.days or 0 for event in events[run:] if event.kind == "extended"]
        invalid = any("延期无效" in warning for warning in found.warnings)
        invalid = invalid or any("仍然有效" in step.why for step in found.steps)
        last_run = [step for step in found.steps if step.start >= events[run].on]
        counted = [step.working_days for step in last_run if step.article == "33"]
        free = [step.working_days for step in last_run if "不计入期限" in step.why]
        if not invalid:
            judged += 1
            assert sum(counted) - sum(free) == 20 + sum(told), (events, found)
    assert judged > 1000


def test_an_extension_never_makes_the_last_day_earlier() -> None:
    lot, later = random.Random(1), 0
    for events, choices, _ in sample():
        law = LAW.under(**choices)
        plain = [event for event in events if event.kind != "extended"]
        place = lot.randrange(1, len(plain) + 1)
        told = ClockEvent("extended", plain[place - 1].on, days=lot.randrange(1, 21))
        before = deadline(plain, law).last_day
        try:
            after = deadline([*plain[:place], told, *plain[place:]], law).last_day
        except ImpossibleHistory:
            continue  # told while nothing ran
        if before and after:
            assert after >= before, (plain, told)
            later += after > before
    assert later > 500


def test_a_consultation_never_makes_the_last_day_earlier() -> None:
    lot, later = random.Random(2), 0
    for events, choices, found in sample():
        day = events[-1].on + lot.randrange(12) * DAY
        letter = ClockEvent("consultation_started", day, party="third_party", ref="再")
        if found.last_day:
            after = deadline([*events, letter], LAW.under(**choices)).last_day
            assert after is not None
            assert after >= found.last_day, (events, letter)
            later += after > found.last_day
    assert later > 500


@cache
def before_notice(year: int) -> Statute:
    """The law with the calendar as it stood before the notice of `year` came out."""
    return LAW.with_calendar(Calendar.load(CONFIG / "workdays", hide=range(year, 2030)))


@pytest.mark.parametrize("year", range(2020, 2027))
def test_a_provisional_last_day_is_never_later_than_the_true_one(year: int) -> None:
    provisional = 0
    receipts = date(year - 1, 9, 1), date(year - 1, 12, 31)
    for events, choices, true in histories(year, 600, *receipts):
        known = deadline(events, before_notice(year).under(**choices))
        if known.last_day is None:
            assert true.last_day is None, events
            continue
        if true.last_day is None:
            continue  # told late by the earlier day: not stopped, which is the safe side
        assert known.last_day <= true.last_day, (events, choices)
        if not known.provisional:
            assert known.last_day == true.last_day, (events, choices)
        provisional += known.provisional
    assert provisional > 200


def test_a_provisional_last_day_of_a_plain_receipt_is_close() -> None:
    """Replayed day by day over 2020-2026: never later, and at most one festival's doubt earlier."""
    gaps = []
    for year in range(2020, 2027):
        day = date(year - 1, 11, 20)
        while day.year < year:
            known = deadline([ClockEvent("received", day)], before_notice(year))
            true = step_on(day, 20)
            assert known.last_day
            assert known.last_day <= true
            assert known.provisional or known.last_day == true
            gaps.append(sum(works(one) for one in days_after(known.last_day, true)))
            day += DAY
    assert max(gaps) <= 2
    assert sum(gaps) / len(gaps) < 1


# ── two letters of one day ──────────────────────────────────────────────────────────────────────
def letters_of_one_day(day: date) -> list[ClockEvent]:
    """Each kind of event once, as it may happen on this day."""
    return [
        ClockEvent("correction_requested", day, days=10),
        ClockEvent("corrected", day),
        ClockEvent("consultation_started", day, party="third_party", ref="甲"),
        ClockEvent("consultation_started", day, party="joint_agency", ref="乙"),
        ClockEvent("consultation_ended", day, ref="甲"),
        ClockEvent("consultation_ended", day, ref="丙"),
        ClockEvent("extended", day, days=5),
        ClockEvent("extended", day, days=10),
        ClockEvent("fee_noticed", day),
        ClockEvent("fee_paid", day),
        ClockEvent("deferred", day, until=date(2026, 5, 29)),
        ClockEvent("deferred", day, until=date(2026, 6, 30)),
        ClockEvent("replied", day),
        ClockEvent("reply_withdrawn", day),
        ClockEvent("redecision_ordered", day, days=15),
        ClockEvent("redecision_ordered", day),
    ]


BEFORE = {
    "nothing": [],
    "a consultation": [ClockEvent("consultation_started", on(3, 3), party="third_party", ref="丙")],
    "a correction awaited": [ClockEvent("correction_requested", on(3, 3), days=10)],
    "a payment awaited": [ClockEvent("fee_noticed", on(3, 3))],
    "an extension": [ClockEvent("extended", on(3, 3), days=5)],
    "a reply": [ClockEvent("replied", on(3, 3))],
}
AFTER = {
    "nothing": [],
    "paid": [ClockEvent("fee_paid", on(3, 20))],
    "corrected": [ClockEvent("corrected", on(3, 20))],
    "an answer": [ClockEvent("consultation_ended", on(3, 20), ref="甲")],
}
MET = ({"fee_noticed", "fee_paid"}, {"correction_requested", "corrected"})
TURNED = {"replied", "redecision_ordered"}  # which came first says whether a decision was answered


def answer_or_error(events: list[ClockEvent], law: Statute) -> object:
    """What is answered, or that the history cannot be; not in which words."""
    try:
        found = deadline(events, law)
    except ImpossibleHistory:
        return "impossible"
    return found.last_day, found.suspended, found.steps, found.warnings, found.counted


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("option", ["counted", "not_counted"])
def test_two_letters_of_one_day_count_the_same_in_either_order(before: str, option: str) -> None:
    law, possible = LAW.under(pause_over_payment=option, pause_over_correction=option), 0
    for day in (on(3, 10), on(3, 30), on(3, 31)):
        letters = letters_of_one_day(day)
        for one, other in permutations(letters, 2):
            if {one.kind, other.kind} == TURNED:
                continue
            for after in AFTER.values():
                start = [ClockEvent("received", on(3, 2)), *BEFORE[before]]
                found = answer_or_error([*start, one, other, *after], law)
                assert found == answer_or_error([*start, other, one, *after], law), (one, other)
                possible += found != "impossible"
    assert possible > 100


@pytest.mark.parametrize(("day", "stops"), [(on(3, 30), True), (on(3, 31), False)])
def test_a_fee_told_of_on_the_day_of_a_withdrawal_stops_the_limit_that_was_not_over(
    day: date, stops: bool
) -> None:
    """Withdrawing a late reply gives no fresh limit in which a fee could still be told of (收费办法)."""
    kinds = ("replied", "reply_withdrawn", "fee_noticed")
    events = [ClockEvent("received", on(3, 2)), *(ClockEvent(kind, day) for kind in kinds)]
    found = deadline(events, LAW)
    assert found.suspended is stops
    assert any("期限不停止、不重新计算" in one for one in found.warnings) is not stops


def test_thousands_of_histories_count_the_same_in_any_order_of_a_day() -> None:
    lot, mixed = random.Random(7), 0
    for events, choices, found in sample()[:1000]:
        days: dict[date, list[ClockEvent]] = {}
        for event in events:
            days.setdefault(event.on, []).append(event)
        for same in days.values():
            kinds = {event.kind for event in same}
            if not any(met <= kinds for met in MET):  # the clock began again within the day
                lot.shuffle(same)
        shuffled = [event for same in days.values() for event in same]
        assert deadline(shuffled, LAW.under(**choices)) == found, (events, shuffled)
        mixed += shuffled != events
    assert mixed > 200


# ── sentences ───────────────────────────────────────────────────────────────────────────────────
def test_the_explanation_keeps_the_run_that_the_correction_ended() -> None:
    found = deadline(
        [
            ClockEvent("received", on(3, 2)),
            ClockEvent("correction_requested", on(3, 4), days=10),
            ClockEvent("corrected", on(3, 12)),
        ],
        LAW,
    )
    assert [(step.article, step.start, step.end, step.working_days) for step in found.steps] == [
        ("33", on(3, 2), on(3, 4), 2),
        ("30", on(3, 4), on(3, 12), 6),
        ("33", on(3, 12), on(4, 10), 20),
    ]


def test_the_holidays_skipped_are_named() -> None:
    step = deadline([ClockEvent("received", on(9, 18))], LAW).steps[-1]
    assert {rest.name for rest in step.skipped} == {"周末", "中秋节", "国庆节"}
    assert step.worked == ((on(9, 20), "国庆节"), (on(10, 10), "国庆节"))


def test_a_new_notice_moves_the_limit_by_itself() -> None:
    received = [ClockEvent("received", date(2022, 12, 16))]
    before, after = deadline(received, before_notice(2023)), deadline(received, LAW)
    assert (before.last_day, before.provisional) == (date(2023, 1, 14), True)
    assert (after.last_day, after.provisional) == (date(2023, 1, 16), False)


def test_a_reply_while_nothing_runs_is_neither_late_nor_in_time() -> None:
    events = [
        ClockEvent("received", on(3, 2)),
        ClockEvent("correction_requested", on(3, 4), days=5),
        ClockEvent("replied", on(3, 20)),
    ]
    found = deadline(events, LAW)
    assert (found.last_day, found.timely, found.replied_on) == (None, None, on(3, 20))


@pytest.mark.parametrize(("opens", "last"), [("reply_withdrawn", on(4, 10)), ("order", on(3, 26))])
def test_what_is_paid_on_the_day_a_reply_is_opened_again_counts_after_it(
    opens: str, last: date
) -> None:
    """Whichever was recorded first: before it nothing can be paid, for the reply was out."""
    day = on(3, 12)
    again = ClockEvent("reply_withdrawn", day)
    if opens == "order":
        again = ClockEvent("redecision_ordered", day, days=10)
    before = [
        ClockEvent("received", on(3, 2)),
        ClockEvent("fee_noticed", on(3, 6)),
        ClockEvent("replied", on(3, 10)),
    ]
    paid = ClockEvent("fee_paid", day)
    assert deadline([*before, again, paid], LAW).last_day == last
    assert deadline([*before, paid, again], LAW).last_day == last


def test_what_is_asked_and_paid_on_the_day_of_an_order_answers_the_notice_of_that_day() -> None:
    """Not the one before the order, for which nobody waits any more (Arts. 42, 51)."""
    day = on(3, 12)
    found = deadline(
        [
            ClockEvent("received", on(3, 2)),
            ClockEvent("fee_noticed", on(3, 6)),
            ClockEvent("replied", on(3, 10)),
            ClockEvent("redecision_ordered", day),
            ClockEvent("fee_noticed", day),
            ClockEvent("fee_paid", day),
        ],
        LAW,
    )
    assert not found.suspended
    assert found.last_day == on(4, 10)
