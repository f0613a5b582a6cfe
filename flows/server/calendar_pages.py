"""期限日历 (/calendar): a month of limits, and each officer's feed of his own (/calendar/feed/SECRET.ics).

The feed is for calendar programs, which cannot log in: it opens by its secret alone, names no applicant,
and is given a new one, or ended, on the page.
"""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope

from flows import office
from flows.installation.entrance import FEED, Caller
from flows.server.our_pages import OurForms, asked_of
from flows.server.sent_forms import STALE, fields_of
from flows.shown.framed import framed
from flows.shown.limits_calendar import entries, limits
from flows.shown.pages import READS
from letters.pages.calendar_file import TYPE, calendar_file
from letters.pages.desk_page import page
from models.register import feeds

CALENDAR: Final = "/calendar"
YEARS: Final = range(2000, 2200)
NAMELESS: Final = "登录以后才有自己的订阅地址"


class CalendarPages(OurForms):
    """Answers the calendar and its feeds; hands on everything else (ASGI)."""

    async def _answer(
        self, scope: Scope, caller: Caller, parts: list[str], receive: Receive
    ) -> Response | None:
        match parts:
            case ["calendar", "feed", name] if scope["method"] in READS:
                return await run_in_threadpool(_feed, name.removesuffix(".ics"))
            case ["calendar"] if scope["method"] in READS:
                return await self._shown(scope, caller)
            case ["calendar"] if scope["method"] == "POST":
                return await self._renewed(scope, caller, receive)
            case ["calendar", *_]:
                return PlainTextResponse("没有这一页", HTTPStatus.NOT_FOUND)
        return None

    async def _renewed(self, scope: Scope, caller: Caller, receive: Receive) -> Response:
        fields = await fields_of(receive)
        ours = self._tokens.is_ours
        if fields is None or not ours(scope, fields.get("token", ""), caller.officer):
            return await self._shown(scope, caller, said=STALE)
        if not caller.officer:
            return await self._shown(scope, caller, said=NAMELESS)
        ends = fields.get("feed") == "end"
        secret = await run_in_threadpool(_changed, caller.officer, ends)
        return await self._shown(scope, caller, secret=secret, done="已停用" if ends else "")

    async def _shown(
        self, scope: Scope, caller: Caller, said: str = "", secret: str = "", done: str = ""
    ) -> Response:
        token, give = self._tokens.token(scope, caller.officer)
        facts = await run_in_threadpool(_facts, caller, asked_of(scope))
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        address = f"{scope.get('scheme', 'http')}://{host}{FEED}/{secret}.ics" if secret else ""
        facts |= {"token": token, "said": said, "done": done, "address": address}
        frame = framed("期限日历", caller.officer, "/")
        status = HTTPStatus.CONFLICT if said else HTTPStatus.OK
        return give(HTMLResponse(page("calendar", frame, facts), status))


def _facts(caller: Caller, query: dict[str, str]) -> dict[str, object]:
    now = office.circumstances(caller.officer)
    mine = bool(caller.officer) and query.get("whose") != "all"
    month = _month(query.get("month", "")) or now.today
    with office.reading() as session:
        found = limits(session, now, month, mine)
        has = bool(caller.officer) and feeds.has(session, caller.officer)
    return {
        "limits": found,
        "this": f"{month:%Y-%m}",
        "today": now.today,
        "mine": mine,
        "officer": caller.officer,
        "has_feed": has,
        "soon": now.law.soon,
    }


def _changed(officer: str, ends: bool) -> str:
    """Give the officer's feed a new secret, or end it; the secret, "" where it is ended."""
    with office.writing() as session:
        if ends:
            feeds.end(session, officer, office.today(), office.now())
            return ""
        return feeds.renew(session, officer, office.today(), office.now())


def _feed(secret: str) -> Response:
    """The calendar that a secret opens; whoever is not listed any more has none."""
    with office.reading() as session:
        officer = feeds.officer_of(session, secret)
        now = office.circumstances(officer)
        listed = {one.name: one for one in now.agency.officers}
        his = listed.get(officer)
        gone = listed and (his is None or his.only_supplies)  # who only supplies sees no case
        if not officer or gone:
            return PlainTextResponse("没有这个日历，地址可能已经换过", HTTPStatus.NOT_FOUND)
        found = list(entries(session, now))
    content = calendar_file(f"政府信息公开期限　{officer}", found, office.now())
    return Response(content, media_type=TYPE)


def _month(words: str) -> date | None:
    """The month that a page is asked for; None where it is none that a limit could be in."""
    try:
        found = date.fromisoformat(f"{words}-01")
    except ValueError:
        return None
    return found if found.year in YEARS else None
