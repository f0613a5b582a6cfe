"""What a ledger says it adds up to (合计12件, 小计, 本月共2件), held against the rows that it lists.

A difference is told, never refused: which of the two is wrong, the office sees in its file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from flows.commands.ledger_cells import NOTHING
from flows.commands.ledger_values import Number, RawRow, Value
from models.agency.ledger_words import plain
from models.words.written_numbers import plain as in_figures

if TYPE_CHECKING:
    from flows.commands.ledger_split_names import SplitNames
    from flows.commands.ledger_ticks import Ticked

DIFFERS: Final = "合计的件数与所列的行数不符，请核对"
_OF_ALL: Final = re.compile("合计|总计|共计|总数|总和|共有?\\d+件")
_OF_PART: Final = re.compile("小计|本[页月季]|[页月季]度?[合总共]计")
_SO_FAR: Final = re.compile("累计")
"""It may count from before this ledger begins."""
_LABELS: Final = (_OF_ALL, _OF_PART, _SO_FAR)
_COUNT: Final = re.compile(r"(\d+)件")
_ALONE: Final = re.compile(
    r"(?:以上|全部?|[本全]?[页月季年]度?)?(?:合计|总计|小计|共计|累计|总数|总和|[总合]?共有?)?:?\d+件[.。]?"
)
_WHOLE: Final = re.compile(r"\d{1,6}")
_UNCOUNTED: Final = frozenset({"联系方式", "备注", "登记号"})
"""Columns under which a number is no count."""
_EMPTY: Final = NOTHING | {""}


class Sums:
    """The rows of one sheet as they come, and how many there were since the last sum or heading."""

    def __init__(
        self, places: Mapping[str, int], ticked: Ticked | None, names: SplitNames | None = None
    ) -> None:
        self.ticks = {at: words for parts in _parts(ticked, names) for at, words in parts}
        columns = {at for name, at in places.items() if name not in _UNCOUNTED}
        self.columns = columns - self.ticks.keys()
        self.so_far = _Rows()
        self.at_sum = self.at_heading = _Rows()
        self.hidden = 0

    def listed(self, cells: Sequence[Value]) -> None:
        """One more application."""
        self.so_far.count += 1
        if self.ticks:
            self.so_far.ticked.update(
                at for at in self.ticks if at < len(cells) and cells[at] not in _EMPTY
            )

    def heading(self) -> None:
        """A part begins."""
        self.at_heading = self.so_far.copy()

    def stated(self, row: RawRow) -> Iterator[str]:
        """What a row that adds up says otherwise than the rows listed above it."""
        if not (label := labelled(row)):
            return
        of_part = bool(_OF_PART.search(label))
        for words, there, at in self._counts(row.cells):
            whole = self.so_far.of(at)
            parts = [whole - before.of(at) for before in (self.at_sum, self.at_heading)]
            found = parts if of_part else [whole, *parts]
            if there not in found and not _SO_FAR.search(label):
                more = f"，另有未导入的隐藏行{self.hidden}行" if self.hidden else ""
                yield f"{words}写有{there}件，以上所列{found[0]}件{more}"
        self.at_sum = self.so_far.copy()

    def _counts(self, cells: Sequence[Value]) -> Iterator[tuple[str, int, int | None]]:
        """The counts that a row states: of what, how many, and of which ticked column."""
        for at, cell in enumerate(cells):
            if at in self.ticks and (count := _whole(cell)) is not None:
                yield f"“{self.ticks[at]}”", count, at
                continue
            count = _in_words(cell)
            if count is None and at in self.columns:
                count = _whole(cell)
            if count is not None:
                yield "", count, None


class _Rows:
    """Some rows: how many, and how many of them are ticked in which column."""

    def __init__(self) -> None:
        self.count = 0
        self.ticked: Counter[int] = Counter()

    def copy(self) -> _Rows:
        """The same, as it stands now."""
        now = _Rows()
        now.count, now.ticked = self.count, self.ticked.copy()
        return now

    def of(self, column: int | None) -> int:
        return self.count if column is None else self.ticked[column]


def _parts(
    ticked: Ticked | None, names: SplitNames | None
) -> Iterator[tuple[tuple[int, str], ...]]:
    """The columns of which each row fills in one: their filled cells are what a sum below them counts."""
    yield from ticked.under.values() if ticked else ()
    if names:
        yield names.parts


def labelled(row: RawRow) -> str:
    """The words by which a row says that it adds up others; "" if it does not."""
    texts = (in_figures(plain(one)).text for one in row.cells if isinstance(one, str) and one)
    return next((one for one in texts if any(each.search(one) for each in _LABELS)), "")


def _whole(cell: Value) -> int | None:
    """A cell that holds a whole number and nothing else."""
    words = cell.digits if isinstance(cell, Number) else cell
    return int(words) if isinstance(words, str) and _WHOLE.fullmatch(words) else None


def _in_words(cell: Value) -> int | None:
    """How many pieces (件) a text says, all together; of “共5件，其中公开3件” the whole."""
    if not isinstance(cell, str):
        return None
    words = in_figures(plain(cell)).text.partition("其中")[0].rstrip(",，;；")
    counts = _COUNT.findall(words)
    return sum(map(int, counts)) if len(counts) > 1 or _ALONE.fullmatch(words) else None
