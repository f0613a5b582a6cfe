"""Our own pages on the server: letters, drafts, the annual report, how to reach an applicant.

The register is read anew for each request, and nothing else is: a letter is written from its kept
words, byte for byte the same, so no path comes from outside. Who may read: flows/installation/front_door.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from html import escape
from http import HTTPStatus
from urllib.parse import quote, unquote_to_bytes

from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.installation import files
from flows.installation.entrance import BOOKMARKS, CALLER, OURS, Caller
from flows.printing.libreoffice import NoPdf
from flows.shown.access_lines import noted
from flows.shown.paper_lines import file_url
from flows.shown.report_files import FILES, folder
from letters.letter.facts import letter_of
from letters.letter.office_forms import application_form, supply_request
from letters.letter.words import Letter
from models.case.act import Circumstances
from models.case.case import Case
from models.case.personal import PARTICULARS
from models.case.stage import Stage
from models.errors import DisclosureError, FactMissing, NoSuchCase
from models.neighbours.papers import papers
from models.register import register, same_applicant
from models.store.tables import Document

DOCX, PDF = ".docx", ".pdf"
READS = ("GET", "HEAD")
AS_WRITTEN = b"docx"
"""What is asked for in an address that is to give a letter as it was written, not as it was sealed."""
UNSIGNED = frozenset({Stage.DRAFTING, Stage.REVIEW, Stage.SECRECY, Stage.SIGNING})
YEAR = re.compile(r"[12][0-9]{3}")
BLANK = "application-form"
UNNUMBERED = "（稿，签发时编号）"
BUSY = "登记簿暂无响应，查阅记录未能写入，请稍候再打开"


def letter_url(case_number: str, number: str) -> str:
    """Where a numbered letter can be opened."""
    return f"/letters/{quote(case_number, safe='')}/{quote(number, safe='')}{DOCX}"


def as_pdf(url: str) -> str:
    """Where the same letter or draft can be opened as it comes out of the printer."""
    return url.removesuffix(DOCX) + PDF


def supply_url(case_number: str, ref: str) -> str:
    """Where the note that asks a department of our own for records can be opened."""
    return f"/letters/{quote(case_number, safe='')}/supply/{quote(ref, safe='')}{DOCX}"


def blank_form_url() -> str:
    """Where the form for those who apply in person can be opened, to be printed."""
    return f"/letters/{BLANK}{DOCX}"


def draft_url(case_number: str) -> str:
    """Where a case's draft can be opened, as it would be printed."""
    return f"/drafts/{quote(case_number, safe='')}{DOCX}"


def applicant_url(case_number: str) -> str:
    """Where it stands how to reach the applicant."""
    return f"/applicants/{quote(case_number, safe='')}"


def list_url(key: str) -> str:
    """Where a list of open cases can be opened, now and later (flows/server/bookmarks.py)."""
    return f"{BOOKMARKS}{key}"


def case_url(number: str) -> str:
    """Where a case's dossier can be opened, now and later (flows/server/bookmarks.py)."""
    return f"{BOOKMARKS}case/{quote(number, safe='')}"


def page_url(number: str) -> str:
    """Where a case's own page stands."""
    return f"/cases/{quote(number, safe='')}"


def form_url(number: str) -> str:
    """Where a case's form opens, whatever run it stands in (flows/server/bench_pages.py)."""
    return f"{page_url(number)}/form"


class NoSuchPage(DisclosureError):
    """What was asked for is not in the register."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"登记簿中没有{what}")


class Pages:
    """Answers what is ours, and hands everything else to the application behind (ASGI)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = segments(scope) if scope["type"] == "http" else []
        if not parts or f"/{parts[0]}/" not in OURS:
            await self._app(scope, receive, send)
            return
        named, ending = _named(parts[-1])
        match parts:
            case ["letters", _] if ending and named == BLANK:
                answer = await _answer(scope, _blank_form, ending)
            case ["letters", number, "supply", _] if ending:
                supplied = partial(_supply, ending=ending)
                answer = await _read(scope, "协办单", supplied, number, named)
            case ["letters", number, _] if ending:
                as_written = scope.get("query_string") == AS_WRITTEN
                written = partial(_letter, ending=ending, as_written=as_written)
                answer = await _read(scope, "文书", written, number, named)
            case ["drafts", _] if ending:
                answer = await _read(scope, "拟稿", partial(_draft, ending=ending), named)
            case ["applicants", number]:
                answer = await _read(scope, "联系方式", _applicant, number)
            case ["reports", year, name] if name in FILES and YEAR.fullmatch(year):
                answer = await _answer(scope, _report, year, name)
            case _:
                answer = PlainTextResponse("没有这一页", 404)
        answer.headers["Cache-Control"] = "no-store"
        styled = "style-src 'unsafe-inline'; " if parts[0] == "reports" else ""
        styled += "object-src 'self'; " if ending == PDF else ""  # as browsers show a PDF
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'none'; {styled}frame-ancestors 'none'"
        )
        answer.headers["X-Content-Type-Options"] = "nosniff"
        await answer(scope, receive, send)


def asked_by_person(scope: Scope) -> tuple[Caller, list[str]] | None:
    """Who asks for a page, and the segments of its path; None if it is no page, or the office asks."""
    caller: Caller | None = scope.get(CALLER)
    if scope["type"] != "http" or caller is None or caller.office:
        return None
    return caller, segments(scope)


def _named(segment: str) -> tuple[str, str]:
    """What the last segment of a letter's address names, and as what it is asked for; "" as neither."""
    ending = next((one for one in (DOCX, PDF) if segment.endswith(one)), "")
    return segment.removesuffix(ending), ending


def segments(scope: Scope) -> list[str]:
    """The path's segments; a slash written %2F belongs to its segment. [] if it is no text."""
    raw = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    try:
        return [unquote_to_bytes(part).decode("utf-8") for part in raw.split(b"/")[1:]]
    except UnicodeDecodeError:
        return []


async def _answer(scope: Scope, read: Callable[..., Response], *asked: str) -> Response:
    if scope["method"] not in READS:
        return PlainTextResponse("这一页只能查看", 405)
    try:
        return await run_in_threadpool(read, *asked)
    except (NoSuchPage, NoSuchCase, FactMissing) as fault:
        return PlainTextResponse(str(fault), 404)
    except NoPdf as fault:
        return PlainTextResponse(str(fault), HTTPStatus.SERVICE_UNAVAILABLE)


async def _read(
    scope: Scope, what: str, read: Callable[..., Response], number: str, *more: str
) -> Response:
    """A page that tells of a person, once it stands in the log who reads it; not, if that cannot be
    written.
    """
    answer = await _answer(scope, read, number, *more)
    if answer.status_code == HTTPStatus.OK:
        try:
            await run_in_threadpool(noted, scope.get(CALLER), " ".join((number, what, *more)))
        except office.REGISTER_FAULTS:
            return PlainTextResponse(BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
    return answer


def _letter(
    case_number: str, number: str, *, ending: str = DOCX, as_written: bool = False
) -> Response:
    """A letter as it was issued: the copy that came back sealed, where there is one; otherwise, and
    where that is asked for (?docx), from its kept words.
    """
    with office.reading() as session:
        copy = None if as_written else papers(session, case_number).sealed_copy(number)
        if copy is not None:
            return RedirectResponse(file_url(case_number, copy.place), HTTPStatus.SEE_OTHER)
        document = session.exec(
            select(Document).where(
                Document.case_number == case_number, col(Document.number) == number
            )
        ).first()
    if document is None:
        raise NoSuchPage(f"申请{case_number}的文书{number}")
    void = "（作废）" if document.voided_on else ""
    return _file(Letter.from_json(document.letter), f"{document.number}{void}", ending)


def _supply(case_number: str, ref: str, *, ending: str) -> Response:
    with office.reading() as session:
        case = register.case(session, case_number)
    for one in case.supplies:
        if one.ref == ref:
            letter = supply_request(case, one, office.law(), office.agency())
            return _file(letter, f"{case_number}协办单{ref}", ending)
    raise NoSuchPage(f"申请{case_number}的协办单{ref}")


def _blank_form(ending: str) -> Response:
    form = application_form(office.agency(), office.today())
    return _file(form, "政府信息公开申请表", ending)


def _draft(case_number: str, *, ending: str) -> Response:
    with office.reading() as session:
        case = register.case(session, case_number)
        now = same_applicant.informed(session, case, office.circumstances(""))
        letter = drafted(case, now)
    if letter is None:
        raise NoSuchPage(f"申请{case_number}尚待签发的拟稿")
    return _file(letter, f"{case_number}（稿）", ending)


def is_drafted(case: Case) -> bool:
    """Whether there is a draft that nobody has signed yet."""
    return case.draft is not None and case.stage in UNSIGNED


def drafted(case: Case, now: Circumstances) -> Letter | None:
    """The reply as it would be printed if it were signed today, marked 稿; None without a draft."""
    if case.draft is None or not is_drafted(case):
        return None
    kind = case.draft.outcome
    letter = letter_of(kind, case, UNNUMBERED, now.today, now.law, now.agency, now.borne)
    return replace(letter, title=f"{letter.title}（稿）")


def _report(year: str, name: str) -> Response:
    """A file of the annual report as it was last written, name and folder being ours."""
    try:
        content = files.read(folder(int(year)) / name, office.home())
    except (FileNotFoundError, files.Linked):
        raise NoSuchPage(f"{int(year)}年度报告的 {name}") from None
    return Response(content, media_type=FILES[name].media)


def _applicant(case_number: str) -> Response:
    with office.reading() as session:
        person = register.applicant(session, case_number)
        left = bool(register.case(session, case_number).later_firsts)
    if left:
        return _page_of(
            case_number,
            "<p>登记的联系方式是已经退出的第一申请人的，不再使用；其余申请人的联系方式见申请材料。</p>",
        )
    rows = "".join(
        f"<tr><th scope=row align=left>{title}</th><td>{_in_lines(getattr(person, name)) or '—'}</td></tr>"
        for name, title in PARTICULARS.items()
    )
    return _page_of(
        case_number,
        f"<table cellpadding=6>{rows}</table>"
        "<p>个人信息只用于办理本件申请（个人信息保护法第六条）。</p>",
    )


def _in_lines(words: str) -> str:
    """A text on a page, line by line."""
    return "<br>".join(escape(line) for line in words.splitlines())


def _page_of(case_number: str, said: str) -> Response:
    return HTMLResponse(
        f"<!doctype html><html lang=zh-CN><meta charset=utf-8><title>{escape(case_number)}</title>"
        f"<h1>{escape(case_number)}　申请人的联系方式</h1>{said}"
    )


def under_name(name: str, plain: str = "", how: str = "attachment") -> dict[str, str]:
    """The header that gives a file its Chinese name (RFC 6266); plain = for what knows no such names."""
    known = f'filename="{plain}"; ' if plain else ""
    return {"Content-Disposition": f"{how}; {known}filename*=UTF-8''{quote(name, safe='')}"}


def _file(letter: Letter, name: str, ending: str) -> Response:
    """The letter as a file under its Chinese name (RFC 6266): to be saved or opened in Word, or, as PDF,
    looked at in the browser and printed.
    """
    from flows.printing import letter_files  # Word: who lists cases does not wait for it

    how = "inline" if ending == PDF else "attachment"
    content = letter_files.content(letter, ending)
    return Response(
        content,
        media_type=letter_files.MEDIA[ending],
        headers=under_name(name + ending, f"letter{ending}", how),
    )
