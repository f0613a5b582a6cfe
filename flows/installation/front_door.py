"""Who gets in: the address the desk listens on, who is let in, and what a browser may be talked into.

Where officers log in, whoever is not logged in sees the pages of logging in and nothing else. Where
nobody has an account yet, the desk is open on loopback alone, for training. Any page in an officer's
browser could call us: so only requests under our own name (Host) and from our own pages (Origin) are
let in, whoever is logged in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.installation import office_secret
from flows.installation.entrance import (
    AGAIN,
    CALLER,
    FEED,
    LOGIN,
    LOGOUT,
    NAMELESS,
    NOT_IN,
    NOT_OPEN,
    OFFICE,
    ONLY_SUPPLIES,
    OPEN,
    SUPPLY,
    SUPPLY_GUIDE,
    Caller,
    Entrance,
    Visitor,
)
from letters.pages.guide_places import GUIDE


async def nobody(_: Scope) -> Visitor:
    """Where nobody has an account: everybody is let in, on loopback alone."""
    return Visitor()


class Doors:
    """The server's application behind its doors (ASGI).

    secret = the office's own (office_secret.py); visitor = who is behind a request
    """

    def __init__(
        self,
        app: ASGIApp,
        entrance: Entrance,
        secret: str = "",
        visitor: Callable[[Scope], Awaitable[Visitor]] = nobody,
    ) -> None:
        self._app, self._entrance, self._secret = app, entrance, secret
        self._visitor = visitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        stranger = self._stranger(scope, headers)
        if stranger:
            await _refuse(scope, receive, send, PlainTextResponse(stranger, HTTPStatus.FORBIDDEN))
            return
        if office_secret.borne(headers.get("authorization", ""), self._secret):
            await self._app({**scope, CALLER: OFFICE}, receive, send)
            return
        if scope["path"] in OPEN:  # they say how the server is, not the register
            send = self._sealed_off(scope, send)
            await self._app({**scope, CALLER: Caller(NAMELESS)}, receive, send)
            return
        visitor = await self._visitor(scope)
        refused = self._refused(scope, headers, visitor)
        if refused is not None:
            await _refuse(scope, receive, self._sealed_off(scope, send), refused)
            return
        caller = Caller(
            visitor.officer or NAMELESS,
            officer=visitor.officer,
            visit=visitor.visit,
            vouched=visitor.vouched,
            asked=visitor.asked,
            address=visitor.address,
        )
        await self._app({**scope, CALLER: caller}, receive, self._sealed_off(scope, send))

    def _stranger(self, scope: Scope, headers: Headers) -> str:
        """Why this request is none of ours; "" if it may be."""
        host = headers.get("host", "")
        if not self._entrance.is_ours(host):
            return "不接受以这个名称访问本系统的请求（可用的名称见 DISCLOSURE_HOSTS）"
        origin = headers.get("origin")
        if origin is not None and _netloc(origin) != _netloc(f"//{host}"):
            return "不接受来自其他网页的请求"
        foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site")
        if foreign and scope.get("method") not in ("GET", "HEAD"):
            return "不接受来自其他网页的请求"
        return ""

    def _refused(self, scope: Scope, headers: Headers, visitor: Visitor) -> Response | None:
        """What whoever may not see this is told instead; None if he may."""
        path = scope["path"]
        if not visitor.asked:
            others = self._entrance.for_others or visitor.proxied
            return PlainTextResponse(NOT_OPEN, HTTPStatus.FORBIDDEN) if others else None
        if _of(path, LOGIN) or path == LOGOUT or path.startswith(f"{FEED}/"):
            return None
        reads = scope["type"] == "http" and scope["method"] == "GET"
        page = reads and "text/html" in headers.get("accept", "")
        if not visitor.officer:
            sent = scope.get("method") == "POST" and "text/html" in headers.get("accept", "")
            if page or sent:
                return _log_in(scope, AGAIN if sent else LOGIN)
            return JSONResponse({"detail": NOT_IN}, 401)
        if not visitor.only_supplies or _of(path, SUPPLY):
            return None
        if page:
            there = SUPPLY_GUIDE if _of(path, GUIDE) else SUPPLY
            return RedirectResponse(there, HTTPStatus.SEE_OTHER)
        return JSONResponse({"detail": ONLY_SUPPLIES}, HTTPStatus.FORBIDDEN)

    def _sealed_off(self, scope: Scope, send: Send) -> Send:
        """Responses that no other site may frame or guess at; what the pages are told of the cases stays
        in no browser after its visit has ended.
        """
        told = scope["path"].startswith("/api/")

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Frame-Options", "DENY")
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                if told:
                    headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            await send(message)

        return send_on


def _of(path: str, page: str) -> bool:
    """Whether a path is that of a page, or lies below it."""
    return path == page or path.startswith(f"{page}/")


def _netloc(url: str) -> str | None:
    """Host and port of an address; None if it has none."""
    try:
        return urlsplit(url).netloc.lower() or None
    except ValueError:
        return None


def _log_in(scope: Scope, at: str) -> Response:
    """Led to the page of logging in, and back from there; a form with all that it was sent with."""
    query = scope.get("query_string", b"").decode("latin-1")
    onward = f"{scope['path']}?{query}" if query else scope["path"]
    how = HTTPStatus.TEMPORARY_REDIRECT if at == AGAIN else HTTPStatus.SEE_OTHER
    return RedirectResponse(f"{at}?next={quote(onward, safe='/')}", how)


async def _refuse(scope: Scope, receive: Receive, send: Send, answer: Response) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await answer(scope, receive, send)
