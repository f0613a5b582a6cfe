"""A day in three columns: a head (收到日期) over 年, 月 and 日, which the line below it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from flows.commands.ledger_cells import NOTHING
from flows.commands.ledger_values import ExcelDay, Number, Sheet, Unreadable, Value

PARTS: Final = ("年", "月", "日")
COLUMNS: Final = ("收到日期", "办结日期")


@dataclass(frozen=True)
class SplitDays:
    """The days of a sheet that stand in three columns; line = the one that names 年, 月, 日.

    under = column → where its year stands; month and day follow
    """

    line: int
    under: Mapping[str, int]

    def value(self, column: str, cells: Sequence[Value]) -> Value:
        """The day that a row says, as words; "" where it says none."""
        said = list[str]()
        for at, unit in enumerate(PARTS, self.under[column]):
            cell = cells[at] if at < len(cells) else ""
            if isinstance(cell, Unreadable):
                return cell
            if isinstance(cell, ExcelDay):
                return Unreadable("下面的年、月、日中有一格是日期，请核对")
            words = (cell.digits if isinstance(cell, Number) else cell).strip().rstrip(unit)
            said.append(f"{words}{unit}" if words and words not in NOTHING else "")
        return "".join(said)


def split_days(sheet: Sheet, head_line: int, places: Mapping[str, int]) -> SplitDays | None:
    """The days in three columns, by the last line of a sheet's head or the one below; None if none is."""
    for row in islice((one for one in sheet.rows() if one.line >= head_line and one.own), 2):
        under = {
            name: places[name]
            for name in COLUMNS
            if name in places and tuple(row.cells[places[name] : places[name] + 3]) == PARTS
        }
        if under:
            return SplitDays(row.line, under)
    return None
