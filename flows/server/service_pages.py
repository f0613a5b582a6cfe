"""送达 on a page of ours (/service): the replies that nobody knows to have been received, and the
post's list of the day, taken in one go.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope

from flows import office
from flows.arguments import UnreadableFile
from flows.counter import service
from flows.installation.entrance import Caller
from flows.papers import store
from flows.path import signing
from flows.path.form_fields import By
from flows.server.offers import form_address
from flows.server.our_pages import NOBODY, OurForms
from flows.server.uploads import NotOurs, uploaded
from flows.shown.framed import framed
from flows.shown.pages import READS, letter_url, page_url
from flows.shown.row_words import masked
from letters.pages.desk_page import page
from models.acts.afterwards.delivery import RecordReceived
from models.errors import ActRefused

SERVICE: Final = "/service"
ONE_FILE: Final = "请选择一份投递清单（.xlsx、.csv）"
LARGEST: Final = 10_000_000


class ServicePages(OurForms):
    """Answers /service; hands on everything else (ASGI)."""

    async def _answer(
        self, scope: Scope, caller: Caller, parts: list[str], receive: Receive
    ) -> Response | None:
        match parts:
            case ["service"] if scope["method"] in READS:
                return await self._shown(scope, caller)
            case ["service"] if scope["method"] == "POST":
                return await self._taken(scope, caller, receive)
            case ["service", *_]:
                return PlainTextResponse("没有这一页", HTTPStatus.NOT_FOUND)
        return None

    async def _shown(
        self, scope: Scope, caller: Caller, wrong: list[str] | None = None, done: str = ""
    ) -> Response:
        facts = await run_in_threadpool(service_facts, caller.officer)
        token, give = self._tokens.token(scope, caller.officer)
        facts |= {"token": token, "wrong": wrong or [], "done": done}
        status = HTTPStatus.CONFLICT if wrong else HTTPStatus.OK
        frame = framed("送达", caller.officer, "/")
        return give(HTMLResponse(page("service", frame, facts), status))

    async def _taken(self, scope: Scope, caller: Caller, receive: Receive) -> Response:
        ours = partial(self._tokens.is_ours, scope, whose=caller.officer)
        try:
            upload = await uploaded(scope, receive, ours)
        except NotOurs as fault:
            return await self._shown(scope, caller, [fault.why])
        officer = caller.officer or upload.fields.get("officer", "").strip()
        if not officer:
            return await self._shown(scope, caller, [NOBODY])
        sheet = upload.taken[0] if len(upload.taken) == 1 else None
        if sheet is None or sheet.type not in ("xlsx", "text") or sheet.size > LARGEST:
            told = [str(fault) for fault in upload.refused]
            return await self._shown(scope, caller, told or [ONE_FILE])
        by = By(officer, upload.fields.get("code", ""))
        try:
            done = await run_in_threadpool(_take, sheet.name, sheet.digest, by)
        except service.BadRows as fault:
            head = "投递清单没有登记，请更正以下各行后再交："
            return await self._shown(scope, caller, [head, *fault.problems])
        except (UnreadableFile, store.StoreAway) as fault:
            return await self._shown(scope, caller, [str(fault)])
        except ActRefused as refusal:
            return await self._shown(scope, caller, list(refusal.reasons))
        return await self._shown(scope, caller, done=done.sentence)


def _take(name: str, digest: str, by: By) -> service.Became:
    content = store.opened(digest).read()
    with signing.logged_in(by.officer):
        return service.take_sheet(name, content, by)


def service_facts(officer: str) -> dict[str, object]:
    """What stands on the page: each reply, how long ago it was sent, where its service is entered."""
    law, today = office.law(), office.today()
    waiting = service.waiting()
    with office.reading() as session:
        code = signing.shown_for(session, RecordReceived.kind)
    rows = [
        {
            "one": one,
            "applicant": masked(one.applicant),
            "page": page_url(one.number),
            "letter": letter_url(one.number, one.letter),
            "enter": form_address("补登送达", number=one.number),
            "days": law.calendar.count(one.sent_on, today).fewest,
        }
        for one in waiting
    ]
    return {
        "rows": rows,
        "returned": sum(one.returned_on is not None for one in waiting),
        "action": SERVICE,
        "officer_asked": not officer,
        "code": signing.field(batch=True)["description"] if code else "",
    }
