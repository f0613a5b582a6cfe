"""Seven weeks of alerts under every trouble: none missed, none twice, none on a rest day.

`python -m tests.benchmarks.alerts` plays the whole year with 1,000 cases.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest
from alert_policies import USUAL, ours
from alert_year import YEAR, amended, live, played, troubles
from histories import LAW

from models.law.workdays import Calendar
from models.store.tables import Event

FIRST, LAST = date(YEAR, 9, 1), date(YEAR, 10, 20)  # with National Day, 调休 and all the troubles
EVERY = tuple(kind for kind in LAW.alerts if kind != "moved")


@cache
def acts() -> dict[date, list[Event]]:
    return played(24, 5, FIRST, date(YEAR, 9, 24))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("notices")
    amended(folder)
    return folder


@pytest.mark.parametrize("n", [2, 3, 5, 6])
def test_no_alert_is_missed_or_doubled_or_told_on_a_rest_day(
    n: int, before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble = troubles(Calendar.load(before))[n]
    for policy in ours(tmp_path, monkeypatch):
        score = live(acts(), trouble, policy, FIRST, LAST)
        assert len(score.owed) > 60
        assert (score.missed(EVERY), score.doubled(EVERY), score.rest) == (0, 0, 0), trouble.name
        assert score.unfounded(EVERY) == 0
        assert (score.late(EVERY) > 0) is bool(trouble.off)
        assert policy.messages < len(score.told)


def test_the_judge_finds_what_usual_policies_miss(before: Path) -> None:
    _, _, outage, twice, *_ = troubles(Calendar.load(before))
    missed = {
        name: live(acts(), outage, usual(), FIRST, LAST).missed(("reply",))
        for name, usual in USUAL.items()
    }
    doubled = {
        name: live(acts(), twice, usual(), FIRST, LAST).doubled(("reply",))
        for name, usual in USUAL.items()
    }
    assert missed["exact day"] > 0
    assert missed["status flip"] > 0
    assert min(doubled.values()) > 0
