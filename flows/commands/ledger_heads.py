"""Where is the head of a sheet, and which columns does it name?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Final

from flows.commands.ledger_beside import ENOUGH
from flows.commands.ledger_split_days import PARTS
from flows.commands.ledger_values import BadLedger, RawRow, Sheet, Value
from models.agency.ledger_words import LedgerWords, head

HEAD_WITHIN: Final = 40
"""Filled rows among which the head is the one that knows the most columns."""
HEAD_SOUGHT: Final = 1000
"""Filled rows within which a head is looked for, where none was found before."""
FEWEST_NAMED: Final = 2  # of them are named as they are: then others may be told by their parts
LONGEST_GROUP: Final = 8
_OF_GROUP: Final = re.compile("(?:基本)?(?:情况|信息|环节)$")


def find_head(
    path: Path, sheet: Sheet, words: LedgerWords
) -> tuple[int, dict[str, int], list[Value]]:
    """The line of a sheet's head, where its columns stand, and what it says: the row among the
    first that knows the most columns, by itself or with the one above it.
    """
    above: list[Value] = []
    best: tuple[int, dict[str, int], list[Value]] = (1, {}, [])
    first = True
    for n, row in enumerate(islice(filled(sheet), HEAD_SOUGHT)):
        if n >= HEAD_WITHIN and len(best[1]) >= ENOUGH:
            break
        if first:
            best, first = (row.line, best[1], row.cells), False
        ways = row.cells, _two_lines(above, row.cells), _grouped(above, row.cells, words)
        faults = list[BadLedger]()
        for names in ways:
            try:
                places = _places(path, row.line, names, words, sheet.name)
            except BadLedger as twice:  # another way may tell the two apart
                faults.append(twice)
                continue
            if len(places) > len(best[1]):
                best = row.line, places, names
        if len(faults) == len(ways):
            raise faults[0]
        above = row.cells
    return best


def filled(sheet: Sheet) -> Iterator[RawRow]:
    """The rows of a sheet that say something."""
    return (row for row in sheet.rows() if row.own)


def folded_head(value: Value) -> str:
    """A cell of a head as heads are compared; "" of what is no text."""
    return head(value) if isinstance(value, str) else ""


def _two_lines(above: list[Value], below: list[Value]) -> list[Value]:
    """A head in two lines: what stands below, and above it where that is empty."""
    longer = chain(below, [""] * (len(above) - len(below)))
    return [
        one if one not in ("", *PARTS) else above[n] if n < len(above) else ""
        for n, one in enumerate(longer)
    ]


def _grouped(above: list[Value], below: list[Value], words: LedgerWords) -> list[Value]:
    """A head in two lines, of which the lower says but a part: 收到申请 over 日期 and 方式, 申请人信息
    over 姓名 and 电话. Where the two together are known, that is what the column is.
    """
    names, group = _two_lines(above, below), ""
    if sum(one != "" for one in above) < ENOUGH:  # a title, or nothing
        return names
    for at, part in enumerate(below):
        over = above[at] if at < len(above) else ""
        group = folded_head(over) if over != "" else group
        if not isinstance(part, str) or part == "" or not 0 < len(group) <= LONGEST_GROUP:
            continue
        both = [f"{one}{head(part)}" for one in (group, _OF_GROUP.sub("", group))]
        if words.of_another_step(group):
            names[at] = both[0]
            continue
        exact = [one for one in both if one in words.column_of]
        like = [one for one in both if words.column_like(one)]
        own = folded_head(part) in words.column_of
        names[at] = next(iter(exact if exact or own else like), part)
    return names


def _places(
    path: Path, line: int, names: list[Value], words: LedgerWords, sheet: str
) -> dict[str, int]:
    """Where each known column stands; of several names for one, the register's own goes first, then
    as ledger.toml has them.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for at, name in enumerate(names):
        folded = folded_head(name)
        column = words.column_of.get(folded)
        if column:
            found.setdefault(column, []).append((words.rank(column, folded), at))
    for column, there in found.items():
        there.sort()
        if len(found) >= ENOUGH and len(there) > 1 and there[0][0] == there[1][0]:
            raise BadLedger(path.name, line, _twice(column, names, there), sheet)
    named_so = {column: there[0][1] for column, there in found.items()}
    return _alike(names, words, named_so) if len(named_so) >= FEWEST_NAMED else named_so


def _twice(column: str, names: list[Value], there: Sequence[tuple[int, int]]) -> str:
    """What is wrong with a head that names a column twice; two ledgers may stand side by side."""
    (_, first), (_, second), *_ = there
    if folded_head(names[first]) != head(column):
        return f"表头重复：{column}（有几列叫“{names[first]}”）；请在表头写明各是什么，不是的改成别的名称"
    if [folded_head(one) for one in names].count(head("申请人")) > 1:
        return f"表头重复：{column}；左右并排两段的，请把右边一段移到左边一段的下面"
    return (
        f"表头重复：{column}（第{first + 1}列、第{second + 1}列）；请只留一列，或者改另一列的名称"
    )


def _alike(names: list[Value], words: LedgerWords, found: dict[str, int]) -> dict[str, int]:
    """Besides, the columns that a head means by its parts, if but one does."""
    meant: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        column = words.column_like(folded_head(name))
        if column and column not in found:
            meant.setdefault(column, []).append(at)
    return found | {column: there[0] for column, there in meant.items() if len(there) == 1}
