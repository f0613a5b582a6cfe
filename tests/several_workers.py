"""An office with several workers on PostgreSQL, any of them killed at any moment: lost, or doubled?

    python -m tests.several_workers --workers 4 --kills 60 --seed 1 [--clients 8]

Runs the real `disclosure serve` and so many `disclosure worker` beside it, each in a home of its own as
on a machine of its own. Officers take cases from registration to dispatch over Prefect's API meanwhile;
a worker, the server, or the office itself is killed (SIGKILL) and started again. The register is held
against what the officers did as in tests/kills.py. Prefect's tables are in the same database.

Needs PostgreSQL (Debian's package) and /proc (Linux).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests import kills, postgresql
from tests.begun import Begun

ROOT = kills.ROOT
SECRET = "several-workers-of-one-office-0123456789"
READY = "执行程序已就绪"
WORKER = "worker beside"
LOOKS_A_SECOND = 20
"""Of all officers together, at what they wait for: more would be the work that they measure."""


@dataclass
class Found(kills.Found):
    """As of the kills; letters by whoever wrote them: what each worker's home holds."""

    written: Counter[str] = field(default_factory=Counter)
    seconds: int = 0


class Beside(Begun):
    """One `disclosure worker` in a home of its own."""

    def __init__(self, home: Path, settings: dict[str, str]) -> None:
        self.home = home
        command = [sys.executable, "-m", "flows", "worker"]
        super().__init__(command, settings | {"DISCLOSURE_HOME": str(home)}, home / "worker.log")


def play(
    folder: Path,
    url: str,
    *,
    workers: int,
    kill: int,
    seed: int,
    clients: int = 4,
) -> Found:
    """So many kills while so many officers work; what became of it all.

    url = an empty database for the register, and for Prefect's tables
    """
    chance, found, enough = random.Random(seed), Found(), threading.Event()
    told = {"DISCLOSURE_DATABASE_URL": url, "DISCLOSURE_OFFICE_SECRET": SECRET}
    home, began = folder / "office", time.monotonic()
    home.mkdir()
    with kills.office_at(home, told) as office:
        beside = [
            Beside(folder / f"worker{n}", {**office.environment, **told}) for n in range(workers)
        ]
        try:
            for one in beside:
                one.start()
            for one in beside:
                one.until(READY)
            crew = [kills.Officers(office, found, enough) for _ in range(clients)]
            for officers in crew:
                officers.pause = max(officers.pause, clients / LOOKS_A_SECOND)
            at_work = [
                threading.Thread(target=one.work, args=(f"甲{place}",))
                for place, one in enumerate(crew)
            ]
            for thread in at_work:
                thread.start()
            _kill(office, beside, found, chance, kill)
            enough.set()
            for thread in at_work:
                thread.join()
        finally:
            for one in beside:
                one.stop()
        homes = [home, *(one.home for one in beside)]
        with kills.reading(url.replace("postgresql://", "postgresql+psycopg://", 1)) as session:
            kills.judge(session, homes, found)
    for one in homes:
        found.written[one.name] = sum(1 for _ in one.glob("letters/*/*.docx"))
    found.seconds = int(time.monotonic() - began)
    return found


def _kill(
    office: kills.Office, beside: list[Beside], found: Found, chance: random.Random, times: int
) -> None:
    """Kill one after the other, whoever it is, and start it again."""
    for place in range(times):
        if found.faults:
            return
        kills.let_them_work(found, chance.randint(1, 6))
        time.sleep(chance.uniform(0, 0.5))
        what = WORKER if place == 0 else chance.choice((WORKER, WORKER, kills.SERVER, kills.BOTH))
        if what == WORKER:
            one = chance.choice(beside)
            one.kill()
            one.start()
        else:
            office.kill(what)
        found.kills[what] += 1
    kills.let_them_work(found, 4)


def main() -> int:
    """Play and print the figures; 1 if there was a fault."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--workers", type=int, default=4)
    wanted.add_argument("--kills", type=int, default=20)
    wanted.add_argument("--seed", type=int, default=1)
    wanted.add_argument("--clients", type=int, default=8)
    asked = wanted.parse_args()
    from models.store.sealing import new_key

    os.environ.setdefault("DISCLOSURE_KEY", new_key())
    folder = Path(tempfile.mkdtemp(prefix="disclosure-workers-"))
    with postgresql.running(folder) as server:
        url = server.database("register")
        found = play(
            folder,
            url,
            workers=asked.workers,
            kill=asked.kills,
            seed=asked.seed,
            clients=asked.clients,
        )
    print(json.dumps(found.__dict__, ensure_ascii=False, indent=1))
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
