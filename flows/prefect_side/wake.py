"""Whoever waits to go on with what is submitted is told the moment it was accepted.

The worker asks what it is told by `TAKEN`; the answer comes when a form was taken, or a while later.
Without it, all goes on at the worker's next look.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.datastructures import QueryParams
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.prefect_side.prefect_pages import BEGUN, RESUME

TAKEN: Final = "/desk/taken"  # within Prefect's /api, behind the same doors
ACCEPTED: Final = 201
LONGEST_WAIT_SECONDS: Final = 20.0


class Wake:
    """The server's application; says when a form was taken (ASGI)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._taken, self._next = app, 0, asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"] if scope["type"] == "http" else ""
        if method == "GET" and scope["path"] == f"/api{TAKEN}":
            seen = QueryParams(scope["query_string"]).get("seen", "")
            await JSONResponse(await self._after(seen, receive))(scope, receive, send)
        elif method == "POST" and (RESUME.match(scope["path"]) or BEGUN.match(scope["path"])):
            await self._app(scope, receive, self._ringing(send))
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

    def _ringing(self, send: Send) -> Send:
        async def send_on(message: Message) -> None:
            if message.get("status") == ACCEPTED:  # it is stored: Prefect commits before it answers
                self._taken += 1
                self._next.set()
                self._next = asyncio.Event()
            await send(message)

        return send_on


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
