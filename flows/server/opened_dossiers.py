"""A dossier says what is true when it is opened: its page in Prefect is there for its address alone, and
the words are put on it from the register whenever somebody opens it. What an earlier release filed at an
act stays as it was filed.
"""

from __future__ import annotations

import json
import logging
from functools import partial

from sqlalchemy.exc import DBAPIError
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.path.presenting import NUMBER, is_dossier, is_ours
from flows.prefect_side.prefect_pages import plainly
from flows.server.in_time import InTime
from flows.server.readings import ONE, Held, read
from flows.shown.dossier import dossier
from letters.letter.words import escaped
from models.errors import DisclosureError, NoSuchCase

LOG = logging.getLogger(__name__)


class OpenedDossiers:
    """The server's application; a dossier is made as it is asked for (ASGI)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._in_time = app, InTime("opening")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not ONE.match(scope["path"]):
            await self._app(scope, receive, send)
            return
        given = Held(send)
        await self._app(plainly(scope), receive, given.send)
        await given.hand_on(await self._with_words(given.body))

    async def _with_words(self, page: bytes) -> bytes | None:
        """The page with the dossier on it; None if it is another page, or the register does not answer:
        the page says so.
        """
        found = read(page)
        if not isinstance(found, dict) or not is_dossier(str(found.get("key") or "")):
            return None
        about = found.get("metadata_") or {}
        if not is_ours(about):
            return None
        try:
            words = await self._in_time.ask(partial(made_now, str(about[NUMBER])))
        except (TimeoutError, DBAPIError, DisclosureError) as away:
            LOG.warning("%s 的卷宗不能显示：%s", about[NUMBER], type(away).__name__)
            return None
        return json.dumps({**found, "data": words}, ensure_ascii=False).encode()


def made_now(number: str) -> str:
    """The dossier of a case as it is at this moment, or why there is none."""
    try:
        with office.reading() as session:
            return dossier(session, number, office.circumstances("")).markdown()
    except NoSuchCase as fault:
        return f"{escaped(str(fault))}\n"
