"""What a PDF shows, page by page: run as a process of its own, with bounded memory and time.

A PDF on stdin, its blocks as JSON on stdout (flows/reading/pdf_file.py reads them): a file that
would fill the memory, or take for ever, ends this process and nothing else.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException
from pdfplumber.utils.text import extract_text

from flows.reading.apart import bounded

MOST_PAGES: Final = 150
MEMORY: Final = 2_000_000_000
SECONDS: Final = 60
_SAME: Final = 2.5  # points: edges nearer than that are one
_PAGE_NUMBER: Final = re.compile(r"[\s\-–—―·.第页/共]*\d{1,3}[\s\-–—―·.第页/共\d]*")
_INDENT: Final = 14  # points: a line that far in begins a paragraph
_BETWEEN: Final = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")  # set, not written
_HEADING: Final = re.compile(r"\s*(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）])")


def pages(content: bytes) -> dict[str, Any]:
    """The blocks of a PDF: ["text", words, place], ["grid", cells, place], ["picture", place]."""
    blocks: list[list[Any]] = []
    scanned = []
    with pdfplumber.open(BytesIO(content)) as document:
        total = len(document.pages)
        for n, page in enumerate(document.pages[:MOST_PAGES], 1):
            if not page.chars and page.images:
                scanned.append(n)
                blocks.append(["picture", f"第{n}页"])
            else:
                blocks += _page(page, f"第{n}页")
            page.close()
    return {"blocks": blocks, "scanned": scanned, "pages": total}


def _page(page: Any, place: str) -> Iterator[list[Any]]:
    tables = [table for table in page.find_tables() if len(table.cells) > 1]
    found = [(table.bbox[1], ["grid", _cells(table, page.chars), place]) for table in tables]
    boxes = [table.bbox for table in tables]
    outside = [char for char in page.chars if not any(_within(char, box) for box in boxes)]
    for top, words in _paragraphs(outside, [box[1] for box in boxes]):
        found.append((top, ["text", words, place]))
    large = [i for i in page.images if i["width"] > page.width / 3 and i["height"] > 60]
    found += [(image["top"], ["picture", place]) for image in large]
    yield from (block for _, block in sorted(found, key=lambda pair: pair[0]))


def _within(char: Any, box: tuple[float, float, float, float]) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _cells(table: Any, chars: list[Any]) -> list[list[Any]]:
    """The cells of a ruled table: row, column, rows, columns, text."""
    lefts = _edges([x for cell in table.cells for x in (cell[0], cell[2])])
    tops = _edges([y for cell in table.cells for y in (cell[1], cell[3])])
    own = [char for char in chars if _within(char, table.bbox)]
    found = []
    for cell in table.cells:
        x, right = _index(lefts, cell[0]), _index(lefts, cell[2])
        y, bottom = _index(tops, cell[1]), _index(tops, cell[3])
        text = extract_text([char for char in own if _within(char, cell)])
        found.append([y, x, max(1, bottom - y), max(1, right - x), text])
    return found


def _edges(places: list[float]) -> list[float]:
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > _SAME:
            found.append(place)
    return found


def _index(edges: list[float], place: float) -> int:
    return min(range(len(edges)), key=lambda n: abs(edges[n] - place))


def _paragraphs(chars: list[Any], breaks: list[float]) -> Iterator[tuple[float, str]]:
    """The lines of a page put together: a line that is set in, or a heading, begins anew."""
    lines = _lines(chars)
    if not lines:
        return
    margin = min(line[1] for line in lines)
    right = max(line[2] for line in lines)
    top, words, full = 0.0, "", False
    last = 0.0
    for at, left, end, text in lines:
        crossed = any(last < each < at for each in breaks)
        if words and full and not crossed and left - margin < _INDENT and not _HEADING.match(text):
            words += text
        else:
            if words:
                yield top, words
            top, words = at, text
        full, last = right - end < 2 * _INDENT, at
    if words:
        yield top, words


def _lines(chars: list[Any]) -> list[tuple[float, float, float, str]]:
    """The lines of text: top, left, right, words; the number of the page is none."""
    rows: list[list[Any]] = []
    for char in sorted(chars, key=lambda c: (c["bottom"], c["x0"])):
        if rows and abs(rows[-1][-1]["bottom"] - char["bottom"]) < _SAME:
            rows[-1].append(char)
        else:
            rows.append([char])
    found = []
    for row in rows:
        text = _BETWEEN.sub("", extract_text(row).replace("\n", ""))
        if text.strip() and not _PAGE_NUMBER.fullmatch(text):
            found.append(
                (row[0]["top"], min(c["x0"] for c in row), max(c["x1"] for c in row), text)
            )
    return found


def main() -> int:
    bounded(MEMORY, SECONDS)
    try:
        told = pages(sys.stdin.buffer.read())
    except (PDFException, PSException, PdfminerException, MalformedPDFException) as fault:
        locked = "assword" in repr(fault) or "ncrypt" in repr(fault)
        told = {"fault": "有密码，无法打开" if locked else "已损坏，或者不是有效的 PDF"}
    except (MemoryError, RecursionError):
        told = {"fault": "展开后过大，未读取"}
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        AssertionError,
        OverflowError,
    ):
        told = {"fault": "已损坏，或者不是有效的 PDF"}  # as pdfminer meets what it does not expect
    json.dump(told, sys.stdout, ensure_ascii=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
