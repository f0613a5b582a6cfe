"""Whose form is it? Whoever is logged in: his pass is put in by us, whatever the form says.

A form names who submits it (办理人). Where officers log in, what stands there is replaced by the pass
of the visit (flows/path/signing.py), and a form shows its officer alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from flows.installation.entrance import CALLER, NAMELESS, Caller
from flows.path import signing
from flows.path.form_fields import OFFICER
from flows.path.forms import CHOOSE
from flows.server.sealed_forms import handed_out

BY: Final = "已登录，以本人名义办理"
Answer = dict[str, Any]


def caller_of(scope: Scope) -> Caller:
    """Who asks; his officer is "" where nobody has to log in, and for the office itself."""
    caller: Caller = scope.get(CALLER, Caller(NAMELESS))
    return caller


def officer_of(scope: Scope) -> str:
    """The officer who is logged in; "" where nobody has to be, and for the office itself."""
    return caller_of(scope).officer


def with_pass(answer: Any, caller: Caller, form: str) -> Any:
    """A tab of a case's form under the officer's pass. What names nobody (程序), or is of no one tab,
    bears no name at all: the flow takes none that we have not put there.
    """
    if not isinstance(answer, dict):
        return answer
    said = {name: value for name, value in answer.items() if not names_an_officer(name)}
    kinds = {name.partition(".")[0] for name in answer}
    if len(kinds) != 1 or kinds == {CHOOSE}:
        return said
    return said | {f"{kinds.pop()}.{OFFICER}": _pass_of(caller, form)}


def _pass_of(caller: Caller, form: str) -> str:
    return signing.pass_of(caller.officer, form, caller.visit)


def names_an_officer(field: str) -> bool:
    """Whether a field of a form says who submits it."""
    return field.rpartition(".")[2] == OFFICER


def form_with_pass(
    given: Mapping[str, Any], caller: Caller, name: str, shown: Mapping[str, Any]
) -> Answer:
    """A form to begin with under the officer's pass, if it names who submits it.

    name = of the form; shown = as it is offered
    """
    if not caller.officer or OFFICER not in shown.get("properties", {}):
        return dict(given)
    return {**given, OFFICER: _pass_of(caller, name)}


def shown_to(shown: Mapping[str, Any], officer: str) -> Answer:
    """A form as its officer sees it: he stands in it, and nobody else can be picked."""
    if not officer:
        return dict(shown)
    mine = {"enum": [officer], "default": officer, "description": BY}
    return _with(shown, mine)


def _with(shown: Mapping[str, Any], mine: Answer) -> Answer:
    made = dict(shown)
    if isinstance(shown.get("properties"), dict):
        made["properties"] = {
            name: {**entry, **mine} if names_an_officer(name) else entry
            for name, entry in shown["properties"].items()
        }
    if isinstance(shown.get("definitions"), dict):
        made["definitions"] = {
            name: _with(one, mine) if isinstance(one, dict) else one
            for name, one in shown["definitions"].items()
        }
    return made


async def hand_on(
    app: ASGIApp, scope: Scope, body: Mapping[str, Any], receive: Receive, send: Send
) -> None:
    """Hand a request on with another body."""
    written = json.dumps(body).encode("ascii")
    headers = [pair for pair in scope["headers"] if pair[0].lower() != b"content-length"]
    headers.append((b"content-length", str(len(written)).encode("ascii")))
    await app({**scope, "headers": headers}, handed_out(written, receive), send)
