"""`disclosure guide FILE`: the whole guide on paper: .pdf by Chromium or LibreOffice, or .html."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from flows.arguments import Parser
from flows.installation import files
from models.words.disk_words import why


def offer(add: Callable[..., Parser]) -> None:
    """Add the command."""
    one = add(
        "guide",
        guide,
        "写出使用手册（.pdf 或者 .html），供打印；.pdf 由本机的 Chromium 或者 LibreOffice 做出",
        "disclosure guide 使用手册.pdf",
    )
    one.add_argument("file", type=Path, metavar="文件", help="写到哪个文件，.pdf 或者 .html")


def guide(arguments: argparse.Namespace) -> int:
    """Write the guide, its pictures within."""
    from flows.printing.guide_paper import NotPrinted, printed

    file: Path = arguments.file
    if file.suffix not in (".pdf", ".html"):
        raise NotPrinted(f"“{file}”：手册只能写成 .pdf 或者 .html")
    page = _page()
    content = page.encode("utf-8") if file.suffix == ".html" else printed(page)
    try:
        files.written(file, content)
    except OSError as fault:
        raise NotPrinted(f"“{file}”写不进去：{why(fault)}") from None
    return 0


def _page() -> str:
    """All of the guide as one page that needs nothing beside it."""
    from flows import office
    from flows.shown import guide as shown
    from letters.pages.desk_page import Frame, guide_stylesheet, page

    frame = Frame("使用手册", office.agency().name)
    facts = {"pages": shown.whole(_picture_itself), "style": guide_stylesheet()}
    return page("guide_whole", frame, facts)


def _picture_itself(name: str) -> str:
    import base64

    from flows.shown import guide as shown

    file = shown.picture(name)
    content = base64.b64encode(file.read_bytes()).decode("ascii") if file else ""
    return f"data:image/png;base64,{content}"
