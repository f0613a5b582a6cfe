"""Puts one form before an officer and brings the answer back just as it was submitted.

The form is a JSON schema made at run time (flows/path/forms.py). The server itself turns away an answer
that does not fit the schema, and the run stays suspended; whether a fitting answer makes sense is
for the flow to say. No pydantic model is built from an answer: Prefect fails the run when that
goes wrong, and does not ask again (PrefectHQ/prefect #12279).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from itertools import count
from typing import Any
from uuid import UUID

from prefect import suspend_flow_run
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import Pause, PrefectHTTPStatusError
from prefect.input import (
    RunInput,
    create_flow_run_input,
    keyset_from_paused_state,
    read_flow_run_input,
)
from prefect.input.run_input import Keyset
from prefect.states import Suspended

from letters.letter.words import escaped

CONFLICT = 409
DELETES_EARLIER = tuple(map(int, version("prefect").split(".")[:2])) >= (3, 9)
ACT = "act"
LARGEST_ANSWER = 1_000_000  # characters: no request that the doors let in has more
NOTHING: Mapping[str, object] = {}
Asked = tuple[Mapping[str, Any], str]
"""What a form asks: one object schema, or `{"anyOf": [...]}` with one per tab; and the Markdown above it."""
LOG = logging.getLogger(__name__)


def ask(
    made: Callable[[], Asked],
    *,
    key: str,
    new: bool = False,
    after: Callable[[], None] = lambda: None,
) -> dict[str, object]:
    """The officer's answer to this form, as submitted; suspends the run until there is one.

    `made` makes the form, where it is to be put up: a run that goes on for its answer shows none.
    `key` names the point in the case's history: once answered, the same answer
    comes back for it whenever the flow is run again. There is no time limit. Over the API the
    answer is submitted as `{place: {…}}`, with the place of this very form (`place_of`): whoever
    submits a form that somebody else has answered meanwhile is turned away. `new` says that this
    stretch has just come to the point: only a killed one can have put the form up before. `after`
    is done once the form is there for its officer: not when its answer is there already.

    Raises Prefect's `Pause` to leave the flow: nothing may catch BaseException on the way.
    """
    asked = cache(made)
    for attempt in count():
        pause_key, keyset = _keys(key, attempt)
        up = new and _put_up(keyset, form(*asked(), place(pause_key)))
        said = None if up else _said(keyset, place(pause_key))
        if said is not None:
            return said
        shown = form(*asked(), place(pause_key))
        if up or _put_up(keyset, shown):
            try:
                suspend_flow_run(wait_for_input=_belonging(shown), key=pause_key, timeout=None)
            except Pause:
                after()
                raise
        # The form of this key was put up before and the run started again without an answer
        # (desk.py revived it, or it was killed just there): put up a fresh one.
    raise AssertionError  # count() does not end


def answered(key: str) -> dict[str, object] | None:
    """The answer given at this point already; None if it was not asked, or not answered yet."""
    for attempt in count():
        pause_key, keyset = _keys(key, attempt)
        said = _said(keyset, place(pause_key))
        if said is not None or read_flow_run_input(keyset["schema"]) is None:
            return said
    raise AssertionError  # count() does not end


def _keys(key: str, attempt: int) -> tuple[str, Keyset]:
    pause_key = key if attempt == 0 else f"{key}-again-{attempt}"
    return pause_key, keyset_from_paused_state(Suspended(pause_key=pause_key))


def _said(keyset: Keyset, place: str) -> dict[str, object] | None:
    """What was answered at this place; None if nothing was, or what no form gives: that was put
    there past the doors, and counts as no answer.
    """
    try:
        answer: Any = read_flow_run_input(keyset["response"])
    except ValueError:  # no JSON
        answer = NOTHING
    if answer is None:
        return None
    said = answer.get(place) if isinstance(answer, dict) and len(answer) == 1 else None
    if isinstance(said, dict) and is_answer(said):
        return said
    LOG.warning("表单 %s 收到的内容不是这张表单的答复，不作为答复", place)
    return None


def is_answer(said: Mapping[object, object]) -> bool:
    """Whether this can have been filled in: fields by name, each a plain value, of a form's size."""
    simple = str | int | float | bool | None
    plain = all(isinstance(name, str) and isinstance(one, simple) for name, one in said.items())
    return plain and sum(len(str(one)) for one in said.values()) <= LARGEST_ANSWER


def not_accepted(reason: str) -> str:
    """What stands above a form that is asked again because its answer was refused."""
    return f"**⚠️ 上次提交未被接受**　{escaped(reason)}"


def place(pause_key: str) -> str:
    """The name under which the answer to the form of this pause is submitted."""
    return f"{ACT}-{pause_key}"  # without a blank: Prefect takes a field's name up to the first


def place_of(run: FlowRun) -> str:
    """The same, of the form at which a run waits."""
    key = run.state.state_details.pause_key if run.state else None
    return place(key or "")


def form(schema: Mapping[str, Any], description: str, place: str = ACT) -> dict[str, Any]:
    """The schema as the UI needs it, the description as part of the form.

    Measured in Prefect 3.8.8: tabs are shown for a choice inside a property only. The description
    a suspension may have of its own shrinks to nothing above a form taller than the window. What
    is wrong in a tab is reported for the tab as a whole, so each tab is checked once more by
    `allOf`, which names the field; it must stand before `properties`. There, too, stand the
    conditions that a tab has (its `allOf`): in the tab itself the UI would show them as fields.
    """
    title = schema.get("title", "办理")
    asked = schema.get("anyOf", [schema])
    tabs = {
        f"tab{n}": {k: v for k, v in tab.items() if k != "allOf"} for n, tab in enumerate(asked)
    }
    refs = [{"$ref": f"#/definitions/{name}"} for name in tabs]
    checks = [_check(tab, ref, place) for tab, ref in zip(asked, refs, strict=True)]
    act = {"title": title, "description": description, "allOf" if len(tabs) == 1 else "anyOf": refs}
    return {
        "title": title,
        "type": "object",
        "allOf": checks,
        "properties": {place: act},
        "required": [place],
        "additionalProperties": False,
        "definitions": tabs,
    }


def answered_form(pause_key: str) -> dict[str, Any]:
    """What is kept in place of a form once it was answered: it asks nothing, and takes nothing."""
    return form({"type": "object", "properties": {}, "maxProperties": 0}, "", place(pause_key))


def _check(tab: Mapping[str, Any], ref: dict[str, str], place: str) -> dict[str, Any]:
    """If all that was filled in belongs to this tab, then it is to fit this tab."""
    of_this_tab = {"propertyNames": {"enum": list(tab["properties"])}}
    return {
        "if": {"properties": {place: of_this_tab}},
        "then": {"properties": {place: {"allOf": [ref, *tab.get("allOf", [])]}}},
    }


def _put_up(keyset: Keyset, shown: dict[str, Any]) -> bool:
    """Store the form, ahead of the suspension: a suspended run without a form cannot be resumed."""
    try:
        create_flow_run_input(keyset["schema"], shown)
    except PrefectHTTPStatusError as refused:
        if refused.response.status_code == CONFLICT:
            return False
        raise
    return True


def _belonging(shown: dict[str, Any]) -> type[RunInput]:
    """Tells Prefect that a form belongs to the suspension; the form itself is stored already."""

    class Form(RunInput):
        @classmethod
        def save(cls, keyset: Keyset, flow_run_id: UUID | None = None) -> None:
            """Nothing left to store; from 3.9 on, suspending deletes what was stored ahead of it."""
            if DELETES_EARLIER:
                _put_up(keyset, shown)

    return Form
