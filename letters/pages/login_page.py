"""The pages of logging in: plain HTML and one stylesheet; one script, which
submits once more what was sent too late."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from letters.picture.markup import marked_up, safe

TITLES: Final = {
    "login": "登录",
    "invitation": "首次登录或者重设口令",
    "password": "设置口令",
    "logged_in": "已登录",
    "open": "不须登录",
    "told": "登录",
    "again": "没有提交：登录已经结束",
    "onward": "已登录",
}
"""Every step, and the title of its page."""

_FACTS: Final = {
    **dict.fromkeys(("said", "token", "next", "officer", "invitation", "sealed", "secret"), ""),
    **dict.fromkeys(("picture", "words", "onward"), ""),
    "late": None,
    "his": False,
    "vouched": False,
    "shortest": 0,
    "digits": 6,
}


def page(step: str, agency: str, facts: Mapping[str, object]) -> str:
    """The page of a step; picture = the QR code as SVG."""
    drawn = {"picture": safe(str(facts.get("picture", "")))}
    given = {**_FACTS, **facts, **drawn, "step": step, "title": TITLES[step], "agency": agency}
    return marked_up("login.html.j2", given)


@cache
def stylesheet() -> str:
    """The one stylesheet."""
    return (Path(__file__).parent / "login.css").read_text("utf-8")
