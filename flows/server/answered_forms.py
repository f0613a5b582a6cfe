"""Of a form that was answered Prefect keeps no more than that there was one: the answer is with its run,
and what it asked is in the register.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from starlette.types import ASGIApp, Receive, Scope, Send

from flows.prefect_side import kept_forms
from flows.prefect_side.prefect_pages import RESUME
from flows.server.judged_forms import run_id
from flows.server.typed_forms import Watched

LOG = logging.getLogger(__name__)


class AnsweredForms:
    """The server's application; a form is let go once its answer was taken (ASGI)."""

    def __init__(
        self,
        app: ASGIApp,
        let_go: Callable[[UUID], Awaitable[object]] = kept_forms.let_go_answered,
    ) -> None:
        self._app, self._let_go = app, let_go

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        posted = scope["type"] == "http" and scope["method"] == "POST"
        resumed = RESUME.match(scope["path"]) if posted else None
        if not resumed:
            await self._app(scope, receive, send)
            return
        answer, run = Watched(send), run_id(resumed[1])
        await self._app(scope, receive, answer.send)
        if run is None or not answer.taken:
            return
        try:
            await self._let_go(run)
        except DBAPIError as fault:
            # Prefect's database is busy just now: it goes with the run's next answer
            LOG.info("已答复的表单稍后清理：%s", type(fault.orig).__name__)
