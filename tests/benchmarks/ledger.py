"""How fast is a ledger taken over, .xlsx and .csv, and does the memory stay flat?

    python -m tests.benchmarks.ledger --rows 20000 [--beside FOLDER]

A table: rows a second of processor and by the clock, beyond what one row needs; the memory for one row
and for all. Beside it, in the same run: what openpyxl and the csv module alone need to read the same
file, row by row; or, where a folder with another version of this product is given, what that one needs.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook, load_workbook

from flows.commands.ledger_export import HEAD
from tests.benchmarks.measured import Line, table

ROOT = Path(__file__).parents[2]
QUIET: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
ROWS, ROUNDS = 20_000, 3
SMALL = {"rows": 50, "rounds": 1}
WANTED = "at least 3,300"
MEGABYTE = 1024  # KB, as the system tells the memory of a process


def listed(rows: int) -> Iterator[list[Any]]:
    """Invented, closed applications, in the order in which they came."""
    kinds, channels = (
        ("自然人", "自然人", "商业企业", "自然人"),
        ("网络", "信函", "当面", "网络", "网络"),
    )
    results = ("3.1", "3.4.1", "3.1", "3.3.6", "3.4.1", "3.2")
    for n in range(rows):
        day = date(2021, 1, 4) + timedelta(days=1500 * n // rows)
        lasted = 1 + n * 7 % 23
        what = f"第{n}件：某专利资助项目的名单和金额"
        yield [
            f"L{n:07d}", day, channels[n % 5], kinds[n % 4], f"申请人{n}", f"021-{n:08d}", what,
            results[n % 6], day + timedelta(days=lasted), "",
        ]  # fmt: skip


def written(path: Path, rows: int) -> Path:
    """A ledger of so many rows, as the name of the file says: .xlsx or .csv."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([HEAD, *listed(rows)])
        return path
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("台账")
    for row in (HEAD, *listed(rows)):
        sheet.append(row)
    book.save(path)
    return path


class Took(NamedTuple):
    """What taking over a ledger took: seconds of processor and by the clock, the most memory (KB)."""

    processor: float
    clock: float
    memory: int


def taken_over(path: Path, version: Path) -> Took:
    """`disclosure import` in a process of its own, into an empty home."""
    command = [sys.executable, "-m", "flows", "import", str(path)]
    with tempfile.TemporaryDirectory() as home:
        settings = os.environ | {"DISCLOSURE_HOME": home}
        since = time.monotonic()
        began = subprocess.Popen(command, env=settings, cwd=version, **QUIET)
        _, status, used = os.wait4(began.pid, 0)
        clock = time.monotonic() - since
    assert status == 0, status
    return Took(used.ru_utime + used.ru_stime, clock, used.ru_maxrss)


def read_alone(path: Path) -> float:
    """Seconds of processor that the libraries alone need to read a ledger row by row."""
    began = time.process_time()
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            assert all(csv.reader(file))
    else:
        book = load_workbook(path, read_only=True)
        assert all(book.worksheets[0].iter_rows(values_only=True))
        book.close()
    return time.process_time() - began


class Measured(NamedTuple):
    """One version, round by round: rows a second of processor and by the clock, and the memory (MB)."""

    processor: list[float]
    clock: list[float]
    memory_of_one: list[float]
    memory: list[float]


def measured(one: Path, path: Path, rows: int, version: Path, rounds: int) -> Measured:
    """Rows a second beyond what one row needs at its best."""
    starts = [taken_over(one, version) for _ in range(rounds)]
    whole = [taken_over(path, version) for _ in range(rounds)]
    processor, clock = min(s.processor for s in starts), min(s.clock for s in starts)
    return Measured(
        [(rows - 1) / max(took.processor - processor, 0.001) for took in whole],
        [(rows - 1) / max(took.clock - clock, 0.001) for took in whole],
        [took.memory / MEGABYTE for took in starts],
        [took.memory / MEGABYTE for took in whole],
    )


def of_kind(folder: Path, kind: str, rows: int, rounds: int, beside: Path | None) -> Iterator[Line]:
    """The lines of one kind of file."""
    one, path = written(folder / f"一{kind}", 1), written(folder / f"台账{kind}", rows)
    other = measured(one, path, rows, beside, rounds) if beside else None
    ours = measured(one, path, rows, ROOT, rounds)
    alone = tuple(rows / read_alone(path) for _ in range(rounds))
    work, name = f"import of {rows:,} rows, {kind}", str(beside or "")
    reader = "csv alone reads it" if kind == ".csv" else "openpyxl alone reads it"
    unit = "rows a second of processor"
    if other:
        yield Line(work, unit, ours.processor, name, tuple(other.processor), WANTED)
    yield Line(work, unit, ours.processor, reader, alone, WANTED)
    theirs = tuple(other.clock) if other else ()
    yield Line(work, "rows a second by the clock", ours.clock, name, theirs, WANTED)
    of_one = tuple(ours.memory_of_one)
    yield Line(work, "MB of memory at most", ours.memory, "the same, 1 row", of_one)


def lines(rows: int = ROWS, rounds: int = ROUNDS, beside: Path | None = None) -> list[Line]:
    """Rows a second and memory, of a workbook and of a CSV."""
    with tempfile.TemporaryDirectory(prefix="disclosure-ledger-") as scratch:
        kinds = (".xlsx", ".csv")
        return [one for k in kinds for one in of_kind(Path(scratch), k, rows, rounds, beside)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--beside", type=Path)
    asked = parser.parse_args()
    print(table(lines(asked.rows, asked.rounds, asked.beside)))


if __name__ == "__main__":
    main()
