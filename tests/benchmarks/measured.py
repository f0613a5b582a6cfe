"""A line of the table that `python -m tests.benchmarks` prints: ours beside another's, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

ROUNDS = 7
HEADINGS = ("work", "unit", "ours", "comparator", "theirs", "ratio", "limit")


@dataclass(frozen=True)
class Line:
    """ours, theirs = what each round measured; limit = what is wanted of ours, as it is written.

    ratio = ours by theirs, of the medians
    """

    work: str
    unit: str
    ours: list[float]
    comparator: str = ""
    theirs: tuple[float, ...] = ()
    limit: str = ""

    def cells(self) -> tuple[str, ...]:
        """As the table shows it: medians, and in brackets the least and the most."""
        divisible = self.theirs and median(self.theirs)
        ratio = f"{median(self.ours) / median(self.theirs):.2f}" if divisible else ""
        theirs = spread(self.theirs) if self.theirs else ""
        return self.work, self.unit, spread(self.ours), self.comparator, theirs, ratio, self.limit


def spread(values: list[float] | tuple[float, ...]) -> str:
    """The median of some measurements, the least and the most."""
    least, middle, most = (f"{value:,.{0 if value >= 100 else 1}f}" for value in _three(values))
    return f"{middle} ({least}–{most})"


def _three(values: list[float] | tuple[float, ...]) -> tuple[float, float, float]:
    return min(values), median(values), max(values)


def per_second(
    works: Mapping[str, Callable[[], object]], count: int, rounds: int = ROUNDS
) -> dict[str, list[float]]:
    """How many a second of processor each does, round by round, all in turn in each round."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            began = time.process_time()
            work()
            found[name].append(count / (time.process_time() - began))
    return found


def table(lines: list[Line]) -> str:
    """The lines as a table in Markdown."""
    rows = [HEADINGS, tuple("-" * len(name) for name in HEADINGS), *(one.cells() for one in lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
