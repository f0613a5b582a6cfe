"""What a person may ask of Prefect: what stands in the table, in the shape that the pages send it.

Prefect's API is an administrator's whoever asks. So of what a person sends only that is passed on
which an officer's act consists of: the answer to a form, the fields of a form to begin with, giving
up a form that was refused. All else is turned away, and said in the log; with what is passed on goes
the office's own login, put in here.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flows.installation import office_secret
from flows.installation.entrance import CALLER, Caller
from flows.path.desk import HANDLE
from flows.prefect_side import kept_forms
from flows.prefect_side.kept_forms import Offered, Reasked, Waiting
from flows.prefect_side.one_form import place
from flows.prefect_side.our_flows import OUR_FLOWS
from flows.prefect_side.prefect_pages import BEGUN, CHECK, RESUME, TAKEN
from flows.prefect_side.routes import SOCKET, Route, Whose, asked
from flows.server.judged_forms import part, run_id
from flows.server.opened_forms import RUN
from flows.server.reasked_forms import ASKED
from flows.server.sealed_forms import KIND, WRITES, handed_out

LOG = logging.getLogger(__name__)
LARGEST: Final = 1_000_000  # bytes of a request: a form with all its letters has a hundredth of it
LISTENED_TO: Final = 64 * LARGEST
DEEPEST: Final = 40  # how far a request is nested: the pages' own have less than ten
NOW: Final = timedelta(minutes=1)  # so far the clocks of a browser and of the server may differ
BY_PERSONS: Final = "person:"
"""Before the key by which a person's form is known if it is sent twice: so it is never another's."""

ENDED: Final = re.compile("^/api/flow_runs/([0-9a-f-]{36})/set_state$")
INPUT: Final = re.compile("^/api/flow_runs/[^/]+/input/")
PUT_UP: Final = re.compile("^/api/flow_runs/[^/]+/input/suspended-[^/]+-(schema|description)$")
SERVER_SETTINGS: Final = "/api/admin/settings"
SHOWN_SETTINGS: Final = {"PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": False}
"""What the pages ask of the server's settings; the rest says where databases lie, and more."""

CANCELS: Final = ("CANCELLING", "CANCELLED")
NOT_ALLOWED: Final = "这一项不能由办理人员直接操作（{why}），没有执行"
TOO_LARGE: Final = f"所提交的内容过大（超过{LARGEST // 1000} KB），没有接受"
UNREADABLE: Final = "所提交的内容不能读取，没有接受"
NO_FORM: Final = "没有这张办理表单，没有接受"
BY_ITSELF: Final = "“{name}”由办理系统自己开始，没有接受"
NOT_ON_FORM: Final = "表单没有这几项：{names}，没有接受"
TEMPLATES: Final = "请逐项填写，不要改用 Jinja 模板或者变量，没有接受"
LATER: Final = "表单提交后立即办理，不能预定时间，没有接受"
NO_SETTINGS: Final = "提交表单时不能改动运行设置，没有接受"
NOT_GIVEN_UP: Final = "只有被退回、等待更正的表单可以取消，没有取消"

TAKEN_ALREADY: Final = {
    "state": None,
    "status": "ABORT",
    "details": {"type": "abort_details", "reason": TAKEN},
}

Body = dict[str, Any]


class Refused(Exception):
    """What a person asked is not passed on; why, in a sentence."""

    def __init__(self, why: str, status: HTTPStatus = HTTPStatus.FORBIDDEN) -> None:
        self.why, self.status = why, status
        super().__init__(why)


@dataclass(frozen=True)
class Kept:
    """How what Prefect keeps is looked up: what a deployment offers, where a run waits."""

    offered: Callable[[UUID], Awaitable[Offered | None]] = kept_forms.offered
    waiting: Callable[[UUID], Awaitable[Waiting | None]] = kept_forms.waiting
    reasked: Callable[[UUID], Awaitable[Reasked | None]] = kept_forms.reasked


class Persons:
    """The server's application, asked by persons what persons may ask alone (ASGI).

    secret = the office's own, by which Prefect inside knows whom the doors let in
    """

    def __init__(self, app: ASGIApp, secret: str, kept: Kept | None = None) -> None:
        self._app, self._kept = app, kept or Kept()
        self._known = (b"authorization", office_secret.header(secret).encode("ascii"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        caller: Caller = scope[CALLER]
        method = SOCKET if scope["type"] == "websocket" else scope["method"]
        route = asked(method, scope["path"])
        if caller.office and not (route.path and route.whose is Whose.NOBODY):
            await self._app(scope, receive, send)
        elif method == SOCKET:
            await _closed(scope, receive, send)
        else:
            await self._as_a_person(caller, route, scope, receive, send)

    async def _as_a_person(
        self, caller: Caller, route: Route, scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            _open(route, scope["path"])
            sent = await _limited(receive) if scope["method"] in WRITES else b""
            put: bytes | Response | None = sent
            if scope["path"] == SERVER_SETTINGS:
                put = JSONResponse(SHOWN_SETTINGS)
            elif sent:
                put = await self._put(scope["path"], sent)
        except Refused as refused:
            where = scope["client"][0] if scope.get("client") else ""
            what = f"{scope['method']} {route.path or '（未列出的地址）'}"
            LOG.warning("未予接受：%s（%s）请求 %s", caller.name, where, what)
            answer = JSONResponse({"detail": refused.why}, refused.status)
            await answer(scope, receive, send)
            return
        if isinstance(put, Response):
            await put(scope, receive, send)
        elif scope["method"] not in WRITES:
            await self._app(self._with_login(scope), receive, send)
        elif put is not None:
            await self._app(self._with_login(scope, put), handed_out(put, receive), send)

    def _with_login(self, scope: Scope, body: bytes | None = None) -> Scope:
        """The request with the office's login, and the length of the body that it has now."""
        replaced = {b"authorization"} if body is None else {b"authorization", b"content-length"}
        headers = [pair for pair in scope["headers"] if pair[0].lower() not in replaced]
        length = [] if body is None else [(b"content-length", str(len(body)).encode("ascii"))]
        return {**scope, "headers": [*headers, *length, self._known]}

    async def _put(self, path: str, body: bytes) -> bytes | Response:
        """The body as it is passed on; a response where there is nothing to pass on."""
        sent = read(body)
        if begun := BEGUN.match(path):
            return _written(await self._begun(UUID(begun[1]), sent))
        if resumed := RESUME.match(path):
            return await self._answered(UUID(resumed[1]), sent)
        if ended := ENDED.match(path):
            return _written(await self._given_up(UUID(ended[1]), sent))
        if path == CHECK:
            return await self._checked(sent)
        return body

    async def _begun(self, deployment: UUID, sent: Body) -> Body:
        """A form to begin with: its fields, and nothing else of how it is run; its run is called as
        the form is, and not as Prefect would.
        """
        offered = await self._kept.offered(deployment)
        if offered is None or offered.form not in OUR_FLOWS:
            raise Refused(NO_FORM)
        if offered.form == HANDLE:
            raise Refused(BY_ITSELF.format(name=offered.form))
        if sent.get("job_variables") or sent.get("parent_task_run_id"):
            raise Refused(NO_SETTINGS)
        if _later(part(part(sent, "state"), "state_details").get("scheduled_time")):
            raise Refused(LATER)
        given = _fields(sent.get("parameters"))
        known = offered.shown.get("properties", {})
        if unknown := [name for name in given if name not in known]:
            raise Refused(NOT_ON_FORM.format(names="、".join(unknown)[:200]))
        key = sent.get("idempotency_key")
        again = {"idempotency_key": f"{BY_PERSONS}{key}"} if isinstance(key, str) else {}
        return {"name": offered.form, "parameters": given, **again}

    async def _answered(self, run: UUID, sent: Body) -> bytes | Response:
        """The answer to the form at which a run waits; of none, Prefect would fail to say so."""
        if await self._kept.waiting(run) is None:
            return JSONResponse(TAKEN_ALREADY)
        return _written({"run_input": _fields(sent.get("run_input"))})

    async def _given_up(self, run: UUID, sent: Body) -> Body:
        """The one state that a person sets: a form that was refused is not put right any more."""
        at = await self._kept.reasked(run)
        asked_again = at is not None and at.form in OUR_FLOWS and ASKED.match(at.pause)
        if part(sent, "state").get("type") not in CANCELS or not asked_again:
            raise Refused(NOT_GIVEN_UP)
        return {"state": {"type": CANCELS[0]}}

    async def _checked(self, sent: Body) -> bytes | Response:
        """What is typed is held against the form that was put up, never against one that is sent
        along: what a form says is carried out (patterns, references).
        """
        form = part(sent, "schema")
        named = str(form.get(RUN, ""))
        kind, _, deployment = named.partition(":")
        shown: Body | None = None
        if deployment and (which := run_id(deployment)):
            offered = await self._kept.offered(which)
            shown = offered.shown if offered and offered.form in OUR_FLOWS else None
        elif which := run_id(kind):
            at = await self._kept.waiting(which)
            shown = at.shown if at and place(at.pause) in part(form, "properties") else None
        if shown is None:  # past, or not known: that is said when it is submitted
            return JSONResponse({"valid": True, "errors": []})
        return _written({"schema": shown | {RUN: named}, "values": _fields(sent.get("values"))})


def read(body: bytes) -> Body:
    """A request of the pages: an object, nested no deeper than any of theirs."""
    if not body:
        return {}
    found = _json(body)
    if not isinstance(found, dict) or _depth(found) > DEEPEST:
        raise Refused(UNREADABLE, HTTPStatus.BAD_REQUEST)
    return found


def _json(words: bytes | str) -> Any:
    try:
        return json.loads(words, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused(UNREADABLE, HTTPStatus.BAD_REQUEST) from None


def _no_number(said: str) -> float:
    raise ValueError(said)


def _depth(found: Any) -> int:
    """How many lists and objects lie within one another, counted no further than is needed."""
    level, depth = [found], 0
    while level and depth <= DEEPEST:
        level = [
            one
            for each in level
            if isinstance(each, dict | list)
            for one in (each.values() if isinstance(each, dict) else each)
        ]
        depth += 1
    return depth


def unwrapped(value: Any, level: int = 0) -> Any:
    """A value as it is meant, in none of the wrappings that Prefect would take off: JSON in JSON, as
    often as it may be. What layers behind us judge and sign is what the flow gets, and nothing is
    left that Prefect would carry out (templates, variables). Refused where something is.
    """
    if level > DEEPEST:
        raise Refused(UNREADABLE, HTTPStatus.BAD_REQUEST)
    if isinstance(value, list):
        return [unwrapped(one, level + 1) for one in value]
    if not isinstance(value, dict):
        return value
    if KIND not in value:
        return {name: unwrapped(one, level + 1) for name, one in value.items()}
    match value:
        case {"__prefect_kind": None | "none", "value": inner}:
            return unwrapped(inner, level + 1)
        case {"__prefect_kind": "json", "value": str() as words}:
            return unwrapped(_json(words), level + 1)
    raise Refused(TEMPLATES)


def _fields(given: Any) -> Body:
    """The fields of a form, also where the page's own JSON editor was used."""
    found = unwrapped(given)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Refused(UNREADABLE, HTTPStatus.BAD_REQUEST)
    return found


def _later(at: Any) -> bool:
    """Whether a run is to begin at another time than now: what is no time is not looked at."""
    try:
        asked_for = datetime.fromisoformat(at)
    except (TypeError, ValueError):
        return False
    return asked_for.astimezone(UTC) > datetime.now(UTC) + NOW


def _written(body: Body) -> bytes:
    return json.dumps(body).encode("ascii")


def _open(route: Route, path: str) -> None:
    """Refused for a route that is not open to persons, and for the answers that lie with a run: its
    form alone is read, to be filled in.
    """
    if route.whose is not Whose.OFFICERS:
        raise Refused(NOT_ALLOWED.format(why=route.why))
    if INPUT.match(path) and not PUT_UP.match(path):
        raise Refused(NOT_ALLOWED.format(why="已提交的内容不能另行读取"))


async def _limited(receive: Receive) -> bytes | None:
    """The body; None if the client went away. Refused where it is too large: no more of it is kept,
    and not much more is listened to, so that its sender is told why.
    """
    parts, size, more = list[bytes](), 0, True
    while more and size <= LISTENED_TO:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part, more = message.get("body", b""), message.get("more_body", False)
        size += len(part)
        if size <= LARGEST:
            parts.append(part)
    if size > LARGEST:
        raise Refused(TOO_LARGE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return b"".join(parts)


async def _closed(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1008})
