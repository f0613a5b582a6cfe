"""Who read what of a case in Prefect's pages? A line in the log for each form and dossier opened.

A form shows a case, and the letter that is drafted in it; a dossier all that was done. Where officers
log in, whoever opens one leaves a line (who, when, from where, which); opened again within a minute,
as the page does by itself, none. What lists of dossiers would hand out beside their names is left out
of them: so nothing is read that nobody opened. Our own pages leave their lines themselves (pages.py).
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows import office
from flows.installation.entrance import CALLER, Caller
from flows.path.presenting import NUMBER, is_dossier
from flows.prefect_side import kept_forms
from flows.prefect_side.prefect_pages import Changed, plainly
from flows.server.in_time import InTime
from models.register import access_log

LOG = logging.getLogger(__name__)
FORM: Final = re.compile(
    r"^/api/flow_runs/([0-9a-f-]{36})/input/suspended-.+-(schema|description)$"
)
ONE: Final = re.compile(r"^/api/artifacts/([0-9a-f-]{36}|[^/]+/latest)$")
LISTED: Final = ("/api/artifacts/filter", "/api/artifacts/latest/filter")
AGAIN_SECONDS: Final = 60.0
MOST: Final = 10_000

Line = tuple[datetime, str, str, str]


class Readings:
    """The server's application; what is read of a case leaves a line (ASGI).

    whose = whose form a run asks: the case's number, or the form's name
    """

    def __init__(
        self,
        app: ASGIApp,
        whose: Callable[[UUID], Awaitable[str]] = kept_forms.whose,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._whose, self._clock = app, whose, clock
        self._in_time, self._writing = InTime("opening"), threading.Lock()
        self._left: dict[tuple[str, str], float] = {}
        self._waiting: deque[Line] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller | None = scope.get(CALLER)
        if scope["type"] != "http" or caller is None or not caller.officer:
            await self._app(scope, receive, send)
            return
        opened = FORM.match(scope["path"]) if scope["method"] == "GET" else None
        if opened:
            note = partial(self._form_opened, caller, UUID(opened[1]))
            await self._app(scope, receive, _noting(send, note))
        elif scope["method"] == "GET" and ONE.match(scope["path"]):
            given = Held(send)
            await self._app(plainly(scope), receive, given.send)
            await self._dossier_opened(caller, given.body)
            await given.hand_on()
        elif scope["method"] == "POST" and scope["path"] in LISTED:
            named = Changed(send, "application/json", without_content).send
            await self._app(plainly(scope), receive, named)
        else:
            await self._app(scope, receive, send)

    async def _form_opened(self, caller: Caller, run: UUID) -> None:
        whose = await self._whose(run)
        if whose:
            await self._note(caller, f"{whose}{access_log.FORM_OPENED}")

    async def _dossier_opened(self, caller: Caller, body: bytes) -> None:
        found = read(body)
        if isinstance(found, dict) and is_dossier(str(found.get("key") or "")):
            about = found.get("metadata_") or {}
            await self._note(caller, f"{about.get(NUMBER) or found['key']} 卷宗")

    async def _note(self, caller: Caller, what: str) -> None:
        """Leave a line. Where the register does not answer in time, it is written with the next, and
        what is read is not held back: the server's log has who and what until then.
        """
        now = self._clock()
        if now - self._left.get((caller.officer, what), now - AGAIN_SECONDS) < AGAIN_SECONDS:
            return
        if len(self._left) > MOST:
            self._left.clear()
        self._left[caller.officer, what] = now
        self._waiting.append((office.now(), caller.officer, caller.address, what))
        try:
            await self._in_time.ask(self._write)
        except (TimeoutError, *office.REGISTER_FAULTS) as fault:
            why = type(fault).__name__
            LOG.warning("查阅记录稍后写入（%s）：%s　%s", why, caller.officer, what)

    def _write(self) -> None:
        """Write what waits, unless somebody is at it, who writes this too."""
        while self._waiting and self._writing.acquire(blocking=False):
            try:
                lines = list(self._waiting)
                with office.writing(clock_goes_back=True) as session:
                    for at, officer, address, what in lines:
                        access_log.write(
                            session, "read", at, officer=officer, address=address, what=what
                        )
                for _ in lines:
                    self._waiting.popleft()
            finally:
                self._writing.release()


class Held:
    """An answer that is held back until it is handed on."""

    def __init__(self, send: Send) -> None:
        self._send, self._messages = send, list[Message]()

    async def send(self, message: Message) -> None:
        self._messages.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self._messages)

    async def hand_on(self, body: bytes | None = None) -> None:
        """As it came, or with another body."""
        send = self._send
        if body is not None:
            send = Changed(send, "application/json", lambda _: body).send
        for message in self._messages:
            await send(message)


def _noting(send: Send, note: Callable[[], Awaitable[None]]) -> Send:
    """Sends an answer on, noted first if there is something in it."""

    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            await note()
        await send(message)

    return send_on


def without_content(listed: bytes) -> bytes:
    """A list of what Prefect shows, with the dossiers' names and without what stands in them."""
    found = read(listed)
    if not isinstance(found, list):
        return listed
    return json.dumps([_named(one) for one in found], ensure_ascii=False).encode()


def _named(one: Any) -> Any:
    hides = isinstance(one, Mapping) and is_dossier(str(one.get("key") or ""))
    return {**one, "data": None} if hides else one


def read(body: bytes) -> Any:
    """What an answer says; None if it is no JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None
