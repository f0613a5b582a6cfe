"""The pages of logging in and out: /login, /login/invitation, /login/password, /logout.

Each of our forms bears a token that only the browser which was given the form can return: it is
sealed over a cookie of its own. The doors have turned away what other pages send (Origin).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Final
from urllib.parse import parse_qs

import anyio
import segno
from cryptography.fernet import InvalidToken
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.installation import office_secret
from flows.installation.entrance import AGAIN, CALLER, LOGIN, LOGOUT, Caller
from flows.server import logging_in, sent_too_late
from flows.server.logging_in import Chosen, Outcome
from flows.server.sent_forms import STALE, Fields, FormTokens, fields_of, within
from flows.server.sent_too_late import Late
from flows.server.visits import AT_WORK, COOKIE, Visits, address_of, is_https
from letters.pages.desk_page import script
from letters.pages.login_page import page, stylesheet
from models.register import accounts, codes

SCRIPTS: Final = {f"{LOGIN}/{name}.js": name for name in ("files", "fields", "onward")}
"""The scripts that everybody has who fills in a page of ours."""
TOKEN_SECONDS: Final = 3600
ASKED: Final[Mapping[str, Mapping[str, str]]] = {
    LOGIN: {"officer": "姓名", "password": "口令"},
    f"{LOGIN}/invitation": {"officer": "姓名", "invitation": "邀请码"},
}
"""What must be filled in, and its title: said by the server, for a browser says it in its own language."""
AT_ONCE: Final = 2
"""Passwords looked at at the same time: each takes 64 MiB."""

CSP: Final = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"
ONWARD_CSP: Final = f"script-src 'self'; {CSP}"
"""Where what was sent too late goes on by itself."""
OUT: Final = "已退出登录，所有页面都须重新登录。"
OUT_HERE: Final = (
    "本系统中的登录已经结束。您是由统一身份认证登录的：在那里退出以前，再打开本系统会自动进入；"
    "离开电脑前，请到统一身份认证处退出。"
)


class ShownSecrets:
    """The secret that an invited officer's phone was shown, as its form carries it: sealed for this
    officer, this invitation and this start, or every server that shares the office's secret. Never with
    the office's key: the page shows it opened.
    """

    def __init__(self, secret: str = "") -> None:
        self._cipher = office_secret.cipher(secret, "shown secrets")

    def seal(self, officer: str, invitation: str, secret: str) -> str:
        """The secret ("" where the phone is enrolled already), as the form carries it."""
        return self._cipher.encrypt(json.dumps([officer, invitation, secret]).encode()).decode()

    def open(self, officer: str, invitation: str, sealed: str) -> str | None:
        """The secret again; None where the form is not ours, another's, or too old."""
        try:
            said = self._cipher.decrypt(sealed.encode(), ttl=TOKEN_SECONDS)
        except (InvalidToken, UnicodeEncodeError):
            return None
        *whose, secret = json.loads(said)
        return str(secret) if whose == [officer, invitation] else None


class LoginPages:
    """Answers what has to do with logging in, and hands on everything else (ASGI)."""

    def __init__(self, app: ASGIApp, visits: Visits, tokens: FormTokens, secret: str = "") -> None:
        self._app, self._visits, self._tokens = app, visits, tokens
        self._shown_secrets = ShownSecrets(secret)
        self._at_once = anyio.CapacityLimiter(AT_ONCE)
        self._posted: dict[str, Callable[[Scope, Fields], Awaitable[Response]]] = {
            LOGIN: self._log_in,
            f"{LOGIN}/invitation": self._invited,
            f"{LOGIN}/password": self._chosen,
            LOGOUT: self._log_out,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path not in (LOGIN, LOGOUT) and not path.startswith(f"{LOGIN}/"):
            await self._app(scope, receive, send)
            return
        if scope["method"] == "POST" and path == AT_WORK:  # the doors have noted it (visits.py)
            answer: Response = Response(status_code=HTTPStatus.NO_CONTENT)
        elif scope["method"] == "POST" and path == AGAIN:
            answer = await self._sent_too_late(scope, receive)
        elif scope["method"] == "POST" and path in self._posted:
            answer = await self._posted_to(path, scope, receive)
        elif scope["method"] in ("GET", "HEAD"):
            answer = self._shown(path, scope)
        else:
            answer = PlainTextResponse("没有这一页", HTTPStatus.NOT_FOUND)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Content-Security-Policy"] = ONWARD_CSP if path == AGAIN else CSP
        await answer(scope, receive, send)

    def _shown(self, path: str, scope: Scope) -> Response:
        caller: Caller = scope[CALLER]
        if path == f"{LOGIN}/style.css":
            return Response(stylesheet(), media_type="text/css")
        if path in SCRIPTS:  # here, for who only supplies reaches no other page of ours
            return Response(script(SCRIPTS[path]), media_type="text/javascript")
        if path == f"{LOGIN}/invitation":
            return self._page(scope, "invitation")
        if path != LOGIN:
            return PlainTextResponse("没有这一页", HTTPStatus.NOT_FOUND)
        if caller.officer:
            return self._page(scope, "logged_in", officer=caller.officer, vouched=caller.vouched)
        if not caller.asked:
            return self._page(scope, "open")
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("next", [""])
        return self._page(scope, "login", next=within(asked[0]))

    async def _posted_to(self, path: str, scope: Scope, receive: Receive) -> Response:
        fields = await fields_of(receive)
        if fields is None:
            return PlainTextResponse("所提交的内容不能读取", HTTPStatus.BAD_REQUEST)
        if not self._tokens.is_ours(scope, fields.get("token", "")):
            step = "invitation" if path.startswith(f"{LOGIN}/") else "login"
            officer = fields.get("officer", "")
            return self._page(scope, step, said=STALE, officer=officer, status=403)
        if said := _lacking(path, fields):  # looked at no further, and not counted as a guess
            step = "login" if path == LOGIN else "invitation"
            officer, onward = fields.get("officer", ""), within(fields.get("next", ""))
            return self._page(scope, step, 403, said=said, officer=officer, next=onward)
        return await self._posted[path](scope, fields)

    async def _sent_too_late(self, scope: Scope, receive: Receive) -> Response:
        """A form that was sent after its visit had ended; and the login that its page asks for."""
        late = await sent_too_late.sent(scope, receive)
        if not late.login:
            return self._again(scope, late)
        if not self._tokens.is_ours(scope, late.login.get("token", "")):
            return self._again(scope, late, STALE)
        if lacking := _lacking(LOGIN, late.login):
            return self._again(scope, late, lacking)
        outcome = await self._looked_at(scope, late.login)
        if not outcome.token:
            return self._again(scope, late, outcome.said)
        self._visits.forget()
        officer = office.agency().listed_name(late.login["officer"])
        his = officer == self._tokens.whose(scope, late.token) and not late.coded
        answer = self._page(scope, "onward", whose=officer, late=late, his=his)
        return _with_cookie(answer, scope, outcome.token)

    def _again(self, scope: Scope, late: Late, said: str = "") -> Response:
        officer = late.login.get("officer", self._tokens.whose(scope, late.token) or "")
        vouched = bool(office.agency().accounts.single_sign_on_header)
        return self._page(
            scope, "again", 401, late=late, officer=officer, said=said, vouched=vouched
        )

    async def _log_in(self, scope: Scope, fields: Fields) -> Response:
        onward = within(fields.get("next", ""))
        outcome = await self._looked_at(scope, fields)
        if not outcome.token:
            officer = fields.get("officer", "")
            return self._page(
                scope, "login", said=outcome.said, officer=officer, next=onward, status=403
            )
        return self._begun(scope, outcome.token, onward)

    async def _looked_at(self, scope: Scope, fields: Fields) -> Outcome:
        return await anyio.to_thread.run_sync(
            logging_in.log_in,
            fields.get("officer", ""),
            fields.get("password", ""),
            fields.get("code", ""),
            address_of(scope),
            limiter=self._at_once,
        )

    def _begun(self, scope: Scope, token: str, onward: str) -> Response:
        """Led on, with the cookie of a visit that has just begun."""
        self._visits.forget()
        return _with_cookie(RedirectResponse(onward, HTTPStatus.SEE_OTHER), scope, token)

    async def _invited(self, scope: Scope, fields: Fields) -> Response:
        officer, invitation = fields.get("officer", "").strip(), fields.get("invitation", "")
        said = await run_in_threadpool(logging_in.invited, officer, invitation, address_of(scope))
        if said:
            return self._page(scope, "invitation", said=said, officer=officer, status=403)
        known = await run_in_threadpool(logging_in.enrolled, officer)
        secret = "" if known else codes.new_secret()
        return self._to_choose(scope, officer, invitation, secret)

    async def _chosen(self, scope: Scope, fields: Fields) -> Response:
        officer, invitation = fields.get("officer", ""), fields.get("invitation", "")
        secret = self._shown_secrets.open(officer, invitation, fields.get("secret", ""))
        if secret is None:
            return self._page(scope, "invitation", said=STALE, status=403)
        password, again = fields.get("password", ""), fields.get("again", "")
        chosen = Chosen(officer, invitation, password, again, secret, fields.get("code", ""))
        outcome = await anyio.to_thread.run_sync(
            logging_in.choose, chosen, address_of(scope), limiter=self._at_once
        )
        if outcome.token:
            return self._begun(scope, outcome.token, "/")
        if not outcome.invited:
            return self._page(scope, "invitation", said=outcome.said, officer=officer, status=403)
        return self._to_choose(scope, officer, invitation, secret, outcome.said)

    def _to_choose(
        self, scope: Scope, officer: str, invitation: str, secret: str, said: str = ""
    ) -> Response:
        agency = office.agency()
        return self._page(
            scope,
            "password",
            said=said,
            officer=officer,
            invitation=invitation,
            secret=secret,
            sealed=self._shown_secrets.seal(officer, invitation, secret),
            picture=drawn(codes.for_phone(officer, secret, agency.name, agency.codes))
            if secret
            else "",
            shortest=agency.accounts.password_shortest,
            status=403 if said else 200,
        )

    async def _log_out(self, scope: Scope, _: Fields) -> Response:
        caller: Caller = scope[CALLER]
        token = cookie_parser(Headers(scope=scope).get("cookie", "")).get(COOKIE, "")
        visit = caller.visit or accounts.kept_under(token)
        await run_in_threadpool(logging_in.log_out, visit, address_of(scope))
        self._visits.forget()
        onward = office.agency().accounts.single_sign_on_logout if caller.vouched else ""
        said = OUT_HERE if caller.vouched else OUT
        answer = self._page(scope, "told", words=said, onward=onward)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=is_https(scope))
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer

    def _page(
        self, scope: Scope, step: str, status: int = 200, whose: str = "", **facts: object
    ) -> Response:
        """A page, with a token for the form on it; whose = of whom it is (FormTokens)."""
        agency = office.agency()
        token, give = self._tokens.token(scope, whose)
        given = {"digits": agency.codes.digits, "token": token, **facts}
        return give(HTMLResponse(page(step, agency.name, given), status))


def _lacking(path: str, fields: Fields) -> str:
    """What was left out that must be filled in there; "" if nothing was."""
    lacking = [title for name, title in ASKED.get(path, {}).items() if not fields.get(name)]
    return f"请填写{'、'.join(lacking)}" if lacking else ""


def _with_cookie(answer: Response, scope: Scope, token: str) -> Response:
    """An answer with the cookie of a visit that has just begun."""
    # Lax: a link in an alert leads to its case; what is written needs our own Origin anyway.
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=is_https(scope))
    return answer


def drawn(words: str) -> str:
    """The QR code as SVG, to stand in a page."""
    picture = BytesIO()
    segno.make(words, error="m").save(picture, kind="svg", xmldecl=False, omitsize=True)
    return picture.getvalue().decode("ascii")
