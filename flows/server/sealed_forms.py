"""Seals personal data in whatever is sent to Prefect's API, before Prefect sees it.

The forms are Prefect's, and Prefect keeps what is submitted: parameters, defaults, answers to a
form. So each field named in models/case/personal.py is sealed on its way in, wherever it stands in the
body of a request, and opened again by our flows alone. Nothing else in a request is touched.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.case.personal import SEALED
from models.store.sealing import Sealing

WRITES = frozenset({"POST", "PUT", "PATCH"})
KIND, JSON_KIND, PLAIN = "__prefect_kind", "json", (None, "none", "workspace_variable")
"""Prefect's way to write a field as JSON text, or as a template, instead of filling it in."""

SCHEMA_WORDS = frozenset({"title", "type", "anyOf", "allOf", "oneOf", "$ref", "default"})
"""By these a field's description in a form is told from an answer."""

_FULL = 422


class SealedForms:
    """The server's application with every personal field sealed on its way in (ASGI)."""

    def __init__(self, app: ASGIApp, sealing: Callable[[], Sealing]) -> None:
        self._app, self._sealing = app, sealing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in WRITES:
            await self._app(scope, receive, send)
            return
        body, rest = await whole_body(receive)
        if rest is not None:  # the client went away
            return
        try:
            body = sealed_body(body, self._sealing)
        except Unsealable:
            refused = "含有个人信息的表单请逐项填写，不要改用 Jinja 模板（本次提交未保存）"
            await JSONResponse({"detail": refused}, _FULL)(scope, receive, send)
            return
        length = (b"content-length", str(len(body)).encode())
        headers = [pair for pair in scope["headers"] if pair[0].lower() != length[0]]
        if body or len(headers) != len(scope["headers"]):
            headers.append(length)
        await self._app({**scope, "headers": headers}, handed_out(body, receive), send)


class Unsealable(Exception):
    """A template that names a personal field: what it will say cannot be sealed beforehand."""


def sealed_body(body: bytes, sealing: Callable[[], Sealing]) -> bytes:
    """A request's body with the personal fields in it sealed; as it is if there are none."""
    try:
        text = body.decode(json.detect_encoding(body), "surrogatepass")
        if "\\u" not in text and not any(name in text for name in SEALED):
            return body
        asked = json.loads(text)
    except ValueError:
        return body  # no JSON: Prefect turns it away
    done = _sealed(asked, sealing())
    return body if done == asked else json.dumps(done).encode("ascii")


def _sealed(value: Any, sealing: Sealing) -> Any:
    if isinstance(value, list):
        return [_sealed(one, sealing) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get(KIND) == JSON_KIND and isinstance(value.get("value"), str):
        return {**value, "value": _sealed_text(value["value"], sealing)}
    if value.get(KIND) not in PLAIN and any(name in str(value) for name in SEALED):
        raise Unsealable
    return {
        name: _answer(one, sealing) if _personal(name) else _sealed(one, sealing)
        for name, one in value.items()
    }


def _personal(name: str) -> bool:
    return name.rpartition(".")[2] in SEALED


def _answer(value: Any, sealing: Sealing) -> Any:
    """What stands under a personal name: sealed, unless it is sealed already or only a schema."""
    match value:
        case str():
            return value if sealing.opens(value) else sealing.seal(value)
        case None | bool():
            return value
        case {"__prefect_kind": "json", "value": str() as text}:
            return {**value, "value": json.dumps(_answer(_read(text), sealing))}
        case {"__prefect_kind": None | "none", "value": inner}:
            return {**value, "value": _answer(inner, sealing)}
        case {"__prefect_kind": "workspace_variable"}:
            return value
        case {"__prefect_kind": "jinja"}:
            raise Unsealable
        case dict() if SCHEMA_WORDS & value.keys():
            return _sealed(value, sealing)
        case _:
            return sealing.seal(json.dumps(value, ensure_ascii=False))


def _read(text: str) -> Any:
    """What a field written as JSON says; the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _sealed_text(text: str, sealing: Sealing) -> str:
    """A part of a form written as JSON, sealed; refused if it is none and speaks of a person."""
    try:
        asked = json.loads(text)
    except ValueError:
        if any(name in text for name in SEALED):
            raise Unsealable from None
        return text
    done = _sealed(asked, sealing)
    return text if done == asked else json.dumps(done)


async def whole_body(receive: Receive) -> tuple[bytes, Message | None]:
    """The whole body, or the message with which the client went away."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"", message
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts), None


def handed_out(body: bytes, receive: Receive) -> Receive:
    """Hand out the body once, then whatever else comes."""
    given = False

    async def hand_out() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return hand_out
