"""A cell of a whole register: blocks of cases that are counted alike, listed when it is opened.

A block are the cases with the same intake (新收, 上年结转), the same end (a result, 结转下年度) and the
same kind of applicant. Every case is in one block, and every cell is some blocks: so a cell is
its list of cases, and what balances in blocks balances case by case. How many cases a block has is
known from the count; their numbers are fetched from the register, joined, when somebody wants to see
them, and must then be as many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import overload

from typing_extensions import override

from models.errors import NotAsCounted

SEPARATOR = "\x1f"  # in no case number: models/case/act.py, UNPRINTABLE


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """So many cases, and their numbers joined by SEPARATOR, or who fetches them.

    No number is in two blocks.
    """

    count: int
    packed: str | Callable[[], str]

    def numbers(self) -> list[str]:
        """The case numbers; NotAsCounted if they are not as many as were counted."""
        packed = self.packed if isinstance(self.packed, str) else self.packed()
        found = packed.split(SEPARATOR) if packed else []
        if len(found) != self.count:
            raise NotAsCounted
        return found


class CaseList(Sequence[str]):
    """The case numbers of some blocks, in order; how many they are is known without opening it."""

    __slots__ = ("_count", "blocks")

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        self.blocks = tuple(blocks)
        self._count = sum(block.count for block in self.blocks)

    @override
    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    @override
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._opened()[index]

    @override
    def __iter__(self) -> Iterable[str]:  # type: ignore[override]
        return iter(self._opened())

    @override
    def __eq__(self, other: object) -> bool:
        if isinstance(other, CaseList | list):
            return len(self) == len(other) and self._opened() == list(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    @override
    def __repr__(self) -> str:
        return repr(self._opened())

    def _opened(self) -> list[str]:
        return sorted(chain.from_iterable(block.numbers() for block in self.blocks))


def together(lists: Iterable[Sequence[str]]) -> Sequence[str]:
    """Several lists as one, each case as often as it is in them; blocks stay closed."""
    parts = list(lists)
    blocks = [block for part in parts if isinstance(part, CaseList) for block in part.blocks]
    if all(isinstance(part, CaseList) for part in parts):
        return CaseList(blocks)
    return list(chain.from_iterable(parts))


def same_blocks(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether both are the same blocks, each as often: then they are the same cases."""
    if not isinstance(left, CaseList) or not isinstance(right, CaseList):
        return False
    ours, theirs = (Counter(map(id, each.blocks)) for each in (left, right))
    return ours == theirs


def none_twice(lists: Sequence[Sequence[str]]) -> bool:
    """Whether all are blocks, and none is among them twice: then no case is."""
    if not all(isinstance(each, CaseList) for each in lists):
        return False
    blocks = [id(block) for each in lists if isinstance(each, CaseList) for block in each.blocks]
    return len(set(blocks)) == len(blocks)


def in_both(left: CaseList, right: CaseList) -> CaseList:
    """The cases of the blocks that are on both sides."""
    theirs = {id(block) for block in right.blocks}
    return CaseList(block for block in left.blocks if id(block) in theirs)
