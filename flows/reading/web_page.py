"""A saved web page (.html, .mht): its paragraphs, tables and pictures, whatever its markup.

Pages of agencies are pasted out of Word into tables within tables: a table that holds others is
layout, and what stands in it stands in the page; one of a single cell is what it holds. End tags
are missing, spans are too large: what a browser draws is what is read.
"""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote

from flows.arguments import UnreadableFile
from models.units.laid_out import Block, Grid, LaidOut, Paragraph, Picture, grid_of

MOST_BLOCKS = 200_000
DEEPEST = 60  # tables within tables

_VOID: Final = frozenset(
    [
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr"),
    ]
)
_SKIPPED: Final = frozenset(
    ("script", "style", "template", "noscript", "select", "textarea", "svg", "iframe")
)
_LINES: Final = frozenset(
    [
        *("p", "div", "li", "ul", "ol", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("br", "hr", "section", "article", "main", "header", "footer", "nav", "form", "center"),
        *("blockquote", "pre", "caption", "figure", "figcaption", "address", "body"),
    ]
)
_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_SECTION: Final = re.compile(r"<!\[(?!CDATA\[)[^>]*>")  # Word's <![if …]>, and what is like it
_ATTACHED: Final = re.compile(r"\.(?:pdf|docx?|wps|xlsx?|et|ofd|zip|rar)$", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def web_page(name: str, content: bytes) -> LaidOut:
    """The text of a page as a browser shows it."""
    reading = _Reading(name)
    reading.feed(_SECTION.sub("", decoded(content)))
    reading.close()
    return reading.laid_out()


def saved_archive(name: str, content: bytes) -> LaidOut:
    """A page saved as one file (.mht): its first part that is a page."""
    message = message_from_bytes(content, policy=policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            body = part.get_payload(decode=True)
            if isinstance(body, bytes):
                return web_page(name, body)
    raise UnreadableFile(name, "网页存档中没有网页")


def decoded(content: bytes) -> str:
    """The text of a page in its own encoding: as it says, else UTF-8, else GB18030."""
    stated = _CHARSET.search(content[:4096])
    names = [stated[1].decode("ascii").lower()] if stated else []
    names = ["gb18030" if name.startswith("gb") else name for name in names]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        names = ["utf-16"]
    for encoding in (*names, "utf-8-sig", "gb18030"):
        try:
            return content.decode("utf-8-sig" if encoding in ("utf-8", "utf8") else encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("gb18030", errors="replace")


class _Table:
    """A table that is open: its rows of cells, each cell with the blocks that stand in it."""

    def __init__(self) -> None:
        self.rows: list[list[_OpenCell]] = []
        self.cell: _OpenCell | None = None


class _OpenCell:
    def __init__(self, down: int, across: int) -> None:
        self.down, self.across = down, across
        self.blocks: list[Block] = []

    def text(self) -> str:
        return "\n".join(one.text for one in self.blocks if isinstance(one, Paragraph))


class _Reading(HTMLParser):
    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.name, self.title = name, ""
        self.blocks: list[Block] = []
        self.tables: list[_Table] = []
        self.words: list[str] = []
        self.skipped: list[str] = []  # open elements that are not shown
        self.in_title = False
        self.attached: list[str] = []
        self.count = self.numbered = 0

    def laid_out(self) -> LaidOut:
        while self.tables:
            self._end_table()
        self._end_line()
        return LaidOut(tuple(self.blocks), self.title.strip(), attached=tuple(self.attached[:20]))

    # ── what the parser meets ──

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = dict(attrs)
        if self.skipped:
            if tag not in _VOID:
                self._one_more()
                self.skipped.append(tag)
            return
        self._note_file(tag, stated)
        unseen = "hidden" in stated or _UNSEEN.search(stated.get("style") or "")
        if tag in _SKIPPED or (unseen and tag not in _VOID | {"body", "html"}):
            self.skipped.append(tag)
            return
        match tag:
            case "title":
                self.in_title = True
            case "table":
                self._end_line()
                if len(self.tables) >= DEEPEST:
                    raise UnreadableFile(self.name, "网页中的表格嵌套过深")
                self.tables.append(_Table())
            case "tr" if self.tables:
                self._end_cell()
                self._one_more()
                self.tables[-1].rows.append([])
            case "td" | "th" if self.tables:
                self._start_cell(stated)
            case "img":
                self._end_line()
                self._put(Picture(_source(stated)))
            case _ if tag in _LINES:
                self._end_line()

    def handle_endtag(self, tag: str) -> None:
        if self.skipped:
            if tag in self.skipped:
                while self.skipped.pop() != tag:
                    pass
            return
        match tag:
            case "title":
                self.in_title = False
            case "table" if self.tables:
                self._end_table()
            case "td" | "th" | "tr" if self.tables:
                self._end_cell()
            case _ if tag in _LINES:
                self._end_line()

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.title += data[:200]
        elif not self.skipped:
            self.words.append(data)

    # ── what becomes of it ──

    def _one_more(self) -> None:
        """Of blocks, rows, cells, and what is open that is not shown."""
        self.count += 1
        if self.count > MOST_BLOCKS:
            raise UnreadableFile(self.name, f"网页过大（超过{MOST_BLOCKS}段、格）")

    def _note_file(self, tag: str, stated: dict[str, str | None]) -> None:
        """A file that a page leads to, or shows in a frame: the report may be in it."""
        if tag in ("a", "iframe", "embed", "object"):
            where = stated.get("href") or stated.get("src") or stated.get("data") or ""
            file = where.partition("?")[0].partition("#")[0].rpartition("/")[2]
            if _ATTACHED.search(file):
                self.attached.append(unquote(file)[:60])

    def _put(self, block: Block) -> None:
        self._one_more()
        cell = self.tables[-1].cell if self.tables else None
        (cell.blocks if cell else self.blocks).append(block)

    def _end_line(self) -> None:
        words = " ".join("".join(self.words).split())
        self.words.clear()
        if words:
            self._put(Paragraph(words))

    def _start_cell(self, stated: dict[str, str | None]) -> None:
        self._end_cell()
        self._one_more()
        table = self.tables[-1]
        if not table.rows:
            table.rows.append([])
        table.cell = _OpenCell(_span(stated.get("rowspan")), _span(stated.get("colspan")))
        table.rows[-1].append(table.cell)

    def _end_cell(self) -> None:
        self._end_line()
        self.tables[-1].cell = None

    def _end_table(self) -> None:
        self._end_cell()
        table = self.tables.pop()
        cells = [cell for row in table.rows for cell in row]
        inner = [one for cell in cells for one in cell.blocks if not isinstance(one, Paragraph)]
        within = [one for one in inner if isinstance(one, Grid)]
        layout = len(cells) == 1 or sum(len(one.cells) for one in within) > len(cells)
        if layout:
            for cell in cells:
                for block in cell.blocks:
                    self._put(block)
            return
        self.numbered += 1
        rows = [[(cell.text(), cell.down, cell.across) for cell in row] for row in table.rows]
        self._put(grid_of(rows, f"第{self.numbered}个表格"))
        for one in inner:
            self._put(one)


def _span(stated: str | None) -> int:
    digits = (stated or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 5 else 1


def _source(stated: dict[str, str | None]) -> str:
    source = (stated.get("alt") or stated.get("src") or "").rpartition("/")[2][:60]
    return f"图片“{source}”处" if source and not source.startswith("data:") else "网页"
