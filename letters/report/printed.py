"""What does an annual report print besides its tables? What its signature seals (条例第四十九条).

Of the day it was printed nothing is in it: the same report printed on another day is the same.
"""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Final

from letters.picture.picture import picture
from letters.report.report import Report
from models.agency.agency import Agency
from models.year.wording import KEY
from models.year.year_figures import Tables, YearFigures

MISSING: Final = "【待补充】"
_TEXT: Final = re.compile(r"<text\b[^>]*>(.*?)</text>", re.DOTALL)
_MARKUP: Final = re.compile(r"<[^>]+>")


def printed(
    agency: Agency,
    figures: YearFigures,
    report: Report,
    before: Tables | None,
    uncompared: str = "",
) -> dict[str, object]:
    """Title, preamble, words by section (1 to 6), 咨询 by channel, and what the picture says.

    As `tables.json` has it; a paragraph a line, what is missing marked as it is in print.
    """
    said = {str(n): section.words for n, section in enumerate(report.sections, 1)}
    sections = {
        number: "\n".join(f"{MISSING if w.missing else w.heading}{w.text}" for w in words)
        for number, words in said.items()
    }
    first_of_next = date(report.year + 1, 1, 1)
    drawn = picture(agency, figures, before, first_of_next, uncompared, report.wording)
    return {
        **({KEY: report.wording} if report.wording > 1 else {}),
        "title": report.title,
        "preamble": "\n".join(f"{MISSING if w.missing else ''}{w.text}" for w in report.preamble),
        "words": sections,
        "enquiries": dict(sorted(figures.advised.items())),
        "picture": [html.unescape(_MARKUP.sub("", text)) for text in _TEXT.findall(drawn)],
    }
