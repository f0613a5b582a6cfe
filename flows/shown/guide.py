"""The guide inside the product: which pages there are, for whom, and where each form has its section.

Its text is the Markdown of `.docs/`, its pictures those of `.docs/pictures/`: what is read on the desk
is what stands beside the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from letters.pages.guide_page import Leaf, leaf
from letters.pages.guide_places import FORMS, GUIDE, guide_url

FOLDER: Final = Path(__file__).resolve().parents[2] / ".docs"
PICTURES: Final = "pictures"


@dataclass(frozen=True)
class Page:
    """One page: its name, in its file and its address, and for whom it is."""

    name: str
    reader: str


DEPARTMENTS: Final = "departments"
"""The one page that whoever only supplies records can open; it leads to no other."""
PAGES: Final = (
    Page("today", "办理人员"),
    Page("signing", "签发人"),
    Page("head", "公开机构负责人"),
    Page("starting", "人人"),
    Page("papers", "办理人员"),
    Page("troubles", "人人"),
    Page(FORMS, "人人"),
    Page("bench", "人人"),
    Page("materials", "办理人员"),
    Page(DEPARTMENTS, "各处室"),
    Page("install", "安装和维护的人"),
)
INDEXED: Final = ("troubles", FORMS)
"""Pages in which one looks something up: their sections stand in the contents."""
BESIDE: Final = ("reference/settings", "reference/commands", "reference/config")
"""Pages that the others lead to, for whoever installs: read one by one, not printed with them."""


@cache
def page(name: str) -> Leaf:
    """A page as it is read alone. KeyError for one that is none of the guide's."""
    served = {one.name for one in PAGES} | set(BESIDE)
    return leaf(_text(name), _led(name, served, guide_url, picture_url))


def picture_url(name: str) -> str:
    """Where a picture can be opened."""
    return f"{GUIDE}/{PICTURES}/{name}"


def whole(picture_at: Callable[[str], str]) -> list[tuple[Page, Leaf]]:
    """All pages to stand one after the other; picture_at = where a picture is, by its file's name."""
    printed = {one.name for one in PAGES}

    def within(name: str, section: str) -> str:
        return f"#{quote(f'{name}-{section}' if section else name, safe='')}"

    return [
        (one, leaf(_text(one.name), _led(one.name, printed, within, picture_at), f"{one.name}-"))
        for one in PAGES
    ]


def picture(name: str) -> Path | None:
    """The file of a picture; None if there is none of that name."""
    if not re.fullmatch(r"[\w-]{1,60}\.png", name, re.ASCII):
        return None
    file = FOLDER / PICTURES / name
    return file if file.is_file() else None


def _text(name: str) -> str:
    if name not in {*(one.name for one in PAGES), *BESIDE}:
        raise KeyError(name)
    return (FOLDER / f"{name}.md").read_text("utf-8")


def _led(
    of: str,
    served: Collection[str],
    page_at: Callable[[str, str], str],
    picture_at: Callable[[str], str],
) -> Callable[[str], str | None]:
    """Where the links of a page lead: to pages and pictures of the guide; other files are not served."""

    def led(link: str) -> str | None:
        if link.startswith("https://"):
            return link
        path, _, section = unquote(link).partition("#")
        if path.startswith(f"{PICTURES}/"):
            return picture_at(path.removeprefix(f"{PICTURES}/"))
        name = str(Path(of).parent / path).removesuffix(".md") if path else of
        return page_at(name, section) if name in served else None

    return led
