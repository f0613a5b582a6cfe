"""A form says what is true when it is opened: register, calendar, config, officers and clock *then*.

Prefect keeps a form as it was when its run was suspended, and shows that weeks later. So whoever
opens one is given it made anew, and what Prefect keeps is replaced by it: an answer is held against
what its officer saw.
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
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.path import forms
from flows.prefect_side import kept_forms
from flows.prefect_side.kept_forms import KeptForm, schema_key
from flows.prefect_side.one_form import form, place
from flows.server import signed_in
from flows.server.in_time import InTime, why
from flows.shown.opened import opened_by_others
from letters.letter.words import escaped
from models.case.stage import Stage
from models.errors import DisclosureError
from models.register import register

LOG = logging.getLogger(__name__)
Shown = dict[str, Any]
FORM: Final = re.compile(r"^/api/flow_runs/([0-9a-f-]{36})/input/suspended-(.+)-schema$")
OF_CASE: Final = re.compile(r"^(\d+-\d+)(-again-\d+)?$")
RUN: Final = "example"  # of what the UI sends back with what was typed, it shows this nowhere
AS_OF: Final = "{why}，这张表单还是{at}的：期限、日期和可选的事项可能已有变化，请稍候重新打开"
OPEN_ALREADY: Final = "{who}了这张表单，尚未提交：两人都提交的，先提交的算数"
PAST: Final = "本件已有新的进展，这张表单已经过时：请关闭后刷新页面，在新的表单上办理"


class OpenedForms:
    """The server's application; a case's form is made as it is asked for (ASGI)."""

    def __init__(
        self,
        app: ASGIApp,
        kept: Callable[[UUID, str], Awaitable[KeptForm | None]] = kept_forms.kept,
        renew: Callable[[UUID, str, Shown], Awaitable[None]] = kept_forms.renew,
    ) -> None:
        self._app, self._kept, self._renew = app, kept, renew
        self._in_time = InTime("opening")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = FORM.match(scope["path"]) if _reads(scope) else None
        shown = await self.form(UUID(asked[1]), asked[2]) if asked else None
        if shown is None:
            await self._app(scope, receive, send)
            return
        headers = {"Cache-Control": "no-store"}
        officer = signed_in.officer_of(scope)
        mine = signed_in.shown_to(shown, officer)
        if (
            officer
            and asked
            and (who := await self._open_already(UUID(asked[1]), asked[2], officer))
        ):
            mine = _above(mine, OPEN_ALREADY.format(who=who))
        answer = PlainTextResponse(json.dumps(mine, ensure_ascii=False), headers=headers)
        await answer(scope, receive, send)

    async def form(self, run: UUID, pause: str) -> Shown | None:
        """The form of a case at which a run waits, made now and stored; the one stored before,
        saying so, where it cannot be made. None if it is not of a case, or there is none.
        """
        of_case, key = OF_CASE.match(pause), schema_key(pause)
        known = await self._kept(run, key) if of_case else None
        if not of_case or known is None:
            return None
        try:
            make = partial(made_now, known.number, of_case[1], place(pause))
            made = await self._in_time.ask(make)
        except (TimeoutError, DBAPIError, DisclosureError) as fault:
            LOG.warning("%s 的表单不能按现状生成：%s", known.number, type(fault).__name__)
            at = known.at.astimezone(office.SHANGHAI)
            return _above(
                known.shown, AS_OF.format(why=why(fault), at=f"{at:%Y年%-m月%-d日%-H时%M分}")
            )
        if made is None:
            return _above(known.shown, PAST)
        if made != known.shown:
            await self._renewed(run, key, made)
        return {**made, RUN: str(run)}

    async def _open_already(self, run: UUID, pause: str, officer: str) -> str:
        """Which colleague has the form open just now, and since when; "" = nobody, or not known."""
        known = await self._kept(run, schema_key(pause))
        try:
            return await self._in_time.ask(
                partial(open_already, known.number if known else "", officer)
            )
        except (TimeoutError, DBAPIError, DisclosureError) as fault:
            LOG.warning("不能查明谁打开了表单：%s", type(fault).__name__)
            return ""

    async def _renewed(self, run: UUID, key: str, made: Shown) -> None:
        try:
            await self._renew(run, key, made)
        except DBAPIError as fault:  # a busy moment of Prefect's database: at the next opening
            LOG.warning("表单已按现状显示，尚未存回：%s", fault.orig)


def _reads(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "GET")


def open_already(number: str, officer: str) -> str:
    """Who else has opened the form of a case within minutes, and has not submitted it."""
    with office.reading() as session:
        return opened_by_others(session, officer).get(number, "")


def made_now(number: str, key: str, at: str) -> Shown | None:
    """The form of a case's point as it is to be asked at this moment; None if the point is past.

    key = of the point (forms.Point.key); at = the place of its answer
    """
    with office.reading() as session:
        case = register.case(session, number)
        if case.stage is Stage.CLOSED:
            return None
        point = forms.point(session, case)
    if point.key != key:
        return None
    made = form(point.schema, point.description, at)
    faults = office.config_faults()
    return _above(made, f"{'；'.join(faults)}。暂按此前读入的规则") if faults else made


def _above(shown: Shown, words: str) -> Shown:
    """The form with a sentence above all that stands on it."""
    (at, act), *rest = shown["properties"].items()
    told = {**act, "description": f"**⚠️ {escaped(words)}**\n\n{act.get('description', '')}"}
    return {**shown, "properties": {at: told, **dict(rest)}}
