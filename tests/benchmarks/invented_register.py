"""A large register of invented cases, events and rows that agree, written in bulk."""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import select

from flows import office
from models.acts import catalogue
from models.acts.intake.imported import ImportedReceipt, ImportedResult
from models.acts.intake.receipt import Register
from models.case.stage import ApplicantKind
from models.register import register
from models.report_tables.form import form_for
from models.store import evidence
from models.store.tables import Application, Event

YEAR = 2025
FIRST, LAST = date(2024, 11, 1), date(2026, 1, 20)
BATCH = 20_000
AT = datetime(2026, 1, 20, tzinfo=UTC)
IN_ORDER = (
    "INSERT INTO link (seq, line, place, form, digest, head)"
    " SELECT row_number() OVER (ORDER BY case_number, position), 'event ' || case_number,"
    " cast(position AS varchar), 1, sealed.digest, sealed.digest FROM event,"
    " (SELECT cast('unproved' AS {blob}) AS digest) AS sealed"
)
EVENT = tuple(column.name for column in Event.__table__.columns)  # type: ignore[attr-defined]
APPLICATION = tuple(column.name for column in Application.__table__.columns)  # type: ignore[attr-defined]


Worded = Callable[[str], str]


def without_words(number: str) -> str:
    """A request that says nothing but which case it is of."""
    return f"申请内容{number}"


@contextmanager
def invented(
    cases: int, request: Worded = without_words, database: str = "", *, chained: bool = True
) -> Iterator[Path]:
    """An office in a scratch folder with so many invented cases, chained as recorded ones are.

    request = what is asked for in a case; database = the URL of an empty one, "" = SQLite there
    chained = False: in the order of the chain, which proves nothing: a million take minutes
    """
    with tempfile.TemporaryDirectory() as home:
        os.environ["DISCLOSURE_HOME"] = home
        os.environ.pop("DISCLOSURE_DATABASE_URL", None)
        if database:
            os.environ["DISCLOSURE_DATABASE_URL"] = database
        fill(cases, request=request)
        link(chained=chained)
        yield Path(home)


def link(*, chained: bool) -> None:
    """Link all that was invented; chained = with the digests that prove it."""
    with office.writing() as session:
        if chained:
            evidence.link_all(session.connection())
        else:
            here = session.connection()
            blob = "bytea" if here.dialect.name == "postgresql" else "blob"
            here.execute(text(IN_ORDER.format(blob=blob)))


def fill(cases: int, lag: int = 0, request: Worded = without_words) -> None:
    """Invent `cases` applications of 14 months, nine in ten closed within 30 days.

    lag = working out how late things are recorded: up to so many days after they happened
    """
    with office.reading() as session:
        session.connection()  # the tables are there
    rows = _invented(cases, lag, request)
    done = 0
    while batch := list(islice(rows, BATCH)):
        _write("event", EVENT, (row for events, _ in batch for row in events))
        _write("application", APPLICATION, (row for _, row in batch))
        done += len(batch)
        if sys.stderr.isatty():
            print(f"\rfilled {done}/{cases}", end="", file=sys.stderr)
    agree(sample=200)


def agree(sample: int) -> None:
    """The invented rows are what the register makes of the invented events."""
    with office.reading() as session:
        for row in session.exec(select(Application).limit(sample)):
            columns = register.columns(register.case(session, row.number), office.law())
            assert row.model_dump() == columns, row.number


def _write(table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    raw = office.engine().raw_connection()
    try:
        cursor = raw.cursor()
        if office.database_url().startswith("postgresql"):
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * len(columns))
            cursor.execute("BEGIN")
            cursor.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",
                (tuple(str(v) if isinstance(v, date) else v for v in row) for row in rows),
            )
        raw.commit()
    finally:
        raw.close()


def _invented(
    cases: int, lag: int, request: Worded
) -> Iterator[tuple[list[tuple[Any, ...]], tuple[Any, ...]]]:
    chance = random.Random(YEAR)
    results = form_for(office.annual_rules().forms, YEAR).result_codes
    kinds = [str(kind) for kind in ApplicantKind]
    days = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
    for serial in range(cases):
        arrived = chance.randrange(len(days) - 31)
        closed = days[arrived + chance.randrange(31)] if chance.random() < 0.9 else None
        late = [timedelta(chance.randrange(lag + 1) if chance.random() < 0.1 else 0) for _ in "12"]
        number = f"B{serial:08d}"
        asked = (chance.choice(kinds), request(number))
        yield _case(number, asked, days[arrived], closed, chance.choice(results), late)


def _case(
    number: str,
    applied: tuple[str, str],
    received: date,
    closed: date | None,
    row: str,
    late: list[timedelta],
) -> tuple[list[tuple[Any, ...]], tuple[Any, ...]]:
    """The rows of one case taken over from a ledger, as the register itself would write them."""
    who, recorded = "测试", received + late[0]
    kind, request = applied
    asked = {
        "channel": "online",
        "arrived_on": received.isoformat(),
        "applicant_kind": kind,
        "applicant": number,
        "request": request,
        "form_wanted": "",
        "co_applicants": "",
    }
    happened: list[tuple[str, date, date, str, dict[str, str]]] = [
        (Register.kind, received, received, Register.article, asked),
        (ImportedReceipt.kind, received, recorded, ImportedReceipt.article,
         {"received_on": received.isoformat(), "delay": "", "note": ""}),
    ]  # fmt: skip
    if closed:
        facts = {"row": row, "closed_on": closed.isoformat()}
        entered = max(closed + late[1], recorded)
        happened.append((ImportedResult.kind, closed, entered, ImportedResult.article, facts))
    events = [
        _in_order(EVENT, {
            "case_number": number, "position": n, "kind": what,
            "version": catalogue.ACTS[what].version, "effective_on": on,
            "recorded_on": entered, "recorded_at": AT.replace(tzinfo=None).isoformat(" "),
            "officer": who, "article": article, "facts": json.dumps(facts, ensure_ascii=False),
            "letters": "[]",
        })
        for n, (what, on, entered, article, facts) in enumerate(happened)
    ]  # fmt: skip
    columns = _columns(received, closed is not None) | {
        "number": number, "applicant_kind": kind, "applicant": number,
        "request": request, "received_recorded_on": recorded,
    }  # fmt: skip
    if closed:
        columns |= {"closed_on": closed, "closed_recorded_on": happened[2][2], "row": row}
    return events, _in_order(APPLICATION, columns)


def _in_order(names: tuple[str, ...], values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(values[name] for name in names)


@cache
def _columns(received: date, closed: bool) -> dict[str, Any]:
    """The register row of a case that came in on this day; the same for all but what differs."""
    facts = [
        Register(channel="online", arrived_on=received, applicant_kind="自然人", applicant="x",
                 request="x"),
        ImportedReceipt(received_on=received, note=""),
        *([ImportedResult(row="3.1", closed_on=received)] if closed else []),
    ]  # fmt: skip
    events = [
        Event(case_number="x", position=n, kind=act.kind, on=received, recorded_on=received,
              recorded_at=AT, officer="测试", article=act.article, letters=[],
              facts=act.model_dump(mode="json"))
        for n, act in enumerate(facts)
    ]  # fmt: skip
    return register.columns(catalogue.replay("x", events), office.law())
