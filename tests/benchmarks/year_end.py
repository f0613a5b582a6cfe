"""How long the year end takes over many cases, against one grouped query written by hand.

    python -m tests.benchmarks.year_end [cases, default 100000]

Fills a register with invented cases, on SQLite in a scratch folder, or on the empty PostgreSQL that
DISCLOSURE_DATABASE_URL names. Then measures, in processes of their own, so that each has its own
peak of memory, several times and in turn: the hand-written query, which gives the bare figures and
knows of no day of record, in the faster of two plans; table 三 as of a day, every cell with its
cases; the year end: this table, last year's, and every identity on the sets. The best time of each
counts. With --report, once, the whole report with its files, in which the numbers of all cases are
written out. The figures of the query and those of the table are compared.
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

from flows import office
from models.annual import Table3
from models.annual_form import form_for
from models.identities import checks
from models.year_end import table
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


def _table(year: int) -> Table3:
    with office.reading() as session:
        form = form_for(office.annual_rules().forms, year)
        return table(session, year, LAST, office.law(), form)


def tables() -> dict[str, object]:
    """Table 三, every cell with its cases."""
    made = _table(YEAR)
    return {
        f"{code} {kind}": len(made.cases(code, kind))
        for code, row in made.form.rows.items()
        for kind in made.form.kinds
        if row.kind != "results" and made.cases(code, kind)
    }


def year_end() -> dict[str, object]:
    """Table 三 and last year's, and every identity on the sets of their cases."""
    found = checks(_table(YEAR), _table(YEAR - 1))
    return {"checked": len(found), "failed": sum(not check.ok for check in found)}


def report() -> dict[str, object]:
    """The whole report with its files."""
    from flows.annual_report import produce

    made = produce(YEAR, office.home() / "report", LAST)
    return {path.name: f"{path.stat().st_size / 2**20:.1f} MB" for path in made.files}


MEASURES = {each.__name__: each for each in (by_hand, by_scan, tables, year_end, report)}


def measure(name: str) -> None:
    """One measure in this process: seconds, peak memory (KiB), how much of it was there before."""
    office.law(), office.annual_rules()
    with office.reading() as session:
        session.execute(text("SELECT 1"))
    if name == "report":
        from flows import annual_report  # noqa: F401 — not the time to import Prefect
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
    """Fill, measure each, compare; exit 1 if the figures differ."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="disclosure-benchmark-") as folder:
        os.environ |= {"DISCLOSURE_HOME": folder, "DISCLOSURE_TODAY": LAST.isoformat()}
        began = time.perf_counter()
        fill(cases)
        database = office.database_url().partition(":")[0]
        print(f"{cases} cases on {database}, filled in {time.perf_counter() - began:.0f} s")
        office.close()
        names = [*MEASURES][: None if "--report" in sys.argv else -1]
        runs = [[n for n in names if n != "report" or turn == 0] for turn in range(TIMES)]
        found: dict[str, dict[str, Any]] = {}
        for name in (name for turn in runs for name in turn):
            one = _in_a_process(name)
            if name not in found or one["seconds"] < found[name]["seconds"]:
                found[name] = one
    hand = min(found["by_hand"]["seconds"], found["by_scan"]["seconds"])
    for name, one in found.items():
        print(
            f"{name:>9}  {one['seconds']:8.3f} s ({one['processor']:.3f} s of this process)"
            f"  {one['seconds'] / hand:6.2f} x the query"
            f"  peak {one['peak'] / 1024:6.0f} MB (before {one['before'] / 1024:.0f} MB)"
        )
    print(f"identities {found['year_end']['answer']}")
    same = found["by_hand"]["answer"] == found["tables"]["answer"]
    print("figures: the same" if same else "figures: THEY DIFFER")
    return 0 if same else 1


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
