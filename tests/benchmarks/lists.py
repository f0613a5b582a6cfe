"""How long does it take to make the lists of open cases and to look at the desk for a minute, beside so
many open and closed cases?

`python -m tests.benchmarks.lists [--open 100 1000 10000] [--closed 0]`
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows import office
from flows.shown import lists
from models.case.stage import Stage
from models.register import listed, recorded_since
from models.store.tables import Application
from tests.benchmarks.timed import milliseconds
from tests.databases import TODAY, empty_register

TIMES = 10
WAITING = ("", "", "", "补正", "意见")


def put(first: int, cases: int, stages: tuple[str, ...]) -> None:
    """So many rows of cases, without their acts: nothing of what is measured here reads them."""
    today = date.fromisoformat(TODAY)
    with office.writing() as session:
        for n in range(first, first + cases):
            waiting = WAITING[n % len(WAITING)]
            session.add(
                Application(
                    number=f"SQ2025{n:07}",
                    position=3,
                    stage=stages[n % len(stages)],
                    channel="in_person",
                    applicant_kind="自然人",
                    applicant="张三",
                    request=f"第{n}批专利资助名单",
                    officer=("陈静", "李明", "赵敏")[n % 3],
                    arrived_on=today,
                    received_on=today,
                    last_day=today + timedelta(days=n % 60 - 10) if n % 11 else None,
                    waiting=waiting,
                    waiting_until=today + timedelta(days=n % 9 - 3) if waiting else None,
                )
            )


def made() -> None:
    """The pages of all lists."""
    with office.reading() as session:
        assert sum(1 for _ in lists.pages(session, office.circumstances(""))) == len(lists.LISTS)


def asked() -> None:
    """What the minute's check asks of the register where nothing has happened."""
    with office.reading() as session:
        recorded_since.cases(session, recorded_since.length(session), 51)
        recorded_since.limits(session)


def all_read() -> None:
    """What it asked before: every open case."""
    with office.reading() as session:
        listed.applications(session, is_open=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--closed", type=int, default=0)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as environment,
        empty_register(Path(folder), environment),
    ):
        put(10**6, given.closed, (str(Stage.CLOSED),))
        there = 0
        for cases in sorted(given.open):
            put(there, cases - there, tuple(str(one) for one in Stage if one is not Stage.CLOSED))
            there = cases
            took = [milliseconds(do, TIMES) for do in (made, asked, all_read)]
            print(
                f"{cases} open, {given.closed} closed: lists {took[0]:.1f} ms, the minute's questions "
                f"{took[1]:.1f} ms, reading every open case {took[2]:.1f} ms of CPU"
            )


if __name__ == "__main__":
    main()
