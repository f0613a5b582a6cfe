"""The rows of a workbook's sheet that is written plainly, as Excel, WPS and openpyxl write it.

Then each cell is one piece of a known shape, and a row of them is taken apart at once, in a third of
the time that its elements need one by one. Whatever is written otherwise (runs of letters, readings,
comments, prefixes, other quotation marks) is left to who reads every sheet (ledger_markup.py). That
it is markup at all, the parser says, to which all of it is given.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import IO, Any, Final, NamedTuple
from xml.parsers import expat

from flows.reading.packed import in_utf8, pieces_of_sheet

Attributes = Mapping[str, str]
MarkedCell = tuple[str | None, str | None, str | None, str | None, str | None]
"""A cell of a row: the letters of its column, its style, its type; its formula, if it is computed; its
value, or the text that it keeps itself. None where it has none.
"""
WINDOW: Final = 1 << 16
_LONGEST: Final = 1 << 20
_BEGIN: Final = re.compile(r"<row(?=[\s/>])([^<>]*)>")
_ANY_ROW: Final = re.compile(r"<(?:[^\s<>:/]+:)?row[\s/>]")
_END: Final = "</row>"
_ATTRIBUTE: Final = re.compile(r'([\w:]+)="([^"]*)"')
_CELL: Final = re.compile(
    r'<c r="([A-Z]++)[0-9]++"(?: s="([0-9]++)")?+(?: t="([a-zA-Z]++)")?+(?:/>|>'
    r"(<f(?: [^<>]*)?(?:/>|>[^<]*+</f>))?+"
    r"(?:(?:<v>|<is><t(?: [^<>/]*+)?>)([^<]*+)(?:</v>|</t></is>))?+</c>)"
)
_PARTS: Final = _CELL.groups + 1
_NUMBER: Final = re.compile(r"&#(\d+);")
_WIDE: Final = re.compile(r"&#([1-9]\d{3,5});")
"""A character that is no mark, by its number: as some libraries write all but ASCII."""
_CHARACTER: Final = re.compile(r"&#?\w+;")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


class MarkedRow(NamedTuple):
    """A row: its attributes, and its cells."""

    told: Attributes
    cells: Sequence[MarkedCell]


class PlainSheet:
    """Takes rows for as long as they are written plainly; plain = all were, so far; passed = how many
    were passed over, that are nothing but empty cells.
    """

    def __init__(self, column: Callable[[Attributes], None]) -> None:
        self.column = column
        self.plain = True
        self.passed = 0

    def rows(self, source: IO[bytes]) -> Iterator[MarkedRow]:
        """The rows, up to the first that is not plain; ExpatError where it is no markup."""
        parser: Any = expat.ParserCreate()
        parser.StartElementHandler = self._begin
        decoder, kept, declared = getincrementaldecoder("utf-8")(), "", 2
        for some, empty in pieces_of_sheet(source):
            self.plain = declared == 0 or in_utf8(some)
            if empty and self.plain:  # nothing is in it for the parser either
                yield from self._empty(kept)
                if not self.plain:
                    return
                self.passed += some.count(b"<row ")
                kept = ""
                continue
            parser.Parse(some)
            text = _unnumbered(kept + decoder.decode(some)) if self.plain else ""
            if not self.plain or "<!" in text or text.find("<?", declared) >= 0 or "\r" in text:
                self.plain = False
                return
            declared = 0
            *pieces, kept = text.split(_END)
            if pieces:
                parser.StartElementHandler = None  # columns are described before all rows
            for piece in pieces:
                yield from self._of(piece)
                if not self.plain:
                    return
            if len(kept) > _LONGEST:
                if _ANY_ROW.search(kept):
                    self.plain = False
                    return
                kept = kept[-WINDOW:]
        parser.Parse(b"", True)
        yield from self._empty(kept)

    def _begin(self, tag: str, told: Attributes) -> None:
        if tag.rpartition(":")[2] == "col":
            self.column(told)

    def _of(self, piece: str) -> Iterator[MarkedRow]:
        """The row that ends with this piece, and those without cells before it."""
        at = 0
        while found := _BEGIN.search(piece, at):
            told, before = _attributes(found[1]), piece[at : found.start()]
            at = found.end()
            empty = found[1].endswith("/")
            cells = () if empty else _cells(piece[at:])
            if told is None or cells is None or (before and _ANY_ROW.search(before)):
                break
            yield MarkedRow(told, cells)
            if not empty:
                return
        self.plain = False

    def _empty(self, piece: str) -> Iterator[MarkedRow]:
        """The rows without cells that stand behind the last that has some."""
        at = 0
        while found := _BEGIN.search(piece, at):
            told, before = _attributes(found[1]), piece[at : found.start()]
            if told is None or not found[1].endswith("/") or _ANY_ROW.search(before):
                break
            at = found.end()
            yield MarkedRow(told, ())
        self.plain = _ANY_ROW.search(piece, at) is None


def _attributes(written: str) -> dict[str, str] | None:
    """What stands in the mark of a row; None if it is not written plainly."""
    if "'" in written or "&" in written:
        return None
    return dict(_ATTRIBUTE.findall(written))


def _cells(written: str) -> Sequence[MarkedCell] | None:
    """The cells of a row; None if there is more than these in it, or anything not written plainly."""
    pieces: list[Any] = _CELL.split(written)
    if "".join(pieces[::_PARTS]).strip():
        return None
    texts = pieces[5::_PARTS]
    if "&" in written:
        texts = [_spelt(text) if text and "&" in text else text for text in texts]
    return [
        *zip(
            *(pieces[1::_PARTS], pieces[2::_PARTS], pieces[3::_PARTS], pieces[4::_PARTS], texts),
            strict=True,
        )
    ]


class _Characters(dict[str, str]):
    """Characters by their number; each is made once."""

    def __missing__(self, number: str) -> str:
        made = self[number] = chr(int(number))
        return made


_CHARACTERS: Final = _Characters()


def _unnumbered(text: str) -> str:
    """Markup with its letters for the numbers by which they are written; none of them is a mark."""
    if "&#" not in text:
        return text
    pieces = _WIDE.split(text)
    pieces[1::2] = map(_CHARACTERS.__getitem__, pieces[1::2])
    return "".join(pieces)


@lru_cache(maxsize=4096)
def _spelt(text: str) -> str:
    """A text of which some characters are written by their number or name: &#30331; &amp;."""
    pieces = _NUMBER.split(text)
    if "&" not in "".join(pieces[::2]):
        pieces[1::2] = map(chr, map(int, pieces[1::2]))
        return "".join(pieces)
    return _CHARACTER.sub(lambda found: _character(found[0]), text)


@lru_cache(maxsize=4096)
def _character(written: str) -> str:
    name = written[1:-1]
    if not name.startswith("#"):
        return _NAMED[name]
    return chr(int(name[2:], 16) if name[1] == "x" else int(name[1:]))
