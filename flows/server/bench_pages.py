"""Pages of our own beside Prefect's: the bench (/), what is begun anew (/new), a case (/cases/NUMBER).

Everything on them is read from the register as it stands at the request; what is to be done is done
on a form, to which they lead: a case's form in Prefect's run page (/cases/NUMBER/form), any other on
a page of its own (begun_pages.py), through the same layers as from Prefect's page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope

from flows import office
from flows.installation.entrance import Caller
from flows.installation.prefect_client import connected
from flows.keeping import drafts, saved_searches
from flows.path import desk
from flows.server.case_page import case_facts
from flows.server.draft_lines import told
from flows.server.offers import draft_address, groups
from flows.server.our_pages import OurForms, asked_of, day_of, is_noted
from flows.server.sent_forms import STALE, fields_of
from flows.shown import lists
from flows.shown.bench import bench, stands_in
from flows.shown.candidates import Asked
from flows.shown.found import Found, found_by, is_plain, results
from flows.shown.framed import framed
from flows.shown.pages import BUSY, READS, blank_form_url, page_url
from flows.shown.paper_lines import papers_url
from flows.shown.search import NoSuchSearch, as_meant
from letters.pages.desk_page import page, script, stylesheet
from models.acts.intake.receipt import ConfirmReceipt
from models.acts.reply.signoff import Approve, Sign
from models.agency.officers import absence, holding
from models.case.act import Circumstances
from models.case.stage import Stage
from models.errors import NoSuchCase
from models.neighbours.papers import notes_to
from models.neighbours.publication import to_screen
from models.register import register
from models.words.pairs import too_short
from models.words.spans import WrongWayRound

STYLE: Final = "/bench/desk.css"
NARROWING: Final = (
    *("find", "number", "applicant", "officer", "channel"),
    *("row", "since", "until", "state", "order"),
)
STATES: Final = {"open": "未办结", "closed": "已办结"}
ORDERS: Final = {"relevance": "编号、姓名、申请内容中有的在前"}
NOTES_SHOWN: Final = timedelta(days=14)
SCRIPTS: Final = frozenset({"draft.js", "earlier.js", "order.js", "again.js", "all.js"})
BENCH, NEW, CASES, TOGETHER = "/", "/new", "/cases", "/together"


class BenchPages(OurForms):
    """Answers our own first page and those that it leads to; hands on everything else (ASGI)."""

    async def _answer(
        self, scope: Scope, caller: Caller, parts: list[str], receive: Receive
    ) -> Response | None:
        reads = scope["method"] in READS
        match parts:
            case ["cases"] if scope["method"] == "POST":
                return await self._find(scope, caller, receive)
            case _ if not reads:
                return None
            case [""]:
                return await self._bench(scope, caller)
            case ["bench", "desk.css"]:
                return Response(stylesheet(), media_type="text/css")
            case ["bench", name] if name in SCRIPTS:
                return Response(script(name.removesuffix(".js")), media_type="text/javascript")
            case ["new"]:
                facts = {"groups": await run_in_threadpool(groups), "blank_form": blank_form_url()}
                return self._page(scope, caller, ("new", "新办", NEW), facts)
            case ["cases"]:
                return await self._again(scope, caller)
            case ["cases", number]:
                return await self._case(scope, caller, number)
            case ["cases", number, "form"]:
                return await run_in_threadpool(_to_the_form, number)
        return None

    async def _bench(self, scope: Scope, caller: Caller) -> Response:
        asked = asked_of(scope)
        day, month = day_of(asked.get("day", "")), day_of(f"{asked.get('month', '')}-01")
        facts = await run_in_threadpool(_bench_of, caller.officer, month, day)
        return self._page(scope, caller, ("bench", "我的工作台", BENCH), facts)

    async def _again(self, scope: Scope, caller: Caller) -> Response:
        """The page of the search; with what was found by one that its officer saved, if it is asked."""
        key = asked_of(scope).get("saved", "")
        saved = await run_in_threadpool(saved_searches.of, caller.officer) if key else []
        for one in saved:
            if one.key == key:
                return await self._shown(scope, caller, one.fields)
        return self._search_page(scope, caller, {})

    async def _find(self, scope: Scope, caller: Caller, receive: Receive) -> Response:
        """A case by its number; whose cases these are, by a name or any words, once that stands in
        the log. What is looked for is saved under a name, or one so saved forgotten.
        """
        fields = await fields_of(receive)
        token = fields.get("token", "") if fields else ""
        if fields is None or not self._tokens.is_ours(scope, token, caller.officer):
            return self._search_page(scope, caller, {}, 403, said=STALE)
        if key := fields.get("forget"):
            await run_in_threadpool(saved_searches.forget, caller.officer, key)
            return RedirectResponse(CASES, HTTPStatus.SEE_OTHER)
        if "save" not in fields:
            return await self._shown(scope, caller, fields)
        asked = {name: fields.get(name, "").strip() for name in NARROWING}
        name = fields["save"]
        refused = await run_in_threadpool(saved_searches.save, caller.officer, name, asked)
        said = refused or f"已存为常用查询“{name.strip()}”，工作台上也有"
        return self._search_page(scope, caller, fields, 409 if refused else 200, said=said)

    async def _shown(self, scope: Scope, caller: Caller, fields: Mapping[str, str]) -> Response:
        try:
            found = await run_in_threadpool(_found, fields)
        except (NoSuchSearch, WrongWayRound) as fault:
            return self._search_page(scope, caller, fields, 409, said=str(fault))
        if found.is_number and len(found.rows) == 1:
            return RedirectResponse(page_url(found.rows[0].number), HTTPStatus.SEE_OTHER)
        if found.rows and not found.is_number:
            numbers = [row.number for row in found.rows]
            if not await is_noted(caller, f"按姓名、词语查询 {len(numbers)}件", numbers):
                return PlainTextResponse(BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
        if found.is_number and found.after:  # its next page is asked for by the number, too
            fields = {**fields, "number": fields.get("find", ""), "find": ""}
        return self._search_page(scope, caller, fields, found=found)

    def _search_page(
        self,
        scope: Scope,
        caller: Caller,
        fields: Mapping[str, str],
        status: int = 200,
        *,
        found: Found | None = None,
        said: str = "",
    ) -> Response:
        facts = {
            "found": found,
            "said": said,
            "asked": {name: fields.get(name, "") for name in NARROWING},
            "channels": {key: one.label for key, one in office.law().channels.items()},
            "results": results(),
            "states": STATES,
            "orders": ORDERS,
            "saved": saved_searches.of(caller.officer),
        }
        return self._page(scope, caller, ("find", "查询", CASES), facts, status)

    async def _case(self, scope: Scope, caller: Caller, number: str) -> Response:
        try:
            facts = await run_in_threadpool(_case_of, caller.officer, number)
        except NoSuchCase as fault:
            return self._search_page(scope, caller, {}, 404, said=str(fault))
        if not await is_noted(caller, f"{number} 案卷"):
            return PlainTextResponse(BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
        return self._page(scope, caller, ("case", number, CASES), facts)

    def _page(
        self,
        scope: Scope,
        caller: Caller,
        which: tuple[str, str, str],
        facts: Mapping[str, object],
        status: int = 200,
    ) -> Response:
        """A page (template, title, part of the menu), with a token for the form on it."""
        template, title, here = which
        token, give = self._tokens.token(scope, caller.officer)
        given = {"token": token, "said": "", **facts}
        frame = framed(title, caller.officer, here)
        return give(HTMLResponse(page(template, frame, given), status))


def _bench_of(officer: str, month: date | None, day: date | None) -> dict[str, object]:
    now = office.circumstances(officer)
    with office.reading() as session:
        found = bench(session, now, month or now.today, day)
        unscreened, _ = to_screen(session, 0)
        since, readers = now.today - NOTES_SHOWN, [officer, *dict(stands_in(now))]
        noted_to = notes_to(session, readers if officer else (), since)
    return {
        "bench": found,
        "stands_in": stands_in(now),
        "away": absence(now.agency.officers, officer, now.today),
        "faults": office.config_faults(),
        "notes": [(papers_url(number), number, one) for number, one in noted_to],
        "drafts": [(draft_address(one), one, told(one)) for one in drafts.of(officer)],
        "searches": saved_searches.of(officer),
        "today": now.today,
        "this_month": f"{month or now.today:%Y-%m}",
        "soon": now.law.soon,
        "find": True,
        "more": (
            (f"{TOGETHER}/{_together(now)}", "成批办理"),
            ("/screening", f"转主动公开（{unscreened}）"),
            ("/reviews", "复议诉讼"),
            ("/service", "送达"),
            ("/print", "打印"),
            ("/archive", "归档"),
            ("/year", "年度报告"),
        ),
        "sample": now.agency.sample,
        "to_confirm": now.agency.unconfirmed(now.today),
        "undecided": () if now.agency.sample else now.law.undecided(now.today),
    }


def _together(now: Circumstances) -> str:
    """The act that is shown first of those done for many at once: the officer's own."""
    his = (
        act for act in (Sign, Approve) if now.officer in holding(now.agency.officers, (act.role,))
    )
    return next((act.kind for act in his), ConfirmReceipt.kind)


def _found(fields: Mapping[str, str]) -> Found:
    """What the fields of the page ask for; NoSuchSearch where one of them can narrow nothing: left out,
    it would show what was not asked for.
    """
    for name in ("since", "until"):
        if (said := fields.get(name, "").strip()) and day_of(said) is None:
            raise NoSuchSearch(f"“{said[:20]}”不是日期，应如 2026-03-02")
    words = fields.get("find", "")
    for said in (fields.get("number", ""), fields.get("applicant", "")):
        _long_enough(said)
    state = fields.get("state", "")
    ask = Asked(
        number=fields.get("number", "").strip(),
        applicant=fields.get("applicant", ""),
        officer=fields.get("officer", "").strip(),
        channel=fields.get("channel", ""),
        row=fields.get("row", "").strip(),
        since=day_of(fields.get("since", "")),
        until=day_of(fields.get("until", "")),
        is_open=None if state not in STATES else state == "open",
        by_relevance=fields.get("order", "") in ORDERS,
    )
    ask, after = as_meant(ask, office.annual_rules().forms), fields.get("after", "")
    place = int(after) if after.isascii() and after.isdecimal() and len(after) < 16 else 0
    with office.reading() as session:
        if not is_plain(words, ask, place):
            _long_enough(words)
        found = found_by(session, words, ask, place)
    if not found.rows:
        _long_enough(words)
    return found


def _long_enough(words: str) -> None:
    """NoSuchSearch where one of the words has but one character: nothing is looked for by that."""
    if short := too_short(words):
        raise NoSuchSearch(f"每个词语应有两个字以上，而不是“{short[:20]}”")


def _case_of(officer: str, number: str) -> dict[str, object]:
    with office.reading() as session:
        return case_facts(session, number, office.circumstances(officer))


def _to_the_form(number: str) -> Response:
    """Led to the run page of a case, its form open; a case without a form leads to its page."""
    try:
        with office.reading() as session:
            case = register.case(session, number)
    except NoSuchCase as fault:
        return PlainTextResponse(str(fault), HTTPStatus.NOT_FOUND)
    if case.stage is Stage.CLOSED:
        return RedirectResponse(page_url(number), HTTPStatus.SEE_OTHER)
    with connected() as client:
        run = desk.run_of(client, number)
    at = run.id if run else desk.put_on_desk(case)
    return RedirectResponse(f"{lists.run_url(str(at))}?form", HTTPStatus.SEE_OTHER)
