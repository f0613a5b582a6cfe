"""`disclosure deadline --events` over a file of many histories: how fast, and does memory stay flat?

    python -m tests.benchmarks.deadlines_file [histories, default 1000000]

Memory is compared with a file of a hundredth of them: what it takes whatever the file's length.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flows.commands.many_histories import processors
from tests.benchmarks.deadlines import RECEIPTS, history
from tests.benchmarks.measured import Line, table

MANY, ROUNDS = 1_000_000, 3
IN_A_TABLE = 20_000
SMALL = {"count": 1_000, "rounds": 1}


def written(path: Path, count: int) -> Path:
    """So many histories as lines of JSON (contract: Events); one in a thousand cannot have been."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in _lines(count))
    return path


def _lines(count: int) -> Iterator[str]:
    for n in range(count):
        events = history(RECEIPTS[n % len(RECEIPTS)])[n % 1000 == 999 :]
        told = [
            {name: str(value) if name == "on" else value for name, value in asked.items() if value}
            for asked in (one._asdict() for one in events)
        ]
        yield json.dumps({"id": str(n), "events": told})


class Took(NamedTuple):
    """Seconds of processor and of the clock, peak MB of a process, lines of errors: of the command."""

    processor: float
    clock: float
    peak: float
    faults: int


def answered(path: Path) -> Took:
    """What the command over a file takes; a line for each of its lines."""
    command = [sys.executable, "-m", "flows", "deadline", "--events", str(path)]
    answers, faults, began = 0, 0, time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as running:
        assert running.stdout is not None, "a pipe"
        for line in running.stdout:
            answers, faults = answers + 1, faults + ('"error"' in line)
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        clock = time.perf_counter() - began
    with path.open("rb") as file:
        assert answers == sum(1 for _ in file), "an answer a line"
    return Took(used.ru_utime + used.ru_stime, clock, used.ru_maxrss / 1024, faults)


def lines(count: int = IN_A_TABLE, rounds: int = ROUNDS) -> list[Line]:
    """Histories a second from file to file, and the memory beside that for a hundredth of the file."""
    with tempfile.TemporaryDirectory() as folder:
        whole = written(Path(folder, "many.jsonl"), count)
        part = written(Path(folder, "few.jsonl"), count // 100)
        many = [answered(whole) for _ in range(rounds)]
        few = [answered(part) for _ in range(rounds)]
    assert {one.faults for one in many} == {count // 1000}, "the impossible are told, no others"
    more, pairs = count - count // 100, [*zip(many, few, strict=True)]
    speeds = [more / (one.processor - other.processor) for one, other in pairs]
    by_clock = [more / (one.clock - other.clock) for one, other in pairs]
    peaks = tuple(other.peak for other in few)
    return [
        Line(f"{count:,} histories from a file, of processor", "1/s", speeds),
        Line(f"the same, by the clock ({processors()} processors)", "1/s", by_clock),
        Line("its memory", "MB", [one.peak for one in many], f"{count // 100:,} histories", peaks),
    ]


if __name__ == "__main__":
    print(table(lines(int(sys.argv[1]) if sys.argv[1:] else MANY, rounds=1)))
