"""A PDF looked at in a process of its own, with bounded memory and time: how many pages, one as a
picture, what text lies under what covers it.

The PDF on stdin; `pages`, `picture N` or `covered` as arguments; a number, a PNG or JSON on stdout. No
script of the PDF runs (the renderer has none), and what would fill the memory, or take for ever, ends
this process and nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from flows.papers.sealed_content import Content
from flows.reading.apart import asked, bounded

SECONDS: Final = 30
MEMORY: Final = 2_000_000_000
WIDTH: Final = 1100  # pixels of a page's picture
TALLEST: Final = 4000
LARGEST: Final = 100_000_000  # bytes of a PDF that is looked at here
MOST_PAGES: Final = 60  # that are looked through for what is covered
MOST_TEXT: Final = 300  # characters of it that are told of a page
_SCALE: Final = 2.0
_SAME: Final = 24  # shades of grey within which nothing can be read
_PROGRAM: Final = "flows.papers.pdf_apart"


@dataclass(frozen=True)
class Covered:
    """Text that a page has and does not show: a copy of the page's text has it."""

    page: int
    text: str


def pages(content: Content) -> int:
    """How many pages; 0 for what is too large, locked, damaged or endless."""
    said = _asked(content, "pages")
    return int(said) if said.isdigit() else 0


def picture(content: Content, page: int) -> bytes:
    """A page as PNG, from 1; b"" where there is none."""
    return _asked(content, "picture", str(page))


def covered(content: Content) -> list[Covered] | None:
    """The text under black (or white) boxes, by page; None where the PDF could not be looked through."""
    said = _asked(content, "covered")
    return [Covered(*one) for one in json.loads(said)] if said else None


def _asked(content: Content, *what: str) -> bytes:
    if content.size > LARGEST:
        return b""
    content.seek(0)
    try:
        return asked(_PROGRAM, content.read(), SECONDS, *what)
    except subprocess.TimeoutExpired:
        return b""


# ── in the process of its own ─────────────────────────────────────────────────────────────────
def _said(document: Any, what: list[str]) -> bytes:
    match what:
        case ["pages"]:
            return str(len(document)).encode()
        case ["picture", page] if 0 < int(page) <= len(document):
            return _png(document[int(page) - 1])
        case ["covered"]:
            found = [(n, words) for n, words in _covered(document) if words]
            return json.dumps(found).encode("ascii")
    return b""


def _png(page: Any) -> bytes:
    from io import BytesIO

    width, height = page.get_size()
    scale = min(WIDTH / max(width, 1), TALLEST / max(height, 1))
    made = BytesIO()
    page.render(scale=scale).to_pil().save(made, "PNG")
    return made.getvalue()


def _covered(document: Any) -> Iterator[tuple[int, str]]:
    for n in range(min(len(document), MOST_PAGES)):
        page = document[n]
        yield n + 1, _under(page)[:MOST_TEXT]
        page.close()


def _under(page: Any) -> str:
    """The characters whose place on the page is of one shade throughout: nobody sees them."""
    page.set_rotation(0)
    text = page.get_textpage()
    if not text.count_chars():
        return ""
    left, _, _, top = page.get_cropbox()
    scale = min(_SCALE, TALLEST / max(*page.get_size(), 1))
    shown = page.render(scale=scale, grayscale=True).to_pil().convert("L")
    found, before = [], -2
    for n in range(text.count_chars()):
        said = text.get_text_range(n, 1)
        if not said.strip():
            continue
        x0, y0, x1, y1 = text.get_charbox(n)
        box = (
            int((x0 - left) * scale),
            int((top - y1) * scale),
            int((x1 - left) * scale) + 1,
            int((top - y0) * scale) + 1,
        )
        if not _one_shade(shown, box):
            continue
        found.append(said if n == before + 1 else f"　{said}")
        before = n
    return "".join(found).strip("　")


def _one_shade(shown: Any, box: tuple[int, int, int, int]) -> bool:
    x0, y0, x1, y1 = box
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, shown.width), min(y1, shown.height)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return False  # off the page, or too small to be read at all
    darkest, lightest = shown.crop((x0, y0, x1, y1)).getextrema()
    return bool(lightest - darkest < _SAME)


def main() -> int:
    import pypdfium2

    bounded(MEMORY, SECONDS)
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
        said = _said(document, sys.argv[1:])
    except (pypdfium2.PdfiumError, MemoryError, ValueError):
        return 1
    sys.stdout.buffer.write(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
