"""The guide's pages on the desk: /guide, /guide/PAGE, all of it to be printed, and its pictures."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flows.installation.entrance import Caller
from flows.server.our_pages import CSP
from flows.shown import guide
from flows.shown.framed import framed
from flows.shown.pages import READS, asked_by_person
from letters.pages.desk_page import guide_stylesheet, page
from letters.pages.guide_places import GUIDE, guide_url

PICTURES_TOO: Final = "img-src 'self'; " + CSP
TITLE: Final = "使用手册"
KEPT: Final = "private, max-age=600"
"""How long a browser keeps a picture or the stylesheet; no person stands in them."""


class GuidePages:
    """Answers the pages of the guide; hands on everything else (ASGI)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller, parts = asked_by_person(scope) or (None, [])
        if caller is None or not parts or f"/{parts[0]}" != GUIDE:
            await self._app(scope, receive, send)
            return
        if scope["method"] in READS:
            answer = await run_in_threadpool(_answered, caller, parts[1:])
        else:
            answer = PlainTextResponse("这一页只能查看", 405)
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers["Content-Security-Policy"] = PICTURES_TOO
        await answer(scope, receive, send)


def _answered(caller: Caller, parts: list[str]) -> Response:
    match parts:
        case []:
            return _page(caller, "guide_contents", _all(), TITLE)
        case ["guide.css"]:
            headers = {"Cache-Control": KEPT}
            return Response(guide_stylesheet(), media_type="text/css", headers=headers)
        case ["print"]:
            leaves = guide.whole(guide.picture_url)
            return HTMLResponse(
                page("guide_whole", framed(TITLE, "", ""), {"pages": leaves, "style": ""})
            )
        case [guide.PICTURES, name] if file := guide.picture(name):
            headers = {"Cache-Control": KEPT}
            return Response(file.read_bytes(), media_type="image/png", headers=headers)
        case _:
            return _leaf(caller, "/".join(parts))


def _leaf(caller: Caller, name: str) -> Response:
    try:
        leaf = guide.page(name)
    except KeyError:
        facts = _all() | {"said": "手册没有这一页，请从目录中选择"}
        return _page(caller, "guide_contents", facts, TITLE, 404)
    facts = {"leaf": leaf, "pages": _contents(), "here_page": name}
    return _page(caller, "guide", facts, leaf.title)


def _all() -> dict[str, object]:
    """The pages, and the sections of those in which one looks something up."""
    found = ((guide_url(name), guide.page(name)) for name in guide.INDEXED)
    indexes = [
        (at, leaf.title, [one for one in leaf.sections if one.depth > 2]) for at, leaf in found
    ]
    return {"pages": _contents(), "indexes": indexes}


def _contents() -> list[tuple[str, str, str]]:
    """Address, title and reader of each page."""
    return [(guide_url(one.name), guide.page(one.name).title, one.reader) for one in guide.PAGES]


def _page(
    caller: Caller, template: str, facts: dict[str, object], title: str, status: int = 200
) -> Response:
    frame = framed(title, caller.officer, GUIDE)
    return HTMLResponse(page(template, frame, {"said": "", **facts}), status)
