"""An office on SQLite beside one on PostgreSQL, and one with all that Prefect's server does by itself,
at work in one run: what does a Submit cost?

    python -m tests.benchmarks both_databases

Three real offices (`serve.office_open`), each in a process of its own with an empty register; Prefect's
tables are where the register is, by its one setting; the third, on SQLite, has every service of
Prefect's server at work (server_process.NOT_NEEDED). They take cases from receipt to dispatch in turn, a
round each. Of a step: seconds from Submit to the next form (the state's own timestamp), the processor of
the office (its process and its server's, without PostgreSQL's own), what worker and lists ask of the server,
and what both keep on the disk. Last, what an office takes of a core while nobody works,
and while forms of many cases wait.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests import postgresql  # noqa: E402
from tests.benchmarks.measured import Line  # noqa: E402

ROUNDS, SUBMITS, IDLE_SECONDS, WAITING = 4, 10, 60.0, 2_000
SMALL = {"rounds": 1, "submits": 5, "idle": 5.0, "waiting": 100}
ANSWER = "= "
FILE, SERVER, ALL = "SQLite", "PostgreSQL", "SQLite, all of Prefect's services"
ALL_SERVICES = "BENCHMARK_ALL_SERVICES"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Asked:
    """What the office's worker and lists asked of the server: requests, bytes there and back."""

    requests: int = 0
    size: int = 0
    kinds: dict[str, int] = field(default_factory=dict)

    def listen(self) -> None:
        """From now on, to whatever client of httpx; the officer's own requests are the main thread's."""
        later, at_once = (
            httpx.AsyncHTTPTransport.handle_async_request,
            httpx.HTTPTransport.handle_request,
        )

        async def counted_later(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> Any:
            answer = await later(transport, request)
            self._count(request, answer)
            return answer

        def counted(transport: httpx.HTTPTransport, request: httpx.Request) -> Any:
            answer = at_once(transport, request)
            self._count(request, answer)
            return answer

        setattr(httpx.AsyncHTTPTransport, later.__name__, counted_later)
        setattr(httpx.HTTPTransport, at_once.__name__, counted)

    def _count(self, request: httpx.Request, answer: httpx.Response) -> None:
        if threading.current_thread() is threading.main_thread():
            return
        self.requests += 1
        self.size += _length(request.headers) + _length(answer.headers)
        kind = f"{request.method} {_without_ids(request.url.path)}"
        self.kinds[kind] = self.kinds.get(kind, 0) + 1


def _length(headers: httpx.Headers) -> int:
    return int(headers.get("content-length", 0))


def _without_ids(path: str) -> str:
    return "/".join("…" if len(part) == 36 else part for part in path.split("/"))


def play() -> None:
    """Be one office: told how many Submits to make, or how long to sit idle, answer what it took."""
    from flows import office
    from flows.server import serve, server_process
    from tests.benchmarks.submit_to_next_form import application

    asked = Asked()
    asked.listen()
    if os.environ.get(ALL_SERVICES):
        server_process.NOT_NEEDED = ()
    prefect, port = office.home() / "prefect", server_process.free_port()
    with serve.office_open(prefect, port):
        time.sleep(5)  # the lists are drawn
        _answer({})
        for line in sys.stdin:
            word, count = line.split()
            before, requests, size = _processor(), asked.requests, asked.size
            kept = _kept(prefect)
            asked.kinds.clear()
            if word == "wait":
                _answer({"waiting": _many_wait(prefect / "prefect.db", int(count))})
                continue
            if word == "idle":
                time.sleep(float(count))
                _answer({"processor": _processor() - before})
                continue
            took = application(int(count))
            _answer(
                {
                    "seconds": took,
                    "processor": _processor() - before,
                    "requests": asked.requests - requests,
                    "size": asked.size - size,
                    "kinds": asked.kinds,
                    "kept": _kept(prefect) - kept,
                }
            )


def _kept(prefect: Path) -> int:
    """Bytes that Prefect's tables take."""
    from flows import office

    file = prefect / "prefect.db"
    if file.exists():
        with closing(sqlite3.connect(file)) as there:
            return int(there.execute("SELECT sum(pgsize) FROM dbstat").fetchone()[0])
    asked = (
        "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n "
        "ON n.oid = relnamespace WHERE nspname = 'prefect' AND relkind = 'r'"
    )
    with office.reading() as session:
        return int(session.connection().exec_driver_sql(asked).scalar_one())


def _many_wait(file: Path, count: int) -> int:
    """Let so many more forms wait: as many copies in SQLite of the one that waits; returns how many do."""
    with closing(sqlite3.connect(file, timeout=60)) as there, there:
        there.row_factory = sqlite3.Row
        paused = "SELECT * FROM flow_run WHERE state_type = 'PAUSED' LIMIT 1"
        run = dict(there.execute(paused).fetchone())
        state = dict(
            there.execute(
                "SELECT * FROM flow_run_state WHERE id = ?", (run["state_id"],)
            ).fetchone()
        )
        for n in range(count):
            new, its = str(uuid4()), str(uuid4())
            other = {"id": new, "state_id": its, "name": f"等待{n}", "idempotency_key": new}
            _insert(there, "flow_run", run | other)
            _insert(there, "flow_run_state", state | {"id": its, "flow_run_id": new})
        asked = "SELECT count(*) FROM flow_run WHERE state_type = 'PAUSED'"
        return int(there.execute(asked).fetchone()[0])


def _insert(there: sqlite3.Connection, table: str, row: Mapping[str, object]) -> None:
    marks = ", ".join("?" * len(row))
    there.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


def _answer(said: dict[str, object]) -> None:
    print(f"{ANSWER}{json.dumps(said)}", flush=True)


def _processor() -> float:
    """Seconds that this process and its children have had of the processor."""
    mine = os.getpid()
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(stat.parent.name) == mine or int(parts[1]) == mine:
            total += (int(parts[11]) + int(parts[12])) / TICKS
    return total


class Office:
    """Such an office, in a process of its own."""

    def __init__(self, home: Path, settings: Mapping[str, str]) -> None:
        home.mkdir(exist_ok=True)
        self.home = home
        environment = {**os.environ, "DISCLOSURE_HOME": str(home), "DISCLOSURE_TODAY": "2026-03-02"}
        environment.pop("DISCLOSURE_DATABASE_URL", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.both_databases"],
            env=environment | settings,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def said(self) -> dict[str, Any]:
        """What it answers next."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(ANSWER):
                found: dict[str, Any] = json.loads(line.removeprefix(ANSWER))
                return found
        raise AssertionError(self.process.wait())

    def tell(self, words: str) -> None:
        """Say these words to it."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()

    def told(self, words: str) -> dict[str, Any]:
        """What it answers to these words."""
        self.tell(words)
        return self.said()

    def end(self) -> None:
        """Let it stop in good order."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(120)


@contextmanager
def offices(folder: Path) -> Iterator[dict[str, Office]]:
    """Each by what it has, ready."""
    with ExitStack() as stack:
        server = stack.enter_context(postgresql.running(folder))
        url = server.database("register")
        both = {
            FILE: Office(folder / "file", {}),
            SERVER: Office(folder / "server", {"DISCLOSURE_DATABASE_URL": url}),
            ALL: Office(folder / "all", {ALL_SERVICES: "1"}),
        }
        for one in both.values():
            stack.callback(one.end)
        for one in both.values():
            one.said()
        yield both


def lines(
    rounds: int = ROUNDS,
    submits: int = SUBMITS,
    idle: float = IDLE_SECONDS,
    waiting: int = WAITING,
) -> list[Line]:
    """PostgreSQL beside SQLite, and beside all of Prefect's services, in each figure."""
    took: dict[str, list[dict[str, Any]]] = {FILE: [], SERVER: [], ALL: []}
    with (
        tempfile.TemporaryDirectory(prefix="disclosure-bench-") as scratch,
        offices(Path(scratch)) as every,
    ):
        for one in every.values():
            one.told("submit 5")  # once before it counts
        for _ in range(rounds):
            for name, one in every.items():
                took[name].append(one.told(f"submit {submits}"))
        resting = _idle(every, idle)
        large = {name: every[name] for name in (FILE, ALL)}
        for one in large.values():
            one.told(f"wait {waiting}")
        busy = _idle(large, idle)
    for kind, times in sorted(took[FILE][-1]["kinds"].items(), key=lambda one: -one[1]):
        print(f"    {times / submits:5.1f} {kind}", file=sys.stderr)
    found = []
    for ours, theirs in ((SERVER, FILE), (FILE, ALL)):
        found += [
            Line(f"{ours}: {work}", unit, of(took[ours]), theirs, tuple(of(took[theirs])))
            for work, unit, of in FIGURES
        ]
        named = f"{ours}: nobody works"
        found.append(Line(named, "% of a core", [resting[ours]], theirs, (resting[theirs],), "3"))
    many = f"{FILE}: nobody works, {waiting:,} forms wait"
    found.append(Line(many, "% of a core", [busy[FILE]], ALL, (busy[ALL],), "3"))
    return found


def _idle(every: Mapping[str, Office], seconds: float) -> dict[str, float]:
    """What each takes of a core, in per cent, while nobody works; one after the other."""
    return {
        name: 100 * one.told(f"idle {seconds}")["processor"] / seconds
        for name, one in every.items()
    }


Rounds = list[dict[str, Any]]


def _each(key: str, times: float) -> Callable[[Rounds], list[float]]:
    return lambda rounds: [one[key] / len(one["seconds"]) * times for one in rounds]


def _waited(rounds: Rounds) -> list[float]:
    return [1000 * took for one in rounds for took in one["seconds"]]


FIGURES: tuple[tuple[str, str, Callable[[Rounds], list[float]]], ...] = (
    ("Submit to next form", "ms", _waited),
    ("processor of a step", "ms", _each("processor", 1000)),
    ("the office's requests of a step", "", _each("requests", 1)),
    ("their bytes", "KB", _each("size", 0.001)),
    ("Prefect's tables grow by", "KB", _each("kept", 0.001)),
)


if __name__ == "__main__":
    play()
