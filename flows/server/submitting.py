"""A form submitted from a page of ours, as Prefect's own page would submit it: the same request, to the
same address, through the same layers. So it is judged, signed, sealed and recorded as any other.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import anyio
from starlette.types import ASGIApp, Message, Scope

from flows.prefect_side import kept_forms
from flows.prefect_side.prefect_pages import CHECK
from flows.server.begun_forms import DEPLOYMENT
from flows.server.judged_forms import run_id
from flows.server.opened_forms import RUN
from flows.server.sealed_forms import handed_out

NOT_READY: Final = "办理系统尚未就绪，没有提交，所填内容都在，请稍候再提交一次"
NOT_TAKEN: Final = "没有提交，请核对所填内容"
OWN: Final = (b"content-type", b"content-length", b"accept", b"accept-encoding")


@dataclass(frozen=True)
class Submitted:
    """What became of a form at the door: its run, or what is wrong with it, field by field and said."""

    run: UUID | None = None
    wrong: Mapping[str, str] | None = None
    said: tuple[str, ...] = ()


class Submitting:
    """Submits forms to what lies behind (ASGI); deployment = under which id Prefect offers a form."""

    def __init__(
        self,
        app: ASGIApp,
        deployment: Callable[[str], Awaitable[UUID | None]] = kept_forms.deployment,
    ) -> None:
        self._app, self._deployment = app, deployment

    async def submit(
        self, scope: Scope, form: str, given: Mapping[str, object], once: str = ""
    ) -> Submitted:
        """Submit a form; once = what makes a second submission of the same page the same run."""
        which = await self._deployment(form)
        if which is None:
            return Submitted(said=(NOT_READY,))
        await self._through(scope, f"/api/deployments/{which}", None)  # what it is held against
        shown = {RUN: f"{DEPLOYMENT}:{which}"}
        status, found = await self._through(scope, CHECK, {"schema": shown, "values": given})
        if status == HTTPStatus.OK and found.get("valid") is False:
            return _findings(found.get("errors", []))
        path = f"/api/deployments/{which}/create_flow_run"
        body: dict[str, object] = {"name": form, "parameters": given}
        body |= {"idempotency_key": once} if once else {}
        status, made = await self._through(scope, path, body)
        if status in (HTTPStatus.OK, HTTPStatus.CREATED):
            return Submitted(run_id(made.get("id")))
        return Submitted(said=(str(made.get("detail") or NOT_TAKEN),))

    async def _through(
        self, scope: Scope, path: str, body: Mapping[str, object] | None
    ) -> tuple[int, dict[str, Any]]:
        """The answer of what lies behind to a request of the officer's; body None = it only reads."""
        written = b"" if body is None else json.dumps(body).encode("ascii")
        headers = [pair for pair in scope["headers"] if pair[0].lower() not in OWN]
        headers += [(b"content-type", b"application/json"), (b"accept", b"application/json")]
        headers.append((b"content-length", str(len(written)).encode("ascii")))
        method = "GET" if body is None else "POST"
        asked = {**scope, "method": method, "path": path, "raw_path": path.encode("ascii")}
        asked |= {"query_string": b"", "headers": headers}
        status, parts = 0, list[bytes]()

        async def gone() -> Message:
            await anyio.sleep_forever()
            raise AssertionError

        async def take(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await self._app(asked, handed_out(written, gone), take)
        try:
            answer = json.loads(b"".join(parts))
        except ValueError:
            answer = {}
        return status, answer if isinstance(answer, dict) else {}


def _findings(found: list[Any]) -> Submitted:
    """What the check of a form found: field by field, and of the form as a whole."""
    wrong, said = dict[str, str](), list[str]()
    for one in found:
        if isinstance(one, dict):
            wrong[str(one.get("property", ""))] = "；".join(map(str, one.get("errors", [])))
        else:
            said.append(str(one))
    return Submitted(None, wrong, tuple(said))
