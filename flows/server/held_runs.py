"""What was submitted and is not yet recorded goes nowhere: a run that holds it cannot be deleted.

Prefect's pages delete any run at once, alone, in bulk, or with its form under Deployments. Whoever
asks for that is told why not, in the page; what is ended may go.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.path import desk, forms
from flows.prefect_side import kept_forms
from flows.prefect_side.kept_forms import ENDED, FLOWS, UNDONE, Kind, Run
from flows.prefect_side.our_flows import OUR_FLOWS
from flows.server.in_time import InTime
from flows.server.judged_forms import read, run_id
from flows.server.opened_forms import OF_CASE
from flows.server.sealed_forms import handed_out, whole_body
from flows.server.upkeep import CLOCKED
from models.case.stage import Stage
from models.errors import DisclosureError, NoSuchCase
from models.register import register

LOG = logging.getLogger(__name__)
KINDS: Final = "flow_runs|flows|deployments"
ONE: Final = re.compile(
    rf"^/api/({KINDS})/([0-9A-Fa-f]{{8}}(?:-?[0-9A-Fa-f]{{4}}){{3}}-?[0-9A-Fa-f]{{12}})/?$"
)
INPUT: Final = re.compile(r"^/api/flow_runs/([0-9A-Fa-f-]{32,36})/input/.+$")
MANY: Final = re.compile(rf"^/api/({KINDS})/bulk_delete/?$")
UNDER_WAY: Final = "“{name}”尚未办结，不能删除其办理流程"
UNRECORDED: Final = "“{name}”里有已提交、尚未登记的内容，不能删除"
NOT_DONE: Final = "“{name}”尚未办完，删除会丢失已提交的内容，没有删除；不再办理的，请先取消，再删除"
FORM: Final = "“{name}”尚未办结，不能删除其表单和所填的内容"
OURS: Final = "“{name}”是办理系统的办理事项，删除会丢失已提交的内容，不能删除"
AWAY: Final = "登记簿暂无响应，不能核对所提交的内容是否已经登记，没有删除，请稍候再试"

Asked = UUID | dict[str, Any]


class HeldRuns:
    """The server's application, asked to delete only what holds nothing any more (ASGI)."""

    def __init__(
        self,
        app: ASGIApp,
        doomed: Callable[[Kind, Asked], Awaitable[Sequence[Run]]] = kept_forms.doomed,
    ) -> None:
        self._app, self._doomed, self._in_time = app, doomed, InTime("judging")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"] if scope["type"] == "http" else ""
        one = ONE.match(scope["path"]) if method == "DELETE" else None
        many = MANY.match(scope["path"]) if method == "POST" else None
        found, asked = one or many, dict[str, Any]()
        form = INPUT.match(scope["path"]) if method == "DELETE" else None
        if form:
            await self._form(run_id(form[1]), scope, receive, send)
            return
        if found is None:
            await self._app(scope, receive, send)
            return
        if many:
            body, gone = await whole_body(receive)
            if gone is not None:
                return
            asked, receive = read(body), handed_out(body, receive)
        kind: Kind = found[1]  # type: ignore[assignment]
        runs = await self._doomed(kind, UUID(one[2]) if one else asked)
        why = await self._why_not(kind, [run for run in runs if run.form in OUR_FLOWS])
        if why:
            await JSONResponse({"detail": why}, HTTPStatus.CONFLICT)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _form(self, run: UUID | None, scope: Scope, receive: Receive, send: Send) -> None:
        """A form, or its answer, goes only once its run has ended: without the one it cannot be
        answered, without the other nothing is recorded.
        """
        runs = await self._doomed("flow_runs", run) if run else ()
        why = "".join(
            FORM.format(name=one.name) for one in runs if one.form in OUR_FLOWS and not ended(one)
        )
        if why:
            await JSONResponse({"detail": why}, HTTPStatus.CONFLICT)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _why_not(self, kind: Kind, ours: Sequence[Run]) -> str:
        """Why these cannot go; "" if they can."""
        if kind == FLOWS:
            return "；".join(dict.fromkeys(OURS.format(name=run.form) for run in ours))
        under_way = [run for run in ours if not ended(run)]
        if under_way:
            return "；".join(
                (UNDER_WAY if run.form == desk.HANDLE else NOT_DONE).format(name=run.name)
                for run in under_way
            )
        answered = [run for run in ours if run.form == desk.HANDLE and run.answered]
        try:
            holding = await self._in_time.ask(partial(unrecorded, answered))
        except (TimeoutError, *office.REGISTER_FAULTS) as fault:
            LOG.warning("不能核对要删除的办理流程：%s", type(fault).__name__)
            return str(fault) if isinstance(fault, DisclosureError) else AWAY
        return "；".join(UNRECORDED.format(name=run.name) for run in holding)


def ended(run: Run) -> bool:
    """Whether a run is done or given up. One that failed is begun again, with what was submitted;
    only what the clock starts had nothing submitted.
    """
    return run.state in ENDED or (run.form in CLOCKED and run.state in UNDONE)


def unrecorded(runs: Sequence[Run]) -> list[Run]:
    """Those ended runs of cases in which the form of the case's present point was answered."""
    found = []
    for run in runs:
        with office.reading() as session:
            try:
                case = register.case(session, run.number)
            except NoSuchCase:
                continue
            point = forms.key(session, case)
        points = {pause[1] for pause in map(OF_CASE.match, run.answered) if pause}
        if case.stage is not Stage.CLOSED and point in points:
            found.append(run)
    return found
