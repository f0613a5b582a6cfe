"""What an earlier release began is led to its end by today's code, from every stage.

The registers that it recorded (tests/corpus.py) are put into one, each under numbers and an
applicant of its own: of each stage the first open case. All of them: DISCLOSURE_HISTORIES=2.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from corpus import RELEASES, Recorded, rows
from databases import empty_register
from histories import ANSWERS, DRAFTER, usual_officer
from histories_at_random import COURSE_ANSWERS, ONWARD
from sqlmodel import Session, select

from flows import office
from flows.keeping import verifying
from flows.path import forms, recording
from flows.shown.dossier import dossier
from models.acts import catalogue
from models.case.act import Act
from models.case.case import Case
from models.case.stage import OPEN, Stage
from models.register import register, same_applicant
from models.report_tables.identities import checks
from models.store.tables import Applicant, Application, Document, Event
from models.year.year_figures import tables_of

TODAY = date(2026, 11, 2)
ALL = int(os.environ.get("DISCLOSURE_HISTORIES", "1")) > 1
MOST = 12  # acts that any of them needs to its end
USUALLY = (
    *("drafted_unable", "found_ours", "received", "corrected", "fee_paid", "approved"),
    *("secrecy_cleared", "signed", "replied"),
)
"""The acts that lead a case to its end, the first that is lawful: no other gives what was paid for."""


def registers() -> Iterator[Recorded]:
    """What each release recorded under the usual choices, in numbers that stand beside each other."""
    for path in sorted(RELEASES.glob("*.jsonl")):
        for n, line in enumerate(path.read_text("utf-8").splitlines()):
            yield _apart(line, n)


def _apart(line: str, n: int) -> Recorded:
    line = re.sub(r"SQ20(\d\d)000", rf"SQ\g<1>{n:03d}", line).replace("张三", f"张三{n}")
    line = re.sub(r"〔(\d{4})〕(\d+)号", lambda m: f"〔{m[1]}〕{int(m[2]) + 100 * n}号", line)
    one = Recorded(**json.loads(line))
    for letter in one.documents:
        letter["serial"] += 100 * n
    return one


def brought_in(session: Session, one: Recorded) -> Iterator[Case]:
    """The cases of a register, put into this one as they were stored."""
    histories: dict[str, list[Event]] = {}
    for event in rows(Event, one.events):
        histories.setdefault(event.case_number, []).append(event)
    session.add_all([*rows(Document, one.documents)])
    for number, history in histories.items():
        case = catalogue.replay(number, history)
        session.add_all([*history, Applicant(case_number=number)])
        session.add(Application(**register.columns(case, office.law())))
        yield case


def begun() -> list[str]:
    """The numbers of what is open, once all is brought in that is wanted."""
    found, seen = list[str](), set[Stage]()
    with office.writing() as session:
        for one in registers():
            stages = {row["row"]["stage"] for row in one.rows.values()} - {Stage.CLOSED.value}
            if one.practice or one.unpublished or not (ALL or stages - seen):
                continue
            seen |= stages
            found += [case.number for case in brought_in(session, one) if is_open(case)]
    return found


def is_open(case: Case) -> bool:
    return case.stage is not Stage.CLOSED


def led_to_its_end(number: str) -> Iterator[str]:
    """One act after another; what is asked of an officer besides is a reason, in Chinese."""
    tried = set[tuple[int, str]]()
    for _ in range(MOST):
        with office.reading() as session:
            case = register.case(session, number)
            if not is_open(case):
                return
            assert dossier(session, number, office.circumstances("")).markdown()
            assert forms.point(session, case).schema
            now = same_applicant.informed(session, case, office.circumstances(DRAFTER))
            lawful = [act for act in catalogue.lawful(case, now) if act.kind in ONWARD]
        onward = [act for act in lawful if (case.position, act.kind) not in tried]
        act = min(onward, key=_usually)
        tried.add((case.position, act.kind))
        answer = _answer(act, act.proposal(case, now))
        done = recording.perform(
            number, case.position, act.kind, answer, usual_officer(act, case.stage)
        )
        yield from done.reasons
    raise AssertionError(f"{number} 没有办结")


def _usually(act: type[Act]) -> int:
    return USUALLY.index(act.kind) if act.kind in USUALLY else len(USUALLY)


def _answer(act: type[Act], proposed: dict[str, object]) -> dict[str, object]:
    dates = [name for name, field in act.model_fields.items() if field.annotation is date]
    answer = ANSWERS.get(act.kind, {}) | dict.fromkeys(dates, TODAY)
    answer = {name: TODAY if isinstance(day, date) else day for name, day in answer.items()}
    answer |= {name: value for name, value in proposed.items() if value != ""}
    answer |= COURSE_ANSWERS.get(act.kind, {})
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in answer.items()
    }


def test_what_an_earlier_release_began_is_led_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its forms and dossiers are there, every act is recorded or refused with its article; then the
    register is sound, and its tables balance.
    """
    with empty_register(tmp_path, monkeypatch):
        monkeypatch.setenv("DISCLOSURE_TODAY", TODAY.isoformat())
        numbers = begun()
        assert len(numbers) >= len(OPEN)
        for number in numbers:
            reasons = [*led_to_its_end(number)]
            assert all("条例" in one or "办法" in one for one in reasons), reasons
        found = verifying.verify().faults
        assert [one for one in found if not one.startswith("编号系列")] == []  # ours are apart
        with office.reading() as session:
            assert all(row.stage == Stage.CLOSED for row in session.exec(select(Application)))
            for year in (2025, 2026):
                figures = tables_of(session, year, TODAY, office.law(), office.annual_rules())
                assert [one.message for one in checks(figures.table3) if not one.ok] == []
