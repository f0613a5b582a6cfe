"""The year's end on pages of ours: /year/YEAR, and all figures of table 二 on one (/year/YEAR/figures).

They lead to the forms by which a report is written, made, judged, signed and corrected; the figures
are submitted as so many forms 登记表二数字, each judged and recorded by itself.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from uuid import UUID

import anyio
from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope

from flows import office
from flows.installation import files
from flows.installation.entrance import Caller
from flows.prefect_side import kept_forms
from flows.server import year_figures
from flows.server.begun_pages import PATIENCE_SECONDS
from flows.server.offers import form_address
from flows.server.our_pages import NOBODY, OurForms, too_large
from flows.server.sent_forms import STALE, Fields, FormTokens, fields_of
from flows.server.submitting import Submitting
from flows.server.together import codes_apart
from flows.server.what_became import became_of
from flows.shown import report_files
from flows.shown.framed import framed, not_there
from flows.shown.pages import READS
from flows.year.annual_report import Gathered, gathered
from letters.pages.desk_page import page
from models.agency.officers import Role, holding
from models.errors import NoFormForYear
from models.law.workdays import written
from models.register import closed_years
from models.report_tables.identities import Verdict
from models.store.tables import ReportText
from models.year.year_leaps import LEAPT, REASONS
from models.year.year_text import PARTS

YEAR: Final = re.compile("[12][0-9]{3}")
MOST_FIELDS: Final = 200
LARGEST: Final = 100_000
APART: Final = "没有登录账户、以动态口令签字的，请用“登记表二数字”逐项登记：每个口令只能用一次"
NOTHING: Final = "与已经登记的相同，没有要登记的"
SHOWN: Final = 5
RECOUNTED_AT_ONCE: Final = 2_000
"""Cases of a year that are counted again from their events while its page is waited for (a second)."""


@dataclass(frozen=True)
class Part:
    """A part of the words: where it is written, and who wrote it last ("" = nobody).

    spare = there is nothing to say in it
    """

    label: str
    address: str
    by: str
    on: str
    missing: bool
    spare: bool


class YearPages(OurForms):
    """Answers the pages of a year; hands on everything else (ASGI)."""

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
        if parts[:1] != ["year"]:
            return None
        reads = scope["method"] in READS
        try:
            match parts[1:]:
                case [] if reads:
                    return await self._year(scope, caller, office.today().year - 1)
                case [year] if reads and YEAR.fullmatch(year):
                    return await self._year(scope, caller, int(year))
                case [year, "figures"] if YEAR.fullmatch(year) and reads:
                    return await self._figures(scope, caller, int(year))
                case [year, "figures"] if YEAR.fullmatch(year) and scope["method"] == "POST":
                    return await self._recorded(scope, caller, int(year), receive)
        except NoFormForYear as fault:
            return not_there(str(fault), caller.officer)
        return not_there("没有这一页", caller.officer)

    async def _year(self, scope: Scope, caller: Caller, year: int) -> Response:
        facts = await run_in_threadpool(year_facts, year)
        return self._page(scope, caller, "year", f"{year}年度报告", facts)

    async def _figures(
        self,
        scope: Scope,
        caller: Caller,
        year: int,
        typed: Mapping[str, str] | None = None,
        wrong: Mapping[str, str] | None = None,
        said: tuple[str, ...] = (),
        done: str = "",
    ) -> Response:
        facts = await run_in_threadpool(figures_facts, year, caller.officer)
        facts |= {"typed": typed or {}, "wrong": wrong or {}, "said": said, "done": done}
        facts |= {"once": secrets.token_urlsafe(16)}
        status = HTTPStatus.CONFLICT if wrong or said else HTTPStatus.OK
        return self._page(scope, caller, "figures", f"{year}年表二的数字", facts, status)

    async def _recorded(
        self, scope: Scope, caller: Caller, year: int, receive: Receive
    ) -> Response:
        fields = await fields_of(receive, LARGEST, MOST_FIELDS)
        if fields is None:
            return too_large()
        typed = {name.removeprefix("f."): v for name, v in fields.items() if name.startswith("f.")}
        officer = caller.officer or fields.get("officer", "").strip()
        if said := await run_in_threadpool(self._not_yet, scope, fields, caller, officer):
            return await self._figures(scope, caller, year, typed, said=(said,))
        asked = await run_in_threadpool(entries_of, year, typed, officer)
        wrong = {one.key: one.wrong for one in asked if one.wrong}
        if wrong:  # what cannot be read is put right first: nothing is recorded by halves
            return await self._figures(scope, caller, year, typed, wrong)
        if not asked:
            return await self._figures(scope, caller, year, done=NOTHING)
        runs, once = list[UUID](), fields.get("once", "")
        for one in asked:
            key = f"{once}:{one.key}" if once else ""
            made = await self._submitting.submit(scope, year_figures.FORM, one.given, key)
            if made.run is None:
                wrong[one.key] = "；".join([*made.said, *(made.wrong or {}).values()])
            else:
                runs.append(made.run)
        late = await at_rest(runs)
        told = f"已登记{len(runs) - late}个数字" + (f"，{late}个正在登记" if late else "")
        kept = {key: typed[key] for key in wrong}
        return await self._figures(scope, caller, year, kept, wrong, done=told if runs else "")

    def _not_yet(self, scope: Scope, fields: Fields, caller: Caller, officer: str) -> str:
        """Why nothing is recorded of what was sent; "" if it may be."""
        if not self._tokens.is_ours(scope, fields.get("token", ""), caller.officer):
            return STALE
        if codes_apart(caller.officer):
            return APART
        return "" if officer else NOBODY

    def _page(
        self,
        scope: Scope,
        caller: Caller,
        template: str,
        title: str,
        facts: Mapping[str, object],
        status: int = HTTPStatus.OK,
    ) -> Response:
        token, give = self._tokens.token(scope, caller.officer)
        frame = framed(title, caller.officer, "/new")
        return give(HTMLResponse(page(template, frame, {"token": token, **facts}), status))


async def at_rest(runs: list[UUID]) -> int:
    """Wait until these forms are done, a few seconds long; how many are not yet."""
    waiting = list(runs)
    with anyio.move_on_after(PATIENCE_SECONDS):
        while waiting:
            became = await run_in_threadpool(became_of, waiting[0])
            if became is None or not became.waiting:
                waiting.pop(0)
            else:
                await anyio.sleep(0.1)
    return len(waiting)


def entries_of(year: int, typed: Mapping[str, str], officer: str) -> list[year_figures.Entry]:
    """What is to be recorded of what was typed."""
    with office.reading() as session:
        return year_figures.entries(session, year, typed, {"officer": officer})


def figures_facts(year: int, officer: str) -> dict[str, object]:
    """What stands on the page of all figures."""
    today = office.today()
    with office.reading() as session:
        groups = year_figures.groups(session, year)
        report = closed_years.signed(session, year)
    upto = "" if today.year > year else f"这一年尚未结束，登记为截至{written(today)}的合计。"
    sealed = (
        f"{year}年度报告已于{written(report.recorded_on)}签发，改动前须先办理“更正”。"
        if report
        else ""
    )
    return {
        "year": year,
        "years": (year - 1, year + 1),
        "groups": groups,
        "upto": upto,
        "signed": sealed,
        "listed": holding(office.officers(), (Role.HANDLE,)),
    }


def year_facts(year: int) -> dict[str, object]:
    """What stands on the page of a year."""
    with office.reading() as session:
        made = gathered(session, year, office.today(), RECOUNTED_AT_ONCE)
        parts = _parts(session, year, made)
    judged = made.verdicts
    short = [one for one in judged.checks if one.verdict is not Verdict.HOLDS]
    return {
        "year": year,
        "years": (year - 1, year + 1),
        "state": _state(year, made),
        "blanks": made.figures.tables.table2.blanks(),
        "parts": parts,
        "make": form_address("年度报告", year=str(year)),
        "files": _files(year),
        "checks": {
            "all": len(judged.checks),
            "open": [
                {
                    "verdict": one.verdict,
                    "ok": one.ok,
                    "message": one.message,
                    "cases": "、".join(one.cases[:SHOWN]),
                    "address": form_address("人工核定勾稽结论", year=str(year), check=one.id),
                }
                for one in short
            ],
        },
        "differences": [one.sentence for one in judged.differences],
        "signed": judged.signed is not None,
        "sign": form_address("签发年度报告", year=str(year)),
        "correct": form_address("更正已签发的年度报告", year=str(year)),
    }


def _state(year: int, made: Gathered) -> dict[str, object]:
    """Where the report stands, in a sentence."""
    report = made.verdicts.signed
    if report is None:
        over = office.today().year > year
        words = "尚未签发。" if over else "这一年尚未结束，可以边办边写，年度终了以后签发。"
        return {"words": words, "good": False}
    told = f"已于{written(report.recorded_on)}由{report.officer}签发（第{report.edition}次）"
    if made.as_signed:
        return {"words": f"{told}，登记簿的内容与签发时一致，封存完好。", "good": True}
    return {"words": f"{told}，此后登记的内容有变化，见下面所列，须重新签发。", "good": False}


def _parts(session: Session, year: int, made: Gathered) -> list[Part]:
    asked = select(ReportText).where(ReportText.year == year).order_by(col(ReportText.id))
    last = {one.part: one for one in session.exec(asked)}
    missing = set(made.words.unwritten)
    open_ = (one.id for one in made.verdicts.checks if one.verdict is Verdict.DOUBTFUL)
    if any(one.startswith(LEAPT) for one in open_):
        missing.add(PARTS[REASONS])
    return [
        Part(
            label,
            form_address("年度报告文字", year=str(year), part=label),
            last[key].officer if key in last else "",
            str(last[key].recorded_on) if key in last else "",
            label in missing,
            spare=key == REASONS and label not in missing,
        )
        for key, label in PARTS.items()
    ]


def _files(year: int) -> list[tuple[str, str]]:
    """The files of the report as it was made last, if it was."""
    where = report_files.folder(year)
    found = []
    for name, one in report_files.FILES.items():
        try:
            files.read(where / name, office.home())
        except (FileNotFoundError, files.Linked):
            continue
        found.append((report_files.url(year, name), one.content))
    return found
