"""An applicant in two columns: 公民姓名 beside 法人或其他组织名称, of which one is filled in.

So the form has it by which people apply, and many ledgers after it. Which column is filled in says of
what kind the applicant is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile, zip_longest
from typing import Final

from flows.commands.ledger_cells import NOTHING
from flows.commands.ledger_values import RawRow, Sheet, Unreadable, Value
from models.agency.ledger_words import LedgerWords, head
from models.case.stage import ApplicantKind

NAME: Final = "申请人"
KIND: Final = "申请人类别"
CONTACT: Final = "联系方式"
_ABOUT: Final = re.compile(r"^申请人(?:基本)?(?:情况|信息)?")
_NAME: Final = re.compile(r"(?:单位)?(?:姓名或者?名称|姓名|名称)$")
"""What such a head says besides the kind."""


@dataclass(frozen=True)
class SplitNames:
    """The columns of applicants, by kind; line = the one that names them.

    parts = where each stands, and the word of its kind; says_kind = no column of its own says it
    contacts = where it stands how each is reached; heads = what the head says, with the kinds
    """

    line: int
    parts: tuple[tuple[int, str], ...]
    says_kind: bool
    contacts: tuple[int, ...]
    heads: tuple[Value, ...]

    @property
    def places(self) -> dict[str, int]:
        """Where the columns stand for all who ask where: the name in the first, the kind in another."""
        (first, _), (second, _), *_ = self.parts
        named = {NAME: first, KIND: second} if self.says_kind else {NAME: first}
        return named | ({CONTACT: self.contacts[0]} if self.contacts else {})

    @property
    def taken(self) -> set[int]:
        """All columns of which something is taken."""
        return {at for at, _ in self.parts} | set(self.contacts)

    def values(self, cells: Sequence[Value]) -> dict[str, Value]:
        """Who a row says applied, of what kind, and how he is reached."""
        said = [(word, cells[at]) for at, word in self.parts if _is_said(cells, at)]
        reached = [cells[at] for at in self.contacts if _is_said(cells, at)]
        found: dict[str, Value] = {NAME: said[0][1] if said else ""}
        if len(said) > 1:
            words = "、".join(word for word, _ in said)
            found[NAME] = Unreadable(f"写了几个（{words}），请只留申请人")
        if self.says_kind:
            found[KIND] = said[0][0] if said else ""
        if self.contacts:
            found[CONTACT] = reached[0] if reached else ""
        if len(reached) > 1:
            found[CONTACT] = Unreadable("有几列写了，请只留申请人的")
        return found

    def told(self) -> str:
        """How they are read, for whoever imports."""
        words = "”、“".join(word for _, word in self.parts)
        kind = "，其类别按所填的一列" if self.says_kind else ""
        return f"申请人分“{words}”几列的，按所填的一列{kind}"


def _is_said(cells: Sequence[Value], at: int) -> bool:
    return at < len(cells) and cells[at] != "" and cells[at] not in NOTHING


def split_names(
    sheet: Sheet, line: int, heads: Sequence[Value], places: Mapping[str, int], words: LedgerWords
) -> SplitNames | None:
    """The columns of applicants by kind, by a sheet's head or the line below it; None if none is."""
    taken = {at for name, at in places.items() if name != NAME}
    for at_line, cells in _lines(sheet, line, heads):
        parts = tuple(_parts(cells, words, taken))
        at = places.get(NAME, parts[0][0] if parts else -1)
        if len(parts) > 1 and at in dict(parts):
            contacts = () if CONTACT in places else tuple(_contacts(cells, parts, words))
            named = tuple(_with_kinds(heads, cells, parts))
            return SplitNames(at_line, parts, KIND not in places, contacts, named)
    return None


def _lines(
    sheet: Sheet, line: int, heads: Sequence[Value]
) -> Iterator[tuple[int, Sequence[Value]]]:
    """The lines that may name them: the head, the one below it, and each with what stands over it."""
    until = list(takewhile(lambda row: row.line <= line, _filled(sheet)))
    below = next((row for row in _filled(sheet) if row.line > line), None)
    yield line, heads
    if len(until) > 1:
        yield line, _over(until[-2].cells, until[-1].cells)
    if below:
        yield below.line, below.cells
        yield below.line, _over(heads, below.cells)


def _filled(sheet: Sheet) -> Iterator[RawRow]:
    return (row for row in sheet.rows() if row.own)


def _over(above: Sequence[Value], below: Sequence[Value]) -> list[Value]:
    """What two lines of a head say together: 公民 over 姓名 and 电话 is 公民姓名 and 公民电话."""
    group, both = "", list[Value]()
    for at, part in enumerate(below):
        over = above[at] if at < len(above) else ""
        group = head(over) if isinstance(over, str) and over else group
        both.append(f"{group}{head(part)}" if isinstance(part, str) and part else "")
    return both


def _parts(
    cells: Sequence[Value], words: LedgerWords, taken: set[int]
) -> Iterator[tuple[int, str]]:
    """The columns that a line names by a kind: 公民姓名; 公民 alone where another stands beside it."""
    known = words.kind_of.keys() | set(map(str, ApplicantKind))
    named = {
        at: head(one) for at, one in enumerate(cells) if isinstance(one, str) and at not in taken
    }
    said = {at: _NAME.sub("", _ABOUT.sub("", one)) for at, one in named.items()}
    kinds = {at: word for at, word in said.items() if word in known}
    for at, word in kinds.items():
        if _NAME.search(named[at]) or {at - 1, at + 1} & kinds.keys():
            yield at, word


def _contacts(
    cells: Sequence[Value], parts: Sequence[tuple[int, str]], words: LedgerWords
) -> Iterator[int]:
    """Where a line says how an applicant of a kind is reached: 公民电话."""
    for at, cell in enumerate(cells):
        for _, kind in parts:
            named = head(cell) if isinstance(cell, str) else ""
            if named.startswith(kind) and words.column_of.get(named[len(kind) :]) == CONTACT:
                yield at


def _with_kinds(
    heads: Sequence[Value], cells: Sequence[Value], parts: Sequence[tuple[int, str]]
) -> Iterator[Value]:
    """What a head says, and under a kind what its own line says: what is left out is told by it."""
    kinds = tuple(word for _, word in parts)
    for over, own in zip_longest(heads, cells, fillvalue=""):
        below = over == "" and isinstance(own, str) and own.startswith(kinds)
        yield own if below else over
