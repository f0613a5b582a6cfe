"""A file that is packed (.docx, .xlsx): no part of it is unpacked that would fill the memory."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Final
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from flows.arguments import MEGABYTE, UnreadableFile

UNPACKED = 120 * MEGABYTE
LARGEST_PART = 60 * MEGABYTE
MOST_PARTS = 5000
MOST_ELEMENTS: Final = 400_000
"""Of one part that is kept in the memory as a whole; an element takes a hundred times its four bytes."""
MOST_ROWS: Final = 1_100_000
"""Of a sheet, with all else that stands beside its cells: as many as Excel has, and more."""
MOST_IN_ROW: Final = 70_000
"""Elements of one row of a sheet: Excel has no more than 16,384 cells there."""
_SHEETS: Final = "xl/worksheets/"
_ROW: Final = b"<row "
_ROW_END: Final = b"</row>"
_SAYING: Final = (b"</v>", b"</is>")
_BEGIN: Final = 4096
_OF_EMPTY: Final = (b"<row r=", b"</row>", b"<c r=", b"</c>")
"""All marks that stand in rows of empty cells."""
_SMALLEST: Final = 4
_MARK: Final = b"<"
_END_ALONE: Final = b">"
_ENCODING: Final = re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([^\"']*)")
_ROW_MARK: Final = re.compile(rb"<(/?)(?:[^\s<>:/]+:)?row(?=[\s/>])")
_LONGEST_PIECE: Final = 1 << 21
_WINDOW: Final = 1 << 16

SPOILT = (
    *(BadZipFile, zlib.error, SyntaxError, EOFError, OSError, RuntimeError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError),
)
"""What is raised on a packed file that is damaged, or says of itself what is not so."""


def parts_of(name: str, content: bytes) -> ZipFile:
    """The packed file, no larger unpacked than is taken; UnreadableFile says what is wrong."""
    try:
        packed = ZipFile(BytesIO(content))
    except SPOILT:
        raise UnreadableFile(name, "文件已损坏，或者不是它的扩展名所说的格式") from None
    sizes = [part.file_size for part in packed.infolist() if not _picture(part.filename)]
    if len(sizes) > MOST_PARTS or max(sizes, default=0) > LARGEST_PART or sum(sizes) > UNPACKED:
        raise UnreadableFile(name, f"解压后过大（超过 {LARGEST_PART // MEGABYTE} MB）")
    return packed


def part_of(name: str, packed: ZipFile, part: str) -> bytes:
    """One part; no more is unpacked of it than the file says that it has."""
    try:
        with packed.open(part) as stream:
            return stream.read(LARGEST_PART)
    except SPOILT:
        raise UnreadableFile(name, f"文件已损坏（{part}）") from None


def few_elements(
    name: str, packed: ZipFile, most: int = MOST_ELEMENTS, rows: int = MOST_ROWS
) -> None:
    """UnreadableFile where a part of markup has more elements than are taken; they are counted as the
    part is unpacked, and none is kept.
    """
    for part in packed.infolist():
        sheet = is_sheet(part.filename)
        few = MOST_IN_ROW if sheet else most
        if part.file_size < _SMALLEST * few or _picture(part.filename):
            continue
        try:
            if not (sheet and _plainly_few(packed, part.filename, rows)):
                _Count(name, part.filename, rows if sheet else most, sheet=sheet).over(packed)
        except (expat.ExpatError, *SPOILT):
            raise UnreadableFile(name, f"文件已损坏（{part.filename}）") from None


def _plainly_few(packed: ZipFile, part: str, most: int) -> bool:
    """Whether a sheet has so few marks, in each of its rows and outside of them, that it cannot have
    more elements than are taken: each begins with one. False also where marks may be made of others
    (entities, another encoding): then they have to be counted as they are read.
    """
    marks, kept, begun = _Marks(), b"", False
    with packed.open(part) as stream:
        for some, empty in pieces_of_sheet(stream):
            if empty:
                marks.take(kept)
                kept = b""
                if marks.row:  # a row within a row: they are counted one by one
                    return False
                continue
            if not begun and not in_utf8(some):
                return False
            begun = True
            if not marks.row and kept in (b"", _END_ALONE) and (rows := plain_rows(some)):
                marks.outside, kept = marks.outside + 2 * rows, _END_ALONE
                if marks.outside > most:
                    return False
                continue
            if b"<!" in kept[-1:] + some or len(kept) > _LONGEST_PIECE:
                return False
            first, *more = _ROW_MARK.split(kept + some)
            kept = first
            for slash, piece in zip(more[::2], more[1::2], strict=True):
                if kept == _END_ALONE and not marks.row:  # between two rows, as nearly always
                    marks.in_row = 0
                else:
                    marks.take(kept)
                marks.outside += 1
                marks.row, kept = slash == b"", piece
            if marks.outside > most or marks.most_in_row > MOST_IN_ROW:
                return False
    marks.take(kept)
    return marks.outside <= most and marks.most_in_row <= MOST_IN_ROW


def plain_rows(piece: bytes) -> int:
    """How many rows a piece of a sheet has, where it is nothing but whole rows, each behind the other,
    and none can have more elements than are taken; 0 where that is not certain at a glance.
    """
    if not (piece.startswith(_ROW) and piece.endswith(_ROW_END)) or len(piece) > MOST_IN_ROW:
        return 0
    rows = piece.count(_ROW_END + _ROW) + 1
    alone = piece.count(b"row") == 2 * rows  # no other mark is one of a row
    return 0 if not alone or b"<!" in piece or b"<?" in piece else rows


def pieces_of_sheet(stream: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """A sheet piece by piece, and whether a piece holds nothing but rows of empty cells: a sheet that was
    formatted down to its last row has a million of them. Such a piece begins and ends with a row.
    """
    kept = b""
    while some := stream.read(_WINDOW):
        text = kept + some
        last = text.rfind(_ROW)
        if last <= 0:
            yield text, False
            kept = b""
            continue
        whole, kept = text[:last], text[last:]
        yield whole, whole.startswith(_ROW) and only_empty_rows(whole)
    if kept:
        yield kept, False


def only_empty_rows(piece: bytes) -> bool:
    """Whether a piece of a sheet has no other marks than those of rows that say their number, and of
    empty cells.
    """
    begin = piece[:_BEGIN]
    if any(one in begin for one in _SAYING):  # as nearly every piece has
        return False
    return piece.count(_MARK) == sum(map(piece.count, _OF_EMPTY))


def filled_size(packed: ZipFile, part: str) -> int:
    """How much of a sheet stands in pieces that hold more than rows of empty cells (bytes)."""
    with packed.open(part) as stream:
        return sum(len(piece) for piece, empty in pieces_of_sheet(stream) if not empty)


def is_sheet(part: str) -> bool:
    """Whether a part of a workbook is one of its sheets."""
    return part.startswith(_SHEETS)


class _Marks:
    """How many marks a sheet has outside of its rows, and at most in one; row = within one now."""

    def __init__(self) -> None:
        self.outside = self.most_in_row = self.in_row = 0
        self.row = False

    def take(self, piece: bytes) -> None:
        """What stands before the next beginning or end of a row."""
        count = piece.count(_MARK)
        self.in_row = self.in_row + count if self.row else count
        self.most_in_row = max(self.most_in_row, self.in_row)
        end = piece.find(b">")
        if not self.row or piece[end - 1 : end] == b"/":
            self.outside += count
            self.in_row, self.row = 0, False


def in_utf8(begin: bytes) -> bool:
    """Whether a part of markup that begins so is in UTF-8, in which a mark is a mark."""
    bare = begin.removeprefix(b"\xef\xbb\xbf").lstrip()
    declared = _ENCODING.match(bare)
    utf8 = declared is None or declared[1].lower() == b"utf-8"
    return bare[:1] == _MARK and bare[1:2] != b"\x00" and utf8


class _Count:
    """Counts the elements of a part; of the rows of a sheet, those of one at a time."""

    def __init__(self, name: str, part: str, most: int, *, sheet: bool) -> None:
        self.name, self.part, self.most, self.sheet = name, part, most, sheet
        self.outside = self.within = 0
        self.in_row = False

    def over(self, packed: ZipFile) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        if self.sheet:
            parser.EndElementHandler = self._end
        with packed.open(self.part) as stream:
            some = stream.read(_WINDOW)
            if not some.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \r\n\t").startswith(b"<"):
                return  # no markup: what a printer, or a program within the file, left
            while some:
                parser.Parse(some)
                some = stream.read(_WINDOW)

    def _start(self, tag: str, _: object) -> None:
        if self.in_row:
            self.within += 1
            if self.within > MOST_IN_ROW:
                raise UnreadableFile(self.name, f"一行中的格过多（{self.part}）")
            return
        self.outside += 1
        if self.outside > self.most:
            raise UnreadableFile(self.name, f"内容过多（{self.part} 超过{self.most}项）")
        self.in_row = self.sheet and _is_row(tag)

    def _end(self, tag: str) -> None:
        if self.in_row and _is_row(tag):
            self.in_row, self.within = False, 0


def _is_row(tag: str) -> bool:
    return tag == "row" or tag.endswith(":row")


def _picture(part: str) -> bool:
    """What is never unpacked here."""
    return "/media/" in part
