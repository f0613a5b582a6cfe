"""How long does it take to hold a request against all earlier ones, and is what was asked found?

    python -m tests.benchmarks.precedents --cases 100000

Each request that is tried asks in other words for what one earlier request asked for.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from sqlmodel import Session, select

from flows import office
from flows.shown.precedents import precedents
from flows.shown.search_index import read_on
from models.store.tables import Application
from tests.benchmarks.invented_register import invented
from tests.benchmarks.invented_requests import sought, worded

WANTED_MS, WANTED_FOUND = 50.0, 0.9
TRIED = 200


def request(number: str) -> str:
    """What is asked for in the case of this number."""
    chance = Random(number)
    return worded(sought(chance), chance)


def asked_again(number: str) -> str:
    """The same in the words of somebody else."""
    what = sought(Random(number))
    return worded(what, Random(f"{number} again"))


def main() -> None:
    """Print the milliseconds that a request takes, and how many find what was asked before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--home", type=Path, help="an office filled before")
    asked = parser.parse_args()
    with _office(asked.home, asked.cases), office.reading() as session:
        read_on(session)
        numbers = list(session.exec(select(Application.number)))
        times, worked, found = _tried(session, Random(1).sample(numbers, TRIED))
    print(f"{len(numbers)}件；要求{WANTED_MS:.0f} ms以内，找到近{WANTED_FOUND:.0%}")
    for name, each in (("用时", times), ("CPU", worked)):
        ninth = sorted(each)[TRIED * 9 // 10]
        print(f"{name}：中位 {statistics.median(each):.1f} ms，九成 {ninth:.1f} ms")
    print(f"换了说法再申请的，找到以前那一件的：{found / TRIED:.1%}")


def _tried(session: Session, numbers: list[str]) -> tuple[list[float], list[float], int]:
    now = office.circumstances("")
    times, worked, found = [], [], 0
    for number in numbers:
        began, at = time.perf_counter(), time.process_time()
        shown = precedents(session, asked_again(number), now)
        times.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - at))
        found += number in {one.number for one in shown}
        session.expunge_all()
    return times, worked, found


@contextmanager
def _office(home: Path | None, cases: int) -> Iterator[None]:
    if home is not None:
        os.environ["DISCLOSURE_HOME"] = str(home)
        yield
        return
    with invented(cases, request, chained=False):
        yield


if __name__ == "__main__":
    main()
