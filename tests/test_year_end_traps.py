"""Where a year's end is easily counted wrong: eight traps, played by real acts and signed for real.

The cases, with the right figures counted by hand and why, are in tests/cases/year_end_traps.toml.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from histories import AGENCY, ANSWERS, CONFIG, DRAFTER
from played import AT, Played, day_of, lines
from sqlalchemy import create_engine
from sqlmodel import Session, SQLModel

from models.acts.afterwards.erratum import Erratum, wrong_entries
from models.acts.intake.imported import ImportedReceipt, ImportedResult
from models.acts.intake.receipt import Register
from models.register import closed_years, complete_since, register
from models.report_tables.annual_rules import AnnualRules
from models.report_tables.differences import differences
from models.report_tables.identities import checks
from models.report_tables.tables_file import parse
from models.store.sealing import Sealing, keyed, new_key
from models.store.tables import Applicant, YearCorrection
from models.year.held_in_part import uncompared
from models.year.year_checks import plain_text
from models.year.year_figures import Tables, tables_of

CASES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "cases" / "year_end_traps.toml").read_text(encoding="utf-8")
)["case"]
RULES = AnnualRules.load(CONFIG / "annual")
HEAD = "王建国"
KEYS = {"trap", "name", "article", "why", "given", "table3", "table4", "signed", "uncompared"}
TRAPS = (
    "12月收到、1月确认",
    "12月31日办结、1月2日寄出",
    "作废、跨年度重新答复",
    "签发以后更正申请人类别",
    "连续两年已签发",
    "闰年",
    "启用之年补录台账",
    "已签发年度的申请被责令重新答复",
)


class YearEnd(Played):
    """A register that is played, with the acts of a year's end beside those of a case."""

    def happens(self, who: str, what: str, facts: dict[str, str]) -> None:
        match what:
            case "签发年报":
                self._sign(int(facts["年度"]), facts.get("说明", ""))
            case "更正年报":
                self._correct(int(facts["年度"]), facts["编号"], facts["理由"])
            case "台账":
                self._taken_over(who, facts)
            case "台账完整":
                since = date.fromisoformat(facts["自"])
                complete_since.record(self.session, since, DRAFTER, self.today, AT)
            case "勘误":
                self._put_right(who, facts)
            case _:
                super().happens(who, what, facts)

    def tables(self, year: int) -> Tables:
        return tables_of(self.session, year, self.today, self.law, RULES)

    def text(self, year: int) -> str:
        return plain_text(AGENCY.name, self.tables(year))

    def _sign(self, year: int, note: str) -> None:
        found, now = checks(self.tables(year).table3), self.now(HEAD)
        closed_years.sign(self.session, year, self.text(year), found, now, AT, note)

    def _correct(self, year: int, who: str, reason: str) -> None:
        entry = YearCorrection(
            year=year,
            edition=0,
            number=self.numbers[who][0],
            reason=reason,
            officer=HEAD,
            recorded_on=self.today,
            recorded_at=AT,
        )
        closed_years.correct(self.session, entry, self.now(HEAD))

    def _put_right(self, who: str, facts: dict[str, str]) -> None:
        number = self.numbers[who][0]
        case, now = register.case(self.session, number), self.now(HEAD)
        entries = wrong_entries(case, facts["事项"], 0, self.law)
        act = Erratum(entries=entries, value=facts["应为"], reason=facts["理由"])
        register.record(self.session, case, act, now, AT)

    def _taken_over(self, who: str, facts: dict[str, str]) -> None:
        number, received = f"台账{who}", date.fromisoformat(facts["收到"])
        first = Register(
            channel="in_person",
            arrived_on=received,
            applicant_kind=facts["类别"],
            applicant="张三",
            request=str(ANSWERS["registered"]["request"]),
        )
        stated = [first, ImportedReceipt(received_on=received)]
        if "行" in facts:
            closed = date.fromisoformat(facts["办结"])
            stated.append(ImportedResult(row=facts["行"], closed_on=closed))
        person = Applicant(case_number=number)
        register.take_over(self.session, [(person, stated)], self.now(DRAFTER), AT)
        self.numbers[who] = [number]


@pytest.fixture(scope="module")
def engine() -> Any:
    made = keyed(create_engine("sqlite://"), Sealing([new_key()]))
    SQLModel.metadata.create_all(made)
    return made


@pytest.fixture
def session(engine: Any) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def years(worked: dict[str, Any]) -> range:
    days = [day_of(line.strip().split("　")[0]).year for line in lines(worked["given"])]
    stated = [int(year) for year in worked.get("table3", {})]
    return range(min(days + stated), max(days) + 1)


@pytest.mark.parametrize("worked", CASES, ids=lambda worked: worked["name"])
def test_the_year_is_counted_as_by_hand(worked: dict[str, Any], session: Session) -> None:
    play = YearEnd(session)
    for line in lines(worked["given"]):
        play.line(line)
    found3, found4, before, kept = {}, {}, None, dict[int, Tables]()
    for year in years(worked):
        tables = kept[year] = play.tables(year)
        balance = checks(tables.table3, before)
        assert all(one.ok for one in balance), [one.message for one in balance if not one.ok]
        before = tables.table3
        found3[year] = cells3(tables)
        counted = tables.table4.cells.items()
        found4[year] = "、".join(
            f"{group} {column}"
            for group, columns in counted
            for column, cases in columns.items()
            if cases and column != "总计"
        )
    stated3 = {int(year): dict(cells) for year, cells in worked.get("table3", {}).items()}
    stated4 = {int(year): cell for year, cell in worked.get("table4", {}).items()}
    assert {year: cells for year, cells in found3.items() if cells} == stated3
    assert {year: cells for year, cells in found4.items() if cells} == stated4
    as_signed(worked, play)
    apart = [y for y in kept if uncompared(session, y, kept.get(y - 1), play.today)]
    assert apart == worked.get("uncompared", apart)


def cells3(tables: Tables) -> dict[str, int]:
    """The cells of table 三 that are not 0, without the sums."""
    found = Counter[str]()
    for code, row in tables.form.rows.items():
        for kind in tables.form.kinds if row.kind != "results" else ():
            found[f"{code} {kind}"] = len(tables.table3.cases(code, kind))
    return {cell: cases for cell, cases in found.items() if cases}


def as_signed(worked: dict[str, Any], play: YearEnd) -> None:
    """Which years are signed, and that each still says what was signed, and nothing waits."""
    closed = closed_years.closed_years(play.session)
    assert closed == worked.get("signed", [])
    for year in closed:
        report = closed_years.signed(play.session, year)
        assert report is not None
        then = parse(closed_years.tables_text(report).encode())
        assert differences(then, parse(play.text(year).encode()), RULES.form(year)) == []
        assert closed_years.corrections(play.session, year, play.today) == []


def test_each_trap_has_its_cases_and_every_line_of_them_is_read() -> None:
    assert tuple(dict.fromkeys(worked["trap"] for worked in CASES)) == TRAPS
    for worked in CASES:
        assert worked.keys() <= KEYS, worked["name"]
        assert {"trap", "name", "article", "why", "given"} <= worked.keys()
    assert len({worked["name"] for worked in CASES}) == len(CASES)
