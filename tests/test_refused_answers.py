"""A form comes back as it was filled in: refused, with the reason; or with the letter to be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from flows import office
from flows.commands.robot_officer import filled
from flows.path import application, forms, intake, recording
from letters.letter.words import Letter, escaped
from models.acts.catalogue import ACTS
from models.case.personal import CODE
from models.errors import ActRefused, CalendarNotPublished
from models.register import refusals, register
from models.store.tables import Document, RefusedAnswer
from tests.databases import empty_register
from tests.histories import ANSWERS

CLERK = "陈静"


@pytest.fixture
def number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A case that is ours, about to be drafted."""
    with empty_register(tmp_path, monkeypatch):
        made = intake.receive(
            channel="当面", kind="自然人", applicant="张三", request="甲", arrived_on=None,
            officer=CLERK,
        ).number  # fmt: skip
        recording.perform(made, 1, "received", {"received_on": "2026-03-02"}, CLERK)
        recording.perform(made, 2, "found_ours", {}, CLERK)
        yield made


def tab(number: str, kind: str) -> dict[str, Any]:
    """The fields of an act's tab in the form that waits."""
    with office.reading() as session:
        point = forms.point(session, register.case(session, number))
    tabs = point.schema.get("anyOf", [point.schema])
    (found,) = [one for one in tabs if f"{kind}.officer" in one["properties"]]
    return {key.partition(".")[2]: entry for key, entry in found["properties"].items()}


def defaults(number: str, kind: str) -> dict[str, Any]:
    return {name: entry.get("default") for name, entry in tab(number, kind).items()}


def test_what_was_typed_is_filled_in_again(number: str) -> None:
    other = defaults(number, "drafted_refused")
    asked: dict[str, object] = {"outcome": "granted", "information": "名单（共3页）"}  # how?
    done = recording.perform(number, 3, "drafted_granted", asked, CLERK)
    assert done.refused
    again = tab(number, "drafted_granted")
    assert again["information"]["default"] == "名单（共3页）"
    assert again["officer"]["default"] == CLERK
    assert again["outcome"]["default"] in again["outcome"]["enum"]
    assert "予以公开" in again["outcome"]["default"]
    assert defaults(number, "drafted_refused") == other


def test_the_form_opens_on_the_tab_that_was_refused(number: str) -> None:
    def first() -> str:
        with office.reading() as session:
            tabs = forms.point(session, register.case(session, number)).schema["anyOf"]
        return next(iter(tabs[0]["properties"])).partition(".")[0]

    assert first() == "drafted_granted"
    assert recording.perform(number, 3, "drafted_refused", {"outcome": "ours"}, CLERK).refused
    assert first() == "drafted_refused"


def test_only_the_last_answer_is_filled_in(number: str) -> None:
    for words in ("第一次", "第二次"):
        asked: dict[str, object] = {"outcome": "granted", "information": words}
        assert recording.perform(number, 3, "drafted_granted", asked, CLERK).refused
    assert defaults(number, "drafted_granted")["information"] == "第二次"
    good: dict[str, object] = {"outcome": "granted", "information": "甲", "whereabouts": "随附"}
    assert not recording.perform(number, 3, "drafted_granted", good, CLERK).refused
    with office.reading() as session:
        assert "第二次" not in str(forms.point(session, register.case(session, number)).schema)


@pytest.mark.parametrize("value", ["没有这一项", 7, None, True, ["甲"], {"a": 1}, "\x00\ud800"])
def test_what_does_not_fit_the_field_is_left_out(number: str, value: Any) -> None:
    asked = {"outcome": value, "information": value, "unknown": value}
    assert recording.perform(number, 3, "drafted_granted", asked, CLERK).refused
    again = tab(number, "drafted_granted")
    assert again["outcome"].get("default", again["outcome"]["enum"][0]) in again["outcome"]["enum"]
    assert isinstance(again["information"].get("default", ""), str)


def test_a_date_that_is_none_is_not_filled_in(number: str) -> None:
    said: dict[str, object] = {"extended_on": "昨天", "told_on": "昨天"}
    assert recording.perform(number, 3, "extended", said, CLERK).refused
    with office.reading() as session:
        schema = forms.point(session, register.case(session, number)).schema
    assert "昨天" not in str(schema)


def test_the_code_is_not_kept(number: str) -> None:
    asked: dict[str, object] = {"outcome": "granted"}
    recording.perform(number, 3, "drafted_granted", asked, CLERK, code="654321")
    with office.reading() as session:
        kept = session.get(RefusedAnswer, (number, 3, 0))
    assert kept is not None
    assert "654321" not in str(kept.fields)
    assert CODE not in kept.fields


# ── the letter before it is sent ──────────────────────────────────────────────────────────────


def submitted(number: str, kind: str, **fields: object) -> None:
    """The form of an act submitted as it stands in the UI, but for these fields."""
    stands = {
        f"{kind}.{name}": entry["default"]
        for name, entry in tab_of(number, kind).items()
        if "default" in entry
    }
    application.submit(application.read(number), stands | filled(number, kind, fields, CLERK))


def waiting(number: str) -> forms.Point:
    with office.reading() as session:
        return forms.point(session, register.case(session, number))


SHOWN_FIRST = [
    *("correction_requested", "extended", "consultation_started", "fee_noticed", "reasons_asked"),
]


@pytest.mark.parametrize("kind", SHOWN_FIRST)
def test_a_notice_is_read_whole_before_it_is_sent(number: str, kind: str) -> None:
    assert ACTS[kind].shown_first
    fields = {name: value for name, value in ANSWERS[kind].items() if value is not None}
    assert tab_of(number, kind)["then"]["default"] == "先看文书全文"
    submitted(number, kind, **fields)
    assert application.read(number).position == 3
    shown = waiting(number)
    assert "上次提交未被接受" not in shown.description
    assert "文书全文" in shown.description
    assert tab_of(number, kind)["then"]["default"] == "发出文书"
    with office.reading() as session:
        assert session.exec(select(Document).where(Document.position == 3)).all() == []
    submitted(number, kind)
    assert application.read(number).position == 4
    with office.reading() as session:
        letters = session.exec(select(Document).where(Document.position == 3)).all()
    assert letters
    for document in letters:
        letter = Letter.from_json(document.letter)
        assert letter.number not in shown.description
        for paragraph in letter.paragraphs:
            assert escaped(paragraph.text) in shown.description


def test_a_notice_that_cannot_be_sent_is_refused_before_it_is_read(number: str) -> None:
    submitted(number, "extended", days=40, reasons="甲")
    shown = waiting(number)
    assert "上次提交未被接受" in shown.description
    assert "文书全文" not in shown.description
    assert application.read(number).position == 3


def tab_of(number: str, kind: str) -> dict[str, Any]:
    """The tab of a procedural act, chosen first if it is not there."""
    if not any(f"{kind}.officer" in one["properties"] for one in _tabs(number)):
        application.submit(application.read(number), {"choose.procedure": ACTS[kind].title})
    return tab(number, kind)


def _tabs(number: str) -> list[dict[str, Any]]:
    schema = waiting(number).schema
    return list(schema.get("anyOf", [schema]))


@pytest.mark.parametrize("read_first", [True, False])
def test_a_day_that_no_rule_knows_is_refused_with_the_reason(
    number: str, read_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def beyond(*_: object) -> list[str]:
        raise CalendarNotPublished(9999)

    monkeypatch.setattr(ACTS["extended"], "faults", beyond)
    answer: dict[str, object] = ANSWERS["extended"] | {"told_on": "2026-03-02"}
    if read_first:
        recording.look(number, 3, "extended", answer, CLERK)
    else:
        assert recording.perform(number, 3, "extended", answer, CLERK).refused
    with office.reading() as session:
        case = register.case(session, number)
        kept = refusals.last(session, case)
    assert case.position == 3
    assert kept
    assert kept.reason.startswith("所填的日期无从计算，请核对年份：9999年")
    assert defaults(number, "extended")["told_on"] == "2026-03-02"


@pytest.mark.parametrize("day", ["0026-03-02", "1999-03-02", "2018-03-02"])
def test_a_mistyped_year_of_arrival_is_not_registered(number: str, day: str) -> None:
    with pytest.raises(ActRefused, match="早于本系统所载规定的施行日期，请核对年份"):
        intake.receive(
            channel="当面",
            kind="自然人",
            applicant="张三",
            request="甲",
            arrived_on=date.fromisoformat(day),
        )
