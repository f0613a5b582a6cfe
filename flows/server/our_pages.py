"""What every page of ours has in common: who asks, what its address asks, what the browser is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.installation.entrance import Caller
from flows.server.sent_forms import FormTokens
from flows.shown.access_lines import noted
from flows.shown.pages import asked_by_person

CSP: Final = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
SCRIPTS: Final = "script-src 'self'; connect-src 'self'; "
NOBODY: Final = "请填写办理人"


class OurPages:
    """Answers some pages of ours, asked for by a person; hands on everything else (ASGI)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = asked_by_person(scope)
        answer = await self._answer(scope, *asked, receive) if asked else None
        if answer is None:
            await self._app(scope, receive, send)
            return
        sealed_off(answer)
        await answer(scope, receive, send)

    async def _answer(
        self, scope: Scope, caller: Caller, parts: list[str], receive: Receive
    ) -> Response | None:
        """The answer, if the page is one of these; parts = the segments of its address."""
        raise NotImplementedError


class OurForms(OurPages):
    """The same, with forms of ours on them; tokens = by which each is known as the page's own."""

    def __init__(self, app: ASGIApp, tokens: FormTokens) -> None:
        super().__init__(app)
        self._tokens = tokens


async def is_noted(caller: Caller, what: str, numbers: Sequence[str] = ()) -> bool:
    """Whether it stands in the log who reads a page that tells of a person."""
    try:
        await run_in_threadpool(noted, caller, what, numbers)
    except office.REGISTER_FAULTS:
        return False
    return True


def sealed_off(answer: Response) -> None:
    """What every page of ours says to the browser: no scripts but ours work there."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = SCRIPTS + CSP


def asked_of(scope: Scope) -> dict[str, str]:
    """What stands in the query of an address."""
    query = scope.get("query_string", b"").decode("latin-1")
    return {name: values[-1] for name, values in parse_qs(query, max_num_fields=20).items()}


def was_done(scope: Scope) -> bool:
    """Whether the page is shown after what was asked of it was done: its address says `?done`."""
    return "done" in asked_of(scope) or scope.get("query_string") == b"done"


def day_of(words: str) -> date | None:
    """The day that an address or a form's field names; None if it names none."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None


def too_large() -> Response:
    """That what was submitted is more than is taken."""
    return PlainTextResponse("所提交的内容过大，没有接受", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
