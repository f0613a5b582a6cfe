"""A file that is packed (.docx, .xlsx): no part of it is unpacked that would fill the memory."""

from __future__ import annotations

import zlib
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from flows.arguments import MEGABYTE, UnreadableFile

UNPACKED = 120 * MEGABYTE
LARGEST_PART = 60 * MEGABYTE
MOST_PARTS = 5000

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


def _picture(part: str) -> bool:
    """What is never unpacked here."""
    return "/media/" in part
