"""打印 on a page of ours (/print): the letters of a day in one PDF, the envelopes, the post's list."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope

from flows import office
from flows.installation.entrance import Caller
from flows.printing.libreoffice import NoPdf, is_here
from flows.server.our_pages import OurPages, asked_of, day_of
from flows.shown.access_lines import noted
from flows.shown.framed import framed
from flows.shown.pages import BUSY, READS, as_pdf, letter_url, page_url, under_name
from letters.pages.desk_page import page

PRINT: Final = "/print"
WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOTHING: Final = "这一天没有签发、登记的文书"


class PrintPages(OurPages):
    """Answers /print; hands on everything else (ASGI)."""

    async def _answer(
        self, scope: Scope, caller: Caller, parts: list[str], receive: Receive
    ) -> Response | None:
        match parts:
            case ["print", *_] if scope["method"] not in READS:
                return PlainTextResponse("这一页只能查看", HTTPStatus.METHOD_NOT_ALLOWED)
            case ["print"]:
                day = day_of(asked_of(scope).get("on", "")) or office.today()
                return await run_in_threadpool(_shown, caller, day)
            case ["print", on, name] if (
                day := day_of(on) or date.min
            ) > date.min and name in FILES:
                return await run_in_threadpool(_file, caller, day, name)
            case ["print", *_]:
                return PlainTextResponse("没有这一页", HTTPStatus.NOT_FOUND)
        return None


def _shown(caller: Caller, day: date) -> Response:
    from flows.printing import fonts, of_day  # Word: other pages do not wait for it

    with office.reading() as session:
        letters = of_day.letters_of(session, day)
        latest = None if letters else of_day.latest(session, day)
    if letters:
        try:
            noted(caller, f"{day} 打印", sorted({one.case_number for one in letters}))
        except office.REGISTER_FAULTS:
            return PlainTextResponse(BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
    here = is_here()
    rows = [
        {
            "one": one,
            "page": page_url(one.case_number),
            "docx": letter_url(one.case_number, one.number),
            "pdf": as_pdf(letter_url(one.case_number, one.number)),
        }
        for one in letters
    ]
    facts = {
        "day": day,
        "latest": latest,
        "rows": rows,
        "files": {name: f"{PRINT}/{day}/{quote(name)}" for name in FILES},
        "office_here": here,
        "fonts": fonts.substituted() if here else [],
        "action": PRINT,
    }
    return HTMLResponse(page("print", framed("打印", caller.officer, "/"), facts))


FILES: Final = {
    "文书.pdf": ("application/pdf", "attachment"),
    "信封.pdf": ("application/pdf", "attachment"),
    "信封.docx": (WORD, "attachment"),
    "大宗邮件清单.xlsx": (XLSX, "attachment"),
}
"""What can be had of a day: name → media type, and how a browser takes it."""


def _file(caller: Caller, day: date, name: str) -> Response:
    from flows.printing import of_day  # Word: other pages do not wait for it

    try:
        content, numbers = of_day.file_of(day, name)
    except NoPdf as fault:
        return PlainTextResponse(str(fault), HTTPStatus.SERVICE_UNAVAILABLE)
    if not content:
        return PlainTextResponse(NOTHING, HTTPStatus.NOT_FOUND)
    try:
        noted(caller, f"{day} {name}", numbers)
    except office.REGISTER_FAULTS:
        return PlainTextResponse(BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
    media, how = FILES[name]
    stem, _, ending = name.partition(".")
    named = under_name(f"{stem}-{day}.{ending}", f"print.{ending}", how)
    return Response(content, media_type=media, headers=named)
