"""The forty-four edge cases of the field, each played by real acts on a real register.

The cases, and how to read them, are in tests/cases/edge_cases.toml; tests/played.py plays them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from histories import CONFIG, LAW
from played import Played, day_of, lines
from sqlalchemy import create_engine
from sqlmodel import Session, SQLModel, select

from letters.letter.words import Letter
from models.acts.afterwards.delivery import remedy_days
from models.acts.procedure.charging import fee_of
from models.agency.remedy import transition_warning
from models.case.time_given import short_times
from models.law.rules import Choice
from models.law.statute import Statute
from models.law.workdays import Calendar
from models.report_tables.form import form_for, load_forms
from models.report_tables.identities import checks
from models.report_tables.table3 import table3
from models.report_tables.table4 import table4
from models.store.sealing import Sealing, keyed, new_key
from models.store.tables import Applicant, Document, Event
from models.year import year_end

CASES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "cases" / "edge_cases.toml").read_text(encoding="utf-8")
)["case"]
FORMS = load_forms(CONFIG / "annual")
CLAUSES = {
    "choice": "复议或者诉讼",
    "if_taken": "复议，依法可诉的诉讼",
    "if_taken_part": "其余部分复议，依法可诉的诉讼",
    "review_first": "先复议",
    "review_first_part": "不予公开的部分先复议",
    "choice_part": "其余部分复议或者诉讼",
}
OPENINGS = {
    "choice": "如不服本告知书，(您|贵单位|各位申请人)可以自收到.*，也可以自收到本告知书之日起6个月内直接向",
    "if_taken": "如不服本告知书，(您|贵单位|各位申请人)可以自收到.*；依法可以提起行政诉讼的",
    "review_first": "如不服本告知书，根据《中华人民共和国行政复议法》",
    "review_first_part": "如对本告知书中不予公开的内容不服",
    "choice_part": "如对本告知书的其他内容不服.*，也可以自收到本告知书之日起6个月内直接向",
    "if_taken_part": "如对本告知书的其他内容不服.*；依法可以提起行政诉讼的",
}
KEYS = {
    *("number", "name", "article", "basis", "practice", "unpublished", "given"),
    *("last_day", "provisional", "suspended", "timely", "late", "table3", "table4", "letters"),
    *("remedy", "authorities", "says", "silent", "never", "warnings", "remedy_until", "fee"),
    *("numbered", "column"),
}
ENGINE = keyed(create_engine("sqlite://"), Sealing([new_key()]))
SQLModel.metadata.create_all(ENGINE)


@pytest.fixture
def session() -> Iterator[Session]:
    """An empty register in memory: what happens in it is rolled back."""
    with Session(ENGINE) as session:
        yield session


def law_of(worked: dict[str, Any]) -> Statute:
    """The law under the options of a case, before the notices that it says were not out yet."""
    law = LAW.under(**worked.get("practice", {}))
    hidden = tuple(worked.get("unpublished", ()))
    return law.with_calendar(calendar_without(hidden)) if hidden else law


@cache
def calendar_without(years: tuple[int, ...]) -> Calendar:
    return Calendar.load(CONFIG / "workdays", hide=years)


def name_of(worked: dict[str, Any]) -> str:
    return f"{worked['number']} {worked['name']}"


def years(worked: dict[str, Any]) -> range:
    days = [day_of(line.strip().split("　")[0]) for line in lines(worked["given"])]
    return range(min(days).year, max(days).year + 1)


def last_letter(play: Played, kind: str = "") -> str:
    """The words of the last letter, or of the last reply, in one piece."""
    found = [one for one in play.documents if not kind or one.series == kind]
    return text_of(found[-1]) if found else ""


def text_of(document: Document) -> str:
    letter = Letter.from_json(document.letter)
    body = (paragraph.text for paragraph in letter.paragraphs)
    return "\n".join([letter.number, letter.addressee, *body, *map(str, letter.form)])


def labels(play: Played) -> list[str]:
    """The letters that went out, in order; several of a kind in a row as ×n."""
    named: list[tuple[str, int]] = []
    for one in play.documents:
        play.session.refresh(one)
        outcome, notice = LAW.outcomes.get(one.kind), LAW.letters.get(one.kind)
        code = outcome.letter if outcome else notice.code if notice else ""
        label = f"{code} {(outcome or notice or one).label}{'（作废）' if one.voided_on else ''}"
        times = named.pop()[1] if named and named[-1][0] == label else 0
        named.append((label, times + 1))
    return [label if n == 1 else f"{label}×{n}" for label, n in named]


def spelt(expected: list[str]) -> list[str]:
    """The expected letters in the same way: equal neighbours are written as ×n."""
    named: list[tuple[str, int]] = []
    for text in expected:
        label, _, times = text.partition("×")
        before = named.pop()[1] if named and named[-1][0] == label else 0
        named.append((label, before + int(times or 1)))
    return [label if n == 1 else f"{label}×{n}" for label, n in named]


@pytest.mark.parametrize("worked", CASES, ids=name_of)
def test_the_case_ends_as_a_lawyer_expects(worked: dict[str, Any], session: Session) -> None:
    play = Played(session, law_of(worked))
    for line in lines(worked["given"]):
        play.line(line)
    for check in (
        check_limit,
        check_warnings,
        check_tables,
        check_letters,
        check_remedy,
        check_persons_and_fees,
    ):
        check(worked, play)


def check_limit(worked: dict[str, Any], played: Played) -> None:
    limit = played.case().deadline(played.law)
    assert limit is not None
    assert limit.last_day == worked.get("last_day")
    assert limit.suspended == worked.get("suspended", False)
    assert limit.provisional == worked.get("provisional", False)
    if not limit.suspended:
        assert limit.timely == worked.get("timely")
    for who in worked.get("late", ()):
        other = played.case(who).deadline(played.law)
        assert other is not None
        assert other.timely is False


def check_warnings(worked: dict[str, Any], played: Played) -> None:
    case = played.case()
    limit = case.deadline(played.law)
    found = [*(limit.warnings if limit else ()), *played.warnings]
    doubt = transition_warning(case.signed_on, played.law) if case.signed_on else None
    found += [doubt] if doubt else []
    found += short_times(case, played.law)
    expected = worked.get("warnings", [])
    assert len(found) == len(expected), found
    for words, warning in zip(expected, found, strict=True):
        assert words in warning


def check_tables(worked: dict[str, Any], played: Played) -> None:
    expected = {int(year): cells for year, cells in worked.get("table3", {}).items()}
    reviews = {int(year): column for year, column in worked.get("table4", {}).items()}
    found, decided, before = {}, {}, None
    kinds = set[str]()
    for year in years(worked):
        form = form_for(FORMS, year)
        told = list(year_end.case_lines(played.session, year, played.today, played.law))
        kinds |= {line.column for line in told}
        table = table3(told, year, form)
        counted = {code: len(table.cases(code, form.total)) for code in form.rows}
        found[year] = {c: n for c, n in counted.items() if n and c != form.code("results")}
        balance = checks(table, before)
        assert all(one.ok for one in balance), [one.message for one in balance if not one.ok]
        before = table
        lines_4 = year_end.review_lines(played.session, year, played.today, played.law)
        cells = table4(lines_4, year, form).cells
        columns = [c for group in cells.values() for c, n in group.items() if n and c != "总计"]
        decided[year] = "、".join(columns)
    assert {year: cells for year, cells in found.items() if cells} == expected
    assert "column" not in worked or kinds == {worked["column"]}
    assert {year: column for year, column in decided.items() if column} == reviews


def check_letters(worked: dict[str, Any], played: Played) -> None:
    assert labels(played) == spelt(worked["letters"])
    last = last_letter(played)
    for words in worked.get("says", ()):
        assert words in last, last
    for words in worked.get("silent", ()):
        assert words not in last
    if "numbered" in worked:
        assert last.startswith(worked["numbered"])


def check_remedy(worked: dict[str, Any], played: Played) -> None:
    reply = last_letter(played, "reply")
    found = [CLAUSES[clause] for clause, opening in OPENINGS.items() if re.search(opening, reply)]
    assert found == worked.get("remedy", [])
    if "authorities" in worked:
        assert f"内向{worked['authorities']}申请行政复议" in reply
    days = remedy_days(played.case(), played.law)
    if "remedy_until" in worked:
        assert days is not None
        assert {"review": days.review.day, "suit": days.suit.day} == worked["remedy_until"]


def check_persons_and_fees(worked: dict[str, Any], played: Played) -> None:
    written = [text_of(one) for one in played.documents]
    written += [str(one.facts) for one in played.session.exec(select(Event))]
    for words in worked.get("never", ()):
        assert not any(words in text for text in written)
        kept = played.session.exec(select(Applicant)).all()
        assert any(words in one.identity + one.contact for one in kept)
    if "fee" in worked:
        notice = played.case().fee
        assert notice is not None
        assert fee_of(notice, played.law).amount == worked["fee"]
        noticed = [text_of(one) for one in played.documents if one.kind == "fee"]
        assert f"{worked['fee']}元" in noticed[-1]


# ── the world is closed ─────────────────────────────────────────────────────────────────────────
def test_all_of_them_are_there() -> None:
    numbers = [worked["number"] for worked in CASES]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, max(numbers) + 1))
    assert max(numbers) >= 46


def test_every_line_of_a_case_is_read() -> None:
    for worked in CASES:
        assert worked.keys() <= KEYS, worked["name"]
        assert {"number", "name", "article", "basis", "given", "letters"} <= worked.keys()
    assert len({name_of(worked) for worked in CASES}) == len(CASES)


@pytest.mark.parametrize("choice", LAW.choices, ids=lambda row: row.key)
def test_every_option_of_a_disputed_point_has_its_own_case(choice: Choice) -> None:
    tried = {
        worked["practice"][choice.key]
        for worked in CASES
        if choice.key in worked.get("practice", {})
    }
    assert tried == set(choice.options)


@pytest.mark.parametrize("choice", LAW.choices, ids=lambda row: row.key)
def test_the_options_of_a_disputed_point_make_a_difference(choice: Choice) -> None:
    """Of the cases of one number, those that differ in this choice alone end differently."""
    seen = [
        {key: value for key, value in worked.items() if key not in ("name", "basis", "practice")}
        for worked in CASES
        if choice.key in worked.get("practice", {})
    ]
    assert any(one != seen[0] for one in seen[1:])
