"""Mixed work by many people at once, for as long as is asked: is anything lost, refused, or ever larger?

    python -m tests.soak --minutes 60 --people 50            (an office on SQLite)
    python -m tests.soak --minutes 60 --people 50 --city     (several servers; Debian's postgresql,
                                                             redis-server, haproxy)
    python -m tests.soak --minutes 40 --people 200 --think 300 --city --workers 8

Runs the real programs. Half of the people take cases from registration to dispatch over Prefect's
API, as the UI does; a quarter read pages (desk, search, a case, statistics, calendar); a quarter add
files to cases (in a city, which has no bucket here, they read). Between two acts a person thinks for a
minute (--think), between two pages some seconds, in proportion. Besides, the morning's sweep is begun
and the report of the year is made, time and again. In the second half a process is killed a minute
after all were up again, unless --no-kills.

Held against each other in the end: what was accepted and what the register has (tests/kills.py); every
file and what is stored of it; each answer a reader got, and whether a process was down at that moment.
Memory is read of every process every ten seconds; its growth is told from the end of the first third
to the end of the half without kills. Prints what it found; 1 if there was a fault. Needs /proc (Linux).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx
from typing_extensions import override

from tests import kills
from tests.kills import CLERK, LEADER, REVIEWER, Found, Officers

LEADERS = (LEADER, *(f"{LEADER}{n}" for n in range(2, 11)))
"""A code signs once: one leader alone could sign two cases a minute, and all others would wait for him."""
ROUND = 10.0  # seconds from one look at the memory to the next
DOWN = (
    30.0  # seconds after a kill, or until all was up again if that took longer: a page may be away
)
PAGES = ("/", "/cases", "/statistics", "/calendar", "/service", "/archive", "/year")
PLACED = (
    "disclosure_server"  # by it the proxy knows to which server a browser goes: each to its own
)
ONCE = re.compile('name="once" value="([^"]+)"')


@dataclass
class Told:
    """What readers and those who add files were told, and when."""

    since: float = field(default_factory=time.monotonic)
    answers: Counter[str] = field(default_factory=Counter)
    amiss: list[tuple[float, str]] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    stored: Counter[str] = field(default_factory=Counter)
    killed: list[tuple[float, float]] = field(default_factory=list)
    """When a process was killed, and when all were up again."""
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def now(self) -> float:
        """Seconds since it began."""
        return round(time.monotonic() - self.since, 1)

    def ask(self, what: str, ask: Callable[[], httpx.Response]) -> httpx.Response | None:
        """Ask once; what was not answered as it should be is noted with its moment."""
        began = time.monotonic()
        try:
            said = ask()
        except httpx.HTTPError as fault:
            self.answers["没有回答"] += 1
            self.amiss.append((self.now(), f"{what}：{type(fault).__name__}"))
            return None
        self.seconds[what].append(time.monotonic() - began)
        self.answers[str(said.status_code)] += 1
        if said.status_code >= 400:
            self.amiss.append((self.now(), f"{what}：{said.status_code}"))
            return None
        return said

    def unexcused(self) -> list[str]:
        """What went amiss while every process was at work."""
        down = [(since, max(until, since + DOWN)) for since, until in self.killed]
        return [
            f"{at:.0f}秒 {what}"
            for at, what in self.amiss
            if not any(since <= at <= until for since, until in down)
        ]


class Person(Officers):
    """One of the many, in a browser of his own with the visits of those who act on his cases.

    place = which of the many: by it he has his leader; think = seconds between two acts of his, on average
    """

    pause = (
        2.0  # as an open page looks: asked ten times a second by each, a server does nothing else
    )

    def __init__(
        self,
        site: str,
        found: Found,
        enough: threading.Event,
        first: Officers,
        place: int,
        think: float,
    ):
        super().__init__(cast(Any, _Site(site)), found, enough, first.phones)
        self._leader = LEADERS[place % len(LEADERS)]
        self._chance, self._think = random.Random(place), think
        for name, client in self.clients.items():
            for cookie in first.clients[name].cookies.jar:
                if cookie.name != PLACED:
                    client.cookies.jar.set_cookie(cookie)

    @override
    def work(self, name: str) -> None:
        """As they do; but they do not begin all at once."""
        self.enough.wait(self._chance.uniform(0, self._think))
        super().work(name)

    @override
    def _act(
        self, number: str, position: int, kind: str, fields: dict[str, str], officer: str
    ) -> None:
        self.enough.wait(self._chance.uniform(0, 2 * self._think))
        who = self._leader if officer == LEADER else officer
        super()._act(number, position, kind, fields, who)

    def read(self, told: Told, chance: random.Random) -> None:
        """One page after the other, at a reader's pace."""
        while not self.enough.is_set():
            page = chance.choice(PAGES)
            said = told.ask(page, lambda page=page: self.client.get(page))
            if said is not None and page == "/cases":
                said = self._search(told, said, chance.choice(("专利", "名单", "甲1", "张三")))
            cases = re.findall('href="(/cases/[^"/?]+)"', said.text) if said else []
            if cases:
                case = chance.choice(cases)
                told.ask("/cases/号", lambda case=case: self.client.get(case))
            self.enough.wait(chance.uniform(self._think / 30, self._think / 4))

    def _search(self, told: Told, shown: httpx.Response, words: str) -> httpx.Response | None:
        from tests.visitors import token_of

        data = {"token": token_of(shown), "find": words}
        return told.ask(
            "查询", lambda: self.client.post("/cases", data=data, follow_redirects=True)
        )

    def add(self, told: Told, chance: random.Random) -> None:
        """A file to a case, and another."""
        while not self.enough.is_set():
            said = told.ask("/cases", lambda: self.client.get("/cases"))
            if said is not None:  # the page lists no cases until one searches
                said = self._search(told, said, "名单")
            cases = re.findall('href="(/cases/[^"/?]+)"', said.text) if said else []
            if cases:
                self._file(told, f"{chance.choice(cases)}/papers", chance.randbytes(20_000).hex())
            self.enough.wait(chance.uniform(self._think / 12, self._think / 2))

    def _file(self, told: Told, at: str, words: str) -> None:
        from tests.visitors import token_of

        shown = told.ask("/cases/号/papers", lambda: self.client.get(at))
        once = ONCE.search(shown.text) if shown else None
        if shown is None or once is None:  # closed, or handed over: nothing is added there
            return
        data = {"token": token_of(shown), "once": once[1], "kind": "found", "step": "0"}
        sent = {"files": (f"{words[:12]}.txt", words.encode(), "text/plain")}
        said = told.ask("存入材料", lambda: self.client.post(at, data=data, files=sent))
        if said is not None:
            told.stored[at] += 1


@dataclass
class _Site:
    site: str


@dataclass
class Set:
    """What runs, and how to kill one of it; homes = where letters may lie, register = its address."""

    site: str
    pids: Callable[[], Mapping[str, int]]
    kill: Callable[[random.Random], str]
    homes: list[Path]
    register: str
    phones: Mapping[str, Any]


@contextmanager
def an_office(home: Path) -> Iterator[Set]:
    """`disclosure serve` on SQLite."""
    with kills.office_at(home) as one:

        def pids() -> Mapping[str, int]:
            serve = one.serve.pid if one.serve else 0
            return {
                "serve": serve,
                "server": kills._child(serve, "flows.server.server_process"),
            }

        def kill(chance: random.Random) -> str:
            what = chance.choice((kills.SERVER, kills.WORKER, kills.BOTH))
            one.kill(what)
            return what

        register = f"sqlite:///{home / 'register.db'}"
        yield Set(one.site, pids, kill, [home], register, _accounts())


@contextmanager
def a_city(folder: Path, workers: int | None = None) -> Iterator[Set]:
    """As `.docs/city/` has it, on addresses of this machine; workers = how many, where it has others."""
    import pytest

    from flows import office
    from tests import city, postgresql

    with postgresql.scratch() as server, pytest.MonkeyPatch.context() as patch:
        ground = city.ground(folder, server.database("city"), patch)
        ground.workers = workers
        try:
            phones = _accounts()  # before it is open to a network
            with city.running(ground) as town:
                yield _of(town, ground.database, phones)
        finally:
            office.close()


def _accounts() -> Mapping[str, Any]:
    from tests import visitors

    return {name: visitors.with_account(name) for name in (CLERK, REVIEWER, *LEADERS)}


def _of(town: Any, database: str, phones: Mapping[str, Any]) -> Set:
    def pids() -> Mapping[str, int]:
        ours = {name: one.process.pid for name, one in town.processes.items() if one.process}
        prefect = {
            f"{name} 的 Prefect": kills._child(pid, "flows.server.server_process")
            for name, pid in ours.items()
            if name.startswith("server")
        }
        return ours | {name: pid for name, pid in prefect.items() if pid}

    def kill(chance: random.Random) -> str:
        name = chance.choice(
            [n for n in town.processes if n.startswith(("server", "worker", "scheduler"))]
        )
        one = town.processes[name]
        one.kill()
        one.start()
        return name

    homes = [each.home for each in town.processes.values()]
    url = database.replace("postgresql:", "postgresql+psycopg:")
    return Set(town.site, pids, kill, homes, url, phones)


def megabytes(pid: int) -> float:
    """What a process has in memory; 0 where it has ended."""
    try:
        told = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+)", told)
    return int(found[1]) / 1024 if found else 0.0


def _look(running: Set, told: Told, enough: threading.Event) -> None:
    while not enough.wait(ROUND):
        for name, pid in running.pids().items():
            if held := megabytes(pid):
                told.memory[name].append((told.now(), held))


def _besides(told: Told, folder: Path, enough: threading.Event) -> None:
    """The morning's sweep and the report of the year, time and again, by the command line."""
    while not enough.wait(20):
        for words in (("sweep",), ("annual-report", "2026", "--out", str(folder / "report"))):
            command = [sys.executable, "-m", "flows", *words]
            began = time.monotonic()
            done = subprocess.run(
                command, check=False, cwd=kills.ROOT, capture_output=True, text=True
            )
            told.seconds[words[0]].append(time.monotonic() - began)
            told.answers[f"{words[0]} {done.returncode}"] += 1
            if done.returncode not in (0, 1):  # 1 = something is to be looked at
                told.amiss.append((told.now(), f"{words[0]}：{done.stderr[-300:]}"))


def play(running: Set, asked: argparse.Namespace, folder: Path) -> tuple[Found, Told]:
    """All of it; what became of it."""
    chance, found, told, enough = random.Random(asked.seed), Found(), Told(), threading.Event()
    first = Officers(cast(Any, _Site(running.site)), found, enough, running.phones)
    first.log_in()
    told.since = time.monotonic()
    threads = [threading.Thread(target=_look, args=(running, told, enough))]
    threads.append(threading.Thread(target=_besides, args=(told, folder, enough)))
    for place in range(asked.people):
        one = Person(running.site, found, enough, first, place // 2, asked.think)
        if place % 2 == 0:
            threads.append(threading.Thread(target=one.work, args=(f"甲{place}",)))
            continue
        does = one.add if place % 4 == 1 and not asked.city else one.read
        threads.append(threading.Thread(target=does, args=(told, random.Random(place))))
    for thread in threads:
        thread.start()
    half, end = asked.minutes * 30, asked.minutes * 60
    while told.now() < end and not found.faults:
        time.sleep(1)
        due = max([half, *(up + 60 for _, up in told.killed[-1:])])
        if told.now() >= due and not asked.no_kills:
            at = told.now()
            found.kills[running.kill(chance)] += 1
            told.killed.append((at, told.now()))
    enough.set()
    for thread in threads:
        thread.join()
    with kills.reading(running.register) as session:
        kills.judge(session, running.homes, found)
        found.faults += _files(session, told)
    found.faults += told.unexcused()
    return found, told


def _files(session: Any, told: Told) -> list[str]:
    """Every file that was taken is in its case's list."""
    from models.neighbours.papers import papers

    missing = []
    for at, many in told.stored.items():
        number = at.split("/")[2]
        held = len(papers(session, number).materials)
        if held < many:
            missing.append(f"{number}：存入{many}份，登记{held}份")
    return missing


def grown(told: Told, asked: argparse.Namespace) -> dict[str, dict[str, object]]:
    """Of each process: megabytes at the end of the first third, at the end of the quiet half, and in
    each twelfth of the time.
    """
    found: dict[str, dict[str, object]] = {}
    for name, seen in told.memory.items():
        quiet = [
            (at, held) for at, held in seen if at <= asked.minutes * (60 if asked.no_kills else 30)
        ]
        third = [held for at, held in quiet if at >= asked.minutes * 10]
        if third:
            few = max(1, len(third) // 5)
            found[name] = {
                "从": round(statistics.median(third[:few])),
                "到": round(statistics.median(third[-few:])),
                "最多": round(max(held for _, held in seen)),
                "经过": _by_twelfths(seen, asked.minutes * 60),
            }
    return found


def _by_twelfths(seen: list[tuple[float, float]], seconds: float) -> list[int]:
    parts: dict[int, list[float]] = defaultdict(list)
    for at, held in seen:
        parts[int(12 * at / seconds)].append(held)
    return [round(statistics.median(parts[part])) for part in sorted(parts)]


def main() -> int:
    """Play and print the figures; 1 if there was a fault."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--minutes", type=float, default=60)
    wanted.add_argument("--people", type=int, default=50)
    wanted.add_argument("--think", type=float, default=60)
    wanted.add_argument("--seed", type=int, default=1)
    wanted.add_argument("--city", action="store_true")
    wanted.add_argument("--workers", type=int, help="of a city, where not as many as it has")
    wanted.add_argument("--no-kills", action="store_true")
    wanted.add_argument("--keep", action="store_true", help="keep the scratch folder")
    asked = wanted.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="disclosure-soak-"))
    with a_city(folder, asked.workers) if asked.city else an_office(folder) as running:
        found, told = play(running, asked, folder)
    paces = {
        what: [len(each), round(statistics.median(each), 2), round(max(each), 2)]
        for what, each in sorted(told.seconds.items())
    }
    shown = asdict(found) | {
        "kills": dict(found.kills),
        "answers": dict(told.answers),
        "amiss": len(told.amiss),
        "files": sum(told.stored.values()),
        "seconds (times, median, longest)": paces,
        "megabytes": grown(told, asked),
        "load": os.getloadavg(),
    }
    for name, value in shown.items():
        print(name, json.dumps(value, ensure_ascii=False))
    if not asked.keep and not found.faults:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
