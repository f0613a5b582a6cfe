"""Puts one form before an officer and brings the answer back just as it was submitted.

The form is a JSON schema made at run time (flows/forms.py). The server itself turns away an answer
that does not fit the schema, and the run stays suspended; whether a fitting answer makes sense is
for the flow to say. No pydantic model is built from an answer: Prefect fails the run when that
goes wrong, and does not ask again (PrefectHQ/prefect #12279).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any, cast
from uuid import UUID

from prefect import suspend_flow_run
from prefect.exceptions import PrefectHTTPStatusError
from prefect.input import (
    RunInput,
    create_flow_run_input,
    keyset_from_paused_state,
    read_flow_run_input,
)
from prefect.input.run_input import Keyset
from prefect.states import Suspended

CONFLICT = 409
ACT = "act"


def ask(schema: Mapping[str, Any], description: str, *, key: str) -> dict[str, object]:
    """The officer's answer to this form, as submitted; suspends the run until there is one.

    `schema` is one object schema, or `{"anyOf": [...]}` with one per tab; `description` is the
    Markdown above it. `key` names the point in the case's history: once answered, the same answer
    comes back for it whenever the flow is run again. There is no time limit.

    Raises Prefect's `Pause` to leave the flow: nothing may catch BaseException on the way.
    """
    for attempt in count():
        pause_key = key if attempt == 0 else f"{key}~{attempt}"
        keyset = keyset_from_paused_state(Suspended(pause_key=pause_key))
        answer = cast("dict[str, object] | None", read_flow_run_input(keyset["response"]))
        if answer is not None:
            return cast("dict[str, object]", answer[ACT]) if answer.keys() == {ACT} else answer
        if _put_up(keyset, _tabbed(schema), description):
            suspend_flow_run(wait_for_input=_Form, key=pause_key, timeout=None)
        # The form of this key was put up before and the run started again without an answer
        # (desk.py revived it, or it was killed just there): put up a fresh one.
    raise AssertionError  # count() does not end


def _tabbed(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The UI shows tabs for a choice of objects inside a property, not for one at the top.

    Each tab stands under `definitions`: only there does the server let a field that may be left
    out be sent as null, which is what the UI sends for one that was cleared.
    """
    if "anyOf" not in schema:
        return schema
    title = schema.get("title", "办理")
    tabs = {f"tab{place}": tab for place, tab in enumerate(schema["anyOf"])}
    choice = {"title": title, "anyOf": [{"$ref": f"#/definitions/{name}"} for name in tabs]}
    return {
        "title": title,
        "type": "object",
        "properties": {ACT: choice},
        "required": [ACT],
        "definitions": tabs,
    }


def _put_up(keyset: Keyset, schema: Mapping[str, Any], description: str) -> bool:
    """Store the form, ahead of the suspension: a suspended run without a form cannot be resumed."""
    try:
        create_flow_run_input(keyset["schema"], dict(schema))
        create_flow_run_input(keyset["description"], description)
    except PrefectHTTPStatusError as refused:
        if refused.response.status_code == CONFLICT:
            return False
        raise
    return True


class _Form(RunInput):
    """Tells Prefect that a form belongs to the suspension; the form itself is stored already."""

    @classmethod
    def save(cls, keyset: Keyset, flow_run_id: UUID | None = None) -> None:
        """Nothing left to store."""
