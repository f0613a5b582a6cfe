"""A part of the year's words as it would be printed, with its figures, before it is recorded (年报)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flows import office
from flows.year.annual_report import drafted
from models.errors import DisclosureError
from models.year.year_text import PARTS

NO_YEAR: Final = "请先填写报告年度，选择哪一部分，再预览"


@dataclass(frozen=True)
class Preview:
    """The paragraphs of the section that the part stands in, or why they cannot be shown."""

    paragraphs: tuple[str, ...] = ()
    said: str = ""


def previewed(said: Mapping[str, str]) -> Preview:
    """The words as they are typed, in their section; a figure's name that stands for none is said."""
    year, label = said.get("year", "").strip(), said.get("part", "")
    part = next((key for key, words in PARTS.items() if words == label), "")
    if not (year.isascii() and year.isdecimal() and len(year) == len("2025") and part):
        return Preview(said=NO_YEAR)
    text = said.get("text", "").replace("\r\n", "\n").strip()
    try:
        with office.reading() as session:
            _, report = drafted(session, int(year), office.today(), {part: text})
    except DisclosureError as fault:  # a wrong name, a year that no form covers
        return Preview(said=str(fault))
    return Preview(tuple(report.around(part)))
