"""What a form of ours is answered with, shown at an address of its own (303): going back or reloading
asks the browser to send nothing again.

Only where a person's browser asks for a page: what a script sends is answered as it is. The page is
kept in memory alone, for a short while, for the officer and the browser that it was made for; after
that its address shows the page as it is then.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.server.sent_forms import FormTokens
from flows.shown.pages import READS, asked_by_person

KEPT_SECONDS: Final = 15 * 60
MOST: Final = 16_000_000
"""Bytes of all the pages that are kept."""
SHOWN: Final = "shown"


@dataclass(frozen=True)
class _Page:
    """A page that was made: for whom, until when (time.monotonic), and what the browser is told."""

    whose: tuple[str, str]
    until: float
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class ShownAgain:
    """Leads from a form that was answered with a page to that page; hands on everything else (ASGI)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._pages: OrderedDict[str, _Page] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whose = _browser(scope)
        if whose is None:
            await self._app(scope, receive, send)
        elif scope["method"] == "POST":
            await self._led(scope, receive, send, whose)
        elif scope["method"] in READS and (kept := self._kept(scope, whose)):
            answer = Response(kept.body, kept.status)
            answer.raw_headers = [*kept.headers]
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _led(
        self, scope: Scope, receive: Receive, send: Send, whose: tuple[str, str]
    ) -> None:
        """Keep the page that a form is answered with, and lead to it; anything else goes on as it is."""
        begun: Message | None = None
        body = b""

        async def kept(message: Message) -> None:
            nonlocal begun, body
            if message["type"] == "http.response.start" and _is_page(message):
                begun = message
            elif begun is None:
                await send(message)
            else:
                body += message.get("body", b"")

        await self._app(scope, receive, kept)
        if begun is None:
            return
        given = [(name, value) for name, value in begun["headers"] if name == b"set-cookie"]
        headers = tuple(one for one in begun["headers"] if one not in given)
        key = self._keep(
            _Page(whose, time.monotonic() + KEPT_SECONDS, begun["status"], headers, body)
        )
        answer = RedirectResponse(_address(scope, key), HTTPStatus.SEE_OTHER)
        answer.headers["Cache-Control"] = "no-store"
        answer.raw_headers += given
        await answer(scope, receive, send)

    def _keep(self, page: _Page) -> str:
        """Under which key a page is kept; those whose time is over, or that are too many, are let go."""
        key = secrets.token_urlsafe(16)
        self._pages[key] = page
        now, size = time.monotonic(), sum(len(one.body) for one in self._pages.values())
        for old, one in [*self._pages.items()][:-1]:
            if one.until >= now and size <= MOST:
                break
            size -= len(one.body)
            del self._pages[old]
        return key

    def _kept(self, scope: Scope, whose: tuple[str, str]) -> _Page | None:
        """The page that an address asks for, if it is still kept, and is of whoever asks."""
        query = scope.get("query_string", b"").decode("latin-1")
        if SHOWN not in query:
            return None
        found = self._pages.get(parse_qs(query).get(SHOWN, [""])[-1])
        fits = found is not None and found.whose == whose and time.monotonic() < found.until
        return found if fits else None


def _browser(scope: Scope) -> tuple[str, str] | None:
    """Whose browser asks for a page: the officer, and its cookie of our forms; None where it is neither."""
    asked = asked_by_person(scope)
    if asked is None or "text/html" not in Headers(scope=scope).get("accept", ""):
        return None
    nonce = FormTokens.nonce(scope)
    return (asked[0].officer, nonce) if nonce else None


def _is_page(message: Message) -> bool:
    kind = dict(message["headers"]).get(b"content-type", b"")
    return bytes(kind).startswith(b"text/html")


def _address(scope: Scope, key: str) -> str:
    """The address that was asked, with the key of what it was answered with."""
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    others = [one for one in query.split("&") if one and not one.startswith(f"{SHOWN}=")]
    return f"{path}?{'&'.join([*others, f'{SHOWN}={key}'])}"
