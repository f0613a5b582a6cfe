"""What a morning's sweep costs: what is due, not what exists.

    python -m tests.benchmarks.sweep [open cases, default 1000000] [due, default 500]

Fills a SQLite register with invented open cases, of which so many have an alert due today, and
measures in processes of their own, so that each has its own peak of memory: the sweep; the same
sweep again (it finds nothing new); and, for comparison, loading every open case and computing its
deadline, as one would without the register row's `look_on`, on a part of the cases, from which
the whole is reckoned.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlmodel import col, func, select

from flows import office
from flows.morning import sweep
from models.acts.catalogue import replay
from models.alerts import moved_limits
from models.alerts.alert_tables import Alert
from models.alerts.noted import note
from models.case.act import Circumstances
from models.duties import alert_days
from models.duties.duties import duties
from models.register import register
from models.store.tables import Application, Event

TODAY = date(2026, 6, 10)
PART = 20_000  # of the comparator
AT = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def fill(cases: int, due: int) -> None:
    """Open cases received on the days before, `due` of which have an alert today and no other."""
    now = office.circumstances("")
    with office.writing() as session:
        note(session, moved_limits.LAW, now.law.mark(), TODAY)
    days = [TODAY - DAY * n for n in range(1, 45)]
    made = {day: _case(day, now) for day in days if now.law.calendar.is_workday(day)}
    telling = [one for one in made.values() if one[0]["look_on"] == TODAY]
    quiet = [one for one in made.values() if one[0]["look_on"] > TODAY]
    database = sqlite3.connect(office.home() / "register.db")
    database.execute("PRAGMA synchronous=OFF")
    _insert(database, "application", _rows(cases, due, telling, quiet))
    _insert(database, "event", _events(cases, due, telling, quiet))
    database.commit()
    database.close()


Made = tuple[dict[str, Any], list[dict[str, Any]]]


def _case(received: date, now: Circumstances) -> Made:
    """Register row and events, as columns, of a case received on a day and told until yesterday."""
    facts = {
        "channel": "in_person",
        "arrived_on": received.isoformat(),
        "applicant_kind": "自然人",
        "applicant": "张三",
        "request": "2025年度专利资助名单" * 3,
    }
    answers: list[tuple[str, dict[str, Any]]] = [
        ("registered", facts),
        ("received", {"received_on": received.isoformat()}),
        ("found_ours", {}),
    ]
    events = [
        Event(
            case_number="",
            position=position,
            kind=kind,
            on=received,
            recorded_on=received,
            recorded_at=AT,
            officer=f"承办人{received.day % 7}",
            article="29",
            facts=answer,
        )
        for position, (kind, answer) in enumerate(answers)
    ]
    case = replay("", events)
    row = register.columns(case, now.law)
    row["look_on"] = alert_days.look_on(duties(case, now.law), TODAY - DAY, now.law)
    return row, [_stored(event.model_dump()) for event in events]


def _stored(event: dict[str, Any]) -> dict[str, Any]:
    """An event as SQLite holds it."""
    event["effective_on"] = event.pop("on")
    event["facts"], event["letters"] = (
        json.dumps(event["facts"]),
        json.dumps(event["letters"]),
    )
    return event


def _each(
    cases: int, due: int, telling: list[Made], quiet: list[Made]
) -> Iterator[tuple[str, Made]]:
    every = cases // due
    for n in range(cases):
        number = f"SQ2026{n:07d}"
        told = n % every == 0 and n // every < due
        yield number, (telling if told else quiet)[n % len(telling if told else quiet)]


def _rows(*of: Any) -> Iterator[dict[str, Any]]:
    for number, (row, _) in _each(*of):
        yield row | {"number": number}


def _events(*of: Any) -> Iterator[dict[str, Any]]:
    for number, (_, events) in _each(*of):
        for event in events:
            yield event | {"case_number": number}


def _insert(database: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    while batch := list(islice(rows, 20_000)):
        names = list(batch[0])
        quoted, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
        database.executemany(
            f"INSERT INTO {table} ({quoted}) VALUES ({marks})",
            [[_plain(row[name]) for name in names] for row in batch],
        )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value


def ours() -> dict[str, Any]:
    """The sweep, as the scheduler runs it."""
    told = sweep.sweep()
    with office.reading() as session:
        alerts = session.exec(select(func.count()).select_from(Alert)).one()
    return {"told": len(told), "alerts": alerts}


def everything() -> dict[str, Any]:
    """Every open case loaded and its deadline computed, on the first PART of them."""
    now = office.circumstances("")
    told = 0
    with office.reading() as session:
        statement = (
            select(Application)
            .where(Application.stage != "已办结")
            .order_by(col(Application.number))
            .limit(PART)
        )
        for row in session.exec(statement).all():
            case = register.case(session, row.number)
            limit = case.deadline(now.law)
            if limit and limit.last_day:
                left = now.law.calendar.count(now.today, limit.last_day).fewest
                told += left in (10, 5, 3, 1, 0) or limit.last_day < now.today
    return {"told": told}


MEASURED: dict[str, Callable[[], dict[str, Any]]] = {"ours": ours, "everything": everything}


def measure(what: str) -> dict[str, Any]:
    """One measurement in a process of its own: seconds and peak MB of the work alone and in all."""
    with office.reading() as session:  # the law and the tables are loaded before the clock starts
        office.law()
        session.connection()
    began = time.perf_counter()
    found = MEASURED[what]()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found | {"seconds": seconds, "peak": peak}


def _in_its_own_process(what: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.sweep", f"--{what}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    if sys.argv[1:2] and sys.argv[1].startswith("--"):
        print(json.dumps(measure(sys.argv[1][2:])))
        return
    cases, due = (int(given) for given in [*sys.argv[1:], *("1000000", "500")[len(sys.argv) - 1 :]])
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DISCLOSURE_HOME": folder, "DISCLOSURE_TODAY": TODAY.isoformat()}
        os.environ.pop("DISCLOSURE_DATABASE_URL", None)
        began = time.perf_counter()
        fill(cases, due)
        size = (Path(folder) / "register.db").stat().st_size / 2**20
        print(f"{cases:,} open cases, {due} due; filled in {time.perf_counter() - began:.0f} s")
        print(f"register.db {size:,.0f} MB")
        first, again = _in_its_own_process("ours"), _in_its_own_process("ours")
        print(
            f"sweep            {first['seconds']:8.2f} s {first['peak']:6.0f} MB"
            f"   {first['alerts']} alerts, {first['told']} lines"
        )
        print(
            f"the same again   {again['seconds']:8.2f} s {again['peak']:6.0f} MB"
            f"   {again['alerts']} alerts, {again['told']} lines"
        )
        all_of_them = _in_its_own_process("everything")
        share = cases / min(PART, cases)
        print(
            f"load everything  {all_of_them['seconds']:8.2f} s {all_of_them['peak']:6.0f} MB"
            f"   for {min(PART, cases):,} cases: {all_of_them['seconds'] * share:,.0f} s for all"
        )
        assert first["alerts"] == again["alerts"] == due, "as many alerts as were due"


if __name__ == "__main__":
    main()
