"""A form that its flow has refused and asks again: of the moment it is opened, judged at the door.

As the forms under Deployments (begun_forms.py), with what was typed still in it: the register has
that (models/register/refused_forms.py), whatever Prefect keeps.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.installation.entrance import Caller
from flows.path import start_forms
from flows.prefect_side import kept_forms
from flows.prefect_side.filled_in import filled_in
from flows.prefect_side.kept_forms import Reasked, schema_key
from flows.prefect_side.one_form import form, not_accepted, place
from flows.prefect_side.our_flows import OUR_FLOWS, flow
from flows.prefect_side.prefect_pages import CHECK, RESUME, Changed
from flows.server import signed_in
from flows.server.begun_forms import rehearsed
from flows.server.in_time import InTime, why
from flows.server.judged_forms import (
    AWAY,
    part,
    plain,
    read,
    rejected,
    run_id,
    with_findings,
)
from flows.server.opened_forms import FORM, RUN
from flows.server.sealed_forms import handed_out, whole_body
from models.errors import DisclosureError
from models.register import refused_forms

LOG = logging.getLogger(__name__)
ASKED: Final = re.compile(r"^asked-(\d+)(-again-\d+)?$")
Shown = dict[str, Any]


class ReaskedForms:
    """The server's application; a form asked again is made now, and judged (ASGI)."""

    def __init__(
        self,
        app: ASGIApp,
        waiting: Callable[[UUID], Awaitable[Reasked | None]] = kept_forms.reasked,
        renew: Callable[[UUID, str, Shown], Awaitable[None]] = kept_forms.renew,
    ) -> None:
        self._app, self._waiting, self._renew = app, waiting, renew
        self._in_time = InTime("judging")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"] if scope["type"] == "http" else ""
        opened = FORM.match(scope["path"]) if method == "GET" else None
        resumed = RESUME.match(scope["path"]) if method == "POST" else None
        if opened and ASKED.match(opened[2]):
            made = await self._made(UUID(opened[1]), opened[2])
            if made is not None:
                mine = signed_in.shown_to(made, signed_in.officer_of(scope))
                told = json.dumps(mine | {RUN: opened[1]}, ensure_ascii=False)
                answer = PlainTextResponse(told, headers={"Cache-Control": "no-store"})
                await answer(scope, receive, send)
                return
        elif resumed or (method == "POST" and scope["path"] == CHECK):
            await self._judged(scope, receive, send, run_id(resumed[1]) if resumed else None)
            return
        await self._app(scope, receive, send)

    async def _made(self, run: UUID, pause: str) -> Shown | None:
        """The form at which a run waits, made now and kept so; None if it is none of these, or
        cannot be made: then it is shown as it was.
        """
        at = await self._waiting(run)
        if at is None or at.pause != pause or at.form not in OUR_FLOWS:
            return None
        try:
            made = await self._in_time.ask(partial(made_now, at))
            if made is not None and made != at.shown:
                await self._renew(run, schema_key(pause), made)
        except (TimeoutError, DBAPIError, DisclosureError) as fault:
            LOG.warning("%s 未办成的表单不能按现状生成：%s", at.form, type(fault).__name__)
            return None
        return made

    async def _judged(
        self, scope: Scope, receive: Receive, send: Send, resumed: UUID | None
    ) -> None:
        body, gone = await whole_body(receive)
        if gone is not None:
            return
        asked, again = read(body), handed_out(body, receive)
        run = resumed or run_id(part(asked, "schema").get(RUN))
        values = part(asked, "run_input" if resumed else "values")
        at = await self._waiting(run) if run and values else None
        if run is None or at is None or not ASKED.match(at.pause) or at.form not in OUR_FLOWS:
            await self._app(scope, again, send)
            return
        caller = signed_in.caller_of(scope)
        values = under_his_name(values, at, caller)
        reason = await self._reason(at, values, with_code=resumed is not None)
        if not resumed:
            finding = partial(with_findings, values, [reason])
            finds = Changed(send, "application/json", finding).send
            await self._app(scope, again, finds if reason else send)
        elif reason:
            await JSONResponse(rejected([reason]))(scope, receive, send)
        else:
            await self._made(run, at.pause)  # what Prefect will hold it against
            if caller.officer:
                his = asked | {"run_input": values}
                await signed_in.hand_on(self._app, scope, his, receive, send)
            else:
                await self._app(scope, again, send)

    async def _reason(self, at: Reasked, values: Shown, *, with_code: bool) -> str:
        """Why the form could not be recorded; "" if it could, or is the flow's to judge."""
        said = values.get(place(at.pause))
        answer = filled_in(said) if isinstance(said, dict) else {}
        if not isinstance(said, dict) or not plain(answer):
            return ""
        try:
            return await self._in_time.ask(partial(judged, at, answer, with_code=with_code))
        except TimeoutError:
            return ""
        except office.REGISTER_FAULTS as fault:
            return AWAY.format(why=why(fault)) if with_code else ""


def under_his_name(values: Shown, at: Reasked, caller: Caller) -> Shown:
    """The answer under the name of whoever is logged in; as it is where nobody has to be."""
    said = values.get(place(at.pause))
    answer = filled_in(said) if caller.officer and isinstance(said, dict) else None
    if not isinstance(answer, dict):
        return values
    asked = {"properties": flow(at.form).parameters.properties}
    return {**values, place(at.pause): signed_in.form_with_pass(answer, caller, at.form, asked)}


def made_now(at: Reasked) -> Shown | None:
    """The form as it is to be filled in at this moment, with what was typed and why it was refused;
    None if it is not asked any more.
    """
    with office.reading() as session:
        row = refused_forms.kept(session, at.submission)
    asked = ASKED.match(at.pause)
    if row is None or asked is None or int(asked[1]) != row.asked - 1:
        return None
    again = start_forms.form_again(flow(at.form), refused_forms.typed(row))
    return form(again, not_accepted(row.reason), place(at.pause))


def judged(at: Reasked, answer: Shown, *, with_code: bool) -> str:
    """Why the answer could not be recorded, as the flow would say it; "" if it could."""
    with office.reading() as session:
        row = refused_forms.kept(session, at.submission)
    if row is None:
        return ""
    given = start_forms.completed(refused_forms.typed(row), answer)
    return rehearsed(at.form, given, with_code=with_code)
