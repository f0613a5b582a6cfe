"""What every page of ours has in common: who asks, what its address asks, what the browser is told."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import ClassVar, Final
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flows.installation.front_door import Caller
from flows.shown.pages import asked_by_person

CSP: Final = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
NOBODY: Final = "请填写办理人"


class OurPages:
    """Answers some pages of ours, asked for by a person; hands on everything else (ASGI).

    SCRIPTS = whether scripts of ours work on them
    """

    SCRIPTS: ClassVar[bool] = False

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = asked_by_person(scope)
        answer = await self._answer(scope, *asked, receive) if asked else None
        if answer is None:
            await self._app(scope, receive, send)
            return
        sealed_off(answer, scripts=self.SCRIPTS)
        await answer(scope, receive, send)

    async def _answer(
        self, scope: Scope, caller: Caller, parts: list[str], receive: Receive
    ) -> Response | None:
        """The answer, if the page is one of these; parts = the segments of its address."""
        raise NotImplementedError


def sealed_off(answer: Response, *, scripts: bool = False) -> None:
    """What every page of ours says to the browser; scripts = our own work there."""
    answer.headers["Cache-Control"] = "no-store"
    ours = "script-src 'self'; connect-src 'self'; " if scripts else ""
    answer.headers["Content-Security-Policy"] = ours + CSP


def asked_of(scope: Scope) -> dict[str, str]:
    """What stands in the query of an address."""
    query = scope.get("query_string", b"").decode("latin-1")
    return {name: values[-1] for name, values in parse_qs(query, max_num_fields=20).items()}


def day_of(words: str) -> date | None:
    """The day that an address or a form's field names; None if it names none."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None


def too_large() -> Response:
    """That what was submitted is more than is taken."""
    return PlainTextResponse("所提交的内容过大，没有接受", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
