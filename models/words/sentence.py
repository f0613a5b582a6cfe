"""A sentence that is written when somebody reads it: until then only what it is made of is kept."""

from __future__ import annotations

from functools import partial


class Sentence(partial[str]):
    """The function that writes it, and what of: values that do not change, so that it never reads
    otherwise. Equal to what reads the same.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return self()

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Sentence) and self() == other())

    def __hash__(self) -> int:
        return hash(self())
