"""A refused form comes back as it was filled in, with the reason on top."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows import forms, intake, office, recording
from models import register
from models.case import RefusedAnswer
from models.personal import CODE
from tests.databases import empty_register

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
