"""A form to begin with on a page of ours (/new/NAME), and what became of it (/begun/RUN).

The page submits what Prefect's page would, to the same address: the layers behind look at it, judge
it, sign and seal it, and the same flow records it. Nothing is recorded here.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Final
from uuid import UUID

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.installation.entrance import Caller
from flows.keeping import drafts
from flows.keeping.drafts import Draft
from flows.path.form_fields import Use
from flows.path.start_forms import plain_fields
from flows.prefect_side import kept_forms
from flows.server import applicant_offers
from flows.server.applicant_offers import BY, FRAGMENT, LOOK, USE, Looked
from flows.server.begun_fields import Asked, fields_shown, valued
from flows.server.begun_forms import made_now
from flows.server.draft_lines import told
from flows.server.judged_forms import run_id
from flows.server.narrowed import WORDS, Fields, narrowed, widened
from flows.server.offers import LATEST, draft_address, form_address, use_of
from flows.server.our_pages import asked_of, is_noted, sealed_off, too_large
from flows.server.sent_forms import STALE, FormTokens, fields_of
from flows.server.submitting import Submitted, Submitting
from flows.server.what_became import REGISTRATION, became_of, year_page
from flows.server.word_preview import Preview, previewed
from flows.shown.framed import framed, not_there
from flows.shown.pages import BUSY, READS, asked_by_person
from letters.pages.desk_page import page, part
from letters.pages.guide_places import form_section
from models.acts.former_words import form_now

NO_ROOM: Final = "草稿没有存上：内容过长，或者草稿太多，请删去不要的"
SEE_MARKED: Final = "没有提交：请更正标出的各项"
LARGEST: Final = 400_000  # bytes: a request of 20,000 characters, each nine bytes in a form
MOST_FIELDS: Final = 60
PREFIX: Final = "field."
PATIENCE_SECONDS: Final = 8.0
AGAIN_SECONDS: Final = 0.15


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
            "back": asked.form.page or year_page(asked.given.get("year")) or "/new",
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


def found(asked: Asked, made: Submitted) -> None:
    """What is wrong with a form that was submitted: beside the field it names; the rest above all."""
    wrong = made.wrong or {}
    asked.wrong = {name: words for name, words in wrong.items() if name in asked.form.fields}
    rest = (words for name, words in wrong.items() if name not in asked.wrong)
    asked.said = (*((SEE_MARKED,) if wrong else ()), *made.said, *rest)
