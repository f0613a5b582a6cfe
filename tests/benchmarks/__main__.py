"""Every claim of speed in one table: what, ours, a comparator in the same run, the ratio, the limit.

    python -m tests.benchmarks [name …] [--small]

Names are those of the files beside this one that have `lines()`; without any, all of NAMES: what takes
hours is done on request. With --small each is done once, over little: whether all of it runs, not how fast.
"""

from __future__ import annotations

import argparse
from importlib import import_module

from tests.benchmarks.measured import Line, table

NAMES = ("deadlines", "deadlines_file", "both_databases", "ledger", "idle")
ON_REQUEST = ("many_steps", "lost_desk")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("names", nargs="*", help=f"of {', '.join((*NAMES, *ON_REQUEST))}")
    asked.add_argument("--small", action="store_true", help="once, over little: does it run?")
    given = asked.parse_args()
    lines: list[Line] = []
    for name in given.names or NAMES:
        measures = import_module(f"tests.benchmarks.{name}")
        lines += measures.lines(**measures.SMALL) if given.small else measures.lines()
    print(table(lines))


if __name__ == "__main__":
    main()
