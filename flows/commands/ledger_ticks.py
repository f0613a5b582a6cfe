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

from flows.commands.ledger_sums import labelled
from flows.commands.ledger_values import Number, RawRow, Sheet, Unreadable, Value
from models.agency.ledger_words import LedgerWords, head, plain
from models.case.stage import ApplicantKind

COLUMNS: Final = ("申请人类别", "提交方式", "办理结果")
_USUAL: Final[Mapping[str, str]] = {
    "申请人类别": " ".join(ApplicantKind),
    "提交方式": "当面 当面提交 信函 邮寄 网络 互联网 网站 网上 电子邮件 邮箱 传真 其他",
    "办理结果": "予以公开 部分公开 不予公开 无法提供 不予处理 其他处理 其他",
}
"""How such columns are headed, besides the words of ledger.toml."""
FEWEST: Final = 2  # of them are known: fewer may be about anything
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

    @property
    def taken(self) -> set[int]:
        """All columns of which something is taken."""
        return {at for parts in self.under.values() for at, _ in parts}

    def value(self, column: str, cells: Sequence[Value]) -> Value:
        """What is ticked in a row; "" where nothing is."""
        parts = self.under[column]
        said = [(words, cells[at]) for at, words in parts if at < len(cells) and cells[at] != ""]
        if any(not _is_tick(cell) for _, cell in said):
            return Unreadable("下面各列应只打勾，这一行写了别的，请核对")
        if len(said) > 1:
            part = "；有的公开、有的不公开的，是“部分公开”" if column == "办理结果" else ""
            ticks = "、".join(words for words, _ in said)
            return Unreadable(f"打了几个勾（{ticks}），请只留一个{part}")
        if not said:
            return ""
        [(words, cell)] = said
        ground = _TICKED.fullmatch(_words(cell))
        return f"{words}（{ground['ground']}）" if ground and ground["ground"] else words

    def lines(self, heads: Sequence[Value]) -> Iterator[str]:
        """How they are read, for whoever imports."""
        for column, parts in self.under.items():
            named = "、".join(words for _, words in parts)
            if head(str(heads[parts[0][0]])) == parts[0][1]:
                yield f"没有“{column}”一列，打勾的各列按所勾的一列（{named}）"
                continue
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


def headed_ticks(
    sheet: Sheet,
    head_line: int,
    heads: Sequence[Value],
    places: Mapping[str, int],
    words: LedgerWords,
) -> dict[str, tuple[tuple[int, str], ...]]:
    """The parts of a column that the head does not name, by name: 公开, 部分公开 and 不存在 stand in it
    side by side, nothing but ticks stands below them.
    """
    below = (row for row in sheet.rows() if row.line > head_line and row.own)
    rows = [row.cells for row in islice(below, LOOKED_AT) if not labelled(row)]
    runs = list[tuple[str, list[tuple[int, str]]]]()
    before = -2  # no column
    for at, stated in enumerate(heads):
        word = head(stated) if isinstance(stated, str) else ""
        if not word or at in places.values() or not _only_ticks(rows, at):
            continue
        of = [one for one in COLUMNS if one not in places and _is_of(one, word, words)]
        goes_on = before == at - 1
        if goes_on and (runs[-1][0] in of or not (of or words.of_another_step(word))):
            runs[-1][1].append((at, word))
        elif of:
            runs.append((of[-1], [(at, word)]))
        else:
            continue
        before = at
    found = dict[str, tuple[tuple[int, str], ...]]()
    for column, parts in runs:
        known = sum(_is_of(column, word, words) for _, word in parts)
        ticks = any(at < len(cells) and cells[at] != "" for cells in rows for at, _ in parts)
        if known >= FEWEST and ticks:
            found.setdefault(column, tuple(parts))
    return found


def _is_of(column: str, word: str, words: LedgerWords) -> bool:
    """Whether a head is one of the words of a column: 信息不存在 of 办理结果."""
    of = {"申请人类别": words.kind_of, "提交方式": words.channel_of, "办理结果": words.result_of}
    return word in _USUAL[column].split() or plain(word) in of[column]


def _only_ticks(rows: Sequence[Sequence[Value]], at: int) -> bool:
    return all(at >= len(cells) or cells[at] == "" or _is_tick(cells[at]) for cells in rows)


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
