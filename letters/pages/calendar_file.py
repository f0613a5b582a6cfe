"""A calendar as other programs subscribe to it: iCalendar (RFC 5545), all-day entries and nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

TYPE: Final = "text/calendar; charset=utf-8"
_LONGEST: Final = 75  # octets of a line
_ZONE: Final = (
    *("BEGIN:VTIMEZONE", "TZID:Asia/Shanghai", "BEGIN:STANDARD", "DTSTART:19910915T000000"),
    *("TZOFFSETFROM:+0800", "TZOFFSETTO:+0800", "END:STANDARD", "END:VTIMEZONE"),
)
"""A calendar has one part at least (RFC 5545, 3.6): whose officer has no case has this."""


@dataclass(frozen=True)
class Entry:
    """A day of the calendar: uid = stays the same when the day moves; sure = it is not provisional.

    revision = never goes back while the day moves: a program takes the later of two (RFC 5545, 3.8.7.4)
    """

    uid: str
    on: date
    title: str
    words: str
    sure: bool = True
    revision: int = 0


def calendar_file(name: str, entries: Iterable[Entry], at: datetime) -> bytes:
    """The calendar of these entries, made at a moment.

    What is done is no entry any more, and so goes from the programs that subscribe: one with
    STATUS:CANCELLED would stay there, struck through (RFC 5546, 3.2.5, is for what is sent by mail).
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//disclosure//limits//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        *_ZONE,
    ]
    for one in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(one.uid)}",
            f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
            f"SEQUENCE:{one.revision}",
            f"DTSTART;VALUE=DATE:{one.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{one.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(one.title)}",
            f"DESCRIPTION:{_text(one.words)}",
            f"STATUS:{'CONFIRMED' if one.sure else 'TENTATIVE'}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _text(words: str) -> str:
    for character in ("\\", ";", ","):
        words = words.replace(character, f"\\{character}")
    return words.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of so many octets at most, each further one after a blank; no character is cut."""
    piece, size = "", 0
    for character in line:
        wide = len(character.encode())
        if size + wide > _LONGEST:
            yield piece
            piece, size = " ", 1
        piece, size = piece + character, size + wide
    yield piece
