"""What an office comes to while what it stands on is away, full, damaged or turned back.

    python -m tests.hardships locked damaged [--accounts]
    python -m tests.hardships postgres --seconds 75      (PostgreSQL's initdb and pg_ctl)
    python -m tests.hardships full                       (as root: a small file system in memory)
    python -m tests.hardships clock                      (a C compiler)

Runs the real `disclosure serve`. Officers submit applications and answers over Prefect's API all
the while; what Prefect accepted must be in the register in the end, once, in order, and its letters
written, without anybody submitting anything again. Prints a line of figures for each hardship;
exit 1 if anything was lost, doubled, or `serve` ended. Needs /proc (Linux).

With --accounts officers have accounts and are logged in, as in an office on a network.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.kills import ACTS, CLERK, DAY, LEADER, REVIEWER, Found, Office, Officers
from tests.ports import free_port
from tests.postgresql import running

FORMS = 20
PATIENCE = 600.0
LOCKED_SECONDS = 45.0
SMALL_MEGABYTES = 150
PREFECT = "prefect.db"


@dataclass
class Outcome:
    """One hardship: what was accepted during it, what became of it, and how long that took."""

    hardship: str
    accepted: int = 0
    recorded: int = 0
    doubled: int = 0
    seconds_after: float = 0.0
    faults: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def submit(officer: Officers, what: str) -> bool:
    """One application, over the API as the UI does it; whether Prefect accepted it."""
    form = {
        "channel": "当面提交",
        "arrived_on": DAY,
        "kind": "自然人",
        "applicant": "张三",
        "request": what,
        "officer": CLERK,
    }
    try:
        found = officer.client.get("/api/deployments/name/登记申请/登记申请")
        made = officer.client.post(
            f"/api/deployments/{found.json()['id']}/create_flow_run",
            json={"parameters": form, "idempotency_key": what},
        )
    except (httpx.HTTPError, KeyError, ValueError):
        return False
    return made.status_code < 300


def registered() -> Counter[str]:
    """What the register holds: how often each request."""
    from flows import office
    from models.register import register

    try:
        with office.reading() as session:
            return Counter(row.request for row in register.applications(session))
    except office.REGISTER_FAULTS:
        return Counter()


def until(there: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Whether it came about in time."""
    end = time.monotonic() + patience
    while not there():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


class Hardship:
    """Applications handed in while something is done to the office, and what became of them."""

    def __init__(self, officer: Officers, name: str) -> None:
        self.officer, self.site, self.outcome = officer, officer.office, Outcome(name)
        self.accepted: list[str] = []
        self.tried = 0

    def submit(self, times: int = FORMS, pause: float = 0.2) -> None:
        """Hand in so many applications."""
        for _ in range(times):
            self.tried += 1  # each by a name of its own, which Prefect takes once
            what = f"{self.outcome.hardship}第{self.tried}件"
            if submit(self.officer, what):
                self.accepted.append(what)
            time.sleep(pause)

    def settled(self) -> Outcome:
        """Wait for all that was accepted, and hold it against the register."""
        began = time.monotonic()
        wanted = set(self.accepted)
        until(lambda: wanted <= registered().keys())
        found, outcome = registered(), self.outcome
        outcome.accepted = len(self.accepted)
        outcome.recorded = sum(1 for what in wanted if what in found)
        outcome.doubled = sum(1 for what in wanted if found[what] > 1)
        outcome.seconds_after = round(time.monotonic() - began, 1)
        if outcome.recorded < outcome.accepted or outcome.doubled:
            outcome.faults.append("已接受的申请丢失或者重复")
        if self.site.serve is None or self.site.serve.poll() is not None:
            outcome.faults.append("serve 已停止")
        log = (self.site.home / "serve.log").read_text(errors="replace")
        outcome.said = [line for line in log.splitlines() if "WARNING" in line][-3:]
        return outcome


@contextmanager
def office_at(home: Path, asked: argparse.Namespace, **settings: str) -> Iterator[Officers]:
    """The officers of the office in this folder, running; this process reads its register."""
    from flows import office
    from tests import visitors

    ours = {"DISCLOSURE_HOME": str(home), "DISCLOSURE_TODAY": DAY} | settings
    before = {name: os.environ.get(name) for name in ours}
    os.environ |= ours
    running = Office(home, free_port(), settings)
    try:
        running.start()
        names = (CLERK, REVIEWER, LEADER) if asked.accounts else ()
        phones = {name: visitors.with_account(name) for name in names}
        officers = Officers(running, Found(), threading.Event(), phones)
        officers.log_in()
        yield officers
    finally:
        running.stop()
        office.close()
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def locked(home: Path, asked: argparse.Namespace) -> Iterator[Outcome]:
    """A backup tool holds the register for 45 seconds."""
    with office_at(home, asked) as officer:
        one = Hardship(officer, "登记簿被锁")
        held = sqlite3.connect(home / "register.db", timeout=60)
        held.execute("BEGIN IMMEDIATE")
        until_free = time.monotonic() + LOCKED_SECONDS
        one.submit()
        time.sleep(max(0.0, until_free - time.monotonic()))
        held.rollback()
        held.close()
        yield one.settled()


def damaged(home: Path, asked: argparse.Namespace) -> Iterator[Outcome]:
    """Prefect's database overwritten with random bytes, cut off, and damaged at work."""
    with office_at(home, asked) as officer:
        site = officer.office
        open_cases = {officer.begin(f"丙{acts}", acts): acts for acts in range(len(ACTS))}
        for name, damage in (
            ("随机字节", _overwrite),
            ("截断", _cut),
        ):
            one = Hardship(officer, f"办理系统数据库{name}")
            one.submit(5)
            one.settled()
            site.stop()
            damage(home / "prefect" / PREFECT)
            site.start()
            yield _back(one, officer, open_cases)
        one = Hardship(officer, "办理系统数据库在运行中损坏")
        _overwrite(home / "prefect" / PREFECT)
        until(lambda: bool(list((home / "prefect").glob(f"{PREFECT}.damaged-*"))[2:]))
        until(site.answers)
        yield _back(one, officer, open_cases)
        for number, acts in open_cases.items():
            for position, (who, kind, fields) in enumerate(ACTS[acts:], start=acts + 1):
                officer._act(number, position, kind, fields, who)


def _back(one: Hardship, officer: Officers, open_cases: dict[str, int]) -> Outcome:
    """Every open case is at its point again, and an application can be handed in."""
    for number, acts in open_cases.items():
        if not until(lambda number=number, acts=acts: officer._at(number, acts + 1) is not None):
            one.outcome.faults.append(f"{number} 没有回到办理系统")
    if not until(lambda: submit(officer, f"{one.outcome.hardship}之后")):
        one.outcome.faults.append("不能登记申请")
    one.accepted.append(f"{one.outcome.hardship}之后")
    return one.settled()


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2 + 77)


def _overwrite(file: Path) -> None:
    size = file.stat().st_size
    with file.open("r+b") as opened:
        for place in range(0, size, 64 * 1024):
            opened.seek(place)
            opened.write(random.Random(place).randbytes(6000))


def full(home: Path, asked: argparse.Namespace) -> Iterator[Outcome]:
    """The disk of register and letters is full for a while."""
    disk = home / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_MEGABYTES}m", "tmpfs", str(disk)]
    subprocess.run(command, check=True)
    try:
        (disk / "home").mkdir()
        with office_at(disk / "home", asked) as officer:
            one = Hardship(officer, "磁盘已满")
            filler = disk / "filler"
            with filler.open("wb", buffering=0) as opened, suppress(OSError):
                while True:
                    opened.write(bytes(4096))
            one.submit()
            time.sleep(20)
            filler.unlink()
            one.submit(3)
            yield one.settled()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def postgres(home: Path, asked: argparse.Namespace) -> Iterator[Outcome]:
    """PostgreSQL stopped, while officers work, and started again."""
    with running(home, asked.postgres) as server:
        (home / "home").mkdir()
        url = server.database("register")
        with office_at(home / "home", asked, DISCLOSURE_DATABASE_URL=url) as officer:
            for seconds in asked.seconds:
                one = Hardship(officer, f"PostgreSQL停止{seconds:g}秒")
                one.submit(3)
                server.stop()
                until_back = time.monotonic() + seconds
                one.submit(FORMS, pause=seconds / FORMS / 2)
                time.sleep(max(0.0, until_back - time.monotonic()))
                server.start()
                yield one.settled()


def clock(home: Path, asked: argparse.Namespace) -> Iterator[Outcome]:
    """The machine's clock set back by three hours, then by a week."""
    shift = home / "shift"
    _turn(shift, 0)
    (home / "home").mkdir()
    source, library = Path(__file__).with_name("turned_clock.c"), home / "turned_clock.so"
    compiled = ["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(source)]
    subprocess.run(compiled, check=True)
    settings = {"LD_PRELOAD": str(library), "TURNED_CLOCK": str(shift)}
    with office_at(home / "home", asked, **settings) as officer:
        for words, offset in (("三小时", -3 * 3600), ("一周", -7 * 86400)):
            one = Hardship(officer, f"时钟拨回{words}")
            one.submit(5)
            restarted = officer.office.has_said("定时器已停止工作")
            _turn(shift, offset)
            one.submit(5)
            outcome = one.settled()
            if not until(restarted, 150):
                outcome.faults.append("定时器没有重新启动")
            yield outcome


def _turn(shift: Path, seconds: int) -> None:
    """Set the clock forward or back by `seconds` for whoever runs under `turned_clock.c`."""
    with shift.open("r+b" if shift.exists() else "wb") as opened:
        opened.write(seconds.to_bytes(8, sys.byteorder, signed=True))


HARDSHIPS: dict[str, Callable[[Path, argparse.Namespace], Iterator[Outcome]]] = {
    one.__name__: one for one in (locked, damaged, full, postgres, clock)
}


def main() -> int:
    """Go through what was asked for and print the figures; 1 if there was a fault."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("hardships", nargs="+", choices=list(HARDSHIPS))
    wanted.add_argument("--seconds", type=float, nargs="+", default=[12.0, 75.0])
    wanted.add_argument("--postgres", default="", help="folder of initdb and pg_ctl")
    wanted.add_argument("--accounts", action="store_true", help="officers log in")
    wanted.add_argument("--keep", action="store_true", help="keep the scratch folder")
    asked = wanted.parse_args()
    faults = 0
    for name in asked.hardships:
        home = Path(tempfile.mkdtemp(prefix=f"disclosure-{name}-"))
        found: list[Any] = []
        for outcome in HARDSHIPS[name](home, asked):
            found.append(outcome)
            print(json.dumps(outcome.__dict__, ensure_ascii=False), flush=True)
        faults += sum(len(one.faults) for one in found)
        if not asked.keep:
            shutil.rmtree(home, ignore_errors=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
