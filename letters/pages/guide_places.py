"""Where the guide inside the product tells of a page of ours, or of a form: addresses, no text."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

GUIDE: Final = "/guide"
FORMS: Final = "officers"
"""The page on which each form has its section."""
OF_PAGES: Final = {
    "bench": ("bench", "一我的工作台"),
    "new": ("bench", "二新办"),
    "begun": ("bench", "二新办"),
    "case": ("bench", "三一件申请的案卷"),
    "find": ("bench", "四查询"),
    "together": ("bench", "五成批办理"),
    "year": ("bench", "六年度报告"),
    "figures": ("bench", "六年度报告"),
    "statistics": ("bench", "七统计"),
    "counted": ("bench", "七统计"),
    "screening": ("bench", "八转主动公开"),
    "review": ("bench", "九复议诉讼"),
    "reviews": ("bench", "九复议诉讼"),
    "calendar": ("bench", "十期限日历"),
    "frequent": ("bench", "十二申请较多的申请人"),
    "supply": (FORMS, "请处室提供"),
    "service": ("materials", "送达"),
    "print": ("papers", "一打印"),
    "archive": ("papers", "六归档"),
    "archive_list": ("papers", "六归档"),
    "papers": ("materials", "存入材料"),
    "material": ("materials", "存入材料"),
}
"""A page of ours, by its template → the page and the section of the guide that tell of it."""
_NO_PART_OF_AN_ANCHOR: Final = re.compile(r"[^\w\- ]")


def anchor(words: str) -> str:
    """Where a heading is linked to, as the sites that show Markdown make it."""
    return _NO_PART_OF_AN_ANCHOR.sub("", words.lower()).replace(" ", "-")


def guide_url(name: str = "", section: str = "") -> str:
    """Where a page of the guide, or a section of it, can be opened."""
    there = f"{GUIDE}/{name}" if name else GUIDE
    return f"{there}#{quote(section, safe='')}" if section else there


def form_section(title: str) -> str:
    """Where the section of a form can be opened; title = of its tab, or of a form to begin with."""
    return guide_url(FORMS, anchor(title))


def of_page(template: str) -> str:
    """Where it is told of a page of ours; the guide's first page, where no section does."""
    return guide_url(*OF_PAGES.get(template, ()))
