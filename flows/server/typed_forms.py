"""A form of Prefect's pages that is closed before it is submitted: kept, and filled in when it is opened.

As on pages of our own (begun_pages.py): for 24 hours, sealed, for whoever typed it alone; the code is
not in it. Whatever ends the typing - closing, a visit that ended, a colleague's act, a killed server -
the next opening has it again; what the form has no place for any more stands above it, in words.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.installation.entrance import Caller
from flows.keeping import drafts
from flows.keeping.drafts import Draft
from flows.path.desk import HANDLE
from flows.path.form_fields import OFFICER
from flows.path.forms import fits
from flows.prefect_side import kept_forms
from flows.prefect_side.kept_forms import schema_key
from flows.prefect_side.one_form import place
from flows.prefect_side.our_flows import OUR_FLOWS
from flows.prefect_side.prefect_pages import BEGUN, RESUME, Changed, plainly
from flows.prefect_side.typed_values import TYPED
from flows.server.begun_forms import DEPLOYMENT, OPENED
from flows.server.judged_forms import part, read, run_id
from flows.server.opened_forms import FORM
from flows.server.sent_forms import FormTokens, body_of, fields_in
from flows.server.signed_in import names_an_officer
from flows.shown.pages import asked_by_person
from letters.letter.words import escaped
from models.acts.catalogue import ACTS
from models.case.personal import CODE

LOG = logging.getLogger(__name__)
LARGEST: Final = 400_000  # bytes, as on a page of ours
REMEMBERED: Final = (
    1000  # of the forms that were taken last: what was typed is on its way for seconds
)
FILLED_IN: Final = (
    "**未提交的草稿**　{when}填到一半的内容已经填上，请核对后提交；"
    "不要的，在工作台“未提交的草稿”中删去"
)
NO_PLACE: Final = "本件已有新的进展，这张表单上没有的各项：{words}"
Shown = dict[str, Any]


@dataclass(frozen=True)
class Whose:
    """Which draft a form's is: of which form, and of which case ("" = of none); what stands in the
    form's fields before anything is typed, which is no draft: tomorrow another day is proposed.
    """

    form: str
    number: str = ""
    place: str = ""
    stands: Mapping[str, tuple[object, ...]] = field(default_factory=dict)


class TypedForms:
    """Keeps what is typed in Prefect's forms, and fills it in again (ASGI).

    whose, at_pause = which draft is that of a form, as its page calls it, and of a run's pause
    """

    def __init__(
        self,
        app: ASGIApp,
        tokens: FormTokens,
        whose: Callable[[str], Awaitable[Whose | None]] | None = None,
        at_pause: Callable[[UUID, str], Awaitable[Whose | None]] | None = None,
    ) -> None:
        self._app, self._tokens = app, tokens
        self._taken: dict[tuple[str, str, str], float] = {}
        self._whose, self._at_pause = whose or whose_form, at_pause or whose_pause

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = asked_by_person(scope)
        if asked is None:
            await self._app(scope, receive, send)
            return
        caller, method, path = asked[0], scope["method"], scope["path"]
        if path == TYPED and method == "POST":
            answer = await self._typed(scope, caller, receive)
            await answer(scope, receive, send)
        elif method == "GET" and (FORM.match(path) or OPENED.match(path)):
            await self._opened(scope, caller, receive, send)
        elif method == "POST" and (RESUME.match(path) or BEGUN.match(path)):
            await self._submitted(scope, caller, receive, send)
        else:
            await self._app(scope, receive, send)

    # ── kept ────────────────────────────────────────────────────────────────────────────────────
    async def _typed(self, scope: Scope, caller: Caller, receive: Receive) -> Response:
        """What a page's script sends is kept; a draft that the bench's form names is given up."""
        body = await body_of(receive, LARGEST)
        if body is None:
            return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if dict(scope["headers"]).get(b"content-type") != b"application/json":
            return await self._given_up(scope, caller, body)
        asked = read(body)
        whose = await self._whose(str(asked.get("form", "")))
        if whose is None:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        values = part(asked, "values")
        if whose.place and whose.place not in values:  # of a form that was answered meanwhile
            return Response(status_code=HTTPStatus.NOT_FOUND)
        said = part(values, whose.place) if whose.place else values
        fields = {
            name: written(value)
            for name, value in said.items()
            if _kept(name, value)
            and value not in whose.stands.get(name, ())
            and not (caller.officer and names_an_officer(name))
        }
        mine, began = (caller.officer, whose.form, whose.number), time.monotonic()
        room = not fields or await run_in_threadpool(drafts.keep, *mine, fields)
        if not fields or self._taken.get(mine, 0.0) >= began:
            await run_in_threadpool(drafts.drop, *mine)
        return Response(status_code=204 if room else HTTPStatus.INSUFFICIENT_STORAGE)

    async def _given_up(self, scope: Scope, caller: Caller, body: bytes) -> Response:
        said = fields_in(body) or {}
        if not self._tokens.is_ours(scope, said.get("token", ""), caller.officer):
            return Response(status_code=HTTPStatus.FORBIDDEN)
        which = (said.get("form", ""), said.get("number", ""), said.get("mark", ""))
        await run_in_threadpool(drafts.drop, caller.officer, *which)
        return RedirectResponse("/", HTTPStatus.SEE_OTHER)

    # ── filled in ───────────────────────────────────────────────────────────────────────────────
    async def _opened(self, scope: Scope, caller: Caller, receive: Receive, send: Send) -> None:
        if of_case := FORM.match(scope["path"]):
            whose = await self._at_pause(UUID(of_case[1]), of_case[2])
            kind, change = "text/plain", with_draft
        else:
            begun = OPENED.match(scope["path"])
            whose = await self._whose(f"{DEPLOYMENT}:{begun[1]}") if begun else None
            kind, change = "application/json", begun_with_draft
        kept = partial(drafts.kept, caller.officer, whose.form, whose.number) if whose else None
        draft = await run_in_threadpool(kept) if kept else None
        if draft is None:
            await self._app(scope, receive, send)
            return
        filled_in = Changed(send, kind, partial(change, draft)).send
        await self._app(plainly(scope), receive, filled_in)

    # ── submitted ───────────────────────────────────────────────────────────────────────────────
    async def _submitted(self, scope: Scope, caller: Caller, receive: Receive, send: Send) -> None:
        """A form that was taken leaves no draft."""
        resumed, begun = RESUME.match(scope["path"]), BEGUN.match(scope["path"])
        form = resumed[1] if resumed else f"{DEPLOYMENT}:{begun[1]}" if begun else ""
        whose = await self._whose(form)
        answer = Watched(send)
        await self._app(scope, receive, answer.send)
        if whose and answer.taken:
            mine = (caller.officer, whose.form, whose.number)
            self._has_taken(mine)
            await run_in_threadpool(drafts.drop, *mine)

    def _has_taken(self, draft: tuple[str, str, str]) -> None:
        """What is on its way now is not kept after it; of what was taken long ago nothing is."""
        self._taken.pop(draft, None)
        self._taken[draft] = time.monotonic()
        while len(self._taken) > REMEMBERED:
            del self._taken[next(iter(self._taken))]


class Watched:
    """Hands an answer on, and knows whether it says that a form was taken."""

    def __init__(self, send: Send) -> None:
        self._send, self._status, self._body = send, 0, b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
        else:
            self._body += message.get("body", b"")
        await self._send(message)

    @property
    def taken(self) -> bool:
        turned_away = read(self._body).get("status") in ("REJECT", "ABORT")
        return self._status in (HTTPStatus.OK, HTTPStatus.CREATED) and not turned_away


async def whose_form(form: str) -> Whose | None:
    """Whose draft the form is that a page calls so: a run that waits, or a form to begin with."""
    kind, _, named = form.rpartition(":")
    which = run_id(named)
    if which is None:
        return None
    try:
        if kind == DEPLOYMENT:
            offered = await kept_forms.offered(which)
            if offered is None or offered.form not in OUR_FLOWS:
                return None
            return Whose(offered.form, stands=standing(offered.shown))
        at = await kept_forms.waiting(which)
        return await whose_pause(which, at.pause) if at else None
    except DBAPIError as fault:  # a busy moment of Prefect's database
        LOG.warning("草稿暂时不能对应到表单：%s", type(fault).__name__)
        return None


async def whose_pause(run: UUID, pause: str) -> Whose | None:
    known = await kept_forms.kept(run, schema_key(pause))
    if known is None:
        return None
    if known.number:
        return Whose(HANDLE, known.number, place(pause), standing(known.shown))
    asked = await kept_forms.reasked(run)
    return Whose(asked.form, str(run), place(pause), standing(asked.shown)) if asked else None


def standing(shown: Shown) -> dict[str, tuple[object, ...]]:
    """What a form proposes in its fields, by their names."""
    forms = [shown, *part(shown, "definitions").values()]
    return {
        name: (entry["default"],)
        for one in forms
        for name, entry in part(one, "properties").items()
        if "default" in entry
    }


def _kept(name: str, value: object) -> bool:
    """Whether a field belongs into a draft: no code, nothing that is not filled in."""
    plain = isinstance(value, str | int | float | bool)
    return plain and value != "" and name.rpartition(".")[2] != CODE


def written(value: object) -> str:
    """A value as a draft has it."""
    return value if isinstance(value, str) else json.dumps(value)


def begun_with_draft(draft: Draft, body: bytes) -> bytes:
    """What Prefect tells of a form to begin with, filled in with a draft of it."""
    told = read(body)
    shown = dict(part(told, "parameter_openapi_schema"))
    shown["properties"] = filled_in(part(shown, "properties"), draft.fields)[0]
    return json.dumps(told | {"parameter_openapi_schema": shown}, ensure_ascii=False).encode()


def with_draft(draft: Draft, body: bytes) -> bytes:
    """A form as it is opened, filled in with a draft of it: the tab in which was typed comes first."""
    shown = read(body)
    if not part(shown, "definitions"):
        return body
    used: dict[str, int] = {}
    tabs, left = dict[str, Any](), set(draft.fields)
    for name, tab in shown["definitions"].items():
        properties, taken = filled_in(part(tab, "properties"), draft.fields)
        tabs[name], used[f"#/definitions/{name}"] = {**tab, "properties": properties}, len(taken)
        left -= taken
    (at, act), *rest = shown["properties"].items()
    if "anyOf" in act:
        first = sorted(act["anyOf"], key=lambda one: -used.get(one.get("$ref", ""), 0))
        act = {**act, "anyOf": first}
    words = FILLED_IN.format(when=draft.when)
    unplaced = {name: draft.fields[name] for name in draft.fields if name in left}
    if told := [*without_place(unplaced)]:
        words += f"。{escaped(NO_PLACE.format(words='；'.join(told)))}"
    act = {**act, "description": f"{words}\n\n{act.get('description', '')}"}
    made = {**shown, "definitions": tabs, "properties": {at: act, **dict(rest)}}
    return json.dumps(made, ensure_ascii=False).encode()


def filled_in(properties: Mapping[str, Any], typed: Mapping[str, str]) -> tuple[Shown, set[str]]:
    """The fields with what was typed in them, and which of what was typed has its place there."""
    made, taken = dict(properties), set[str]()
    for name, entry in properties.items():
        if name not in typed:
            continue
        value = as_asked(typed[name], entry)
        if fits(value, entry):
            made[name] = {**entry, "default": value}
            taken.add(name)
    return made, taken


def as_asked(words: str, entry: Mapping[str, Any]) -> object:
    """What was typed, as the field has it: a number, yes or no, or the words."""
    if entry.get("type") in ("integer", "boolean", "number"):
        try:
            return json.loads(words)
        except ValueError:
            return words
    return words


def without_place(typed: Mapping[str, str]) -> list[str]:
    """What was typed that the form does not ask any more, with the titles of the fields."""
    told = []
    for name, words in typed.items():
        kind, _, at = name.rpartition(".")
        asked = ACTS[kind].model_fields.get(at) if kind in ACTS else None
        if at != OFFICER and asked is not None:
            told.append(f"{ACTS[kind].title}，{asked.title}：{words}")
    return told
