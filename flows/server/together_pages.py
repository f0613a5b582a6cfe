"""One act for many cases (/together/KIND): a list with ticks; each is recorded by itself."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from sqlmodel import Session, col, func, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope

from flows import office
from flows.installation.entrance import Caller
from flows.path import signing
from flows.server.our_pages import NOBODY, OurForms, asked_of, too_large
from flows.server.sent_forms import STALE, Fields, fields_of
from flows.server.together import (
    BATCHES,
    CODES_APART,
    Batch,
    Became,
    all_done,
    code_asked,
    codes_apart,
    entitled,
    questions,
    title_of,
    waiting,
)
from flows.shown.framed import framed, not_there
from flows.shown.lists import standing_in_words
from flows.shown.pages import READS
from letters.pages.desk_page import page
from models.case.stage import Stage
from models.store.tables import Application

LARGEST: Final = 200_000  # bytes
MOST_FIELDS: Final = 600
NONE_PICKED: Final = "一件也没有勾选，没有办理"


class TogetherPages(OurForms):
    """Answers /together/KIND; hands on everything else (ASGI)."""

    async def _answer(
        self, scope: Scope, caller: Caller, parts: list[str], receive: Receive
    ) -> Response | None:
        if parts[:1] != ["together"]:
            return None
        batch = BATCHES.get(parts[1]) if len(parts) == 2 else None
        if batch is None:
            return not_there("没有这一页", caller.officer)
        if scope["method"] in READS:
            return await self._shown(scope, caller, batch)
        if scope["method"] != "POST":
            return PlainTextResponse("这一页只能查看、提交", HTTPStatus.METHOD_NOT_ALLOWED)
        typed = await fields_of(receive, LARGEST, MOST_FIELDS)
        if typed is None:
            return too_large()
        if not self._tokens.is_ours(scope, typed.get("token", ""), caller.officer):
            return await self._shown(scope, caller, batch, typed, said=STALE)
        picked = [name.removeprefix("pick.") for name in typed if name.startswith("pick.")]
        officer = caller.officer or typed.get("officer", "").strip()
        if not picked or not officer:
            said = NOBODY if picked else NONE_PICKED
            return await self._shown(scope, caller, batch, typed, said=said)
        if await run_in_threadpool(codes_apart, caller.officer):
            return await self._shown(scope, caller, batch, typed)
        answers = {key: answer_of(batch, key, typed) for key in picked}
        by = (officer, typed.get("code", ""))
        became = await run_in_threadpool(all_done, batch, picked, answers, by)
        return await self._shown(scope, caller, batch, typed, became=became)

    async def _shown(
        self,
        scope: Scope,
        caller: Caller,
        batch: Batch,
        typed: Fields | None = None,
        said: str = "",
        became: list[Became] | None = None,
    ) -> Response:
        token, give = self._tokens.token(scope, caller.officer)
        of = asked_of(scope).get("of", (typed or {}).get("of", ""))
        facts = await run_in_threadpool(_facts, batch, caller.officer, of)
        refused = any(one.why_not for one in became or ())
        facts |= {
            "token": token,
            "said": said,
            "became": became or [],
            "typed": typed or {},
            "ticked": {name.removeprefix("pick.") for name in typed or {}},
            "all": "all" in asked_of(scope),
        }
        frame = framed(str(facts["title"]), caller.officer, "/")
        status = HTTPStatus.CONFLICT if said or refused else HTTPStatus.OK
        return give(HTMLResponse(page("together", frame, facts), status))


def answer_of(batch: Batch, key: str, typed: Fields) -> dict[str, str]:
    """What was filled in for one case: what is asked once, and what is asked of it."""
    once = {name: typed.get(f"once.{name}", "") for name in batch.once}
    each = {name: typed.get(f"each.{name}.{key}", "") for name in batch.each}
    return {name: value.strip() for name, value in (once | each).items() if value.strip()}


def counts(session: Session) -> dict[str, int]:
    """How many cases stand where each of these acts is done."""
    asked = select(Application.stage, func.count()).group_by(col(Application.stage))
    at = dict(session.exec(asked).all())
    return {
        kind: sum(at.get(str(stage), 0) for stage in batch.act.stages)
        for kind, batch in BATCHES.items()
    }


def handlers(session: Session) -> dict[str, int]:
    """How many open cases each officer has, by name."""
    asked = select(Application.officer, func.count()).where(Application.stage != str(Stage.CLOSED))
    return dict(sorted(session.exec(asked.group_by(col(Application.officer))).all()))


def _facts(batch: Batch, officer: str, of: str) -> dict[str, object]:
    with office.reading() as session:
        found, at = waiting(session, batch, officer, of), counts(session)
        whose = handlers(session) if batch.of_officer else {}
    now = office.circumstances(officer)
    tabs = [
        (f"/together/{kind}", f"{title_of(kind)}（{at[kind]}）", kind == batch.name)
        for kind in BATCHES
    ]
    return {
        "title": title_of(batch.name),
        "action": f"/together/{batch.name}",
        "tabs": tabs,
        "waiting": found,
        "whose": whose,
        "deputies": {name: standing_in_words(name, now) for name in whose},
        "of": of if batch.of_officer else "",
        "once": questions(batch, batch.once, of),
        "each": questions(batch, batch.each),
        "entitled": entitled(batch),
        "code": signing.field(batch=True)["description"] if code_asked(batch, officer) else "",
        "apart": CODES_APART if codes_apart(officer) else "",
    }
