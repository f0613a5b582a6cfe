"""How long the year end takes over many cases, against one grouped query written by hand.

    python tests/benchmarks/year_end.py [cases, default 100000]

Fills a SQLite register with invented cases (events and register rows that agree), then measures in
processes of their own, so that each has its own peak of memory: the hand-written query, which gives
the figures only; table 三 with the case numbers of every cell; the identities, last year's table
included; and the whole report with its three files. The figures of both are compared.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sqlalchemy import insert  # noqa: E402

from flows import office  # noqa: E402
from models import register  # noqa: E402
from models.annual import table3  # noqa: E402
from models.annual_form import form_for, load_forms  # noqa: E402
from models.case import Applicant, ApplicantKind, Application, Event, Stage  # noqa: E402
from models.identities import checks  # noqa: E402
from models.year_end import case_lines  # noqa: E402

YEAR = 2025
TODAY = date(2026, 1, 20)
FIRST = date(2024, 11, 1)
BATCH = 20_000

DEFAULTS = {model: model().model_dump() for model in (Event, Application, Applicant)}

BY_HAND = """
WITH counted AS (
  SELECT applicant_kind, received_on, closed_on, "row" FROM application
  WHERE received_on <= :last AND (closed_on IS NULL OR closed_on >= :first)
)
SELECT CASE WHEN received_on >= :first THEN '1' ELSE '2' END, applicant_kind, count(*)
FROM counted GROUP BY 1, 2
UNION ALL
SELECT CASE WHEN closed_on <= :last THEN "row" ELSE '4' END, applicant_kind, count(*)
FROM counted GROUP BY 1, 2
"""


# ── filling ───────────────────────────────────────────────────────────────────────────────────


def fill(cases: int) -> None:
    """Invent `cases` applications of 14 months, nine in ten closed within 30 days."""
    began = time.perf_counter()
    invented = _invented(cases)
    done = 0
    while batch := list(islice(invented, BATCH)):
        with office.writing() as session:
            for n, model in enumerate((Event, Application, Applicant)):
                session.execute(insert(model), [row for case in batch for row in case[n]])
        done += len(batch)
        if sys.stderr.isatty():
            print(f"\rfilled {done}/{cases}", end="", file=sys.stderr)
    agree(sample=200)
    print(f"\n{json.dumps({'seconds': time.perf_counter() - began})}")


Rows = tuple[list[dict[str, object]], list[dict[str, object]], list[dict[str, object]]]


def _invented(cases: int) -> Iterator[Rows]:
    chance = random.Random(YEAR)
    forms = load_forms(office.config() / "annual")
    results, kinds = form_for(forms, YEAR).result_codes, [str(kind) for kind in ApplicantKind]
    days = [FIRST + timedelta(n) for n in range((TODAY - FIRST).days + 1)]
    at = datetime(2026, 1, 20, tzinfo=UTC)
    for serial in range(cases):
        arrived = chance.randrange(len(days) - 31)
        closed = arrived + chance.randrange(31) if chance.random() < 0.9 else None
        yield _history(
            f"B{serial:08d}",
            chance.choice(kinds),
            days[arrived],
            None if closed is None else days[closed],
            chance.choice(results),
            at,
        )


def _history(
    number: str, kind: str, received: date, closed: date | None, row: str, at: datetime
) -> Rows:
    """The rows of one case taken over from a ledger, as the register itself would write them."""
    request, who = f"申请内容{number}", "测试"
    acts = [
        (
            "registered",
            received,
            "29",
            {
                "channel": "online",
                "arrived_on": received.isoformat(),
                "applicant_kind": kind,
                "applicant": number,
                "request": request,
                "form_wanted": "",
                "co_applicants": "",
            },
        ),
        (
            "imported_receipt",
            received,
            "31",
            {"received_on": received.isoformat(), "delay": "", "note": ""},
        ),
    ]
    if closed:
        acts.append(
            ("imported_result", closed, "45", {"row": row, "closed_on": closed.isoformat()})
        )
    events: list[dict[str, object]] = [
        DEFAULTS[Event]
        | {
            "case_number": number,
            "position": position,
            "kind": what,
            "on": on,
            "recorded_on": on,
            "recorded_at": at,
            "officer": who,
            "article": article,
            "facts": facts,
            "letters": [],
        }
        for position, (what, on, article, facts) in enumerate(acts)
    ]
    application: dict[str, object] = DEFAULTS[Application] | {
        "number": number,
        "position": len(acts),
        "stage": str(Stage.CLOSED if closed else Stage.JURISDICTION),
        "channel": "online",
        "applicant_kind": kind,
        "applicant": number,
        "request": request,
        "officer": who,
        "arrived_on": received,
        "received_on": received,
        "received_recorded_on": received,
        "closed_on": closed,
        "closed_recorded_on": closed,
        "outcome": None,
        "row": row if closed else None,
        "by_history": False,
    }
    return events, [application], [DEFAULTS[Applicant] | {"case_number": number}]


def agree(sample: int) -> None:
    """The invented rows are what the register makes of the invented events."""
    with office.reading() as session:
        for row, columns in islice(register.rebuilt(session, office.law()), sample):
            assert row.model_dump() == columns, row.number


# ── measuring ─────────────────────────────────────────────────────────────────────────────────


def by_hand() -> dict[str, object]:
    """The figures by one query, as someone would write it who needs no case numbers."""
    period = {"first": f"{YEAR}-01-01", "last": f"{YEAR}-12-31"}
    with sqlite3.connect(office.home() / "register.db") as connection:
        rows = connection.execute(BY_HAND, period).fetchall()
    return {f"{code} {kind}": count for code, kind, count in rows}


def tables() -> dict[str, object]:
    """Table 三 with the cases of every cell."""
    form = form_for(load_forms(office.config() / "annual"), YEAR)
    with office.reading() as session:
        table = table3(case_lines(session, YEAR, TODAY, office.law()), YEAR, form)
    return {
        f"{code} {kind}": len(table.cases(code, kind))
        for code, row in form.rows.items()
        for kind in form.kinds
        if row.kind != "results" and table.cases(code, kind)
    }


def identities() -> dict[str, object]:
    """Table 三 and last year's, and every identity on the sets of their cases."""
    forms = load_forms(office.config() / "annual")
    with office.reading() as session:
        this, last = (
            table3(case_lines(session, year, TODAY, office.law()), year, form_for(forms, year))
            for year in (YEAR, YEAR - 1)
        )
    found = checks(this, last)
    return {"checked": len(found), "failed": sum(not check.ok for check in found)}


def report() -> dict[str, object]:
    """The whole report: docx, xlsx with the list of cases, json."""
    from flows.annual_report import produce

    made = produce(YEAR, office.home() / "report", TODAY)
    return {path.name: f"{path.stat().st_size / 2**20:.1f} MB" for path in made.files}


MEASURES = {each.__name__: each for each in (by_hand, tables, identities, report)}


def measure(name: str) -> None:
    """One measure in this process: seconds, peak memory (KiB), how much of it was there before."""
    if name == "report":
        from flows import annual_report  # noqa: F401 — not the time to import Prefect
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    answer = MEASURES[name]()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "peak": peak, "before": before, "answer": answer}))


def main() -> int:
    """Fill, measure each, compare; exit 1 if the figures differ."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="disclosure-benchmark-") as folder:
        os.environ |= {"DISCLOSURE_HOME": folder, "DISCLOSURE_TODAY": TODAY.isoformat()}
        os.environ.pop("DISCLOSURE_DATABASE_URL", None)
        filled = _in_a_process("fill", str(cases))
        size = (Path(folder) / "register.db").stat().st_size / 2**20
        print(f"{cases} cases, register of {size:.0f} MB, filled in {filled['seconds']:.1f} s")
        found = {name: _in_a_process("measure", name) for name in MEASURES}
    hand = found["by_hand"]["seconds"]
    for name, one in found.items():
        print(
            f"{name:>11}  {one['seconds']:8.3f} s  {one['seconds'] / hand:6.1f} x by_hand"
            f"  peak {one['peak'] / 1024:6.0f} MB (before {one['before'] / 1024:.0f} MB)"
        )
    print(f"identities {found['identities']['answer']}  files {found['report']['answer']}")
    same = found["by_hand"]["answer"] == found["tables"]["answer"]
    print("figures: the same" if same else "figures: THEY DIFFER")
    return 0 if same else 1


def _in_a_process(what: str, argument: str) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__).resolve()), f"--{what}", argument]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--fill", number]:
            fill(int(number))
        case ["--measure", name]:
            measure(name)
        case _:
            sys.exit(main())
