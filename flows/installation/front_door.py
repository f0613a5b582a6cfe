"""Who gets in: the address the desk listens on, the login, and what a browser may be talked into.

On loopback alone nobody needs to log in, but any page in the officer's browser could call us: so
only requests under our own name (Host) and from our own pages (Origin) are let in. Opened to a
network, every request needs the login, that of Prefect's own basic auth.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.installation import office_secret
from models.errors import DisclosureError

LOOPBACK: Final = "127.0.0.1"
SHORTEST_PASSWORD: Final = 12
"""Characters; below that, guessing over a network is not hopeless."""

WRONG_LOGIN_SECONDS: Final = 1.0
PASS: Final = "disclosure_pass"
PASS_SECONDS: Final = 15 * 60
"""So long after the UI last spoke to the server its links to our pages need no second login."""

BOOKMARKS: Final = "/desk/"
OURS: Final = ("/letters/", "/drafts/", "/applicants/", "/reports/", BOOKMARKS)
"""Our own pages: none is served that does not stand here (shown/pages.py, bookmarks.py)."""
OPEN: Final = ("/api/health", "/api/ready")


CALLER: Final = "disclosure.caller"
"""Under which key a request bears who asks: the office, or a person."""
NAMELESS: Final = "未具名"


@dataclass(frozen=True)
class Caller:
    """Who asks: a person by name, or the office itself, which bears its secret."""

    name: str
    office: bool = False


OFFICE: Final = Caller("办理系统", office=True)


class BadLogin(DisclosureError):
    """The login is not one that a browser and Prefect both take; it is never shown."""

    def __init__(self, expected: str) -> None:
        self.expected = expected
        super().__init__(f"登录口令（DISCLOSURE_LOGIN）{expected}")


class NoLogin(DisclosureError):
    """The desk is to be opened to a network without a login."""

    def __init__(self, listen: str) -> None:
        self.listen = listen
        super().__init__(
            f"DISCLOSURE_LISTEN={listen} 向网络开放办理系统，必须先设登录口令："
            f"DISCLOSURE_LOGIN=用户:口令（口令至少{SHORTEST_PASSWORD}个字符），"
            "或者 DISCLOSURE_LOGIN_FILE=写有口令的文件；未启动"
        )


@dataclass(frozen=True)
class Entrance:
    """Where the desk listens, and the login it asks for ("" = none, on loopback alone).

    Raises ValueError for what is no address, NoLogin, BadLogin.
    """

    listen: str = LOOPBACK
    login: str = ""

    def __post_init__(self) -> None:
        only_here = self.only_here
        if self.login:
            _check(self.login)
        elif not only_here:
            raise NoLogin(self.listen)

    @property
    def only_here(self) -> bool:
        """Whether nobody from another machine can reach it."""
        return ip_address(self.listen).is_loopback

    @property
    def reached_at(self) -> str:
        """The address under which this machine itself reaches the desk, as URLs write it."""
        address = ip_address(self.listen)
        if address.is_unspecified:
            return LOOPBACK
        return f"[{address}]" if isinstance(address, IPv6Address) else str(address)


def _check(login: str) -> None:
    user, colon, password = login.partition(":")
    if not colon or not user:
        raise BadLogin("应为“用户:口令”")
    if not login.isascii() or not login.isprintable() or " " in login:
        # Prefect's login page (btoa) and its comparison (compare_digest) take nothing else.
        raise BadLogin("只能用英文字母、数字和符号（Prefect 的登录页不接受其他字符）")
    if len(password) < SHORTEST_PASSWORD:
        raise BadLogin(f"的口令至少{SHORTEST_PASSWORD}个字符")


class Doors:
    """The server's application behind its doors (ASGI)."""

    def __init__(self, app: ASGIApp, entrance: Entrance, secret: str = "") -> None:
        self._app, self._entrance, self._secret = app, entrance, secret
        self._passes = Fernet(Fernet.generate_key())  # of this start of the server alone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        stranger = self._stranger(scope, headers)
        if stranger:
            await _refuse(scope, receive, send, PlainTextResponse(stranger, 403))
            return
        if office_secret.borne(headers.get("authorization", ""), self._secret):
            await self._app({**scope, CALLER: OFFICE}, receive, send)
            return
        scope = {**scope, CALLER: Caller(NAMELESS)}
        known = not self._entrance.login or self._knows(headers.get("authorization", ""))
        if scope["type"] == "http" and not known and not self._admits(scope["path"], headers):
            if "authorization" in headers:
                await asyncio.sleep(WRONG_LOGIN_SECONDS)
            await _refuse(scope, receive, send, _log_in(scope["path"]))
            return
        if scope["type"] == "websocket":  # Prefect asks there for the login itself
            await self._app(scope, receive, send)
            return
        due = bool(self._entrance.login) and known and self._ageing(headers)
        await self._app(scope, receive, self._sealed_off(send, scope, give_pass=due))

    def _stranger(self, scope: Scope, headers: Headers) -> str:
        """Why this request is none of ours; "" if it may be."""
        host = headers.get("host", "")
        if not self._entrance.login and not _is_loopback(host):
            return "只接受以 127.0.0.1 或 localhost 访问本系统的请求"
        origin = headers.get("origin")
        if origin is not None and _netloc(origin) != _netloc(f"//{host}"):
            return "不接受来自其他网页的请求"
        foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site")
        if foreign and scope.get("method") not in ("GET", "HEAD"):
            return "不接受来自其他网页的请求"
        return ""

    def _admits(self, path: str, headers: Headers) -> bool:
        """Whether the path needs no login (the UI's own files), or the browser has a pass."""
        if path in OPEN:
            return True
        if path.startswith("/api/") or path == "/api":
            return False
        return not path.startswith(OURS) or self._age(headers) is not None

    def _knows(self, authorization: str) -> bool:
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            said = base64.b64decode(credentials.strip(), validate=True)
        except ValueError:
            return False
        return hmac.compare_digest(said, self._entrance.login.encode())

    def _age(self, headers: Headers) -> float | None:
        """Seconds since the browser's pass was given; None if it has none that counts."""
        token = cookie_parser(headers.get("cookie", "")).get(PASS, "")
        try:
            self._passes.decrypt(token, ttl=PASS_SECONDS)
            given = self._passes.extract_timestamp(token)
        except InvalidToken:
            return None
        return time.time() - given

    def _ageing(self, headers: Headers) -> bool:
        age = self._age(headers)
        return age is None or age > PASS_SECONDS / 3

    def _sealed_off(self, send: Send, scope: Scope, *, give_pass: bool) -> Send:
        """Responses that no other site may frame or guess at; with a new pass if one is due."""

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Frame-Options", "DENY")
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
                if give_pass:
                    headers.append("Set-Cookie", self._cookie(scope))
            await send(message)

        return send_on

    def _cookie(self, scope: Scope) -> str:
        token = self._passes.encrypt(b"").decode("ascii")
        secure = "; Secure" if scope["scheme"] == "https" else ""
        return f"{PASS}={token}; Path=/; Max-Age={PASS_SECONDS}; HttpOnly; SameSite=Lax{secure}"


def _netloc(url: str) -> str | None:
    """Host and port of an address; None if it has none."""
    try:
        return urlsplit(url).netloc.lower() or None
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    """Whether a Host header names this machine itself, so that no page elsewhere can bear it."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _log_in(path: str) -> Response:
    """401; the browser itself asks on our pages, Prefect's login page on Prefect's."""
    if not path.startswith(OURS):
        return JSONResponse({"exception_message": "Unauthorized"}, 401)
    ask = {"WWW-Authenticate": 'Basic realm="disclosure", charset="UTF-8"'}
    return PlainTextResponse("请先登录", 401, headers=ask)


async def _refuse(scope: Scope, receive: Receive, send: Send, answer: Response) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await answer(scope, receive, send)
