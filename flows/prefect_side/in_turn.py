"""No more requests at Prefect at once than it has connections to its database: others wait their turn.

Prefect gives each request a connection of its own, and up after 30 seconds without one: an error for whoever
asked. Two hundred people who come to one server at the same moment met it hundreds of times. Here they
wait, first come, first served; what needs no database does not.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

AT_ONCE: Final = 12
"""Of 15 connections (SQLite) or 20 (prefect_schema.AT_ONCE): the others are for what we ask beside it."""
ASKED: Final = "/api/"
ALIVE: Final = "/api/health"  # asked by the proxy: a server that is busy is not gone


class InTurn:
    """Prefect's application, asked so many things at once (ASGI)."""

    def __init__(self, app: ASGIApp, at_once: int = AT_ONCE) -> None:
        self._app, self._free = app, asyncio.Semaphore(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if not path.startswith(ASKED) or path == ALIVE:
            await self._app(scope, receive, send)
            return
        await self._free.acquire()
        place = [self._free]

        def leave() -> None:
            while place:
                place.pop().release()

        async def answering(message: Message) -> None:
            leave()  # its connection is given back; how fast the answer is read is no matter of ours
            await send(message)

        try:
            await self._app(scope, receive, answering)
        finally:
            leave()
