"""Columns of which one is ticked (√): a head over several, each of them named in the line below.

“申请渠道” over 当面, 信函 and 网络 says by the tick which it was; read as one column, all but the first
would be empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from flows.commands.ledger_sheets import Number, RawRow, Sheet, Unreadable, Value
from flows.commands.ledger_sums import labelled

COLUMNS: Final = ("申请人类别", "提交方式", "办理结果")
TICKS: Final = frozenset("√✓✔☑■●vV1是")
_TICKED: Final = re.compile(
    rf"[{''.join(sorted(TICKS))}](?:\s*[(（](?P<ground>[^()（）]{{1,20}})[)）])?"
)
"""A tick, and the ground that may stand behind it: √（个人隐私）."""
LOOKED_AT: Final = 50
"""Rows below such a head: nothing but ticks stands there, and one at least."""


@dataclass(frozen=True)
class Ticked:
    """The columns of a sheet that are ticked; line = the one that names their parts.

    under = column → where each of its parts stands, and what it is called
    """

    line: int
    under: Mapping[str, tuple[tuple[int, str], ...]]

    def value(self, column: str, cells: Sequence[Value]) -> Value:
        """What is ticked in a row; "" where nothing is."""
        parts = self.under[column]
        said = [(words, cells[at]) for at, words in parts if at < len(cells) and cells[at] != ""]
        if any(not _is_tick(cell) for _, cell in said):
            return Unreadable("下面各列应只打勾，这一行写了别的，请核对")
        if len(said) > 1:
            return Unreadable(f"打了几个勾（{'、'.join(words for words, _ in said)}），请只留一个")
        if not said:
            return ""
        [(words, cell)] = said
        ground = _TICKED.fullmatch(_words(cell))
        return f"{words}（{ground['ground']}）" if ground and ground["ground"] else words

    def lines(self, heads: Sequence[Value]) -> Iterator[str]:
        """How they are read, for whoever imports."""
        for parts in self.under.values():
            named = "、".join(words for _, words in parts)
            yield f"“{heads[parts[0][0]]}”下面打勾的各列，按所勾的一列（{named}）"


def ticked(
    sheet: Sheet, head_line: int, heads: Sequence[Value], places: Mapping[str, int]
) -> Ticked | None:
    """The columns that are ticked, by the line below a sheet's head; None if none is."""
    below = (row for row in sheet.rows() if row.line > head_line and row.own)
    named = next(below, None)
    if named is None:
        return None
    rows = [row for row in islice(below, LOOKED_AT) if not labelled(row)]
    under = {
        column: parts
        for column in COLUMNS
        if column in places and (parts := _parts(places[column], heads, named, rows))
    }
    return Ticked(named.line, under) if under else None


def _parts(
    at: int, heads: Sequence[Value], named: RawRow, rows: Sequence[RawRow]
) -> tuple[tuple[int, str], ...]:
    """What a column is parted into; nothing if it is one column."""
    parts = list[tuple[int, str]]()
    for place, words in enumerate(named.cells[at:], start=at):
        headless = place == at or place >= len(heads) or heads[place] == ""
        if not headless or not isinstance(words, str) or words == "":
            break
        parts.append((place, words))
    said = [row.cells[n] for row in rows for n, _ in parts if n < len(row.cells)]
    said = [cell for cell in said if cell != ""]
    ticks = sum(map(_is_tick, said))
    plainly = len(parts) > 1 and ticks and not any(_is_tick(words) for _, words in parts)
    return tuple(parts) if plainly and ticks * 10 >= len(said) * 9 else ()


def _is_tick(cell: Value) -> bool:
    return bool(_TICKED.fullmatch(_words(cell)))


def _words(cell: Value) -> str:
    return cell.digits if isinstance(cell, Number) else cell if isinstance(cell, str) else ""
