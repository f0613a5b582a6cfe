"""A clock that goes back: refused before anything is recorded, until somebody states it and why.

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from databases import empty_register
from schemas import ASKED
from sqlmodel import select

from flows import office
from flows.__main__ import main
from flows.morning import sweep
from flows.path import intake, recording
from models.register import register
from models.soundness.clock import ClockAhead, ClockWentBack
from models.store.tables import Application, Entry
from models.year import year_end
from models.year.second_count import lines_by_events

DAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        monkeypatch.delenv("DISCLOSURE_TODAY")
        yield


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch):
    """Set the machine's clock to a day."""

    def set_to(day: date) -> None:
        monkeypatch.setattr(office, "day_of_clock", lambda: day)

    return set_to


def registered() -> str:
    return intake.receive(
        channel="当面提交",
        kind="自然人",
        applicant="张三",
        request="甲",
        arrived_on=office.today(),
        officer="陈静",
    ).number


@pytest.mark.parametrize(("days", "allowed"), [(-1, False), (0, True), (1, True)])
def test_a_day_before_the_last_record_is_refused(on, days: int, allowed: bool) -> None:
    on(DAY)
    registered()
    on(DAY + timedelta(days=days))
    if allowed:
        assert registered() == "SQ202600002"
    else:
        with pytest.raises(
            ClockWentBack, match=r"今天是 2026年3月19日，而登记簿最近一次登记在 2026年3月20日"
        ):
            registered()
        with office.reading() as session:
            assert len(register.applications(session)) == 1


@pytest.mark.skipif(not ASKED.startswith("postgresql"), reason="PostgreSQL only")
def test_a_machine_that_is_ahead_of_the_databases_server_keeps_nobody_from_recording(on) -> None:
    """Of several machines one is wrong: the day it says would stand in the register for all."""
    on(DAY)
    registered()
    here = datetime.now(office.SHANGHAI).date()
    on(here + timedelta(days=2))
    for start in (office.guard_clock, registered):
        with pytest.raises(
            ClockAhead, match=r"本机今天是 .*，而数据库服务器今天是 .*，未登记任何内容"
        ) as ahead:
            start()
    assert office.register_away(ahead.value)  # what was submitted waits
    on(DAY)
    assert registered() == "SQ202600002"
    on(here)
    office.guard_clock()
    registered()


def test_a_day_that_is_set_may_be_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", "2031-03-02")
    office.guard_clock()
    assert registered() == "SQ203100001"


def test_it_is_said_at_the_start_and_in_the_sweep_too(on) -> None:
    on(DAY)
    registered()
    on(DAY - timedelta(days=1))
    for start in (office.guard_clock, sweep.sweep):
        with pytest.raises(ClockWentBack, match="未登记任何内容"):
            start()
    on(DAY)
    office.guard_clock()
    sweep.sweep()


def test_reading_goes_on_whatever_the_clock_says(on, capsys: pytest.CaptureFixture[str]) -> None:
    on(DAY)
    number = registered()
    on(DAY - timedelta(days=400))
    assert main(["case", number]) == 0


def test_a_register_of_before_is_held_to_its_last_record(on) -> None:
    """One that kept no such day yet: the days on its records count."""
    on(DAY)
    registered()
    with office.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM swept")
    on(DAY - timedelta(days=1))
    with pytest.raises(ClockWentBack, match="2026年3月20日"):
        registered()


def test_training_may_go_back_and_a_day_set_by_mistake_in_a_real_register_may_not(
    on, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in ("2026-03-20", "2026-03-02", "2026-03-21"):
        monkeypatch.setenv("DISCLOSURE_TODAY", day)
        registered()
    monkeypatch.delenv("DISCLOSURE_TODAY")
    on(date(2026, 3, 22))  # from now on it is real
    registered()
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-21")
    on(date(2026, 3, 21))
    with pytest.raises(ClockWentBack, match="DISCLOSURE_TODAY 设错的，请改正或者去掉"):
        office.guard_clock()


def set_back(*changed: str) -> tuple[str, ...]:
    return (
        "clock",
        "--set-back",
        "--officer",
        "李明",
        "--reason",
        "主板电池失效，走到了六月",
        *changed,
    )


def test_a_clock_that_was_ahead_is_put_right_on_record(
    on, capsys: pytest.CaptureFixture[str]
) -> None:
    on(DAY)
    number = registered()
    on(DAY + timedelta(days=90))
    ahead = registered()
    on(DAY + timedelta(days=1))
    with pytest.raises(ClockWentBack):
        registered()
    assert main(set_back()) == 0
    said = capsys.readouterr().out
    assert ahead in said
    assert number not in said
    assert registered() == "SQ202600003"
    with office.reading() as session:
        (kept,) = session.exec(select(Entry)).all()
    assert (kept.kind, kept.officer, kept.on) == ("set_back", "李明", DAY + timedelta(days=1))
    assert kept.facts == {"was": "2026-06-18", "reason": "主板电池失效，走到了六月"}
    assert main(["clock"]) == 0
    assert "李明：主板电池失效，走到了六月" in capsys.readouterr().out
    assert main(["verify"]) == 0
    on(DAY)
    with pytest.raises(ClockWentBack):
        registered()


@pytest.mark.parametrize(
    ("changed", "said"),
    [(("--officer", ""), "“办理人”必填"), (("--reason", " "), "“理由”必填")],
)
def test_who_says_so_and_why_must_be_stated(
    on, capsys: pytest.CaptureFixture[str], changed: tuple[str, ...], said: str
) -> None:
    on(DAY)
    registered()
    on(DAY - timedelta(days=1))
    assert main(set_back(*changed)) == 2
    assert said in capsys.readouterr().err


def test_a_clock_that_did_not_go_back_is_not_set_back(
    on, capsys: pytest.CaptureFixture[str]
) -> None:
    on(DAY)
    registered()
    assert main(set_back()) == 2
    assert "无须记录" in capsys.readouterr().err


def test_a_case_that_was_worked_on_across_it_is_counted_as_of_every_day(on) -> None:
    """What was recorded before something recorded by that day was recorded by that day."""
    on(DAY)
    number = registered()
    on(DAY + timedelta(days=90))
    recording.perform(number, 1, "received", {"received_on": DAY.isoformat()}, "陈静")
    on(DAY + timedelta(days=1))
    assert main(set_back()) == 0
    recording.perform(number, 2, "found_ours", {}, "陈静")
    counted = {}
    for days in (0, 1, 89, 90, 91):
        as_of = DAY + timedelta(days=days)
        with office.reading() as session:
            rows = [line.number for line in year_end.case_lines(session, 2026, as_of, office.law())]
            events = [line.number for line in lines_by_events(session, 2026, as_of, office.law())]
        assert rows == events
        counted[days] = rows
    assert counted == {0: [], **{days: [number] for days in (1, 89, 90, 91)}}
    with office.reading() as session:
        row = session.get(Application, number)
        assert row is not None
        assert row.by_history
        assert all(
            row.model_dump() == columns for row, columns in register.rebuilt(session, office.law())
        )
