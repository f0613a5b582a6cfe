"""What a form asks is written once: by the act that is asked for, or where no act is, by the form."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
from prefect.flows import Flow

from flows import office
from flows.path.form_fields import Answer, Asked, By, Of, Person, asked_in, taken_apart
from flows.path.start_forms import is_form
from flows.prefect_side.deployments import form_of
from flows.prefect_side.our_flows import OUR_FLOWS
from flows.prefect_side.our_flows import flow as ours
from models.acts.afterwards.redecision import HOLDS, SOURCES, OrderRedecision
from models.acts.catalogue import ACTS
from models.case.personal import ASKED, CODE
from models.neighbours.publication import FINDINGS, Screen
from models.neighbours.records_correction import RECORDS
from models.neighbours.review_acts import REVIEWS

ROOT = Path(__file__).parent.parent
FLOWS = {name: ours(name) for name in OUR_FLOWS}
FORMS = {name: flow for name, flow in FLOWS.items() if is_form(flow)}
OF_ACTS = {  # form → what it records, and what the form calls otherwise (its names are for programs)
    "登记申请": (ACTS["registered"], {"applicant_kind": "kind"}),
    "登记复议诉讼": (REVIEWS.acts["lodged"], {"review_kind": "kind", "letter_number": "letter"}),
    "复议诉讼结果": (REVIEWS.acts["decided"], {"number": "decision"}),
    "登记更正申请": (RECORDS.acts["requested"], {}),
    "办理更正申请": (RECORDS.acts["drafted"], {"contact": "agency_contact"}),
    "转主动公开审查": (Screen, {}),
    "撤回答复": (ACTS["reply_withdrawn"], {}),
    "责令重新答复": (OrderRedecision, {"number": "decision"}),
}


def titles(room: str) -> Iterator[str]:
    """The titles of fields that are written in a room."""
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Field":
                for said in node.keywords:
                    if said.arg == "title" and isinstance(said.value, ast.Constant):
                        yield str(said.value.value)


def test_no_form_writes_a_title_that_an_act_or_another_form_has_written() -> None:
    written, of_acts = Counter(titles("flows")), set(titles("models"))
    assert len(of_acts) > 200
    assert [title for title, times in written.items() if times > 1 or title in of_acts] == []


@pytest.mark.parametrize("name", OF_ACTS)
def test_a_form_asks_all_that_its_act_asks_in_its_order_and_words(name: str) -> None:
    act, named = OF_ACTS[name]
    form = form_of(FORMS[name])
    order = sorted(form["properties"], key=lambda each: form["properties"][each]["position"])
    asked = [named.get(each, each) for each in act.model_fields]
    assert [each for each in order if each in asked] == asked
    choices = act.choices(office.circumstances(""))
    for field, told in act.model_fields.items():
        shown = form["properties"][named.get(field, field)]
        assert shown["title"] == told.title
        assert shown.get("description", "").startswith(told.description or "")
        assert (named.get(field, field) in form["required"]) is told.is_required()
        assert shown.get("enum") == (list(choices[field].values()) if field in choices else None)


@pytest.mark.parametrize("name", FORMS)
def test_who_submits_a_form_is_asked_last_and_once(name: str) -> None:
    form = form_of(FORMS[name])["properties"]
    assert max(form, key=lambda each: form[each]["position"]) == "officer"
    assert CODE in FORMS[name].parameters.properties  # asked for as soon as somebody is enrolled


def test_every_question_of_an_act_on_a_form_exists() -> None:
    """A form of several acts names the questions that it takes over one by one."""
    now, stated, taken = office.circumstances(""), set(titles("models")), 0
    for flow in FORMS.values():
        for name, parameter in flow.fn.__signature__.parameters.items():
            if asked := asked_in(parameter.annotation):
                assert asked.entry(name, now)["title"] in stated
                taken += 1
    assert taken > 50


# ── what the flow is given ──────────────────────────────────────────────────────────────────────


def order(number: str, given: Annotated[Answer, Of(OrderRedecision, {"number": "decision"})],
          by: By) -> tuple[str, Answer, By]:  # fmt: skip
    return number, given, by


def test_a_flow_is_given_what_its_act_calls_the_fields_and_what_the_words_stand_for() -> None:
    number, given, by = taken_apart(order, "办理人")(
        number="SQ1",
        received_on=date(2026, 3, 2),
        source=SOURCES["review"],
        decision="沪府复字〔2026〕12号",
        holds=HOLDS["yes"],
        officer="陈静",
    )
    assert (number, by) == ("SQ1", By("陈静", ""))
    assert given == {
        "received_on": date(2026, 3, 2), "source": "review", "number": "沪府复字〔2026〕12号",
        "review": "", "term": 0, "unit": "workday", "moved_by": "", "moved_words": "",
        "holds": "yes", "note": "", "authority": "",
    }  # fmt: skip
    assert OrderRedecision.model_validate(given).source == "review"


def test_words_that_are_no_choice_reach_the_act_which_refuses_them() -> None:
    _, given, _ = taken_apart(order, "办理人")(
        number="SQ1", received_on=date(2026, 3, 2), source="上级", decision="1号", officer="陈静"
    )
    assert given["source"] == "上级"


def test_a_field_left_out_that_is_required_is_a_call_that_does_not_fit() -> None:
    with pytest.raises(TypeError, match="source"):
        taken_apart(order, "办理人")(number="SQ1", received_on=date(2026, 3, 2), officer="陈静")


def several(given: Annotated[str, Asked(Screen, "finding")], person: Person, by: By,
            on: date | None = None) -> tuple[Any, ...]:  # fmt: skip
    return given, person, by, on


def test_a_form_of_its_own_may_ask_a_question_of_an_act_and_the_particulars_of_a_person() -> None:
    form = taken_apart(several, "起草人")
    said = form(given=FINDINGS["fit"], officer="陈静", contact="13800000000", one_time_code="1")
    person = dict.fromkeys(ASKED, "") | {"contact": "13800000000"}
    assert said == ("fit", person, By("陈静", "1"), None)
    named: Flow[..., Any] = Flow(form, name="几种")
    assert form_of(named)["properties"]["officer"]["title"] == "起草人"
