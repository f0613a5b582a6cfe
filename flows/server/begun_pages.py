"""A form to begin with on a page of ours (/new/NAME), and what became of it (/begun/RUN).

The page submits what Prefect's page would, to the same address: the layers behind look at it, judge
it, sign and seal it, and the same flow records it. Nothing is recorded here.
"""

from __future__ import annotations

import re
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import anyio
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.installation.entrance import Caller
from flows.installation.prefect_client import connected
from flows.keeping import drafts
from flows.keeping.drafts import Draft
from flows.path import desk, presenting
from flows.path.form_fields import OFFICER, Group, Use
from flows.path.start_forms import plain_fields
from flows.prefect_side import kept_forms
from flows.server import applicant_offers, signed_in
from flows.server.applicant_offers import BY, FRAGMENT, LOOK, USE, Looked
from flows.server.begun_forms import made_now
from flows.server.draft_lines import told
from flows.server.judged_forms import run_id
from flows.server.narrowed import FIXED, WORDS, Fields, Narrowed, narrowed, widened
from flows.server.offers import LATEST, NUMBER, draft_address, form_address, use_of
from flows.server.our_pages import asked_of, is_noted, sealed_off, too_large
from flows.server.sent_forms import STALE, FormTokens, fields_of
from flows.server.submitting import Submitted, Submitting
from flows.server.word_preview import Preview, previewed
from flows.shown import lists
from flows.shown.framed import framed, not_there
from flows.shown.pages import BUSY, READS, asked_by_person, form_url, page_url
from flows.shown.review_brief import review_url
from letters.pages.desk_page import page, part
from letters.pages.guide_places import form_section
from models.acts.former_words import form_now
from models.case.personal import ASKED, CODE
from models.case.stage import Stage
from models.register import numbers_meant, register
from models.store.tables import Review

REGISTRATION: Final = "登记申请"
NO_ROOM: Final = "草稿没有存上：内容过长，或者草稿太多，请删去不要的"
SEE_MARKED: Final = "没有提交：请更正标出的各项"
LARGEST: Final = 400_000  # bytes: a request of 20,000 characters, each nine bytes in a form
MOST_FIELDS: Final = 60
PREFIX: Final = "field."
LONG: Final = frozenset(
    {"request", "text", "co_applicants", "record", "reasons", "complaint", "words"}
)
ROWS: Final = 4
SHORT: Final = frozenset({OFFICER, NUMBER, *ASKED, "applicant", "agent", "written_by"}) - {
    "address"
}
PATIENCE_SECONDS: Final = 8.0
AGAIN_SECONDS: Final = 0.15
LINK: Final = re.compile(r"^(.*?)\[(.*)\]\((/[^)\s]*)\)$")
UNESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")

Given = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """One field as the page has it; kind = fixed, yes, choice, text, line, date,
    number, password."""

    name: str
    title: str
    kind: str
    required: bool
    value: object = ""
    hints: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    wrong: str = ""
    rows: int = 1


@dataclass
class Asked:
    """A form before its officer: its flow, its fields as narrowed, what is required of them."""

    name: str
    use: Use
    form: Narrowed
    required: frozenset[str]
    given: Mapping[str, object] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()


class BegunPages:
    """Answers the forms to begin with on pages of ours; hands on everything else (ASGI).

    deployment = under which id Prefect offers a form
    """

    def __init__(
        self,
        app: ASGIApp,
        tokens: FormTokens,
        deployment: Callable[[str], Awaitable[UUID | None]] = kept_forms.deployment,
    ) -> None:
        self._app, self._tokens = app, tokens
        self._submitting = Submitting(app, deployment)
        self._finished: deque[str] = deque(maxlen=1000)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer: Response | None = None
        match asked_by_person(scope):
            case caller, ["new", name]:
                answer = await self._form(scope, caller, name, receive)
            case caller, ["begun", run] if scope["method"] in READS and (begun := run_id(run)):
                answer = await self._became(caller, begun)
        if answer is None:
            await self._app(scope, receive, send)
            return
        sealed_off(answer)
        await answer(scope, receive, send)

    # ── the form ────────────────────────────────────────────────────────────────────────────────
    async def _form(self, scope: Scope, caller: Caller, name: str, receive: Receive) -> Response:
        use = await run_in_threadpool(use_of, name)
        if use is None:
            return not_there("没有这张表单", caller.officer)
        name = form_now(name)
        if scope["method"] in READS:
            asked, once, left = await run_in_threadpool(opened, name, use, asked_of(scope), caller)
            return self._page(scope, caller, asked, once, left=left)
        if scope["method"] != "POST":
            return PlainTextResponse("这一页只能查看、提交", HTTPStatus.METHOD_NOT_ALLOWED)
        typed = await fields_of(receive, LARGEST, MOST_FIELDS)
        if typed is None:
            return too_large()
        said = {n.removeprefix(PREFIX): v for n, v in typed.items() if n.startswith(PREFIX)}
        asked = await run_in_threadpool(asked_now, name, use, said, caller.officer)
        once = typed.get("once", "")
        if not self._tokens.is_ours(scope, typed.get("token", ""), caller.officer):
            asked.said = (STALE,)
        elif typed.get("keep"):
            return await self._kept(scope, caller, asked, said, typed)
        elif name == REGISTRATION and (typed.get(LOOK) or typed.get(USE)):
            return await self._looked(scope, caller, asked, said, typed)
        elif name == WORDS and typed.get(LOOK):
            printed = await run_in_threadpool(previewed, said)
            return self._page(scope, caller, asked, once, preview=printed)
        elif (run := await self._submitted(scope, asked, said, once)) is not None:
            self._finished.append(once)
            await run_in_threadpool(drafts.drop, *_whose(caller, asked, once))
            return RedirectResponse(f"/begun/{run}", HTTPStatus.SEE_OTHER)
        officer, _, number, mark = _whose(caller, asked, once)
        await run_in_threadpool(drafts.keep, officer, name, number, said, mark)
        return self._page(scope, caller, asked, once, HTTPStatus.CONFLICT)

    async def _kept(
        self,
        scope: Scope,
        caller: Caller,
        asked: Asked,
        said: Mapping[str, str],
        typed: Mapping[str, str],
    ) -> Response:
        """What is typed kept as a draft, or the draft given up; by the script, without a page."""
        once = typed.get("once", "")
        officer, name, number, mark = _whose(caller, asked, once)
        if typed["keep"] == "drop":
            mark = typed.get("mark", mark)
            await run_in_threadpool(drafts.drop, officer, name, number, mark)
            left = await run_in_threadpool(drafts.of_form, officer, name, number)
            return self._page(scope, caller, asked, _anew(), left=left, kept="草稿已删除")
        done = once in self._finished  # a draft that was on its way when the form was submitted
        room = done or await run_in_threadpool(drafts.keep, officer, name, number, said, mark)
        if typed["keep"] == "script":
            return Response(status_code=204 if room else HTTPStatus.INSUFFICIENT_STORAGE)
        told = "已存为草稿，保留24小时；关闭这一页、退出登录都不会丢" if room else NO_ROOM
        return self._page(scope, caller, asked, once, kept=told)

    async def _looked(
        self,
        scope: Scope,
        caller: Caller,
        asked: Asked,
        said: Mapping[str, str],
        typed: Mapping[str, str],
    ) -> Response:
        """The page with those who applied before; or filled in by what is known of one of them."""
        filled = ""
        try:
            if number := typed.get(USE):
                given, filled = await run_in_threadpool(applicant_offers.used, caller, said, number)
                asked = await run_in_threadpool(
                    asked_now, asked.name, asked.use, given, caller.officer
                )
                said = given
            found = await run_in_threadpool(applicant_offers.looked, caller, said)
        except office.REGISTER_FAULTS:
            found = Looked(said=BUSY)
        if typed.get(LOOK) == FRAGMENT:
            return HTMLResponse(part("_earlier", {"looked": found}))
        once = typed.get("once", "")
        return self._page(scope, caller, asked, once, looked=found, kept=filled)

    async def _submitted(
        self, scope: Scope, asked: Asked, said: Mapping[str, str], once: str
    ) -> UUID | None:
        """The run that does the form; None if it was turned away, which stands in `asked` then."""
        if asked.form.impeded or asked.form.said:
            asked.said = (asked.form.impeded or asked.form.said,)
            return None
        given = valued(asked.form.fields, said)
        given = await run_in_threadpool(widened, given, asked.form.number)
        made = await self._submitting.submit(scope, asked.name, given, once)
        if made.run is None:
            found(asked, made)
        return made.run

    def _page(
        self,
        scope: Scope,
        caller: Caller,
        asked: Asked,
        once: str,
        status: int = HTTPStatus.OK,
        *,
        left: Sequence[Draft] = (),
        kept: str = "",
        looked: Looked | None = None,
        preview: Preview | None = None,
    ) -> Response:
        token, give = self._tokens.token(scope, caller.officer)
        number = asked.form.number
        facts = {
            "name": asked.name,
            "guide": form_section(asked.name),
            "when": asked.use.when,
            "said": asked.said,
            "action": form_address(asked.name),
            "token": token,
            "once": once,
            "fields": list(fields_shown(asked, caller.officer)),
            "impeded": asked.form.impeded,
            "facts": asked.form.facts,
            "facts_title": "本件的现状" if number else "可以写进文字的数字",
            "drafts": [(draft_address(one), one, told(one)) for one in left],
            "kept": kept,
            "looks_by": BY if asked.name == REGISTRATION else (),
            "looked": looked,
            "previews": asked.name == WORDS,
            "preview": preview,
            "page": asked.form.page,
            "back": asked.form.page or _year_page(asked.given.get("year")) or "/new",
        }
        frame = framed(asked.name, caller.officer, "/new")
        return give(HTMLResponse(page("form", frame, facts), status))

    # ── what became of it ───────────────────────────────────────────────────────────────────────
    async def _became(self, caller: Caller, run: UUID) -> Response:
        """What became of a form, as soon as it is known, within a few seconds."""
        became = None
        with anyio.move_on_after(PATIENCE_SECONDS):
            while (became := await run_in_threadpool(became_of, run)) and became.waiting:
                await anyio.sleep(AGAIN_SECONDS)
        if became is None:
            return not_there("没有这张表单", caller.officer)
        if became.number and not await is_noted(caller, f"{became.number} 办理结果"):
            return PlainTextResponse(BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
        frame = framed(became.title, caller.officer, "/new")
        return HTMLResponse(page("begun", frame, vars(became)))


@dataclass
class Became:
    """What became of a form: done, again (refused after all), waiting, or failed; and where to go on.

    number = the case, or the review, of which the lines tell
    """

    state: str
    title: str
    words: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    onward: tuple[tuple[str, str, bool], ...] = ()
    number: str = ""

    @property
    def waiting(self) -> bool:
        return self.state == "waiting"


def became_of(run: UUID) -> Became | None:
    """What became of the form of a run so far; None if there is no such run, or none that begins with
    a form (a case's own run tells its whole dossier: that is read on the case's page).
    """
    with connected() as client:
        try:
            found = client.read_flow_run(run)
        except ObjectNotFound:
            return None
        form = form_now(client.read_flow(found.flow_id).name)
        if use_of(form) is None:
            return None
        told = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run]))
        pages = client.read_artifacts(artifact_filter=told)
    home = ("/", "回到工作台", False)
    match found.state_type:
        case StateType.COMPLETED:
            answers = [str(one.data) for one in pages if not presenting.is_dossier(one.key or "")]
            return _done(found, form, answers[0] if answers else "", home)
        case StateType.PAUSED:
            again = (f"{lists.run_url(str(run))}?form", "打开更正", True)
            why = found.name.partition("未办成：")[2] or found.name
            return Became("again", form, why, onward=(again, home))
        case StateType.SCHEDULED | StateType.PENDING | StateType.RUNNING:
            return Became("waiting", form, onward=(home,))
    seen = (lists.run_url(str(run)), "办理流程", True)
    return Became("failed", form, "这张表单没有办完，系统会再试；请稍后核对", onward=(seen, home))


def _done(run: FlowRun, form: str, told: str, home: tuple[str, str, bool]) -> Became:
    again = (form_address(form), f"再办一张“{form}”", False)
    if form == REGISTRATION:
        with office.reading() as session:
            taken = numbers_meant.taken_in(session, desk.submission_of(run)) or ""
        goes_on = (form_url(taken), "继续办理：打开表单", True)
        onward = (goes_on, (page_url(taken), "案卷", False), again, home)
        return Became("done", form, f"已登记，申请编号：{taken}", (), onward)
    lines = tuple(_told(told))
    if year := _year_of(form, run.parameters):
        whole = (_year_page(year), f"{year}年度报告", True)
        return Became("done", form, _headed(told) or f"{form}：已登记", lines, (whole, home))
    number, _, title = run.name.partition("　")
    with office.reading() as session:
        known = numbers_meant.known(session, [number])
        open_ = bool(known) and register.row(session, number).stage != Stage.CLOSED
        reviewed = session.get(Review, number)
    if reviewed:
        whole = (review_url(number), f"{number} 的全部", True)
        return Became("done", form, f"{number}　{title}", lines, (whole, home), number)
    if not known:
        whose = number if lines else ""
        return Became("done", form, title or f"{form}：已登记", lines, (again, home), whose)
    at_form = ((form_url(number), "继续办理：打开表单", True),) if open_ else ()
    dossier = (page_url(number), f"{number} 的案卷", not open_)
    return Became(
        "done", form, f"{number}　{title}", lines, (*at_form, dossier, again, home), number
    )


def _year_of(form: str, given: Mapping[str, object]) -> int:
    """Of which year's report a form is; 0 if it is of none."""
    use = use_of(form)
    if use is None or use.group is not Group.YEAR:
        return 0
    said = str(given.get("year") or given.get("on") or "")[:4]
    return int(said) if said.isdecimal() else office.today().year - 1


def _year_page(year: object) -> str:
    """Where the report of a year stands, with all its forms; "" for what is no year."""
    return f"/year/{year}" if re.fullmatch("[12][0-9]{3}", str(year)) else ""


def _headed(markdown: str) -> str:
    """What stands above the lines of what a form was answered with, or is all that was said."""
    first = markdown.partition("\n")[0]
    return "" if first.startswith("- ") else UNESCAPED.sub(r"\1", first.removeprefix("# "))


def _told(markdown: str) -> Iterator[tuple[str, str]]:
    """The lines of what a form was answered with (counter/neighbours.py), and where each leads."""
    for line in markdown.splitlines():
        if line.startswith("- "):
            found = LINK.match(line[2:])
            words = f"{found[1]}{found[2]}" if found else line[2:]
            yield UNESCAPED.sub(r"\1", words), found[3] if found else ""


def opened(
    name: str, use: Use, given: Mapping[str, str], caller: Caller
) -> tuple[Asked, str, list[Draft]]:
    """A form as it is opened: with what is known of it, or with the draft that its officer asks for;
    what makes a second submission of the page the same; and the drafts that he is offered.
    """
    asked, once = asked_now(name, use, given, caller.officer), _anew()
    number, wanted = asked.form.number, given.get("draft")
    left = drafts.of_form(caller.officer, name, number)
    used = next((one for one in left if wanted and wanted in (one.mark, LATEST)), None)
    if used is None:
        return asked, once, left
    if not number:
        once = used.mark or drafts.taken_up(used, once).mark
    return asked_now(name, use, {**given, **used.fields}, caller.officer), once, []


def _whose(caller: Caller, asked: Asked, once: str) -> tuple[str, str, str, str]:
    """Which draft is that of a page: by its case, or, of a form that is of none, by the page itself."""
    number = asked.form.number
    return caller.officer, asked.name, number, "" if number else once


def _anew() -> str:
    """What makes a second submission of a page the same."""
    return secrets.token_urlsafe(16)


def asked_now(name: str, use: Use, given: Mapping[str, object], officer: str) -> Asked:
    """A form as it is to be filled in at this moment, with what is given in it already."""
    schema = made_now(name)
    whole = plain_fields(schema)
    fields: Fields = {}
    for each, entry in sorted(schema["properties"].items(), key=lambda one: one[1]["position"]):
        fields[each] = whole[each] | {k: v for k, v in entry.items() if k == "default"}
    with office.reading() as session:
        form = narrowed(session, name, fields, given, officer)
    required = frozenset(schema.get("required", [])) | ({"entry"} & form.fields.keys())
    kept = {k: v for k, v in given.items() if k in form.fields}
    return Asked(name, use, form, required, kept, said=(form.said,) if form.said else ())


def fields_shown(asked: Asked, officer: str) -> Iterator[Field]:
    """The fields in the order of the form, with what was typed, and what is wrong in them."""
    for name, entry in asked.form.fields.items():
        value = asked.given.get(name, entry.get("default", ""))
        kind, options = kind_of(entry), tuple(_options(entry))
        if name == NUMBER and asked.form.number:
            kind, value = "fixed", asked.form.number
        if entry.get(FIXED):
            kind, value = "fixed", entry["default"]
        if name == OFFICER and officer:
            kind, value = "fixed", officer
        hints = str(entry.get("description", "")).split("<br>") if entry.get("description") else []
        if name == OFFICER and officer:
            hints = [signed_in.BY]
        if name in SHORT and kind == "text":
            kind = "line"
        if name == CODE:
            kind, value = "password", ""
        yield Field(
            name=name,
            title=str(entry.get("title", name)),
            kind=kind,
            required=name in asked.required and kind != "yes",
            value=value,
            hints=tuple(hints),
            options=options,
            wrong=asked.wrong.get(name, ""),
            rows=ROWS if name in LONG else 1,
        )


def kind_of(entry: Mapping[str, Any]) -> str:
    """What kind of field a question is on the page."""
    if "enum" in entry:
        return "choice"
    if entry.get("type") == "boolean":
        return "yes"
    if entry.get("type") in ("integer", "number"):
        return "number"
    return "date" if entry.get("format") == "date" else "text"


def _options(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    words = entry.get("words", {})
    for value in entry.get("enum", ()):
        yield str(value), str(words.get(value, value))


def valued(fields: Fields, said: Mapping[str, str]) -> Given:
    """What was typed, as the form's fields have it; a box left empty says nothing."""
    given: Given = {}
    for name, entry in fields.items():
        words = said.get(name, "")
        typed = words if name in ASKED else words.replace("\r\n", "\n").strip()
        if entry.get("type") == "boolean":
            given[name] = bool(typed)
        elif typed:
            given[name] = number(typed) if kind_of(entry) == "number" else typed
    return given


def number(typed: str) -> int | float | str:
    """What was typed as a number; as it is where it is none, which the form's check will say."""
    for read in (int, float):
        try:
            return read(typed)
        except ValueError:
            continue
    return typed


def found(asked: Asked, made: Submitted) -> None:
    """What is wrong with a form that was submitted: beside the field it names; the rest above all."""
    wrong = made.wrong or {}
    asked.wrong = {name: words for name, words in wrong.items() if name in asked.form.fields}
    rest = (words for name, words in wrong.items() if name not in asked.wrong)
    asked.said = (*((SEE_MARKED,) if wrong else ()), *made.said, *rest)
