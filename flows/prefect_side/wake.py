"""Whoever waits to go on with what is submitted is told the moment it was accepted.

The worker asks what it is told by `TAKEN`; the answer comes when a form was taken, or a run was begun or
put back, or a while later. Without it, all goes on at the worker's next look: that may be a while off
where the answer says that this server is the only one, so that all is told.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final

from starlette.datastructures import QueryParams
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.prefect_side.prefect_pages import BEGUN, RESUME

CREATED: Final = re.compile("^/api/flow_runs/?$")
STATE: Final = re.compile("^/api/flow_runs/[^/]+/set_state$")
WAITS: Final = b'"SCHEDULED"'  # the state of a run that is to be taken up
TAKEN: Final = "/desk/taken"  # within Prefect's /api, behind the same doors
ACCEPTED: Final = 201
ALONE: Final = "x-desk-alone"  # in the answer: nobody else takes forms
LONGEST_WAIT_SECONDS: Final = 20.0


class Wake:
    """The server's application; says when a form was taken (ASGI). alone = no other server takes any."""

    def __init__(self, app: ASGIApp, *, alone: bool = False) -> None:
        self._app, self._taken, self._next = app, 0, asyncio.Event()
        self._alone = {ALONE: "1"} if alone else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"] if scope["type"] == "http" else ""
        if method == "GET" and scope["path"] == f"/api{TAKEN}":
            seen = QueryParams(scope["query_string"]).get("seen", "")
            told = JSONResponse(await self._after(seen, receive), headers=self._alone)
            await told(scope, receive, send)
        elif method == "POST" and any(one.match(scope["path"]) for one in (RESUME, BEGUN, CREATED)):
            await self._app(scope, receive, self._ringing(send))
        elif method == "POST" and STATE.match(scope["path"]):
            hears = Hears(receive, WAITS)
            await self._app(scope, hears.receive, self._ringing(send, lambda: hears.heard))
        else:
            await self._app(scope, receive, send)

    async def _after(self, seen: str, receive: Receive) -> int:
        """How many forms were taken since the start, as soon as it is not what was seen, or whoever
        asked is gone.
        """
        if seen == str(self._taken):
            ends = [asyncio.ensure_future(one) for one in (self._next.wait(), _gone(receive))]
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait(ends, timeout=LONGEST_WAIT_SECONDS, return_when=first)
            for one in ends:
                one.cancel()
        return self._taken

    def _ringing(self, send: Send, due: Callable[[], bool] = lambda: True) -> Send:
        async def send_on(message: Message) -> None:
            # it is stored: Prefect commits before it answers
            if message.get("status") == ACCEPTED and due():
                self._taken += 1
                self._next.set()
                self._next = asyncio.Event()
            await send(message)

        return send_on


class Hears:
    """Whether something is said in a request, as far as it was read."""

    def __init__(self, receive: Receive, words: bytes) -> None:
        self._receive, self._words, self.heard = receive, words, False

    async def receive(self) -> Message:
        """The next part of the request, as it came."""
        message = await self._receive()
        self.heard = self.heard or self._words in message.get("body", b"")
        return message


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
