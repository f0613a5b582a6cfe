"""What Prefect's UI and server make of a form: tabs, what is wrong in one, the text on top."""

from __future__ import annotations

from typing import Any

import pytest
from prefect.exceptions import Pause
from prefect.utilities.schema_tools.validation import build_error_obj, validate

from flows.prefect_side import one_form
from flows.prefect_side.one_form import ACT, form


def tab(kind: str, *required: str, **fields: dict) -> dict:
    return {
        "title": kind,
        "type": "object",
        "properties": {f"{kind}.{name}": field for name, field in fields.items()},
        "required": [f"{kind}.{name}" for name in required],
        "additionalProperties": False,
    }


DRAFT = tab("draft", "days", days={"type": "integer", "maximum": 20}, note={"type": "string"})
WITHDRAW = tab("withdraw", "on", on={"type": "string", "format": "date"})
BOTH = form({"title": "办理", "anyOf": [DRAFT, WITHDRAW]}, "")


def faults(shown: dict, **answer: object) -> list:
    return build_error_obj(validate({ACT: answer}, shown))["errors"]


def test_an_answer_fits_if_it_fits_its_tab():
    assert faults(BOTH, **{"draft.days": 20}) == []
    assert faults(BOTH, **{"withdraw.on": "2026-03-02"}) == []
    assert faults(form(DRAFT, ""), **{"draft.days": 20}) == []


def test_a_field_that_was_cleared_is_as_good_as_left_out():
    assert faults(BOTH, **{"draft.days": 20, "draft.note": None}) == []


def test_what_is_wrong_in_a_tab_is_said_at_its_field():
    missing, whole = faults(BOTH, **{"draft.note": ""})
    assert missing["errors"] == [
        {"property": "draft.days", "errors": ["'draft.days' is a required property"]}
    ]
    assert whole["property"] == ACT
    (too_many, _whole) = faults(BOTH, **{"draft.days": 21})
    assert too_many["errors"][0]["property"] == "draft.days"


def test_a_single_act_is_shown_without_tabs():
    act = form(DRAFT, "")["properties"][ACT]
    assert "anyOf" not in act
    assert act["title"] == "draft"


# ── putting it up ───────────────────────────────────────────────────────────────────────────────
def test_a_run_that_goes_on_for_its_answer_makes_no_form(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"received.received_on": "2026-03-02"}
    monkeypatch.setattr(one_form, "_said", lambda *_: given)

    def made() -> one_form.Asked:
        raise AssertionError("a form that nobody is shown")

    assert one_form.ask(made, key="1-0") == given


def test_a_form_that_is_put_up_again_and_again_is_made_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    up, times = list[str](), list[None]()

    def put_up(_keyset: object, shown: dict[str, Any]) -> bool:
        up.extend(shown["required"])
        return len(up) == 3  # it was put up twice before, and nobody answered

    def made() -> one_form.Asked:
        times.append(None)
        return {"type": "object", "properties": {}}, "上面写的"

    monkeypatch.setattr(one_form, "_said", lambda *_: None)
    monkeypatch.setattr(one_form, "_put_up", put_up)
    monkeypatch.setattr(one_form, "suspend_flow_run", lambda **_: (_ for _ in ()).throw(Pause()))
    with pytest.raises(Pause):
        one_form.ask(made, key="1-0")
    assert up == ["act-1-0", "act-1-0-again-1", "act-1-0-again-2"]
    assert len(times) == 1
