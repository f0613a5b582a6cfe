"""How long the year end takes over many cases, against one grouped query written by hand.

    python -m tests.benchmarks.year_end [cases, default 100000]

Fills a register with invented cases: on SQLite in a scratch folder, then also on the empty
PostgreSQL that DISCLOSURE_DATABASE_URL names, if it does. Then measures on each, in processes of
their own, so that each has its own peak of memory, several times and in turn:

by_hand   the hand-written query, which gives the bare figures of one year, knows of no day of
          record and lists no case; by_scan, on SQLite, the same told to leave the index alone
figures   table 三 as of a day: every figure, no list opened
year_end  what the year end judges: table 三 and last year's, and the verdict on every identity
          between their sets of cases. No file is written, no list opened unless a check fails;
          tables 二 and 四, the words and the other figures of the report are not in it
listed    the year end, and then every cell of the year with its cases

The best time of each counts, beside the faster of the two queries. With --report, once, the whole
report with its files, in which the numbers of all cases are written out. The figures of the query
are compared with those of the table, and the figures with the lengths of the lists.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from flows import office
from flows.installation import settings
from models.report_tables.form import form_for
from models.report_tables.identities import Check, checks
from models.report_tables.table3 import Table3
from models.year.year_end import tables
from tests.benchmarks.invented_register import LAST, YEAR, fill

TIMES = 5

BY_HAND = """
SELECT applicant_kind, "row",
  count(*) FILTER (WHERE received_on >= :first),
  count(*) FILTER (WHERE received_on < :first),
  count(*) FILTER (WHERE closed_on <= :last),
  count(*) FILTER (WHERE closed_on IS NULL OR closed_on > :last)
FROM application {how}
WHERE received_on <= :last AND (closed_on IS NULL OR closed_on >= :first)
GROUP BY applicant_kind, "row"
"""


def by_hand(how: str = "") -> dict[str, object]:
    """The figures by one query, as someone would write it who needs no case numbers."""
    period = {"first": f"{YEAR}-01-01", "last": f"{YEAR}-12-31"}
    found: Counter[str] = Counter()
    with office.reading() as session:
        for kind, row, new, old, ended, left in session.execute(
            text(BY_HAND.format(how=how)), period
        ):
            found.update({f"1 {kind}": new, f"2 {kind}": old, f"4 {kind}": left})
            found[f"{row} {kind}"] += ended
    return {cell: count for cell, count in found.items() if count}


def by_scan() -> dict[str, object]:
    """The same, by whoever knows that SQLite does better without its index here."""
    return by_hand("NOT INDEXED" if office.database_url().startswith("sqlite") else "")


def _tables(session: Session, *years: int) -> list[Table3]:
    forms = {year: form_for(office.annual_rules().forms, year) for year in years}
    return list(tables(session, forms, LAST, office.law()).values())


def _places(table: Table3) -> list[tuple[str, str]]:
    """The cells that are counted, not summed up."""
    rows = table.form.rows.items()
    return [(c, kind) for c, row in rows if row.kind != "results" for kind in table.form.kinds]


def figures() -> dict[str, object]:
    """Table 三, no list opened."""
    with office.reading() as session:
        [table] = _tables(session, YEAR)
    return {f"{c} {kind}": n for c, kind in _places(table) if (n := len(table.cases(c, kind)))}


def _verdicts(found: list[Check]) -> dict[str, object]:
    return {"checked": len(found), "failed": sum(not check.ok for check in found)}


def year_end() -> dict[str, object]:
    """Table 三 and last year's, and every identity on the sets of their cases."""
    with office.reading() as session:
        return _verdicts(checks(*_tables(session, YEAR, YEAR - 1)))


def listed() -> dict[str, object]:
    """The year end, and every cell of the year opened."""
    with office.reading() as session:
        table, before = _tables(session, YEAR, YEAR - 1)
        checks(table, before)
        lists = {f"{c} {kind}": list(table.cases(c, kind)) for c, kind in _places(table)}
    return {place: len(set(numbers)) for place, numbers in lists.items() if numbers}


def report() -> dict[str, object]:
    """The whole report with its files."""
    from flows.year.annual_report import produce

    made = produce(YEAR, office.home() / "report", LAST)
    return {path.name: f"{path.stat().st_size / 2**20:.1f} MB" for path in made.files}


MEASURES = {each.__name__: each for each in (by_hand, by_scan, figures, year_end, listed, report)}


def measure(name: str) -> None:
    """One measure in this process: seconds, peak memory (KiB), how much of it was there before."""
    office.law(), office.annual_rules()
    with office.reading() as session:
        session.execute(text("SELECT 1"))
    if name == "report":
        from flows.year import annual_report  # noqa: F401 — not the time to import Prefect
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, used = time.perf_counter(), time.process_time()
    answer = MEASURES[name]()
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "seconds": seconds,
                "processor": processor,
                "peak": peak,
                "before": before,
                "answer": answer,
            }
        )
    )


def main() -> int:
    """Measure on each database; exit 1 if figures differ."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    named = os.environ.pop(settings.DATABASE.name, None)
    same = True
    for url in (None, *([named] if named else [])):
        with tempfile.TemporaryDirectory(prefix="disclosure-benchmark-") as folder:
            os.environ |= {"DISCLOSURE_HOME": folder, "DISCLOSURE_TODAY": LAST.isoformat()}
            if url:
                os.environ[settings.DATABASE.name] = url
            same &= _on_one_database(cases)
    return 0 if same else 1


def _on_one_database(cases: int) -> bool:
    """Fill, measure each, compare; whether the figures are the same."""
    began = time.perf_counter()
    fill(cases)
    database = office.database_url().partition(":")[0]
    print(f"{cases} cases on {database}, filled in {time.perf_counter() - began:.0f} s")
    office.close()
    left_out = {"report"} if "--report" not in sys.argv else set()
    left_out |= {"by_scan"} if not database.startswith("sqlite") else set()
    found: dict[str, dict[str, Any]] = {}
    for turn in range(TIMES):
        for name in MEASURES:
            if name in left_out or (name == "report" and turn):
                continue
            one = _in_a_process(name)
            if name not in found or one["seconds"] < found[name]["seconds"]:
                found[name] = one
    hand = min(one["seconds"] for name, one in found.items() if name in ("by_hand", "by_scan"))
    for name, one in found.items():
        print(
            f"{name:>9}  {one['seconds']:8.3f} s ({one['processor']:.3f} s of this process)"
            f"  {one['seconds'] / hand:6.2f} x the query"
            f"  peak {one['peak'] / 1024:6.0f} MB (before {one['before'] / 1024:.0f} MB)"
        )
    print(f"identities {found['year_end']['answer']}")
    answers = [found[name]["answer"] for name in ("by_hand", "figures", "listed")]
    same = all(answer == answers[0] for answer in answers)
    print("figures, query and lists: the same" if same else "figures: THEY DIFFER", flush=True)
    return same


def _in_a_process(name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.year_end", "--measure", name]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root)
    return dict(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2])
    else:
        sys.exit(main())
