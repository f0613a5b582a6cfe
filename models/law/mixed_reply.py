"""In which row of table 三 does a reply count that says several things? One case, one row (年报格式).

Something given and something refused, or not held, is 部分公开. Where nothing is given the form has
no order among the refusals: practice.toml (`mixed_negative_row`, `partly_corrected_row`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from models.law.statute import Statute

PARTLY, UNCLEAR = "partly_granted", "still_unclear"
GIVEN = ("3.1", "3.2")


def counted_outcome(
    outcomes: Sequence[str], chosen: int, corrected_in_part: bool, on: date, law: Statute
) -> str:
    """The outcome that counts of a reply in parts, first drafted first.

    chosen             = place of the part that the officer counts it by
    corrected_in_part  = one of the parts is what stayed unclear after a correction
    """
    ours = list(outcomes)
    if corrected_in_part and law.choice("partly_corrected_row", on) == "answered":
        ours = [one for one in ours if one != UNCLEAR] or ours
    if len(ours) == 1:
        return ours[0]
    rows = [law.row(one, on) for one in ours]
    given = [row in GIVEN for row in rows]
    if all(given) and PARTLY not in ours:
        return ours[0]
    if any(given):
        return PARTLY
    if law.choice("mixed_negative_row", on) == "precedence":
        return min(ours, key=lambda one: _group(law.row(one, on)))
    return ours[min(chosen, len(ours) - 1)]


def _group(row: str) -> str:
    """不予公开 3.3 before 无法提供 3.4 before 不予处理 3.5 before 其他处理 3.6."""
    return row.rpartition(".")[0]
