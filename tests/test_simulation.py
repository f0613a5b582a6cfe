"""A simulated year is lawful, the same for the same seed, and has what a year's end must cope with."""

from __future__ import annotations

import re
import shutil
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from histories import AGENCY, CONFIG, LAW
from sqlmodel import select

from flows import office
from flows.__main__ import main
from flows.commands.simulate import simulate
from flows.year import annual_report, closing_year
from models.case.act import Circumstances
from models.errors import ConfigFault, NotSimulable, RegisterInUse
from models.neighbours.review_acts import REVIEWS
from models.register import complete_since, neighbour, register
from models.rehearsal.mix import load_mix
from models.rehearsal.simulated_case import SimulatedCase
from models.rehearsal.simulation import Simulation
from models.store.tables import Application, Document, Enquiry, Event, ProactiveFigure, Series
from tests.schemas import once

MIX = load_mix(CONFIG, LAW)
YEAR, CASES = 2024, 700
UNTIL = date(2025, 1, 20)


def lived(year: int = YEAR, cases: int = CASES, seed: int = 1, **but: Any) -> list[SimulatedCase]:
    now = Circumstances(date(year, 1, 1), "", LAW, AGENCY)
    until = but.get("until", date(year + 1, 1, 20))
    return list(Simulation(year, cases, seed, until, now, but.get("mix", MIX)).run())


@pytest.fixture(scope="module")
def year() -> list[SimulatedCase]:
    return lived()


def events(cases: list[SimulatedCase]) -> list[dict[str, object]]:
    return [event.model_dump() for case in cases for event in case.events]


@once
def test_the_same_seed_gives_the_same_year_and_another_seed_another(
    year: list[SimulatedCase],
) -> None:
    assert events(lived()) == events(year)
    assert events(lived(cases=70)) != events(lived(cases=70, seed=2))


@once
def test_as_many_are_received_in_the_year_as_were_asked_for(year: list[SimulatedCase]) -> None:
    received = Counter(case.case.received_on.year for case in year if case.case.received_on)
    assert received[YEAR] == CASES
    assert received.keys() == {YEAR - 1, YEAR}


@once
def test_the_year_has_what_happens_in_one() -> None:
    often = {"fee_paid": 0.2, "consultation": 0.3, "reply_withdrawn": 0.1, "overdue": 0.1}
    often |= {"review": 0.4}
    rates = MIX.rates.model_copy(update=often)
    year = lived(cases=400, mix=MIX.model_copy(update={"rates": rates}))
    happened = {event.kind for case in year for event in case.events}
    assert {
        *("correction_requested", "corrected", "extended", "consultation_started"),
        *("consultation_delivered", "consultation_ended", "third_party_told", "sent_back"),
        *("fee_noticed", "fee_paid", "reply_withdrawn", "redecision_ordered", "reasons_asked"),
    } <= happened
    assert {entry.kind for case in year for entry in case.entries} >= {"lodged", "decided"}
    late = [e for case in year for e in case.events if e.recorded_on > e.on]
    assert late, "something is recorded some days after it happened"
    assert any(not limit.timely for case in year if (limit := case.case.deadline(LAW)))


@once
def test_every_outcome_is_reached_when_it_is_all_there_is() -> None:
    rates = MIX.rates.model_copy(update={"review": 0.0, "correction": 0.0, "reply_withdrawn": 0.0})
    for one in MIX.outcome:
        mix = MIX.model_copy(update={"outcome": (one,), "rates": rates})
        ended = {case.case.outcome for case in lived(cases=6, mix=mix)}
        assert ended == {one.key}, one.key


@once
def test_nothing_happens_on_a_day_off_or_after_the_end(year: list[SimulatedCase]) -> None:
    days = {event.recorded_on for case in year for event in case.events}
    reviews = {entry.recorded_on for case in year for entry in case.entries}
    assert max(days | reviews) <= UNTIL
    assert all(LAW.calendar.is_workday(e.recorded_on) for c in year for e in c.events[:2])


@once
def test_numbers_have_no_gaps_and_rise_with_the_days(year: list[SimulatedCase]) -> None:
    given: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for case in year:
        for event in case.events:
            for letter in event.letters:
                series, serial = re.fullmatch(r"(.*〕)(\d+)号", letter["number"]).groups()  # type: ignore[union-attr]
                given[series].append((date.fromisoformat(letter["dated"]), int(serial)))
    for numbers in given.values():
        numbers.sort(key=lambda one: one[1])
        assert [serial for _, serial in numbers] == list(range(1, len(numbers) + 1))
        assert [day for day, _ in numbers] == sorted(day for day, _ in numbers)


@once
def test_a_share_or_a_key_that_cannot_be_names_its_place(tmp_path: Path) -> None:
    text = (CONFIG / "simulation.toml").read_text(encoding="utf-8")
    shutil.copytree(CONFIG / "annual", tmp_path / "annual")
    for change, said in (
        (("correction = 0.06", "correction = 1.06"), "rates.correction"),
        (('key = "petition"', 'key = "complaint"'), "没有这样的标识：complaint"),
        (('instance = "二审"', 'instance = "再审"'), "缺少二审的结果"),
        (('measure = "spent"', 'measure = "made"'), "[[proactive]] 有误：缺少spent"),
        (('measure = "spent"', 'measure = "earned"'), "没有这样的标识：earned"),
        (("fewest = 5\nmost = 50", "fewest = 51\nmost = 50"), "fewest 不能大于 most"),
        (("problems =", "troubles ="), "没有这样的标识：troubles"),
    ):
        (tmp_path / "simulation.toml").write_text(text.replace(*change), encoding="utf-8")
        with pytest.raises(ConfigFault, match=re.escape(said)):
            load_mix(tmp_path, LAW)


# ── in the register ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    with empty_register(tmp_path, monkeypatch):
        monkeypatch.setenv("DISCLOSURE_TODAY", "2025-03-01")
        yield tmp_path


def nothing(done: int, total: int) -> None:
    """No progress bar."""


def test_the_register_holds_what_the_events_say(home: Path) -> None:
    made = simulate(YEAR, 150, 1, letters=True, advance=nothing)
    assert made.until == UNTIL
    with office.reading() as session:
        rows = list(register.rebuilt(session, LAW))
        assert len(rows) == made.written > 150
        assert all(row.model_dump() == columns for row, columns in rows)
        reviews = list(neighbour.rebuilt(session, REVIEWS))
        assert len(reviews) == made.reviews > 0
        assert all(row.model_dump() == columns for row, columns in reviews)
        documents = session.exec(select(Document)).all()
        issued = [letter["number"] for e in session.exec(select(Event)) for letter in e.letters]
        assert sorted(one.number for one in documents) == sorted(issued)
        assert len(documents) == made.letters
        last = {(one.series, one.year): one.last for one in session.exec(select(Series))}
        for one in documents:
            assert one.serial <= last[one.series, one.year]


def test_its_report_balances_and_carries_over(home: Path) -> None:
    simulate(YEAR, 150, 1, letters=False, advance=nothing)
    made = annual_report.produce(YEAR, home / "out", None)
    assert made.failed == ()
    assert made.report.missing == ()
    assert len(made.table.cases("1", "总计")) == 150
    assert made.table.cases("2", "总计")
    assert made.table.cases("4", "总计")
    assert sum(made.figures.advised.values()) > 0
    before = annual_report.produce(YEAR - 1, home / "before", None)
    assert before.table.cases("4", "总计") == made.table.cases("2", "总计")


def test_the_rehearsal_ends_with_a_whole_report_that_is_signed(home: Path) -> None:
    simulate(YEAR, 60, 1, letters=False, advance=nothing)
    made = annual_report.produce(YEAR, home / "out", None)
    [said] = made.report.preamble
    assert said.text.startswith("（演练）本报告由模拟的一年生成，申请、数字和文字均为虚构")
    with office.reading() as session:
        figures = session.exec(select(ProactiveFigure)).all()
    assert {one.note for one in figures} == {"演练虚构"}
    assert {one.recorded_on for one in figures} == {UNTIL}
    assert made.report.title == "2024年政府信息公开工作年度报告"
    assert closing_year.sign(YEAR, MIX.staff.signer).edition == 1


def test_a_year_on_the_earlier_form_has_its_table_two_as_well(home: Path) -> None:
    simulate(2020, 10, 1, letters=False, advance=nothing)
    made = annual_report.produce(2020, home / "out", None)
    assert made.report.missing == ()


def test_a_register_in_use_is_left_as_it_is(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with office.writing() as session:
        register.enquire(
            session,
            Enquiry(
                on=UNTIL, channel="电话", recorded_on=UNTIL, recorded_at=office.now(), officer="甲"
            ),
        )
    with pytest.raises(RegisterInUse):
        simulate(YEAR, 10, 1, letters=False, advance=nothing)
    assert main(["simulate", "--year", "2024", "--cases", "10", "--seed", "1"]) == 2
    assert "登记簿中已有记载，不能写入模拟数据" in capsys.readouterr().err
    with office.reading() as session:
        assert session.exec(select(Application)).all() == []


def test_a_year_that_is_not_over_is_played_as_far_as_it_has_come(home: Path) -> None:
    made = simulate(2025, 100, 1, letters=False, advance=nothing)
    assert made.until == date(2025, 3, 1)
    with office.reading() as session:
        assert max(session.exec(select(Event.recorded_on))) <= made.until


@pytest.mark.parametrize(("of", "cases"), [(2026, 10), (2024, 0), (2024, -1), (2024, 10_000_001)])
def test_a_year_or_a_number_that_makes_no_sense_is_refused(home: Path, of: int, cases: int) -> None:
    with pytest.raises(NotSimulable):
        simulate(of, cases, 1, letters=False, advance=nothing)


def test_invented_officers_may_act_where_an_agency_lists_its_own() -> None:
    from models.agency.officers import Officer, Role

    listed = AGENCY.model_copy(
        update={"officers": (Officer(name="陈静", roles=tuple(Role)),)},
    )
    now = replace(Circumstances(date(2024, 1, 1), "", LAW, listed), agency=listed)
    assert len(list(Simulation(2024, 5, 1, UNTIL, now, MIX).run())) >= 5


def test_the_year_before_is_held_in_part_and_compared_with_nothing(home: Path) -> None:
    simulate(YEAR, 60, 1, letters=False, advance=nothing)
    with office.reading() as session:
        assert complete_since.complete_since(session) == date(YEAR, 1, 1)
    annual_report.produce(YEAR, home / "out", None)
    picture = (home / "out" / "picture.svg").read_text(encoding="utf-8")
    assert f"登记簿自{YEAR}年1月1日起才完整，不与上年比较" in picture
    assert "上年的" not in picture
