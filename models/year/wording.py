"""In which wording is the report of a year written? In that of its first signature, else the present.

What was signed reads as it was signed, whatever a later release says better (条例第四十九条).

1 section 一 in the order of the office's file, no contact line, amounts in the picture rounded
2 section 一 in the order of the five matters, the contact line, amounts as the tables have them
"""

from __future__ import annotations

import json
from typing import Final

from sqlmodel import Session, col, select

from models.register import closed_years
from models.store.tables import SignedReport

PRESENT: Final = 2
KEY: Final = "wording"
"""Under which a signed `tables.json` states it; the first stated none."""


def wording_of(session: Session, year: int) -> int:
    """The wording of a year's report."""
    first = session.exec(
        select(SignedReport).where(SignedReport.year == year).order_by(col(SignedReport.edition))
    ).first()
    if first is None:
        return PRESENT
    return int(json.loads(closed_years.tables_text(first)).get(KEY, 1))
