"""What an officer is asked at each point: every form there is, as the UI and the server take it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from histories import AGENCY, DRAFTER, LAW
from officers import STAFFED
from prefect.utilities.schema_tools.validation import is_valid_schema, validate
from situations import SITUATIONS, reached
from sqlmodel import Session, SQLModel, create_engine

from flows import office
from flows.path import forms
from flows.prefect_side.one_form import ACT, form
from models.acts import catalogue
from models.case.act import Act, Circumstances
from models.case.case import Case
from models.case.stage import Stage
from models.register import same_applicant

ENGINE = create_engine("sqlite://")
SQLModel.metadata.create_all(ENGINE)
DOCS = Path(__file__).parents[1] / ".docs"
OPEN = [name for name in SITUATIONS if name not in ("已注销登记", "台账所载、已办结")]


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(ENGINE) as session:
        yield session


def standing(session: Session, name: str) -> tuple[Case, Circumstances]:
    play = reached(session, name)
    case = play.case()
    return case, same_applicant.informed(session, case, play.now(DRAFTER))


def tabs(act: type[Act], case: Case, now: Circumstances) -> dict[str, Any]:
    return forms._tab(act, case, now)


def point_of(
    session: Session, name: str, monkeypatch: pytest.MonkeyPatch, agency=AGENCY
) -> forms.Point:
    play = reached(session, name)
    monkeypatch.setattr(
        office, "circumstances", lambda who: Circumstances(play.today, who, LAW, agency)
    )
    return forms.point(session, play.case())


def test_what_is_recorded_otherwise_than_it_is_shown_is_coded(session: Session) -> None:
    """Whatever a drop-down shows in other words than it records, and no text that an officer writes."""
    picked = set()
    for name in SITUATIONS:
        case, now = standing(session, name)
        for act in catalogue.ACTS.values():
            for field, options in act.options(case, now).items():
                if any(key and key != words for key, words in options.items()):
                    picked.add((act.kind, field))
        session.rollback()
    coded = {(act.kind, field) for act in catalogue.ACTS.values() for field in act.coded}
    numbers = {("answered_together", "lead")}  # an application's: shown with who applied
    never_offered = {
        ("erratum", "entries"),
        ("imported_result", "row"),
        ("received_as_part", "lacking"),
    }
    assert coded == picked - numbers | never_offered


# ── every form ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", [n for n in OPEN if not n.startswith("已办结")])
def test_the_form_of_every_situation_is_one_the_server_takes(
    name: str, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = point_of(session, name, monkeypatch)
    shown = form(point.schema, point.description)
    is_valid_schema(shown)
    for tab in point.schema.get("anyOf", [point.schema]):
        assert "allOf" not in shown["definitions"]["tab0"]
        for entry in tab["properties"].values():
            assert entry.get("default", "填写") != ""  # sent as it stands, it would be an answer
            if "default" in entry and "enum" in entry:
                assert entry["default"] in entry["enum"]
            assert entry.get("enum") != []


@pytest.mark.parametrize("name", [n for n in OPEN if not n.startswith("已办结")])
def test_what_a_case_in_brief_says_has_its_days_in_words(
    name: str, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = point_of(session, name, monkeypatch).description
    assert re.findall(r"\d{4}-\d\d-\d\d[^\n]*", re.sub(r"\]\([^)]*\)", "]", said)) == []


def test_no_form_of_an_officers_names_a_file_that_only_the_maintainer_sees() -> None:
    for act in catalogue.ACTS.values():
        for name, field in act.model_fields.items():
            assert ".toml" not in f"{field.title}{field.description}", (act.kind, name)


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_must_be_answered_is_required_and_what_need_not_is_not(
    name: str, session: Session
) -> None:
    case, now = standing(session, name)
    for act in catalogue.tabs(case, now):
        required = tabs(act, case, now)["required"]
        options = act.options(case, now)
        for key, field in act.questions(case, now).items():
            assert (f"{act.kind}.{key}" in required) == (field.is_required() or key in options)
        assert f"{act.kind}.officer" in required


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_an_option_makes_necessary_is_refused_without_it(name: str, session: Session) -> None:
    """The form's conditions are the law's: what it demands, the act itself demands too."""
    case, now = standing(session, name)
    for act in catalogue.lawful(case, now):
        for picked, values in act.needs(case, now).items():
            for value, needed in values.items():
                assert value in act.options(case, now)[picked]
                for missing in needed:
                    answer = _blank(act, now) | {picked: value}
                    without = act.model_construct(**answer).faults(case, now)
                    filled = answer | {missing: _filled(act, missing, now)}
                    assert set(without) - set(act.model_construct(**filled).faults(case, now))


def _blank(act: type[Act], now: Circumstances) -> dict[str, Any]:
    """Nothing answered, but the days that every answer has."""
    return {
        name: {date: now.today, str: "", int: 0}.get(field.annotation)
        for name, field in act.model_fields.items()
    }


def _filled(act: type[Act], name: str, now: Circumstances) -> object:
    return "填写" if act.model_fields[name].annotation is str else now.today


# ── as the server judges an answer ──────────────────────────────────────────────────────────────
def faults(shown: dict[str, Any], **answer: object) -> list[str]:
    return [error.message for error in validate({ACT: answer}, shown)]


def test_the_server_asks_for_what_the_outcome_picked_needs(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = point_of(session, "待起草", monkeypatch)
    shown = form(point.schema, point.description)
    key = "drafted_unable"
    label = next(
        one
        for tab in point.schema["anyOf"]
        for one in tab["properties"].get(f"{key}.outcome", {}).get("enum", [])
        if "信息不存在" in one
    )
    answer = {f"{key}.outcome": label, f"{key}.officer": "陈静"}
    assert f"'{key}.search' is a required property" in faults(shown, **answer)
    assert faults(shown, **answer, **{f"{key}.search": "检索了档案系统"}) == []


def test_without_a_list_any_officer_may_be_named_and_with_one_only_who_may(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for agency, names in ((AGENCY, None), (STAFFED, ["王建国"])):
        point = point_of(session, "待签发", monkeypatch, agency)
        sign = next(tab for tab in point.schema["anyOf"] if tab["title"] == "签发")
        assert sign["properties"]["signed.officer"].get("enum") == names
        session.rollback()


def test_revising_asks_for_each_text_as_it_stands(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = point_of(session, "待签发", monkeypatch)
    revise = next(tab for tab in point.schema["anyOf"] if tab["title"] == "改稿")
    asked = {k.partition(".")[2]: v.get("default") for k, v in revise["properties"].items()}
    assert list(asked) == ["0-information", "0-whereabouts", "note", "officer"]
    assert asked["0-whereabouts"] == "随本告知书附送"
    answer = {f"revised.{k}": v for k, v in asked.items() if v} | {"revised.officer": "陈静"}
    shown = form(point.schema, "")
    assert faults(shown, **answer) == []
    assert any("required" in one for one in faults(shown, **{"revised.officer": "陈静"}))
    assert Stage.SIGNING in catalogue.ACTS["revised"].stages


def test_the_form_of_a_deployment_offers_the_officers_that_are_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from flows.path.application import register_application
    from flows.prefect_side.deployments import form_of

    assert "enum" not in form_of(register_application)["properties"]["officer"]
    monkeypatch.setattr(office, "agency", lambda: STAFFED)
    names = form_of(register_application)["properties"]["officer"]["enum"]
    assert names == [one.name for one in STAFFED.officers]


def test_who_sends_the_letter_finds_it_on_the_form(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = point_of(session, "待发出", monkeypatch)
    assert (
        "**告知书**　沪知公开告〔2026〕1号，2026年3月10日　[打开（.docx）](/letters/SQ"
        in point.description
    )
    assert "%E5%8F%B7.pdf)" in point.description.split("[打印（PDF）]")[1].splitlines()[0]
    assert "告知书全文" not in point.description
