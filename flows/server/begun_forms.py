"""The forms to begin with, under Deployments: made as they are opened, judged as they are submitted.

Judging is trying: the flow's own function is called up to where it would record, and nothing is
recorded. So a form says at the door what the flow would say, in the page that is still open.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from prefect import Flow
from prefect.exceptions import ParameterBindError, ParameterTypeError, SignatureMismatchError
from sqlalchemy.exc import DBAPIError
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.installation.entrance import Caller
from flows.path import signing
from flows.path.form_fields import OFFICER
from flows.path.start_forms import by_whom, is_form
from flows.prefect_side import kept_forms
from flows.prefect_side.deployments import form_of
from flows.prefect_side.kept_forms import Offered
from flows.prefect_side.our_flows import OUR_FLOWS, flow
from flows.prefect_side.prefect_pages import BEGUN, CHECK, Changed, plainly
from flows.server import signed_in
from flows.server.in_time import InTime, why
from flows.server.judged_forms import AWAY, part, plain, read, run_id
from flows.server.opened_forms import RUN
from flows.server.sealed_forms import handed_out, whole_body
from models.errors import ActRefused, DisclosureError
from models.words.days_told import BETWEEN, told

LOG = logging.getLogger(__name__)
OPENED: Final = re.compile("^/api/deployments/([0-9a-f-]{36})$")
CONFLICT: Final = 409
Shown = dict[str, Any]


class BegunForms:
    """The server's application; a form to begin with is of the moment, and judged (ASGI)."""

    def __init__(
        self,
        app: ASGIApp,
        offered: Callable[[UUID], Awaitable[Offered | None]] = kept_forms.offered,
        renew: Callable[[UUID, Shown], Awaitable[None]] = kept_forms.renew_offer,
    ) -> None:
        self._app, self._offered, self._renew = app, offered, renew
        self._in_time = InTime("judging")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"] if scope["type"] == "http" else ""
        opened = OPENED.match(scope["path"]) if method == "GET" else None
        begun = BEGUN.match(scope["path"]) if method == "POST" else None
        if opened:
            made = await self._made(UUID(opened[1]))
            mine = signed_in.shown_to(made or {}, signed_in.officer_of(scope))
            change = partial(with_form, UUID(opened[1]), mine)
            sends = Changed(send, "application/json", change).send if made is not None else send
            await self._app(plainly(scope), receive, sends)
        elif begun or (method == "POST" and scope["path"] == CHECK):
            await self._judged(scope, receive, send, UUID(begun[1]) if begun else None)
        else:
            await self._app(scope, receive, send)

    async def _made(self, deployment: UUID) -> Shown | None:
        """The form made now, and kept so; None where it is none of ours, or cannot be made."""
        known = await self._offered(deployment)
        if known is None or known.form not in OUR_FLOWS:
            return None
        try:
            made = await self._in_time.ask(partial(made_now, known.form))
            if made != known.shown:
                await self._renew(deployment, made)
        except (TimeoutError, DBAPIError, DisclosureError) as fault:
            LOG.warning("%s 的表单不能按现状生成：%s", known.form, type(fault).__name__)
            return None
        return made

    async def _judged(self, scope: Scope, receive: Receive, send: Send, begun: UUID | None) -> None:
        body, gone = await whole_body(receive)
        if gone is not None:
            return
        asked, again = read(body), handed_out(body, receive)
        caller = signed_in.caller_of(scope)
        if begun:
            await self._made(begun)  # what Prefect will hold it against
            known = await self._offered(begun)
            given = _signed(known, part(asked, "parameters"), caller)
            reason = await self._reason(known, given, with_code=True)
            if reason:
                await JSONResponse({"detail": reason}, CONFLICT)(scope, receive, send)
            elif caller.officer:
                body_of_his = _named(known, asked | {"parameters": given})
                await signed_in.hand_on(self._app, scope, body_of_his, receive, send)
            else:
                await self._app(scope, again, send)
            return
        shown, values = part(asked, "schema"), part(asked, "values")
        named = str(shown.get(RUN, "")).partition(":")
        deployment = run_id(named[2]) if named[0] == DEPLOYMENT else None
        reason = ""
        if deployment:
            known = await self._offered(deployment)
            values = _signed(known, values, caller)
            reason = await self._reason(known, values, with_code=False)
        finds = Changed(send, "application/json", partial(with_finding, shown, reason)).send
        await self._app(scope, again, finds if reason else send)

    async def _reason(self, known: Offered | None, given: Shown, *, with_code: bool) -> str:
        """Why the form could not be recorded; "" if it could, or is the flow's to judge."""
        if known is None or known.form not in OUR_FLOWS or not plain(given):
            return ""
        try:
            tried = partial(rehearsed, known.form, given, with_code=with_code)
            return await self._in_time.ask(tried)
        except TimeoutError:  # a year's report takes long: the flow judges it
            return ""
        except office.REGISTER_FAULTS as fault:
            return AWAY.format(why=why(fault)) if with_code else ""


DEPLOYMENT: Final = "deployment"


def _signed(known: Offered | None, given: Shown, caller: Caller) -> Shown:
    """The form under the name of whoever is logged in; as it is where nobody has to be."""
    if known is None or not caller.officer:
        return given
    return signed_in.form_with_pass(given, caller, known.form, known.shown)


def _named(known: Offered | None, asked: Shown) -> Shown:
    """The run under its form's name: what Prefect would call it until it is taken up is English."""
    return asked if known is None else asked | {"name": known.form}


def made_now(name: str) -> Shown:
    """The form of a flow as it is to be filled in at this moment: officers, codes, the day."""
    return form_of(flow(name))


def rehearsed(name: str, given: Shown, *, with_code: bool) -> str:
    """Why a form could not be recorded, as the flow would say it; "" if it could. Nothing is done,
    and a right code is not spent. What does not fit the form is Prefect's to turn away.
    ClockWentBack where nothing could be recorded today at all.
    """
    begun = flow(name)
    if not is_form(begun):
        return ""
    try:
        filled_in = begun.validate_parameters({k: v for k, v in given.items() if v is not None})
    except (ParameterTypeError, ParameterBindError, SignatureMismatchError):
        return ""
    office.guard_clock()
    token = signing.REHEARSING.set(True)
    try:
        filled_in = by_whom(name, filled_in)
        with signing.logged_in(str(filled_in.get(OFFICER, ""))):
            return _tried(begun, filled_in, with_code=with_code)
    except signing.NotLoggedIn as refusal:
        return str(refusal)
    finally:
        signing.REHEARSING.reset(token)


def _tried(begun: Flow[..., Any], filled_in: Shown, *, with_code: bool) -> str:
    try:
        begun.fn(**filled_in)
    except signing.Rehearsed as tried:
        return signing.would_sign(tried.what) if with_code else ""
    except office.REGISTER_FAULTS:
        raise
    except DisclosureError as refusal:
        return told(refusal.reasons if isinstance(refusal, ActRefused) else [str(refusal)])
    return ""


def with_form(deployment: UUID, made: Shown, body: bytes) -> bytes:
    """What Prefect tells of a deployment, with its form made now."""
    told = json.loads(body)
    shown = made | {RUN: f"{DEPLOYMENT}:{deployment}"}
    return json.dumps(told | {"parameter_openapi_schema": shown}, ensure_ascii=False).encode()


def with_finding(shown: Shown, reason: str, found: bytes) -> bytes:
    """Prefect's findings, and ours where it has none: each beside the field that it names, what names
    none with the one before it, or at the last field.
    """
    said = json.loads(found)
    if said.get("valid") is True:
        titles = {name: one.get("title") for name, one in part(shown, "properties").items()}
        placed, at = dict[str, list[str]](), ""
        for one in reason.split(BETWEEN):
            named = (name for name, title in titles.items() if title and title in one)
            at = next(named, at or list(titles)[-1])
            placed.setdefault(at, []).append(one)
        findings = [{"property": at, "errors": [BETWEEN.join(ours)]} for at, ours in placed.items()]
        said = {"valid": False, "errors": findings}
    return json.dumps(said, ensure_ascii=False).encode()
