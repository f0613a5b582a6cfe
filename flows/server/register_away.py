"""While the register is away, whoever asks for a page or submits one is told so, and to do it again.

It may be locked by a backup for a while, its server started anew, its disk full; or a link stands where a
folder of ours should. Prefect's own pages and the office itself go on; nothing that was not recorded is
said to be.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows import office
from flows.installation import files
from models.errors import DisclosureError

LOG = logging.getLogger(__name__)
AGAIN: Final = "登记簿暂时没有回答（可能正在备份），请稍后刷新本页。"
NOT_DONE: Final = (
    "登记簿暂时没有回答（可能正在备份），这次提交没有办完。按浏览器的“后退”可以回到所填的内容；"
    "请先查看案卷，没有登记的，再提交一次。"
)
TRY_AGAIN: Final = 1013  # of a websocket: come again later


class NoAnswer(DisclosureError):
    """The register does not say who is behind a request."""

    def __init__(self) -> None:
        super().__init__("登记簿暂时没有回答")


class RegisterAway:
    """Answers in words where what it hands on to found the register away (ASGI)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        except (NoAnswer, files.Linked, *office.REGISTER_FAULTS) as fault:
            away = isinstance(fault, (NoAnswer, files.Linked)) or office.register_away(fault)
            if begun or not away or scope["type"] not in ("http", "websocket"):
                raise
            words = fault.words if isinstance(fault, files.Linked) else ""
            why = fault if isinstance(fault, DisclosureError) else type(fault).__name__
            LOG.warning("%s", words or f"登记簿暂时没有回答：{why}")
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": TRY_AGAIN})
                return
            await told(scope, words)(scope, receive, send)


def told(scope: Scope, words: str = "") -> Response:
    """That the register is away, or what else it is, to a page or to what a page asks by itself."""
    words = words or AGAIN if scope["method"] in ("GET", "HEAD") else NOT_DONE
    if scope["path"].startswith("/api/"):
        return JSONResponse({"detail": words}, HTTPStatus.SERVICE_UNAVAILABLE)
    answer = PlainTextResponse(words, HTTPStatus.SERVICE_UNAVAILABLE)
    answer.headers["Cache-Control"] = "no-store"
    return answer
