"""What a real office takes of a core while nobody works: on PostgreSQL beside SQLite, with a worker of
its own process beside.

    python -m tests.benchmarks idle

`disclosure serve` with all that belongs to it (the scheduler, the minute's checks, the lists) and its
server; on PostgreSQL Prefect's tables lie in the same database, and a `disclosure worker` works beside.
Each after it has settled, one after the other, so that neither disturbs the other.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from models.store.sealing import new_key
from tests import kills, postgresql
from tests.benchmarks.measured import Line
from tests.several_workers import READY, SECRET, Beside

SECONDS, SETTLED, ROUNDS = 60.0, 70.0, 2  # from one check of the minute to the next, whenever begun
SMALL = {"seconds": 5.0, "settled": 5.0, "rounds": 1}
TICKS = os.sysconf("SC_CLK_TCK")
WANTED = "3"
OFFICE, WORKER, DATABASE = "serve with its server", "a worker beside", "PostgreSQL itself"


def processor(pid: int) -> float:
    """Seconds of the processor that a process and its living children have had, to any depth."""
    parents, spent = dict[int, int](), dict[int, float]()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        parents[int(stat.parent.name)] = int(parts[1])
        spent[int(stat.parent.name)] = (int(parts[11]) + int(parts[12])) / TICKS
    return sum(spent[one] for one in spent if one == pid or pid in _above(one, parents))


def _above(one: int, parents: Mapping[int, int]) -> Iterator[int]:
    while one := parents.get(one, 0):
        yield one


def shares(pids: Mapping[str, int], seconds: float, rounds: int) -> dict[str, list[float]]:
    """What each of these takes of a core, in per cent, round by round."""
    found: dict[str, list[float]] = {name: [] for name in pids}
    for _ in range(rounds):
        before, began = {name: processor(pid) for name, pid in pids.items()}, time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - began
        for name, pid in pids.items():
            found[name].append(100 * (processor(pid) - before[name]) / took)
    return found


@contextmanager
def at_rest(folder: Path, settings: Mapping[str, str]) -> Iterator[dict[str, int]]:
    """An office in which nobody works, on PostgreSQL with a worker beside; its processes by name."""
    folder.mkdir()
    with kills.office_at(folder, settings) as office:
        assert office.serve is not None
        pids = {OFFICE: office.serve.pid}
        beside = Beside(folder / "worker", {**office.environment, **settings})
        try:
            if settings:
                beside.start()
                beside.until(READY)
                assert beside.process is not None
                pids[WORKER] = beside.process.pid
            yield pids
        finally:
            beside.stop()


def lines(seconds: float = SECONDS, settled: float = SETTLED, rounds: int = ROUNDS) -> list[Line]:
    """Each process on PostgreSQL; the office beside one on SQLite."""
    os.environ.setdefault("DISCLOSURE_KEY", new_key())
    found = dict[str, dict[str, list[float]]]()
    with tempfile.TemporaryDirectory(prefix="disclosure-idle-") as scratch:
        with postgresql.running(Path(scratch)) as server:
            url = {"DISCLOSURE_DATABASE_URL": server.database("register")}
            told = url | {"DISCLOSURE_OFFICE_SECRET": SECRET}
            with at_rest(Path(scratch, "server"), told) as pids:
                time.sleep(settled)
                found["PostgreSQL"] = shares(pids | {DATABASE: server.pid()}, seconds, rounds)
        with at_rest(Path(scratch, "file"), {}) as pids:
            time.sleep(settled)
            found["SQLite"] = shares(pids, seconds, rounds)
    theirs = tuple(found["SQLite"][OFFICE])
    return [
        Line(f"nobody works: {name}", "% of a core", took, "serve on SQLite", theirs, WANTED)
        for name, took in found["PostgreSQL"].items()
    ]
