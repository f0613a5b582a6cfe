"""The limit for the reply: a table a lawyer can read, a count by hand, and what must always hold."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from models.deadline import ClockEvent, Deadline, deadline
from models.errors import CalendarNotPublished, DisclosureError, ImpossibleHistory, NoRuleInForce
from models.statute import Statute, load
from models.workdays import Calendar

CONFIG = Path(__file__).parents[1] / "config"
LAW = load(CONFIG)
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
    assert shown == {*CHOICES, "withdrawn_reply_limit", "order_without_term"}


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
    delivered: date
    answered: date | None = None


@dataclass
class Running:
    """One run as the count by hand knows it."""

    start: date
    letters: dict[str, Letter] = field(default_factory=dict)
    told: date | None = None
    added: int = 0
    whole: int = 20
    until: date | None = None
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


def reopens(event: ClockEvent, choices: dict[str, str]) -> bool:
    kept = choices.get("withdrawn_reply_limit") == "original"
    return event.kind == "redecision_ordered" or not kept


TURNS = ("replied", "redecision_ordered", "reply_withdrawn")


def goes_on(event: ClockEvent, last: date, choices: dict[str, str]) -> bool:
    """Whether a limit that still runs is left as it is by an order without a term."""
    fresh = choices.get("order_without_term") == "fresh"
    return not (event.days or event.until or fresh) and event.on <= last


def term(event: ClockEvent) -> int:
    """The working days of a term for a new reply."""
    if event.until is None:
        return event.days or 20
    worked = [day for day in days_after(event.on, event.until) if works(day)]
    return len(worked) + (not works(event.until))


def by_hand(events: list[ClockEvent], choices: dict[str, str]) -> date | None:
    """The last day by walking from day to day: the last working day before a 21st is used up."""

    def end(letter: Letter) -> date:
        lapse = step_on(letter.delivered, 15)
        if letter.answered is None:
            return lapse
        if letter.party == "other_agency" and choices.get("other_agency_lapse") == "until_answer":
            return letter.answered
        return min(letter.answered, lapse)

    def limit(run: Running, letters: list[Letter], added: int) -> date:
        allowed, used, last, day = run.whole + added, 0, run.start, run.start
        while True:
            day += DAY
            if not works(day):
                continue
            if choices.get("pause_boundary") == "from_sending":
                paused = any(one.sent <= day < end(one) for one in letters)
            else:
                paused = any(one.sent < day <= end(one) for one in letters)
            used += not paused
            if used > allowed:
                return max(last, run.until or last)
            last = day

    def effective(run: Running) -> list[Letter]:
        """The letters sent while the limit ran, or while it was stopped by another letter."""
        found: list[Letter] = []
        for one in sorted(run.letters.values(), key=lambda letter: letter.sent):
            added = run.added if run.told and run.told <= one.sent else 0
            if one.sent <= max([limit(run, found, added), *(end(each) for each in found)]):
                found.append(one)
            else:
                break
        return found

    def running_limit(run: Running) -> date:
        return limit(run, effective(run), run.added)

    run, received = Running(events[0].on), events[0].on
    stopped = ""
    for number, event in enumerate(events):
        answered = [one.kind for one in events[:number] if one.kind in TURNS][-1:] == ["replied"]
        match "" if run.fixed(event.kind) else event.kind:
            case "correction_requested":
                late = event.on > step_on(received, 7)
                if not late or choices.get("late_correction_notice") == "restart":
                    stopped = "corrected"
            case "fee_noticed" if event.on <= running_limit(run):
                stopped = "fee_paid"
            case "corrected" | "fee_paid" if stopped == event.kind:
                run, stopped = Running(event.on), ""
            case "consultation_started":
                name = event.ref if event.ref not in run.letters else f"{event.ref}{number}"
                run.letters[name] = Letter(
                    event.on, event.party or "", event.delivered_on or event.on
                )
            case "consultation_ended":
                for name, letter in run.letters.items():
                    if name.startswith(event.ref) and letter.answered is None:
                        letter.answered = event.on
            case "extended" if event.on <= running_limit(run):
                run.told, run.added = event.on, event.days or 0
            case "deferred" if event.on <= running_limit(run):
                run.until = event.until
            case "redecision_ordered" | "reply_withdrawn" if reopens(event, choices) and (
                answered or stopped or not goes_on(event, running_limit(run), choices)
            ):
                run, stopped = Running(event.on, whole=term(event)), ""
                run.ordered, run.moved_by = bool(event.days or event.until), event.moved_by
    return None if stopped else running_limit(run)


class History(NamedTuple):
    """A history drawn by lot, under choices drawn by lot, and what we answer."""

    events: list[ClockEvent]
    choices: dict[str, str]
    found: Deadline


CHOICES = {
    "pause_boundary": ("after_sending", "from_sending"),
    "late_correction_notice": ("no_restart", "restart"),
    "other_agency_lapse": ("fifteen_days", "until_answer"),
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
                events.append(ClockEvent("correction_requested", day))
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
