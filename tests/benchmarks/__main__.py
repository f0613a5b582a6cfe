"""Every claim of speed in one table: what, ours, a comparator in the same run, the ratio, the limit.

    python -m tests.benchmarks [name …]

Names are those of the files beside this one that have `lines()`; without any, all of them.
"""

from __future__ import annotations

import argparse
from importlib import import_module

from tests.benchmarks.measured import Line, table

NAMES = ("deadlines", "deadlines_file", "both_databases")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("names", nargs="*", help=f"of {', '.join(NAMES)}")
    names = asked.parse_args().names or NAMES
    lines: list[Line] = []
    for name in names:
        lines += import_module(f"tests.benchmarks.{name}").lines()
    print(table(lines))


if __name__ == "__main__":
    main()
