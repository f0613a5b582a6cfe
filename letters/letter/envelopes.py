"""Envelopes for the letters of a day (GB/T 1416-2003, DL: 220 × 110 mm), one a page, as a .docx.

The addressee's postcode in six red boxes at the upper left, the address and the name in the middle, at
the foot the numbers of the letters within and, at the right, who sends it. The stamp's corner is left
free: the post franks letters of agencies in bulk.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from docx.oxml.ns import qn
from docx.shared import Mm

from letters.letter.stationery import Sheet
from letters.letter.word_xml import MADE, SUBJECT, TITLE, Blank, boxes, paragraph

DL_MM: Final = (220, 110)
BOXES: Final = 6
BOX_TWIPS: Final = 454  # 8 mm
_MARGIN_MM: Final = 12
_UNPARTED: Final = re.compile("[0-9]{6}")
_LEFT, _SENDER = 1701, 5953  # twips from the edge of the text: 30 and 105 mm


@dataclass(frozen=True)
class Sender:
    """Who sends it: what stands at the foot of the envelope."""

    name: str
    address: str
    postcode: str


@dataclass(frozen=True)
class Envelope:
    """One envelope: to whom, where, and the numbers of the letters within."""

    name: str
    address: str
    postcode: str
    numbers: tuple[str, ...]

    @property
    def lacking(self) -> str:
        """What is to be written by hand, "" if nothing is."""
        return "、".join(
            title for title, found in (("地址", self.address), ("邮编", self.postcode)) if not found
        )


def write(envelopes: Sequence[Envelope], sender: Sender, dated: date) -> bytes:
    """The envelopes as one .docx, a page each."""
    pages = (_one(one, sender, new_page=n > 0) for n, one in enumerate(envelopes))
    return _blank(sender.name).filled("".join(pages), "信封", "", dated)


@lru_cache(maxsize=4)
def _blank(agency: str) -> Blank:
    """An envelope with nothing on it."""
    sheet = Sheet(author=agency, title=TITLE, subject=SUBJECT, dated=MADE)
    section = sheet.document.sections[0]
    section.page_width, section.page_height = (Mm(side) for side in DL_MM)
    section.left_margin = section.right_margin = Mm(_MARGIN_MM)
    section.top_margin = section.bottom_margin = Mm(_MARGIN_MM)
    properties = section._sectPr
    for tag in ("w:footerReference", "w:docGrid"):
        for each in properties.findall(qn(tag)):
            properties.remove(each)
    return Blank(sheet.to_bytes())


def _one(one: Envelope, sender: Sender, *, new_page: bool) -> str:
    code = one.postcode if _UNPARTED.fullmatch(one.postcode) else " " * BOXES
    return "".join(
        (
            paragraph("", new_page=new_page, line=20),
            boxes(code, BOX_TWIPS),
            paragraph(one.address, before=500, left=_LEFT, line=480),
            paragraph(f"{one.name}　收", before=160, left=_LEFT, line=520, size=36),
            paragraph(f"内：{'、'.join(one.numbers)}", before=260, line=300, size=21),
            paragraph(sender.name, before=1000, left=_SENDER, line=320, size=24),
            paragraph(sender.address, left=_SENDER, line=300, size=21),
            paragraph(f"邮政编码　{sender.postcode}", left=_SENDER, line=300, size=21),
        )
    )
