"""A record for the file, on paper: a title and sections of lines (the dossier of a case)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Section:
    """A heading and its lines."""

    heading: str
    lines: tuple[str, ...]


NUMERALS = "一二三四五六七八九十"


def record(author: str, title: str, sections: Sequence[Section], dated: date) -> bytes:
    """The record as .docx: sections numbered 一、二、…; the same words give the same bytes."""
    from letters.letter.stationery import Sheet  # Word: who reads a dossier does not wait for it

    sheet = Sheet(author=author, title=title, subject="办理卷宗", dated=dated)
    sheet.title(title)
    for numeral, section in zip(NUMERALS, sections, strict=False):
        sheet.heading(f"{numeral}、{section.heading}")
        for line in section.lines:
            sheet.body(line)
    return sheet.to_bytes()
