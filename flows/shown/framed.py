"""In which frame does a page of ours stand? The agency's name, whose page it is, and his menu."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import HTMLResponse

from flows import office
from letters.pages.desk_page import Frame, menu_of, page
from models.agency.officers import maintains


def framed(title: str, officer: str, here: str) -> Frame:
    """The frame of a page; here = the address of the part of the menu that it is of."""
    agency = office.agency()
    return Frame(title, agency.name, officer, here, menu_of(maintains(agency.officers, officer)))


def not_there(words: str, officer: str) -> HTMLResponse:
    """A page that says in a sentence why there is none, and leads home."""
    facts = {"words": words}
    return HTMLResponse(
        page("said", framed("没有这一页", officer, ""), facts), HTTPStatus.NOT_FOUND
    )
