"""归档 on pages of ours: the file of a case (/cases/NUMBER/archive), and what the archive has not (/archive).

Binding it leaves a line, as any reading of a person's papers does; handing it over is recorded by the
same act as from the terminal.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus
from threading import Lock
from typing import IO, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.types import Receive, Scope

from flows import office
from flows.archive import folder
from flows.archive.bound import DamagedContent, NoContent, NoPdf, StoreAway, TooManyPages
from flows.archive.case_file import NotClosed, case_file
from flows.counter import archiving
from flows.installation.entrance import Caller
from flows.path import signing
from flows.path.form_fields import By
from flows.printing.libreoffice import NoLibreOffice, is_here
from flows.server.our_pages import (
    NOBODY,
    OurForms,
    asked_of,
    day_of,
    is_noted,
    too_large,
    was_done,
)
from flows.server.sent_forms import STALE, fields_of
from flows.shown.framed import framed
from flows.shown.pages import BUSY, READS, page_url, under_name
from flows.shown.paper_lines import archive_url
from flows.shown.row_words import masked
from letters.pages.desk_page import page
from models.acts.afterwards.archiving import HandToArchive
from models.errors import ActRefused, DisclosureError, NoSuchCase
from models.register import numbers_meant, register
from models.watch.unarchived import unarchived

ARCHIVE: Final = "/archive"
NO_DAY: Final = "请填写移交日期"
ONE_AT_A_TIME: Final = "正在装订另一卷，请稍候再试"
PIECE: Final = 1024 * 1024
LACKING: Final = (NoLibreOffice, NoPdf, TooManyPages, NoContent, DamagedContent, StoreAway)
_TURN = Lock()


class BeingBound(DisclosureError):
    """Another file is being bound: one at a time, the officers' forms come first."""


class ArchivePages(OurForms):
    """Answers /archive and /cases/NUMBER/archive; hands on everything else (ASGI)."""

    async def _answer(
        self, scope: Scope, caller: Caller, parts: list[str], receive: Receive
    ) -> Response | None:
        reads = scope["method"] in READS
        try:
            match parts:
                case ["archive"] if reads:
                    return await self._listed(scope, caller)
                case ["cases", number, "archive"] if reads:
                    return await self._shown(scope, caller, number)
                case ["cases", number, "archive"] if scope["method"] == "POST":
                    return await self._handed(scope, caller, number, receive)
                case ["cases", number, "archive", "file"] if reads:
                    return await self._file(scope, caller, number)
                case ["archive", *_] | ["cases", _, "archive", *_]:
                    return PlainTextResponse("没有这一页", HTTPStatus.NOT_FOUND)
        except NoSuchCase as fault:
            return PlainTextResponse(str(fault), HTTPStatus.NOT_FOUND)
        return None

    async def _listed(self, scope: Scope, caller: Caller) -> Response:
        asked = asked_of(scope).get("year", "")
        year = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else None
        facts = await run_in_threadpool(list_facts, year)
        return HTMLResponse(page("archive_list", framed("归档", caller.officer, "/"), facts))

    async def _shown(
        self,
        scope: Scope,
        caller: Caller,
        number: str,
        wrong: list[str] | None = None,
        status: int = HTTPStatus.OK,
    ) -> Response:
        facts = await run_in_threadpool(page_facts, number, caller.officer)
        if not await is_noted(caller, f"{facts['number']} 归档案卷的目录"):
            return PlainTextResponse(BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
        token, give = self._tokens.token(scope, caller.officer)
        facts |= {"token": token, "wrong": wrong or [], "done": was_done(scope)}
        frame = framed(f"{facts['number']} 归档", caller.officer, "/cases")
        return give(HTMLResponse(page("archive", frame, facts), status))

    async def _handed(
        self, scope: Scope, caller: Caller, number: str, receive: Receive
    ) -> Response:
        fields = await fields_of(receive)
        if fields is None:
            return too_large()
        if not self._tokens.is_ours(scope, fields.get("token", ""), caller.officer):
            return await self._shown(scope, caller, number, [STALE], HTTPStatus.FORBIDDEN)
        officer = caller.officer or fields.get("officer", "").strip()
        on = day_of(fields.get("handed_on", ""))
        if not officer or on is None:
            wrong = [NOBODY] if not officer else [NO_DAY]
            return await self._shown(scope, caller, number, wrong, HTTPStatus.CONFLICT)

        def hand_over() -> str:
            with signing.logged_in(officer):
                by = By(officer, fields.get("code", ""))
                said = {name: fields.get(name, "") for name in ("to", "bound")}
                return archiving.hand_over(number, on, fields.get("receipt", ""), by, **said).number

        try:
            meant = await run_in_threadpool(hand_over)
        except ActRefused as refusal:
            wrong = list(refusal.reasons)
            return await self._shown(scope, caller, number, wrong, HTTPStatus.CONFLICT)
        return RedirectResponse(f"{archive_url(meant)}?done", HTTPStatus.SEE_OTHER)

    async def _file(self, scope: Scope, caller: Caller, number: str) -> Response:
        """The folder, packed; bound now."""
        particulars = asked_of(scope).get("particulars") != "out"
        meant = await run_in_threadpool(_meant, number)
        if not await is_noted(
            caller, f"{meant} 归档案卷{'' if particulars else '（不含个人信息）'}"
        ):
            return PlainTextResponse(BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
        try:
            name, content = await run_in_threadpool(_packed, meant, particulars)
        except (NotClosed, BeingBound, *LACKING) as fault:
            return await self._shown(scope, caller, meant, [str(fault)], HTTPStatus.CONFLICT)
        return StreamingResponse(
            _pieces(content), media_type="application/zip", headers=under_name(name, "file.zip")
        )


def _meant(number: str) -> str:
    with office.reading() as session:
        return numbers_meant.number_of(session, number)


def _packed(number: str, particulars: bool) -> tuple[str, IO[bytes]]:
    """The name of a packed folder, and its content in a file that nobody else can open."""
    if not _TURN.acquire(blocking=False):
        raise BeingBound(ONE_AT_A_TIME)
    try:
        bound = folder.made(number, particulars=particulars)
    finally:
        _TURN.release()
    with ExitStack() as kept:
        content = kept.enter_context(tempfile.TemporaryFile())
        folder.packed(bound, content, particulars=particulars)
        content.seek(0)
        kept.pop_all()
    return f"{folder.folder_of(bound, particulars=particulars)}.zip", content


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    with content:
        while piece := content.read(PIECE):
            yield piece


def page_facts(number: str, officer: str) -> dict[str, object]:
    """What stands on the page of a case's file: its papers in order, what is missing, where it is."""
    now, rules = office.circumstances(officer), office.archive_rules()
    with office.reading() as session:
        meant = numbers_meant.number_of(session, number)
        case = register.case(session, meant)
        try:
            file, not_yet = case_file(session, meant, now), ""
        except NotClosed as fault:
            file, not_yet = None, str(fault)
        code = signing.shown_for(session, HandToArchive.kind)
    papers = file.papers if file else ()
    return {
        "number": meant,
        "applicant": masked(case.applicant),
        "back": page_url(meant),
        "list": f"{ARCHIVE}?year={case.closed_on.year}" if case.closed_on else ARCHIVE,
        "action": archive_url(meant),
        "file": file,
        "not_yet": not_yet,
        "papers": [(rules.part[one.part].label, one) for one in papers],
        "handed": case.handed_over,
        "due": rules.due_on(case.closed_on) if case.closed_on else None,
        "kept": rules.kept,
        "impeded": HandToArchive.impeded(case, now),
        "here": is_here(),
        "no_office": str(NoLibreOffice()),
        "today": now.today,
        "officer_asked": not officer,
        "code": signing.field(batch=True)["description"] if code else "",
    }


def list_facts(year: int | None) -> dict[str, object]:
    """What stands on the page of a year: how many are with the archive, and each that is not."""
    years, today = archiving.years(), office.today()
    shown = year or next(iter(years), today.year)
    found = archiving.closed(shown)
    owing = unarchived(found)
    return {
        "year": shown,
        "years": years,
        "action": ARCHIVE,
        "closed": len(found),
        "late": sum(today > one.due_on for one in owing),
        "rows": [
            {
                "one": one,
                "applicant": masked(one.applicant),
                "page": page_url(one.number),
                "archive": archive_url(one.number),
                "late": today > one.due_on,
            }
            for one in owing
        ],
        "handed": [(one, page_url(one.number)) for one in found if one.handed],
    }
