"""`disclosure guide FILE`: the whole guide on paper: .pdf by Chromium or LibreOffice, or .html."""

from __future__ import annotations

import argparse
import base64
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from flows.arguments import Parser
from flows.installation import files
from models.errors import DisclosureError
from models.words.disk_words import why

PRINTING: Final = 180
"""Seconds within which it is made."""
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
OFFICES: Final = ("soffice", "libreoffice")


class NotPrinted(DisclosureError):
    """The guide could not be put on paper here."""


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
    from flows.shown import guide as shown

    file = shown.picture(name)
    content = base64.b64encode(file.read_bytes()).decode("ascii") if file else ""
    return f"data:image/png;base64,{content}"


def printed(page: str) -> bytes:
    """A page as PDF, by the first program here that makes one."""
    with tempfile.TemporaryDirectory(prefix="disclosure-") as scratch:
        made = Path(scratch) / "guide.pdf"
        made.with_suffix(".html").write_text(page, "utf-8")
        tried = []
        for program, command in _programs(scratch, made):
            tried.append(program)
            try:
                subprocess.run(command, capture_output=True, timeout=PRINTING, check=False)
            except subprocess.TimeoutExpired:
                continue
            if made.is_file():
                return made.read_bytes()
    if not tried:
        raise NotPrinted(
            "本机没有 Chromium，也没有 LibreOffice：请改写成 .html，在浏览器中打开，打印为 PDF"
        )
    raise NotPrinted(f"{'、'.join(tried)} 没有做出 PDF：请改写成 .html，在浏览器中打印为 PDF")


def _programs(scratch: str, made: Path) -> Iterator[tuple[str, list[str]]]:
    page = made.with_suffix(".html")
    for name in BROWSERS:
        if at := shutil.which(name):
            yield (
                name,
                [
                    *(at, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"),
                    *(
                        f"--user-data-dir={scratch}/profile",
                        f"--print-to-pdf={made}",
                        page.as_uri(),
                    ),
                ],
            )
    for name in OFFICES:
        if at := shutil.which(name):
            yield (
                name,
                [
                    *(at, f"-env:UserInstallation=file://{scratch}/office", "--headless"),
                    *("--convert-to", "pdf:writer_web_pdf_Export", "--outdir", scratch, str(page)),
                ],
            )
