"""In which frame does a page of ours stand? The agency's name, whose page it is, and his menu."""

from __future__ import annotations

from flows import office
from letters.pages.desk_page import Frame, menu_of
from models.agency.officers import maintains


def framed(title: str, officer: str, here: str) -> Frame:
    """The frame of a page; here = the address of the part of the menu that it is of."""
    agency = office.agency()
    return Frame(title, agency.name, officer, here, menu_of(maintains(agency.officers, officer)))
