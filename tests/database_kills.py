"""PostgreSQL killed at any moment while applications are registered: nothing acknowledged is lost.

    python -m tests.database_kills --kills 200 --seed 1 --minutes 60

Several threads register applications and confirm their receipt, each of which issues a numbered
letter; whatever the database could not do is asked again under the same submission. Meanwhile its
server is killed (SIGKILL, or stopped as if the power had gone) and started again. Needs PostgreSQL's
own programs (tests/postgresql.py).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest
from sqlmodel import select

from flows import office
from flows.keeping import verifying
from flows.path import intake, recording
from models.store.tables import Applicant, Application, Document, Event
from tests.databases import TODAY
from tests.postgresql import PostgreSQL, running

T = TypeVar("T")
THREADS = 3
MOST = 200  # times that it is asked after the last kill
AT_WORK = 0.7  # of the kills come when something was acknowledged since the one before
LONGEST = 15.0  # seconds that this is waited for
PAUSE = 0.05  # seconds before what was not done is asked again
RECEIVED = {"received_on": TODAY}


@dataclass
class Played:
    """What was acknowledged, how often the database was away, and what does not hold in the end."""

    kills: int = 0
    away: int = 0
    told: dict[str, str] = field(default_factory=dict)  # number by submission
    confirmed: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        return len(self.told) + len(self.confirmed)


def play(folder: Path, kills: int, seed: int, minutes: float) -> Played:
    """So many kills while threads work, or as many as there is time for; then everything is held
    against what they were told.
    """
    until = time.monotonic() + 60 * minutes
    with running(folder) as server, at_work(folder, server):
        with office.reading():
            pass
        played, stop, chance = Played(), threading.Event(), random.Random(seed)
        threads = [
            threading.Thread(target=_work, args=(n, played, stop), name=f"clerk {n}")
            for n in range(THREADS)
        ]
        for one in threads:
            one.start()
        try:
            while played.kills < kills and time.monotonic() < until:
                if chance.random() < AT_WORK:
                    _until_something_is_done(played)
                time.sleep(chance.uniform(0.05, 0.8))
                (server.kill if chance.random() < 0.5 else server.stop)()
                server.start()
                played.kills += 1
        finally:
            stop.set()
            for one in threads:
                one.join()
        played.faults += faults(played)
    return played


@contextmanager
def at_work(folder: Path, server: PostgreSQL) -> Iterator[None]:
    """An office whose register is in that server."""
    home = folder / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DISCLOSURE_HOME", str(home))
        environment.setenv("DISCLOSURE_DATABASE_URL", server.database("killed"))
        environment.setenv("DISCLOSURE_TODAY", TODAY)
        office.close()
        try:
            yield
        finally:
            office.close()


def _until_something_is_done(played: Played) -> None:
    """On a machine that is busy with other things, all kills would come while the server starts."""
    done, until = played.acknowledged, time.monotonic() + LONGEST
    while played.acknowledged == done and time.monotonic() < until:
        time.sleep(PAUSE)


def _work(thread: int, played: Played, stop: threading.Event) -> None:
    """Register and confirm, one after the other, until told to stop."""
    for n in count():
        if stop.is_set():
            return
        submission = f"clerk {thread}, {n}"
        case = _done(played, stop, lambda one=submission: _received(one))  # type: ignore[misc]
        played.told[submission] = case.number
        act = (case.number, case.position, "received", dict[str, object](RECEIVED), "李起草")
        recorded = _done(played, stop, lambda act=act: recording.perform(*act))  # type: ignore[misc]
        if recorded.refused:
            played.faults.append(f"{case.number}: {recorded.reasons}")
        played.confirmed.add(case.number)


def _received(submission: str) -> intake.Case:
    return intake.receive(
        channel="当面提交",
        kind="自然人",
        applicant=submission,
        request="某项目名单",
        arrived_on=None,
        contact="021-1",
        submission=submission,
    )


def _done(played: Played, stop: threading.Event, ask: Callable[[], T]) -> T:
    """Ask until it is done: the register may be away, but not for long once the kills are over."""
    asked = 0
    while True:
        asked += stop.is_set()
        try:
            return ask()
        except office.REGISTER_FAULTS as fault:
            if not office.register_away(fault) or asked > MOST:
                raise
            played.away += 1
            time.sleep(PAUSE)


def faults(played: Played) -> Iterator[str]:
    """What was acknowledged and is not there, once; numbers with gaps; what verify finds."""
    with office.reading() as session:
        taken = Counter(row.intake for row in session.exec(select(Applicant)))
        by_intake = {row.intake: row.case_number for row in session.exec(select(Applicant))}
        acts = Counter((one.case_number, one.kind) for one in session.exec(select(Event)))
        numbers = sorted(row.number for row in session.exec(select(Application)))
        letters = Counter(one.case_number for one in session.exec(select(Document)))
    for submission, number in played.told.items():
        if taken[submission] != 1 or by_intake[submission] != number:
            yield f"{submission} 登记了{taken[submission]}次，应为 {number}"
    for number in played.confirmed:
        if acts[number, "received"] != 1 or letters[number] != 1:
            yield f"{number} 确认收到{acts[number, 'received']}次，文书{letters[number]}份"
    if len(set(numbers)) != len(played.told):
        yield f"登记簿有{len(numbers)}件，答复了{len(played.told)}件"
    yield from verifying.verify(contents=True).faults
    yield from recording.damaged_letters()


def main() -> int:
    """Play, and print the figures; exit 1 if anything does not hold."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--kills", type=int, default=200)
    wanted.add_argument("--seed", type=int, default=1)
    wanted.add_argument("--minutes", type=float, default=60, help="at most, of killing")
    asked = wanted.parse_args()
    with tempfile.TemporaryDirectory(prefix="disclosure-kills-") as folder:
        played = play(Path(folder), asked.kills, asked.seed, asked.minutes)
    print(
        f"{played.kills} kills, {len(played.told)} applications, {len(played.confirmed)} letters, "
        f"{played.away} times away, {len(played.faults)} faults"
    )
    for one in played.faults:
        print(f"  {one}")
    return 1 if played.faults else 0


if __name__ == "__main__":
    sys.exit(main())
