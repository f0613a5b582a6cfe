"""What is submitted is judged at the door, within the officer's own request.

What the law or plain sense does not allow is said in the dialog that is still open, with everything
typed in it; nothing of it is kept, and nothing reaches the flow. What can be recorded goes on: the
flow judges again and performs. A code is looked at last, and spent by the flow alone, with its act.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final
from uuid import UUID

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.installation.entrance import Caller
from flows.path import forms, recording, signing
from flows.prefect_side import kept_forms
from flows.prefect_side.filled_in import filled_in, fits
from flows.prefect_side.kept_forms import Waiting
from flows.prefect_side.one_form import place
from flows.prefect_side.prefect_pages import CHECK, RESUME, Changed
from flows.server import signed_in
from flows.server.in_time import InTime, why
from flows.server.opened_forms import OF_CASE, RUN
from flows.server.sealed_forms import handed_out, whole_body
from models.case.stage import Stage
from models.errors import ActRefused
from models.register import register
from models.register.codes import Signature
from models.words.days_told import told

LOG = logging.getLogger(__name__)
AWAY: Final = "{why}，没有提交。所填内容都在，请稍候再提交一次"

Submitted = Mapping[str, Any]


class JudgedForms:
    """The server's application, handed only what can be recorded (ASGI).

    renewed = renews the form of a run's pause
    """

    def __init__(
        self,
        app: ASGIApp,
        renewed: Callable[[UUID, str], Awaitable[object]],
        waiting: Callable[[UUID], Awaitable[Waiting | None]] = kept_forms.waiting,
    ) -> None:
        self._app, self._renewed, self._waiting = app, renewed, waiting
        self._in_time = InTime("judging")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        posted = scope["type"] == "http" and scope["method"] == "POST"
        resumed = RESUME.match(scope["path"]) if posted else None
        if not resumed and not (posted and scope["path"] == CHECK):
            await self._app(scope, receive, send)
            return
        body, gone = await whole_body(receive)
        if gone is not None:
            return
        asked, caller = read(body), signed_in.caller_of(scope)
        if not resumed:
            run, values = run_id(part(asked, "schema").get(RUN)), part(asked, "values")
            at = await self._waiting(run) if run else None
            by_him = under_his_name(values, at, caller)
            reasons = await self._reasons(run, at, by_him, with_code=False) if run else []
            finds = Changed(send, "application/json", partial(with_findings, values, reasons)).send
            await self._app(scope, handed_out(body, receive), finds if reasons else send)
            return
        run = run_id(resumed[1])
        at = await self._waiting(run) if run else None
        answer = under_his_name(part(asked, "run_input"), at, caller)
        reasons = await self._reasons(run, at, answer, with_code=True) if run else []
        if reasons:
            await JSONResponse(rejected(reasons))(scope, receive, send)
        elif caller.officer:
            await signed_in.hand_on(self._app, scope, asked | {"run_input": answer}, receive, send)
        else:
            await self._app(scope, handed_out(body, receive), send)

    async def _reasons(
        self, run: UUID, at: Waiting | None, submitted: Submitted, *, with_code: bool
    ) -> list[str]:
        """Why this cannot be recorded; none for what is not ours to judge, Prefect's or the flow's."""
        pause = at and OF_CASE.match(at.pause)
        said = submitted.get(place(at.pause)) if at else None
        answer = filled_in(said) if isinstance(said, dict) else {}
        if not at or not pause or not isinstance(said, dict) or not plain(answer):
            return []
        judge = partial(judged, at.number, pause[1], answer, with_code=with_code)
        try:
            reasons = await self._in_time.ask(judge)
        except (TimeoutError, *office.REGISTER_FAULTS) as fault:
            LOG.warning("%s 的表单暂时不能核对：%s", at.number, type(fault).__name__)
            return [AWAY.format(why=why(fault))] if with_code else []
        if with_code and not reasons and not_fitting(submitted, at.shown):
            await self._renewed(run, at.pause)
        return reasons


def under_his_name(submitted: Submitted, at: Waiting | None, caller: Caller) -> Submitted:
    """The answer to a case's form under the name of whoever is logged in; as it is where nobody has
    to be.
    """
    pause = at and OF_CASE.match(at.pause)
    said = submitted.get(place(at.pause)) if at else None
    if not caller.officer or not at or not pause or not isinstance(said, dict):
        return submitted
    answer = filled_in(said)
    form = signing.form_of_point(at.number, pause[1])
    return {**submitted, place(at.pause): signed_in.with_pass(answer, caller, form)}


def judged(number: str, key: str, raw: dict[str, Any], *, with_code: bool) -> list[str]:
    """Every reason why an answer to this point of a case could not be recorded now (Art. by Art.).

    A point that is past is not judged: the answer is turned away for that. A code is looked at only
    if nothing else stands in the way, and a right one is not spent. ClockWentBack where nothing
    could be recorded today at all.
    """
    office.guard_clock()
    with office.reading() as session:
        case = register.case(session, number)
        if case.stage is Stage.CLOSED or forms.key(session, case) != key:
            return []
    try:
        answer = forms.read(raw, case, key)
    except ActRefused as refusal:
        return list(refusal.reasons)
    if answer.kind == forms.CHOOSE:
        return []
    fields, officer = dict(answer.fields), answer.officer
    with office.reading() as session:
        reasons = recording.judged(session, case, answer.kind, fields, officer)
    if reasons or answer.read_first or not with_code:
        return reasons
    with signing.logged_in(officer):
        wrong = signing.would_sign(Signature(officer, answer.code, answer.kind, number))
    return [wrong] if wrong else []


def rejected(reasons: list[str]) -> dict[str, Any]:
    """The answer to a resume that is turned away, as the UI shows it beside the open dialog."""
    details = {"type": "reject_details", "reason": told(reasons)}
    return {"state": None, "status": "REJECT", "details": details}


def with_findings(values: Submitted, reasons: list[str], found: bytes) -> bytes:
    """Prefect's findings in a form, and ours where it has none: they stand in the open dialog."""
    said = json.loads(found)
    if said.get("valid") is True:
        ours = [told(reasons)]  # of several the UI shows the first
        said = {"valid": False, "errors": [{"property": at, "errors": ours} for at in values]}
    return json.dumps(said, ensure_ascii=False).encode()


def not_fitting(submitted: Submitted, shown: dict[str, Any]) -> bool:
    """Whether the form as it is kept would turn this away."""
    return not fits(submitted, shown)


def run_id(named: Any) -> UUID | None:
    try:
        return UUID(named)
    except (TypeError, ValueError, AttributeError):
        return None


def read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def part(asked: dict[str, Any], name: str) -> dict[str, Any]:
    found = asked.get(name)
    return found if isinstance(found, dict) else {}


def plain(answer: dict[str, Any]) -> bool:
    """Whether all of it is filled in: no template is left for Prefect to fill in."""
    simple = str | int | float | bool | None
    return all(isinstance(one, simple) for one in answer.values())
