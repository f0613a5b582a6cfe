"""What an office of our own is asked to supply, for its officer, who sees nothing else (33).

Whoever may only supply records has no access to Prefect's pages: he answers here, and the act is
recorded as any other is. The page names the case and what is to be looked for, and no applicant. The
records that were found come with the answer, as files of the case's papers; what is filed there
otherwise he does not see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.counter.papers import Filing, file_all
from flows.installation.entrance import CALLER, SUPPLY, SUPPLY_GUIDE, Caller
from flows.papers.store import StoreAway
from flows.papers.taking import Taken
from flows.path import desk, recording, signing
from flows.path.form_fields import By
from flows.server.sent_forms import STALE, FormTokens, fields_of
from flows.server.uploads import NotOurs, Upload, uploaded
from flows.shown import guide
from flows.shown.row_words import days_left
from letters.pages.supply_page import guide_page, page
from models.acts.procedure.supplying import FOUND, RecordSupply, may_answer_for, unsupplied
from models.agency.officers import Deputy, Officer, Role
from models.case.matters import Supply
from models.duties.limits import Limit
from models.errors import ActRefused
from models.neighbours.papers import papers
from models.register import numbers_meant, register
from models.words.days_told import told

CSP: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
PAST: Final = "这一项已经答复，或者办理环节已有变化，没有登记；请核对现状"
DONE: Final = "已登记"
NOT_AFTER: Final = (
    "这一项已经答复，文件没有存入；还有要补充的，请承办人再请本处室提供一次，随那一次的答复交来"
)
CUT_OFF: Final = timedelta(minutes=15)
"""How long after an answer it may be sent again with its files, that were cut off from it."""
ANSWERED: Final = b"done=1"
"""With what the page is asked for after an answer: it says then that it was recorded."""
FULL: Final = "磁盘暂时不能写入，没有登记；请稍候再交，或者告知管理员"
NONE: Final = "选了“没有该信息”，又附了文件，没有登记：请核对检索结果"
EMPTY: Final = (
    "选了“已提供”，没有附文件，没有登记：请选查找到的文件；已另行交给承办人的，"
    "在“检索的范围、方法”写明交了什么、哪天交的"
)
FOUND_HERE: Final = "found"
"""The kind of material that the records found are (config/materials.toml)."""


@dataclass(frozen=True)
class Wanted:
    """Something a department is asked for; left = of its limit, in words."""

    number: str
    supply: Supply
    left: str = ""
    late: bool = False


class SupplyPages:
    """Answers /supply and /supply/guide, and hands on everything else (ASGI)."""

    def __init__(self, app: ASGIApp, tokens: FormTokens) -> None:
        self._app, self._tokens = app, tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller | None = scope.get(CALLER)
        ours = scope["type"] == "http" and scope["path"] in (SUPPLY, SUPPLY_GUIDE)
        if not ours or caller is None or not caller.officer:
            await self._app(scope, receive, send)
            return
        if scope["path"] == SUPPLY_GUIDE:
            answer = await run_in_threadpool(_told, caller.officer)
        elif scope["method"] == "POST":
            answer = await self._answered(scope, caller, receive)
        elif scope["method"] in ("GET", "HEAD"):
            done = scope["query_string"] == ANSWERED
            answer = await self._shown(scope, caller, DONE if done else "")
        else:
            answer = PlainTextResponse("这一页只能查看、提交", HTTPStatus.METHOD_NOT_ALLOWED)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Content-Security-Policy"] = CSP
        await answer(scope, receive, send)

    async def _shown(
        self, scope: Scope, caller: Caller, said: str = "", sent: Upload | None = None
    ) -> Response:
        """The page; sent = what was answered and is not recorded: it stands there again, but for files,
        which a browser never fills in.
        """
        found = await run_in_threadpool(wanted_of, caller.officer)
        typed = sent.fields if sent else {}
        had_files = bool(sent and (sent.taken or sent.refused))
        token, give = self._tokens.token(scope, caller.officer)
        facts = {
            "agency": office.agency().name,
            "officer": caller.officer,
            "wanted": [(one, _typed_for(one, typed)) for one in found],
            "had_files": had_files,
            "found": FOUND,
            "largest": office.material_rules().largest_mb,
            "token": token,
            "said": said,
        }
        status = HTTPStatus.OK if said in ("", DONE) else HTTPStatus.CONFLICT
        return give(HTMLResponse(page(facts), status))

    async def _answered(self, scope: Scope, caller: Caller, receive: Receive) -> Response:
        try:
            sent = await self._sent(scope, caller, receive)
        except NotOurs as fault:
            return await self._shown(scope, caller, fault.why)
        except OSError as fault:
            why = str(fault) if isinstance(fault, StoreAway) else FULL
            return await self._shown(scope, caller, why)
        refused = "；".join(map(str, sent.refused))
        said = f"{refused}：没有登记" if refused else ""
        said = said or await run_in_threadpool(answered, caller.officer, sent.fields, sent.taken)
        if said:
            return await self._shown(scope, caller, said, sent)
        return RedirectResponse(f"{SUPPLY}?{ANSWERED.decode()}", HTTPStatus.SEE_OTHER)

    async def _sent(self, scope: Scope, caller: Caller, receive: Receive) -> Upload:
        """What the page sent, with files or without; NotOurs, OSError."""
        ours = self._tokens.is_ours
        headers = dict(scope["headers"])
        if headers.get(b"content-type", b"").startswith(b"multipart/form-data"):
            return await uploaded(scope, receive, lambda token: ours(scope, token, caller.officer))
        fields = await fields_of(receive)
        if fields is None or not ours(scope, fields.get("token", ""), caller.officer):
            raise NotOurs(STALE)
        return Upload(dict(fields))


def _told(officer: str) -> Response:
    """The page of the guide that is written for departments."""
    facts = {
        "agency": office.agency().name,
        "officer": officer,
        "leaf": guide.page(guide.DEPARTMENTS),
    }
    return HTMLResponse(guide_page(facts))


def wanted_of(officer: str) -> list[Wanted]:
    """What is still wanted of an officer's department, what is due first before the rest; of all, where
    nobody is listed.
    """
    now = office.circumstances(officer)
    with office.reading() as session:
        cases = [
            register.case(session, row.number)
            for row in register.applications(session, is_open=True)
        ]
    his = departments(now.agency.officers, officer)
    today = now.today
    found = [
        Wanted(case.number, one, days_left(Limit(one.supply_by), now), today > one.supply_by)
        for case in cases
        for one in unsupplied(case)
        if case.stage in RecordSupply.stages
        and may_answer_for(one.department, now)
        and (his is None or one.department in his)
    ]
    return sorted(found, key=lambda one: one.supply.supply_by)


def _typed_for(one: Wanted, typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the form of this one; of another's nothing."""
    its = (typed.get("number"), typed.get("ref")) == (one.number, one.supply.ref)
    said = {name: typed.get(name, "") if its else "" for name in ("supplied_on", "result", "note")}
    return said | {
        "supplied_on": said["supplied_on"] or str(office.today()),
        "again": "yes" if its else "",
    }


def departments(officers: Sequence[Officer], name: str) -> frozenset[str] | None:
    """For which departments an officer answers: his own, and of those he stands in for; None = any,
    where he is not listed.
    """
    me = next((one for one in officers if one.name == name), None)
    if me is None:
        return None
    absent = me.absent if isinstance(me, Deputy) else ()
    return frozenset(
        (me.department, *(one.department for one in absent if Role.SUPPLY in one.roles))
    )


def answered(officer: str, fields: dict[str, str], files: Sequence[Taken] = ()) -> str:
    """Record what a department found, and its files with it; "" if it is recorded, or why not.

    Sent again because it was cut off between the two, it is the files that are still to be filed;
    afterwards nothing more is.
    """
    number, ref = fields.get("number", ""), fields.get("ref", "")
    asked = [one for one in wanted_of(officer) if (one.number, one.supply.ref) == (number, ref)]
    if not asked:
        return _sent_again(number, ref, files, officer) if files else PAST
    given: dict[str, object] = {
        name: fields[name] for name in ("ref", "supplied_on", "result", "note") if fields.get(name)
    }
    if files and given.get("result") == "none":
        return NONE
    if not files and given.get("result") == "supplied" and not fields.get("note", "").strip():
        return EMPTY
    with office.reading() as session:
        case = register.case(session, number)
        reasons = recording.judged(session, case, RecordSupply.kind, given, officer)
    if reasons:  # said here alone: the form of whoever handles the case stays as it is
        return told(reasons)
    with signing.logged_in(officer):
        done = recording.perform(number, case.position, RecordSupply.kind, given, officer)
    if done.reasons or done.came_late:
        return told(done.reasons) or PAST
    refused = _filed(number, ref, files, officer)
    desk.follow(done.case)
    return f"检索结果已登记；{refused}" if refused else ""


def _sent_again(number: str, ref: str, files: Sequence[Taken], officer: str) -> str:
    """File the files of an answer from which they were cut off; "" also if they are filed already."""
    with office.reading() as session:
        answers = _answers(session, number, ref, officer)
        if not answers:
            return PAST
        case, step = register.case(session, number), answers[-1]
        filed = {one.digest for one in papers(session, number).materials if one.step == step}
    if filed:
        return "" if {one.digest for one in files} <= filed else NOT_AFTER
    answered_at = case.steps[step - 1].recorded_at
    late = answered_at is None or office.now() - answered_at > CUT_OFF
    if late or case.stage not in RecordSupply.stages:
        return NOT_AFTER
    return _filed(number, ref, files, officer)


def _answers(session: Session, number: str, ref: str, officer: str) -> list[int]:
    """The steps by which this officer said what was found for a question of this case, from 1."""
    if not numbers_meant.known(session, [number]):
        return []
    return [
        event.position + 1
        for event in register.events(session, number)
        if (event.kind, event.officer) == (RecordSupply.kind, officer)
        and event.facts.get("ref") == ref
    ]


def _filed(number: str, ref: str, files: Sequence[Taken], officer: str) -> str:
    """File what a department sends with its own answer, once however often it is sent; "" if it is in
    the case's papers, or why not.
    """
    with office.reading() as session:
        steps = _answers(session, number, ref, officer)
    if not steps:
        return PAST
    if not files:
        return ""
    said = " ".join([number, ref, *(one.digest for one in files)])
    once = f"supply-{sha256(said.encode()).hexdigest()[:40]}"
    try:
        with signing.logged_in(officer):
            file_all(number, files, Filing(FOUND_HERE, steps[-1]), By(officer), once)
    except ActRefused as refusal:
        return f"文件没有存入：{told(refusal.reasons)}"
    return ""
