"""A PDF of LibreOffice's without the moment at which it was made: made again it is the same bytes."""

from __future__ import annotations

import re
import zlib
from datetime import date
from typing import Final

_PROFILE: Final = re.compile(rb"<</N 3/Length (\d+) 0 R/Filter/FlateDecode>>\nstream\n")
_MADE_AT: Final = slice(24, 36)  # of a colour profile (ICC.1, 7.2.8)
_SIGNATURE: Final = slice(36, 40)


def dated(pdf: bytes, known_by: str, day: date) -> bytes:
    """The PDF as made at the beginning of a day (UTC).

    known_by = 32 hexadecimal digits, the same for the same document
    """
    words, name = day.isoformat().encode("ascii"), known_by.upper().encode("ascii")
    for pattern, instead in (
        (
            rb"/CreationDate\(D:\d{14}Z'\)",
            b"/CreationDate(D:%s000000Z')" % words.replace(b"-", b""),
        ),
        (rb"<xmp:CreateDate>[-0-9T:]{19}Z<", b"<xmp:CreateDate>%sT00:00:00Z<" % words),
        (rb"/ID \[ <[0-9A-F]{32}>\n<[0-9A-F]{32}> \]", b"/ID [ <%s>\n<%s> ]" % (name, name)),
        (rb"/DocChecksum /[0-9A-F]{32}", b"/DocChecksum /%s" % name),
    ):
        pdf = re.sub(pattern, instead, pdf)  # each as long as what stood there
    return _colours_dated(pdf, day)


def _colours_dated(pdf: bytes, day: date) -> bytes:
    """The colour profile of a PDF/A bears its own date, within what is compressed."""
    for found in _PROFILE.finditer(pdf):
        packed = zlib.decompressobj()
        profile = bytearray(packed.decompress(pdf[found.end() :]))
        if profile[_SIGNATURE] != b"acsp":
            continue
        numbers = (day.year, day.month, day.day, 0, 0, 0)
        profile[_MADE_AT] = b"".join(n.to_bytes(2, "big") for n in numbers)
        ends = len(pdf) - len(packed.unused_data)
        repacked = zlib.compress(bytes(profile))
        length = re.compile(rb"\n%s 0 obj\n(\d+)\nendobj" % found[1]).search(pdf, ends)
        assert length is not None
        pdf = _with(pdf, *length.span(1), str(len(repacked)).encode("ascii"))
        return _with(pdf, found.end(), ends, repacked)
    return pdf


def _with(pdf: bytes, start: int, end: int, instead: bytes) -> bytes:
    """Other bytes in a place of the file, and every later place in its table moved by the difference."""
    further = len(instead) - (end - start)
    table = pdf.rindex(b"\nxref\n")

    def moved(found: re.Match[bytes]) -> bytes:
        place = int(found[1])
        return b"%010d 00000 n " % (place + further if place > start else place)

    places = re.sub(rb"(\d{10}) 00000 n ", moved, pdf[table:])
    places = re.sub(
        rb"startxref\n(\d+)", lambda found: b"startxref\n%d" % (int(found[1]) + further), places
    )
    return pdf[:start] + instead + pdf[end:table] + places
