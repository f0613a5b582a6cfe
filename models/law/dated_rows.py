"""Which row holds on that day? Rows of config/ by key and day; a day that none covers is an error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Generic, TypeVar

from models.errors import ConfigFault, NoRuleInForce
from models.law.config_rows import Dated
from models.law.rules import Keyed, Lasting, Period

D = TypeVar("D", bound=Dated)


def _spans(rows: Iterable[tuple[str, D]]) -> dict[str, tuple[tuple[date, date, D], ...]]:
    """First and last day of each row by its key, the later ones first: asked for with every limit."""
    found: dict[str, tuple[tuple[date, date, D], ...]] = {}
    for key, row in rows:
        found[key] = ((row.in_force, row.until or date.max, row), *found.get(key, ()))
    return found


L = TypeVar("L", bound=Lasting)


class Book(dict[str, L], Generic[L]):
    """Rows by key: the latest of each, by which it is called; and those of any day.

    always = the one row of a key that has no dates
    """

    def __init__(self, rows: Sequence[L], file: str = "") -> None:
        self.rows, self.file = tuple(sorted(rows, key=lambda row: row.in_force)), file
        self._spans = _spans((row.named, row) for row in self.rows)
        self.always = {
            key: row
            for key, ((first, last, row), *others) in self._spans.items()
            if (first, last) == (date.min, date.max) and not others
        }
        super().__init__({row.named: row for row in self.rows})

    def __missing__(self, key: str) -> L:
        raise ConfigFault(
            self.file, f"“{key}”", "登记簿用到它，文件中没有这一行；请补回（可填写 until）"
        )

    def __repr__(self) -> str:
        return repr(self.rows)

    def on(self, key: str, day: date) -> L:
        """The row of this key for that day; NoRuleInForce if there was none yet, or none any more.

        Raises ConfigFault for a key that the file lacks: what is recorded points to it.
        """
        spans = self._spans.get(key, ())
        for first, last, row in spans:
            if first <= day <= last:
                return row
        raise NoRuleInForce(self[key].named, day, min(first for first, _, _ in spans))

    def offered(self, day: date) -> dict[str, L]:
        """The rows that what is done on that day may point to, in the order of the file."""
        covering = {row.named: row for row in self.rows if row.covers(day)}
        return {key: covering[key] for key in self if key in covering}


K = TypeVar("K", bound=Keyed)


class DatedRows(tuple[K, ...]):
    """The rows of a table in the order of its file; of a key and a day the last that covers it."""

    def __init__(self, rows: Iterable[K] = ()) -> None:
        self._spans = _spans((row.key, row) for row in self)

    def on(self, key: str, day: date) -> K:
        """The row of this key in force on that day; NoRuleInForce if there is none."""
        spans = self._spans.get(key, ())
        for first, last, row in spans:
            if first <= day <= last:
                return row
        known = [row.label for _, _, row in spans if isinstance(row, Period)]
        what = known[-1] if known else f"{self[0].what} {key}"
        raise NoRuleInForce(what, day, min((first for first, _, _ in spans), default=None))


def in_force(rows: Sequence[D], what: str, on: date) -> D:
    """The last of the rows that covers the day; NoRuleInForce, which names `what`, if none does."""
    found = [row for row in rows if row.covers(on)]
    if not found:
        raise NoRuleInForce(what, on, min((row.in_force for row in rows), default=None))
    return found[-1]
