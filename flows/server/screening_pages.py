"""转主动公开: what was given on request and is not screened yet, as a list with ticks (/screening).

What is ticked is submitted as so many forms 转主动公开审查, each judged and recorded by itself; those
that are refused are named. What was found fit and waits to be published stands beneath (Arts. 26, 44).
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from uuid import UUID

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope

from flows import office
from flows.installation.entrance import Caller
from flows.path import signing
from flows.prefect_side import kept_forms
from flows.server.offers import NUMBER, form_address
from flows.server.our_pages import NOBODY, OurForms, asked_of, too_large
from flows.server.sent_forms import STALE, Fields, FormTokens, fields_of
from flows.server.submitting import Submitting
from flows.server.together import Became, codes_apart
from flows.server.year_pages import at_rest
from flows.shown.brief import label
from flows.shown.framed import framed
from flows.shown.pages import READS, page_url
from letters.pages.desk_page import page
from models.agency.officers import holding
from models.case.act import Circumstances
from models.case.personal import CODE
from models.duties.limits import written_limit
from models.neighbours.publication import FINDINGS, Screen, to_publish, unscreened
from models.store.tables import Application

HOME: Final = "/screening"
FORM, PUBLISHING = "转主动公开审查", "登记主动公开"
LARGEST: Final = 200_000  # bytes
MOST_FIELDS: Final = 600
MOST: Final = 100
"""Cases of a page; the rest come when these are done."""
SHORT: Final = 80
NONE_PICKED: Final = "一件也没有勾选，没有登记"
NO_FINDING: Final = "请选择审查结论"
APART: Final = "没有登录账户、以动态口令签字的，请逐件审查：每个口令只能用一次"
TAKEN: Final = "正在登记"


@dataclass(frozen=True)
class Line:
    """What was given on one request: when, and as what."""

    number: str
    page: str
    closed_on: str
    outcome: str
    request: str


class ScreeningPages(OurForms):
    """Answers /screening; hands on everything else (ASGI)."""

    def __init__(
        self,
        app: ASGIApp,
        tokens: FormTokens,
        deployment: Callable[[str], Awaitable[UUID | None]] = kept_forms.deployment,
    ) -> None:
        super().__init__(app, tokens)
        self._submitting = Submitting(app, deployment)

    async def _answer(
        self, scope: Scope, caller: Caller, parts: list[str], receive: Receive
    ) -> Response | None:
        if parts != ["screening"]:
            return None
        if scope["method"] in READS:
            return await self._shown(scope, caller)
        if scope["method"] != "POST":
            return PlainTextResponse("这一页只能查看、提交", HTTPStatus.METHOD_NOT_ALLOWED)
        typed = await fields_of(receive, LARGEST, MOST_FIELDS)
        if typed is None:
            return too_large()
        officer = caller.officer or typed.get("officer", "").strip()
        if said := await run_in_threadpool(self._not_yet, scope, caller, typed, officer):
            return await self._shown(scope, caller, typed, said)
        became, runs = list[Became](), list[UUID]()
        for number in picked(typed):
            once = f"{typed['once']}:{number}" if typed.get("once") else ""
            given = screened_as(number, typed, officer)
            made = await self._submitting.submit(scope, FORM, given, once)
            why = "；".join([*made.said, *(made.wrong or {}).values()]) if made.run is None else ""
            became.append(Became(number, page_url(number), why))
            runs += [made.run] if made.run else []
        late = await at_rest(runs)
        return await self._shown(scope, caller, typed, became=became, late=late)

    def _not_yet(self, scope: Scope, caller: Caller, typed: Fields, officer: str) -> str:
        """Why nothing is submitted of what was sent; "" if it may be."""
        if not self._tokens.is_ours(scope, typed.get("token", ""), caller.officer):
            return STALE
        if codes_apart(caller.officer):
            return APART
        if not picked(typed):
            return NONE_PICKED
        if typed.get("finding") not in FINDINGS:
            return NO_FINDING
        return "" if officer else NOBODY

    async def _shown(
        self,
        scope: Scope,
        caller: Caller,
        typed: Fields | None = None,
        said: str = "",
        became: list[Became] | None = None,
        late: int = 0,
    ) -> Response:
        facts = await run_in_threadpool(facts_of, caller.officer)
        token, give = self._tokens.token(scope, caller.officer)
        refused = [one for one in became or () if one.why_not]
        keeps = typed if said or refused else None
        facts |= {
            "token": token,
            "once": secrets.token_urlsafe(16),
            "said": said,
            "became": became or [],
            "late": late,
            "typed": keeps or {},
            "ticked": picked(keeps) if keeps else [],
            "all": "all" in asked_of(scope),
        }
        status = HTTPStatus.CONFLICT if said or refused else HTTPStatus.OK
        frame = framed("转主动公开审查", caller.officer, "/")
        return give(HTMLResponse(page("screening", frame, facts), status))


def picked(typed: Mapping[str, str]) -> list[str]:
    """The numbers that are ticked."""
    return [name.removeprefix("pick.") for name in typed if name.startswith("pick.")]


def screened_as(number: str, typed: Mapping[str, str], officer: str) -> dict[str, object]:
    """The form of one of them, as it is filled in once for all; proposed is asked of each."""
    said = {
        "finding": FINDINGS[typed["finding"]],
        "screened_on": typed.get("screened_on", "").strip(),
        "reason": typed.get("reason", "").strip(),
        CODE: typed.get("code", "").strip(),
    }
    proposed = {"proposed": f"proposed.{number}" in typed}
    return {NUMBER: number, **{k: v for k, v in said.items() if v}, **proposed, "officer": officer}


def facts_of(officer: str) -> dict[str, object]:
    """What stands on the page."""
    now = office.circumstances(officer)
    with office.reading() as session:
        waiting = unscreened(session, MOST + 1)
        owed = list(_to_publish(session, now))
        code = signing.shown_for(session, *signing.FORMS[FORM]) if officer else False
    return {
        "lines": [_line(row, now) for row in waiting[:MOST]],
        "more": len(waiting) > MOST,
        "publish": owed,
        "findings": FINDINGS,
        "today": now.today,
        "asks": Screen.model_fields,
        "entitled": holding(now.agency.officers, (Screen.role,)),
        "code": signing.field(batch=True)["description"] if code else "",
        "apart": APART if codes_apart(officer) else "",
    }


def _line(row: Application, now: Circumstances) -> Line:
    request = " ".join(row.request.split())
    shown = request if len(request) <= SHORT else f"{request[:SHORT]}……"
    return Line(
        row.number, page_url(row.number), str(row.closed_on), label(row.outcome or "", now), shown
    )


def _to_publish(session: Session, now: Circumstances) -> Iterator[tuple[str, str, str, str, bool]]:
    """What was found fit: number, page, form, last day in words, whether it is over."""
    found = [(task, task.due) for task in to_publish(session, now.law) if task.due]
    for task, due in sorted(found, key=lambda one: one[1].day):
        words = written_limit(due.day, due.provisional)
        form = form_address(PUBLISHING, number=task.number)
        yield task.number, page_url(task.number), form, words, now.today > due.day
