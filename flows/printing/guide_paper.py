"""The guide on paper: a page as PDF, by the first program of this machine that makes one."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from models.errors import DisclosureError

PRINTING: Final = 180
"""Seconds within which it is made."""
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
OFFICES: Final = ("soffice", "libreoffice")


class NotPrinted(DisclosureError):
    """The guide could not be put on paper here."""


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
