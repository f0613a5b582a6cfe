"""Days of an office year under faults leave an office in order; a fault put back is found.

Whole years, and many: python -m tests.office_year --seed 1 --seeds 20
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from histories import LAW

from flows.morning import outbox, sweep
from flows.path import application, recording
from flows.server.desk_check import DeskCheck
from models.errors import ImpossibleHistory
from models.law.clock_events import ClockEvent
from models.law.deadline import deadline
from tests.office_year import happenings, machine
from tests.office_year.at_work import at_work
from tests.office_year.by_hand import OPINIONS, Count, Told, last_day
from tests.office_year.faults import PowerCut
from tests.office_year.messages import says_late
from tests.office_year.same_days import apart, is_offered
from tests.office_year.validators import faults
from tests.office_year.world import Office

WORKDAYS = Path(__file__).parents[1] / "config" / "workdays"
SEEDS = range(1, 21)
CASES, DAYS = 2, 9  # whole years of 60 cases: python -m tests.office_year


def lived(home: Path, seed: int, days: int = DAYS, only: frozenset[str] | None = None) -> Office:
    home.mkdir()
    one = Office(home, 2025, seed, CASES, days, only=only)
    with at_work(one):
        one.live()
        one.found = faults(one)
    return one


@pytest.mark.parametrize("seed", SEEDS)
def test_faults_leave_an_office_in_order(seed: int, tmp_path: Path) -> None:
    """Some days of a year, beginning on a day drawn by the seed."""
    one = lived(tmp_path / "one", seed)
    assert one.found == []
    assert one.trace
    drawn = [arrival for arrival in one.arrived if arrival.startswith("form ")]
    assert len(drawn) <= CASES  # fewer where the office was away to the end


def test_the_same_seed_gives_the_same_year(tmp_path: Path) -> None:
    one, two = (lived(tmp_path / name, 2, 5, frozenset({"courses"})) for name in ("one", "two"))
    assert one.arrived
    assert one.trace
    assert one.digest == two.digest


PUT_BACK = {
    "nothing is put right": (DeskCheck, "see_to", lambda *_, **__: [], "on_the_desk"),
    "a torn letter stands": (recording, "write_missing_letters", lambda _: None, "letters"),
    "nobody is told": (sweep, "find_due", lambda _: None, "alerts_by_hand"),
}


@pytest.mark.parametrize("what", PUT_BACK)
def test_a_fault_put_back_is_found(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name, instead, finds = PUT_BACK[what]
    monkeypatch.setattr(module, name, instead)
    if name == "write_missing_letters":
        monkeypatch.setattr(application, name, instead)
    found = (lived(tmp_path / str(seed), seed, 14, frozenset({"drawer"})).found for seed in SEEDS)
    assert any(fault.startswith(finds) for faults_ in found for fault in faults_)


@pytest.mark.parametrize("look", [Office.post, Office._outbox])
def test_what_is_sent_when_the_power_goes_may_come_again_whoever_looked(
    look: Callable[[Office], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of the looks while applications are found in a drawer (seed 407)."""
    one = Office(tmp_path, 2025, 1, CASES, DAYS)

    def sends(_show: object) -> int:
        one.services.last = "2025-06-12/0/王主任"
        raise PowerCut("after sending")

    monkeypatch.setattr(sweep, "find_due", lambda _now: None)
    monkeypatch.setattr(outbox, "post", sends)
    with pytest.raises(PowerCut):
        look(one)
    assert one.services.cut_while_sending == {"2025-06-12/0/王主任"}


def test_a_letter_torn_before_a_backup_is_put_back_is_mended_as_each_morning(
    tmp_path: Path,
) -> None:
    """It lies where it lay: letters are written from the register, no backup has them (seed 5)."""
    home = tmp_path / "one"
    home.mkdir()
    one = Office(home, 2025, 2, CASES, DAYS, only=frozenset({"courses"}))
    with at_work(one):
        one.live()
        happenings.backed_up(one)
        letter = min((home / "office" / "letters").rglob("*.docx"))
        os.truncate(letter, 3000)
        machine.restored(one)
    assert one.surprises == []


def test_a_limit_that_a_notice_moved_and_that_is_over_is_late_once() -> None:
    """Seed 109, 4 cases, 25 days: a title counted nine limits, and twelve lines said that one was over."""
    limit = "SQ1　屉*　待起草　答复期限2025年4月27日，已逾期8个工作日，仍应答复"
    moved = "SQ1　屉*　待起草　放假安排、规定或者计算方法有变动，答复期限由4月26日改为27日，已逾期8个工作日"
    assert [*map(says_late, (limit, moved))] == [True, False]


def told(*steps: tuple[str, date]) -> list[Told]:
    return [Told(kind, on, {"days": 20, "ref": "1"}) for kind, on in steps]


def by_the_product(steps: Iterable[Told]) -> date | None:
    return deadline([clock_event(step) for step in steps], LAW).last_day


def clock_event(step: Told) -> ClockEvent:
    """As the register tells the product's clock of it: who was asked is a third party (32)."""
    asked = step.kind == "consultation_started"
    opinion = step.kind in OPINIONS
    return ClockEvent(
        step.kind,
        step.on,
        days=step.facts["days"] if step.kind in ("extended", "correction_requested") else None,
        party="third_party" if asked else None,
        ref=str(step.facts["ref"]) if opinion else "",
    )


MONDAY, LAST, NEXT = date(2026, 3, 2), date(2026, 3, 30), date(2026, 3, 31)
MAY = date(2026, 5, 6)
PAID_IN_MAY = date(2026, 6, 2)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([("received", MONDAY)], LAST),
        ([("received", MONDAY), ("extended", MONDAY)], date(2026, 4, 28)),
        ([("received", MONDAY), ("extended", LAST)], date(2026, 4, 28)),
        ([("received", MONDAY), ("extended", NEXT)], LAST),
        ([("received", MONDAY), ("correction_requested", date(2026, 3, 11))], None),
        ([("received", MONDAY), ("correction_requested", date(2026, 3, 12))], LAST),
        (
            [
                ("received", MONDAY),
                ("correction_requested", date(2026, 3, 11)),
                ("corrected", date(2026, 3, 16)),
            ],
            date(2026, 4, 14),
        ),
        (
            [
                ("received", MONDAY),
                ("correction_requested", date(2026, 3, 12)),
                ("corrected", date(2026, 3, 16)),
            ],
            LAST,
        ),
        ([("received", MONDAY), ("fee_noticed", MONDAY)], None),
        ([("received", MONDAY), ("fee_noticed", LAST), ("fee_paid", MAY)], PAID_IN_MAY),
        ([("received", MONDAY), ("fee_noticed", NEXT), ("fee_paid", MAY)], LAST),
        (
            [("received", MONDAY), ("extended", LAST), ("fee_noticed", NEXT), ("fee_paid", MAY)],
            PAID_IN_MAY,
        ),
        (
            [
                ("received", MONDAY),
                ("consultation_started", date(2026, 3, 3)),
                ("consultation_ended", date(2026, 3, 6)),
            ],
            date(2026, 4, 2),
        ),
        (
            [
                ("received", MONDAY),
                ("consultation_started", NEXT),
                ("consultation_ended", date(2026, 4, 3)),
            ],
            LAST,
        ),
    ],
)
def test_both_hands_count_as_the_law_says(
    steps: list[tuple[str, date]], expected: date | None
) -> None:
    """The other hand by the notices, and the product: on each side of every last day."""
    assert last_day(told(*steps), Count(WORKDAYS)) == expected
    assert by_the_product(told(*steps)) == expected


@pytest.mark.parametrize("kind", ["redecision_ordered", "consultation_started"])
def test_the_other_hand_leaves_alone_what_is_not_plain(kind: str) -> None:
    assert last_day(told(("received", MONDAY), (kind, MONDAY)), Count(WORKDAYS)) is None


def test_both_hands_count_any_course_alike() -> None:
    """Whatever follows upon what, in time or too late, each step on a day of its own."""
    count, compared = Count(WORKDAYS), 0
    for seed in range(300):
        course = course_at_random(Random(seed))
        expected = last_day(course, count)
        if expected is not None:
            assert by_the_product(course) == expected, course
            compared += 1
    assert compared > 100


REPLIED = date(2025, 3, 10)
ANSWERED_ON_A_SATURDAY = date(2025, 4, 26)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (  # the extension is of the limit that the order began (51), not of the one before
            [
                ("received", date(2025, 3, 5)),
                *((kind, REPLIED) for kind in ("replied", "redecision_ordered", "extended")),
            ],
            date(2025, 5, 8),
        ),
        (  # the limit does not run out while an opinion is awaited (33), nor on a Saturday (民法典 203)
            [
                ("received", date(2025, 3, 21)),
                ("consultation_started", date(2025, 4, 21)),
                ("consultation_ended", ANSWERED_ON_A_SATURDAY),
            ],
            date(2025, 4, 27),
        ),
    ],
)
def test_both_hands_count_what_happened_on_one_day(
    steps: list[tuple[str, date]], expected: date
) -> None:
    assert last_day(told(*steps), Count(WORKDAYS)) == expected
    assert by_the_product(told(*steps)) == expected


def test_both_hands_count_days_alike_on_which_several_things_happen() -> None:
    """Whatever forms can lead to; what they never offer counts as it was recorded, and is no course."""
    count, compared = Count(WORKDAYS), 0
    for seed in range(1000):
        course = course_at_random(Random(seed), apart)
        expected = last_day(course, count) if is_offered(course) else None
        if expected is not None:
            assert by_the_product(course) == expected, course
            compared += 1
    assert compared > 200


def some_days(chance: Random) -> int:
    return chance.choice([1, 1, 2, 5, 9, 20, 31])


def course_at_random(chance: Random, later: Callable[[Random], int] = some_days) -> list[Told]:
    """Up to six steps after the receipt, of those that can have happened."""
    day = date(2025, 2, 3) + timedelta(days=chance.randrange(40))
    course, asked = [Told("received", day, {"days": 0, "ref": ""})], 0
    for _ in range(chance.randint(1, 6)):
        day += timedelta(days=later(chance))
        kind, days = chance.choice(STEPS), chance.choice([5, 10, 20])
        asked += kind == "consultation_started"
        ref = chance.randint(1, asked) if kind == "consultation_ended" and asked else asked
        step = Told(kind, day, {"days": days, "ref": str(ref)})
        try:
            by_the_product([*course, step])
        except ImpossibleHistory:
            asked -= kind == "consultation_started"
        else:
            course.append(step)
    return course


STEPS = (
    *("extended", "correction_requested", "corrected", "fee_noticed", "fee_paid"),
    *("consultation_started", "consultation_ended", "replied", "redecision_ordered"),
)


def test_the_other_hand_knows_the_days_worked_and_off() -> None:
    count = Count(WORKDAYS)
    named = {date(2026, 2, 28): True, date(2026, 2, 23): False, date(2026, 2, 24): True}
    assert {day: count.is_workday(day) for day in named} == named
    assert count.after(date(2026, 2, 13), 2) - date(2026, 2, 14) == timedelta(days=10)
