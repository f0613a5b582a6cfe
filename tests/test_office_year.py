"""Days of an office year under faults leave an office in order; a fault put back is found.

Whole years, and many: python -m tests.office_year --seed 1 --seeds 20
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.morning import sweep
from flows.path import application, recording
from flows.server.desk_check import DeskCheck
from tests.office_year.at_work import at_work
from tests.office_year.by_hand import Count, Told, last_day
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


def told(*steps: tuple[str, date]) -> list[Told]:
    return [Told(kind, on, {"days": 20, "ref": "1"}) for kind, on in steps]


MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((("received", MONDAY),), date(2026, 3, 30)),
        ((("received", MONDAY), ("extended", MONDAY)), date(2026, 4, 28)),
        ((("received", MONDAY), ("correction_requested", date(2026, 3, 11))), None),
        (
            (
                ("received", MONDAY),
                ("correction_requested", date(2026, 3, 11)),
                ("corrected", date(2026, 3, 16)),
            ),
            date(2026, 4, 14),
        ),
        ((("received", MONDAY), ("fee_noticed", MONDAY)), None),
        ((("received", MONDAY), ("redecision_ordered", MONDAY)), None),
        ((("received", MONDAY), ("consultation_started", MONDAY)), None),
        (
            (
                ("received", MONDAY),
                ("consultation_started", date(2026, 3, 3)),
                ("consultation_ended", date(2026, 3, 6)),
            ),
            date(2026, 4, 2),
        ),
    ],
)
def test_the_other_hand_counts_by_the_notices(
    steps: tuple[tuple[str, date], ...], expected: date | None
) -> None:
    assert last_day(told(*steps), Count(WORKDAYS)) == expected


def test_the_other_hand_knows_the_days_worked_and_off() -> None:
    count = Count(WORKDAYS)
    named = {date(2026, 2, 28): True, date(2026, 2, 23): False, date(2026, 2, 24): True}
    assert {day: count.is_workday(day) for day in named} == named
    assert count.after(date(2026, 2, 13), 2) - date(2026, 2, 14) == timedelta(days=10)
