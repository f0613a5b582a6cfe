"""A quarter of an office year under faults leaves an office in order; a fault put back is found.

Whole years, and many: python -m tests.office_year --seed 1 --seeds 20
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.path import desk
from tests.office_year.by_hand import Count, Told, last_day
from tests.office_year.validators import faults
from tests.office_year.world import Office, at_work

WORKDAYS = Path(__file__).parents[1] / "config" / "workdays"
SEED = 2


def lived(home: Path, seed: int = SEED, cases: int = 12, days: int = 90) -> Office:
    home.mkdir()
    one = Office(home, 2025, seed, cases, days)
    with at_work(one):
        one.live()
        one.found = faults(one)
    return one


def test_a_quarter_under_faults_leaves_an_office_in_order(tmp_path: Path) -> None:
    one = lived(tmp_path / "one")
    assert one.found == []
    assert len(one.arrived) == 12
    assert len(one.accepted) > 20
    assert one.power.cut.total() > 5


def test_the_same_seed_gives_the_same_year(tmp_path: Path) -> None:
    one, two = (lived(tmp_path / name, cases=4, days=25) for name in ("one", "two"))
    assert one.trace
    assert one.digest == two.digest


def test_a_fault_put_back_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "put_right", lambda **_: [])
    assert any("on_the_desk" in fault for fault in lived(tmp_path / "one").found)


def told(*steps: tuple[str, date]) -> list[Told]:
    return [Told(kind, on, {"days": 20}) for kind, on in steps]


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
