"""Thousands of random histories, lawful and unlawful: what must hold, always holds.

One machine plays them on cases alone; a smaller one on the SQLite register, through
flows/path/recording.py, with reviews, suits and publication beside. More of both: DISCLOSURE_HISTORIES=20
(twenty times as many, at random).
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from databases import empty_register
from histories import AGENCY, CONFIG, DRAFTER, LAW
from histories_at_random import BEGIN, DAY, SEEDS, Histories, random_answer
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, select

from flows import office
from flows.path import recording
from flows.printing import sheets
from models.acts import catalogue
from models.acts.catalogue import ACTS
from models.acts.intake.receipt import Register
from models.case.act import Act, Circumstances
from models.case.case import Case
from models.case.matters import OtherApplication
from models.errors import ActRefused
from models.neighbours import publication, review_register
from models.neighbours.publication import PUBLICATIONS
from models.neighbours.review_acts import REVIEWS, Lodge, Redecide
from models.register import filed_letters, neighbour, register, same_applicant
from models.register.counted_in_table3 import lines
from models.report_tables.form import form_for, load_forms
from models.report_tables.table3 import Table3, table3
from models.report_tables.table4 import review_checks, table4
from models.store.tables import Applicant, Application, Document, Event, Review, Series
from models.year import year_end
from models.year.year_figures import tables_of, year_figures

AT = office.now()
FORMS = load_forms(CONFIG / "annual")
TIMES = int(os.environ.get("DISCLOSURE_HISTORIES", "1"))


class PureHistories(Histories):
    """Without a register: cases, and the events that made them, under any of the law's options."""

    @initialize(seed=SEEDS)
    def options_are_chosen(self, seed: int) -> None:
        chance = Random(seed)
        self.law = LAW.under(**{row.key: chance.choice([*row.options]) for row in LAW.choices})
        self.cases: dict[str, Case] = {}
        self.events: dict[str, list[Event]] = {}

    def numbers(self) -> list[str]:
        return list(self.cases)

    def case(self, number: str) -> Case:
        return self.cases[number]

    def informed(self, case: Case, officer: str) -> Circumstances:
        others = [one for one in self.cases.values() if one.applicant == case.applicant]
        told = tuple(as_other(one) for one in others if one.number != case.number)
        return Circumstances(self.today, officer, self.law, AGENCY, told)

    def arrive(self, answer: dict[str, Any]) -> str:
        number = f"SQ{self.today.year}{len(self.cases) + 1:05d}"
        self.cases[number], self.events[number] = Case(number), []
        now = Circumstances(self.today, DRAFTER, self.law, AGENCY)
        self.happened(self.cases[number], ACTS["registered"].model_validate(answer), now)
        return number

    def perform(self, case: Case, kind: str, answer: dict[str, object], officer: str) -> list[str]:
        now = self.informed(case, officer)
        try:
            act = recording.parsed(kind, answer)
        except ActRefused as refusal:
            return list(refusal.reasons)
        reasons = act.refusals(case, now)
        if not reasons:
            self.happened(case, act, now)
            for each in act.begets(case):
                part = Case(f"{case.number}-{len(self.cases)}")
                self.cases[part.number], self.events[part.number] = part, []
                for begun in each:
                    self.happened(part, begun, now)
        return reasons

    def happened(self, case: Case, act: Act, now: Circumstances) -> None:
        """As models/register/register.py records it."""
        position = case.position
        event = Event(case_number=case.number, position=position, **register.stamp(act, now, AT))
        catalogue.apply(case, event)
        for n, kind in enumerate(act.letters(case)):
            catalogue.issued(
                case, event, kind, f"{case.number}-{position}-{n}", act.letter_on(now.today)
            )
        self.events[case.number].append(event)

    def tables(self) -> Iterator[Table3]:
        for year in range(BEGIN.year, self.today.year + 1):
            told = [line for case in self.cases.values() for line in lines(case, self.law)]
            yield table3(told, year, form_for(FORMS, year))

    def teardown(self) -> None:
        for number, case in getattr(self, "cases", {}).items():
            assert catalogue.replay(number, self.events[number]) == case
        super().teardown()


def as_other(case: Case) -> OtherApplication:
    """What the register tells of an application to the others of its applicant."""
    letter = case.reply_letter()
    return OtherApplication(
        case.number,
        str(case.stage),
        case.received_on,
        case.closed_on,
        case.request,
        reply=letter.number if letter else "",
        answers=tuple(one.number for one in case.together),
    )


def much(examples: int, steps: int) -> settings:
    """A fixed, reproducible selection; or many more at random, on request."""
    return settings(
        max_examples=examples * TIMES,
        stateful_step_count=steps,
        derandomize=TIMES == 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


class RegisteredHistories(Histories):
    """On the SQLite register, as the desk records them, with its neighbours and its reports."""

    def __init__(self) -> None:
        super().__init__()
        self.law = LAW
        self.folder = Path(tempfile.mkdtemp(prefix="disclosure-histories-"))
        self.environment = pytest.MonkeyPatch()
        self.opened = empty_register(self.folder, self.environment)
        self.opened.__enter__()
        self.environment.setattr(sheets, "write", lambda letter: letter.to_json().encode())
        self.reviews: list[str] = []
        self.reports: list[tuple[int, date, object]] = []

    def numbers(self) -> list[str]:
        with office.reading() as session:
            return [row.number for row in register.applications(session)]

    def case(self, number: str) -> Case:
        with office.reading() as session:
            return register.case(session, number)

    def informed(self, case: Case, officer: str) -> Circumstances:
        self.the_day_has_come()
        with office.reading() as session:
            return same_applicant.informed(session, case, office.circumstances(officer))

    def the_day_has_come(self) -> None:
        self.environment.setenv("DISCLOSURE_TODAY", self.today.isoformat())

    def arrive(self, answer: dict[str, Any]) -> str:
        self.the_day_has_come()
        act = recording.filled(Register, answer)
        return recording.take_in(act, Applicant(case_number=""), DRAFTER).number

    def perform(self, case: Case, kind: str, answer: dict[str, object], officer: str) -> list[str]:
        done = recording.perform(case.number, case.position, kind, answer, officer)
        assert not done.came_late
        assert all(path.exists() for path in done.letters)
        return list(done.reasons)

    # the neighbours ───────────────────────────────────────────────────────────────────────────
    @rule(seed=SEEDS)
    @precondition(lambda self: self.numbers())
    def the_neighbours_go_on(self, seed: int) -> None:
        chance = self.chance(seed)
        self.the_day_has_come()
        for _ in range(6):
            self.time_passes(chance)
            one = chance.choice([self.something_is_reviewed, self.something_is_screened])
            with suppress(ActRefused):
                one(chance)
        known, year = self.today - DAY, self.today.year
        self.reports.append((year, known, self.report(year, known)))

    def something_is_reviewed(self, chance: Random) -> None:
        """A review or suit is lodged, or goes on."""
        now, number = office.circumstances(DRAFTER), chance.choice(self.numbers())
        with office.writing() as session:
            if not self.reviews or chance.random() < 0.3:
                answer = random_answer(Lodge, REVIEWS.begin(""), now, chance)
                made = recording.filled(Lodge, answer | {"application": number})
                lodged = review_register.lodge(session, made, now, AT)
                self.reviews.append(lodged.case.number)
                return
            case = neighbour.state(session, REVIEWS, chance.choice(self.reviews))
            here = [act for act in REVIEWS.acts.values() if case.stage in act.stages]
            act = chance.choice(here or [Redecide])
            words = {"what": "受理", "appellant": "张三", "reason": "误登", "letter_number": "1号"}
            answer = random_answer(act, case, now, chance)
            answer |= {name: said for name, said in words.items() if name in act.model_fields}
            neighbour.enter(session, REVIEWS, case, recording.filled(act, answer), now, AT)

    def something_is_screened(self, chance: Random) -> None:
        """What was given to one is screened for everybody, or published."""
        now, number = office.circumstances(DRAFTER), chance.choice(self.numbers())
        with office.writing() as session:
            case = publication.screening(session, number)
            act = chance.choice([*PUBLICATIONS.acts.values()])
            words = {"place": "门户网站", "reason": "已过时"}
            answer = random_answer(act, case, now, chance)
            answer |= {name: said for name, said in words.items() if name in act.model_fields}
            publication.decide(session, number, recording.filled(act, answer), now, AT)

    def report(self, year: int, known: date) -> object:
        """As the register knew it that day: nothing that is recorded later changes that."""
        with office.reading() as session:
            told = year_end.case_lines(session, year, known, LAW)
            reviews = year_end.review_lines(session, year, known, LAW)
            form = form_for(FORMS, year)
            return table3(told, year, form).cells, table4(reviews, year, form).cells

    # what always holds ────────────────────────────────────────────────────────────────────────
    def tables(self) -> Iterator[Table3]:
        before = None
        with office.reading() as session:
            for year in range(BEGIN.year, self.today.year + 1):
                form = form_for(FORMS, year)
                reviews = year_end.review_lines(session, year, self.today, LAW)
                decided = table4(reviews, year, form)
                assert [one.message for one in review_checks(decided, before) if not one.ok] == []
                before = decided
                yield table3(year_end.case_lines(session, year, self.today, LAW), year, form)

    def the_figures_are_of_the_same_cases(self, session: Session) -> None:
        """Channels are those of 新收, days and outcomes those of the results, year by year."""
        for year in range(BEGIN.year, self.today.year + 1):
            tables = tables_of(session, year, self.today, LAW, office.annual_rules())
            found = year_figures(session, tables, self.today, LAW)
            assert sum(found.channels.values()) == tables.received
            assert sum(found.days.values()) == tables.closed
            assert sum(found.outcomes.values()) == tables.closed

    def teardown(self) -> None:
        try:
            with office.reading() as session:
                self.the_figures_are_of_the_same_cases(session)
                for row, columns in register.rebuilt(session, LAW):
                    assert row.model_dump() == columns
                for neighbours in (REVIEWS, PUBLICATIONS):
                    for kept, columns in neighbour.rebuilt(session, neighbours):
                        assert kept.model_dump() == columns
                the_serials_have_no_gaps(session)
                the_letters_are_those_of_the_cases(session)
            for year, known, report in self.reports:
                assert self.report(year, known) == report
            super().teardown()
        finally:
            self.opened.__exit__(None, None, None)
            self.environment.undo()
            shutil.rmtree(self.folder)


def the_serials_have_no_gaps(session: Session) -> None:
    """Every number of a series is a letter (a void one, too), or an application, or a review."""
    given = {(row.series, row.year): row.last for row in session.exec(select(Series))}
    used: dict[tuple[str, int], list[int]] = {key: [] for key in given}
    for document in session.exec(select(Document)):
        used[document.series, document.year].append(document.serial)
    for table, series in ((Application, "application"), (Review, "review")):
        for row in session.exec(select(table)):
            year, serial = map(int, re.findall(r"\D+(\d{4})(\d+)", row.number)[0])
            used[series, year].append(serial)
    for key, last in given.items():
        assert sorted(used[key]) == list(range(1, last + 1)), key


def the_letters_are_those_of_the_cases(session: Session) -> None:
    """What a case says it issued is what is filed for it, void or not."""
    for row in session.exec(select(Application)):
        said = [(one.number, one.voided_on) for one in register.case(session, row.number).letters]
        filed = [
            (one.number, one.voided_on) for one in filed_letters.documents(session, row.number)
        ]
        assert sorted(said) == sorted(filed)


def test_whatever_happens_the_law_is_kept() -> None:
    run_state_machine_as_test(PureHistories, settings=much(20, 20))


def test_whatever_happens_the_register_keeps_it() -> None:
    run_state_machine_as_test(RegisteredHistories, settings=much(4, 12))
