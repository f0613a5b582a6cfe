"""Where does a list or a dossier stand now? Addresses of our own that stay the same for ever.

Prefect gives a page another address whenever it is made anew: a bookmark of it shows a blank page
then. `/desk/todo` (and the other lists), `/desk/alerts` and `/desk/case/NUMBER` lead on to where the page
stands, and have it made if it is not there.
"""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.sorting import ArtifactSort
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flows import office
from flows.installation.entrance import BOOKMARKS
from flows.installation.prefect_client import connected
from flows.path import desk, presenting
from flows.server.judged_forms import run_id
from flows.shown import alert_page, artifacts, lists
from flows.shown.pages import READS, segments
from models.errors import NoSuchCase

CASE, NEXT = "case", "next"


class Bookmarks:
    """Leads from our own addresses on to Prefect's pages; all else goes to the application behind
    (ASGI).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = segments(scope) if scope["type"] == "http" else []
        if not parts or f"/{parts[0]}/" != BOOKMARKS or len(parts) == 1:
            await self._app(scope, receive, send)
            return
        if scope["method"] in READS:
            answer = await run_in_threadpool(_led_on, parts[1:])
        else:
            answer = PlainTextResponse("这一页只能查看", HTTPStatus.METHOD_NOT_ALLOWED)
        answer.headers["Cache-Control"] = "no-store"
        await answer(scope, receive, send)


def _led_on(parts: list[str]) -> Response:
    match parts:
        case [key] if key in {one.key for one in lists.LISTS}:
            with connected() as client:
                return RedirectResponse(lists.address(client, key))
        case [key] if key == alert_page.KEY:
            with connected() as client:
                return RedirectResponse(f"/artifacts/artifact/{_alerts(client)}")
        case [kind, number] if kind == CASE:
            try:
                return RedirectResponse(f"/artifacts/artifact/{presenting.dossier_page(number)}")
            except NoSuchCase as fault:
                return PlainTextResponse(str(fault), HTTPStatus.NOT_FOUND)
        case [kind, run] if kind == NEXT and (begun := run_id(run)):
            return PlainTextResponse(desk.next_run(begun))
    return PlainTextResponse("没有这一页", HTTPStatus.NOT_FOUND)


def _alerts(client: SyncPrefectClient) -> UUID:
    """The page of alerts that was put up last; made, if there was nothing to show on it yet."""
    keyed = ArtifactFilter(key=ArtifactFilterKey(any_=[alert_page.KEY]))
    latest = client.read_artifacts(artifact_filter=keyed, sort=ArtifactSort.CREATED_DESC, limit=1)
    for one in latest:
        assert one.id is not None
        return one.id
    today = office.today()
    with office.reading() as session:
        words = alert_page.page(session, today, office.midnight())
    named = alert_page.description(today)
    page = ArtifactCreate(key=alert_page.KEY, type="markdown", description=named, data=words)
    return artifacts.made(client, page)
