"""Prefect's database is lost while many cases are open: when is the office up, and the most pressing at hand?

    python -m tests.benchmarks lost_desk          (10,000 open cases: some minutes)

The real `disclosure serve` on SQLite over a register of open cases, whose Prefect database is empty;
beside it, in the same run, one with a few. The seconds are from the start of the command to what it says
when it is ready, and to the forms of the five cases whose limits end first, which were received last.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from datetime import date, timedelta
from pathlib import Path

from models.store.sealing import new_key
from tests import kills
from tests.benchmarks.measured import Line
from tests.waiting import until

CASES, FEW, PRESSING = 10_000, 5, 5
SMALL = {"cases": 110}
PATIENCE_SECONDS = 600.0
WANTED = "60"


def filled(cases: int) -> list[str]:
    """So many open cases; the numbers of those whose limits end first."""
    from flows import office
    from flows.path import intake
    from models.register import register

    numbers = [
        intake.receive(
            channel="当面提交",
            kind="自然人",
            applicant="张三",
            request=f"第{place}批专利资助名单",
            arrived_on=date.fromisoformat(kills.DAY),
        ).number
        for place in range(cases)
    ]
    with office.writing() as session:
        for place, number in enumerate(reversed(numbers)):
            row = register.row(session, number)
            later = 1 + (place >= PRESSING) + place // 100
            row.last_day = date.fromisoformat(kills.DAY) + timedelta(days=later)
            session.add(row)
    return numbers[-PRESSING:]


def took(cases: int) -> tuple[float, float]:
    """Seconds until the office is ready, and until the most pressing have their forms."""
    from flows import office

    with tempfile.TemporaryDirectory(prefix="disclosure-lost-") as folder:
        home = Path(folder)
        os.environ |= {"DISCLOSURE_HOME": folder, "DISCLOSURE_TODAY": kills.DAY}
        os.environ.pop("DISCLOSURE_DATABASE_URL", None)
        first = filled(cases)
        office.close()
        began = time.monotonic()
        with kills.office_at(home) as running:
            ready = time.monotonic() - began
            look = kills.Officers(running, kills.Found(), threading.Event())
            until(
                lambda: all(run and run["state_type"] == "PAUSED" for run in map(look._run, first)),
                PATIENCE_SECONDS,
                longest=1.0,
            )
            return ready, time.monotonic() - began


def lines(cases: int = CASES) -> list[Line]:
    """Many beside a few."""
    os.environ.setdefault("DISCLOSURE_KEY", new_key())
    few, many = took(FEW), took(cases)
    what = (
        f"{cases:,} open cases, the desk lost: ready",
        f"{PRESSING} most pressing at their forms",
    )
    return [
        Line(work, "s", [ours], f"{FEW} open cases", (theirs,), WANTED)
        for work, ours, theirs in zip(what, many, few, strict=True)
    ]
