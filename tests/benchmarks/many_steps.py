"""A year of many steps in one running office: do its memory and Prefect's tables stay as large as they were?

    python -m tests.benchmarks many_steps          (10,000 steps: hours)

The real `disclosure serve` on SQLite with its server; people take cases from registration to dispatch, a
thirteenth of the steps in each four weeks. Then the office's day goes on by four weeks, and so does
what Prefect says of when a run ended: what its retention (config/retention.toml: 60 days) lets go, goes
as it would have gone, only that Prefect looks more often. Compared are the last three of these months
with the third to the fifth, when the first runs have gone. What a step asks of the server:
both_databases.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from models.store.sealing import new_key
from tests import kills
from tests.benchmarks.idle import processor
from tests.benchmarks.measured import Line
from tests.soak import megabytes
from tests.waiting import until

STEPS, MONTHS, PEOPLE = 10_000, 13, 4
SMALL = {"steps": 36, "months": 6, "people": 3}
FIRST, MONTH = date(2025, 3, 3), timedelta(days=28)
LOOKS_SECONDS = 10
PATIENCE_SECONDS = 600.0
DAY_FILE = "today"
OLD = "end_time IS NOT NULL AND end_time < datetime('now', '-60 days')"
OLDER = (
    "UPDATE flow_run SET end_time = strftime('%Y-%m-%d %H:%M:%f000', end_time, '-28 days') "
    "WHERE end_time IS NOT NULL"
)


class Month:
    """What was held when one had passed: megabytes by process, of Prefect's tables; runs that are kept;
    processor of a step in milliseconds.
    """

    def __init__(self, office: kills.Office, file: Path, spent: float, steps: int) -> None:
        assert office.serve is not None
        server = kills._child(office.serve.pid, "flows.server.server_process")
        self.held = {"serve": megabytes(office.serve.pid), "its server": megabytes(server)}
        self.step = 1000 * spent / max(1, steps)
        with closing(sqlite3.connect(file, timeout=60)) as there:
            (size,) = there.execute("SELECT sum(pgsize) FROM dbstat").fetchone()
            (self.runs,) = there.execute("SELECT count(*) FROM flow_run").fetchone()
        self.held["Prefect's tables"] = size / 1e6


def walked(home: Path, steps: int, months: int, people: int) -> list[Month]:
    """The year, month by month."""
    file, found = home / "prefect" / "prefect.db", kills.Found()
    (home / DAY_FILE).write_text(f"{FIRST}\n")
    told = {
        "DISCLOSURE_TODAY": "",
        "DISCLOSURE_TODAY_FILE": str(home / DAY_FILE),
        "PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": str(LOOKS_SECONDS),
    }
    passed = []
    with kills.office_at(home, told) as office:
        assert office.serve is not None
        for month in range(months):
            (home / DAY_FILE).write_text(f"{FIRST + month * MONTH}\n")
            spent, accepted = processor(office.serve.pid), found.accepted
            _work(office, found, month, steps * (month + 1) // months, people)
            spent, done = processor(office.serve.pid) - spent, found.accepted - accepted
            _age(file)
            passed.append(Month(office, file, spent, done))
            print(f"{found.accepted:>6} steps", _said(passed[-1]), flush=True)
    return passed


def _work(office: kills.Office, found: kills.Found, month: int, upto: int, people: int) -> None:
    """People at work until so many steps were accepted in all; the cases begun are finished."""
    enough = threading.Event()
    crew = [kills.Officers(office, found, enough) for _ in range(people)]
    for one in crew:
        one.day = str(FIRST + month * MONTH)
    threads = [
        threading.Thread(target=one.work, args=(f"{month}-{place}",))
        for place, one in enumerate(crew)
    ]
    for thread in threads:
        thread.start()
    while found.accepted < upto and not found.faults:
        time.sleep(0.2)
    enough.set()
    for thread in threads:
        thread.join()
    assert not found.faults, found.faults


def _age(file: Path) -> None:
    """Four weeks pass for Prefect: what is kept no longer has gone."""
    with closing(sqlite3.connect(file, timeout=60)) as there, there:
        there.execute(OLDER)

    def gone() -> bool:
        with closing(sqlite3.connect(file, timeout=60)) as there:
            return there.execute(f"SELECT 1 FROM flow_run WHERE {OLD} LIMIT 1").fetchone() is None

    until(gone, PATIENCE_SECONDS, longest=1.0)


def _said(month: Month) -> str:
    held = ", ".join(f"{name} {size:.0f} MB" for name, size in month.held.items())
    return f"{held}, {month.runs} runs kept, {month.step:.0f} ms of processor a step"


def lines(steps: int = STEPS, months: int = MONTHS, people: int = PEOPLE) -> list[Line]:
    """The last three months beside the third to the fifth."""
    os.environ.setdefault("DISCLOSURE_KEY", new_key())
    with tempfile.TemporaryDirectory(prefix="disclosure-year-") as home:
        passed = walked(Path(home), steps, months, people)
    early, late = passed[2:5], passed[-3:]
    figures: Mapping[str, tuple[str, list[float], list[float]]] = {
        **{
            name: ("MB", [one.held[name] for one in late], [one.held[name] for one in early])
            for name in early[0].held
        },
        "runs that Prefect keeps": ("", [one.runs for one in late], [one.runs for one in early]),
        "processor of a step": ("ms", [one.step for one in late], [one.step for one in early]),
    }
    named = f"months {months - 2}–{months} of {steps:,} steps"
    return [
        Line(f"{named}: {name}", unit, ours, "months 3–5", tuple(theirs), "ratio 1")
        for name, (unit, ours, theirs) in figures.items()
    ]
