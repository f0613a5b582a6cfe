"""The page of those who apply most (/frequent): month by month, with what the fee by piece has come to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope

from flows import office
from flows.installation.entrance import Caller
from flows.server.our_pages import OurPages, asked_of, day_of
from flows.shown.access_lines import noted
from flows.shown.framed import framed
from flows.shown.pages import BUSY, READS
from letters.pages.desk_page import page
from models.register.frequent import frequent

LEAST: Final = 10
YEAR: Final = timedelta(days=365)
MOST_MONTHS: Final = 13
WRONG: Final = "日期应如2026-03-02，开始日期不晚于结束日期，不超过一年；件数应为正数"


class FrequentPages(OurPages):
    """Answers /frequent; hands on everything else (ASGI)."""

    async def _answer(
        self, scope: Scope, caller: Caller, parts: list[str], receive: Receive
    ) -> Response | None:
        if parts != ["frequent"]:
            return None
        if scope["method"] not in READS:
            return PlainTextResponse("这一页只能查看", HTTPStatus.METHOD_NOT_ALLOWED)
        return await run_in_threadpool(_answer, caller, asked_of(scope))


def _answer(caller: Caller, query: Mapping[str, str]) -> Response:
    until = day_of(query.get("to", "")) or office.today()
    since = day_of(query.get("from", "")) or until - YEAR
    typed = query.get("least", str(LEAST))
    least = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 7 else 0
    said = "" if since <= until and until - since <= YEAR and least else WRONG
    found = []
    if not said:
        with office.reading() as session:
            found = frequent(session, since, until, least, office.law())
    if found:
        try:
            numbers = [number for one in found for number in one.latest]
            noted(caller, f"申请较多的申请人 {since}至{until} {len(found)}人", numbers)
        except office.REGISTER_FAULTS:
            return PlainTextResponse(BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
    facts = {
        "since": since,
        "until": until,
        "least": typed if said else least,
        "said": said,
        "found": found,
        "months": sorted({month for one in found for month in one.months})[-MOST_MONTHS:],
    }
    status = HTTPStatus.CONFLICT if said else HTTPStatus.OK
    frame = framed("申请较多的申请人", caller.officer, "/cases")
    return HTMLResponse(page("frequent", frame, facts), status)
