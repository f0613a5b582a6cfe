"""Pages of our own in the desk's frame: plain HTML and one stylesheet. They work without a
script; with ours, what is typed in a form is kept as a draft, and what it lacks is said in Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from letters.pages.guide_places import GUIDE, of_page
from letters.picture.markup import marked_up

MENU: Final = (
    ("/", "工作台"),
    ("/runs", "办理流程"),
    ("/new", "新办"),
    ("/desk/todo", "清单"),
    ("/cases", "查询"),
    ("/statistics", "统计"),
    (GUIDE, "手册"),
)
"""The menu: addresses and words, as Prefect's frame has them too (flows/prefect_side/frame.py)."""
MAINTENANCE: Final = (("/dashboard", "维护"),)
"""What whoever maintains the desk has besides: the way to the rest of Prefect's menu."""


@dataclass(frozen=True)
class Frame:
    """What stands around a page: its title, which part of the menu it is of, whose it is."""

    title: str
    agency: str
    officer: str = ""
    here: str = "/"
    menu: Sequence[tuple[str, str]] = MENU


def menu_of(maintains: bool) -> Sequence[tuple[str, str]]:
    """The menu of an officer, or of whoever maintains the desk."""
    return (*MENU, *MAINTENANCE) if maintains else MENU


def page(template: str, frame: Frame, facts: Mapping[str, object]) -> str:
    """A page of a template in the frame."""
    around = {name: getattr(frame, name) for name in ("title", "agency", "officer", "here", "menu")}
    return marked_up(f"{template}.html.j2", {**around, "guide": of_page(template), **facts})


def part(template: str, facts: Mapping[str, object]) -> str:
    """A part of a page, for a script of ours that puts it there."""
    return marked_up(f"{template}.html.j2", facts)


@cache
def script(name: str = "draft") -> str:
    """A script of ours: draft keeps what is typed in a form, earlier looks who applied before, order
    leads to the next case of the list one came from, again asks again for what is not known yet, files
    lists what was picked or dropped, all ticks what can be ticked, fields says what a field lacks,
    onward submits once more what was sent too late.
    """
    return (Path(__file__).parent / f"{name}.js").read_text("utf-8")


@cache
def stylesheet() -> str:
    """The one stylesheet."""
    return (Path(__file__).parent / "desk.css").read_text("utf-8")


@cache
def guide_stylesheet() -> str:
    """What the guide's pages have besides, on the screen and on paper."""
    return (Path(__file__).parent / "guide.css").read_text("utf-8")
