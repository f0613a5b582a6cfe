"""How long the superior's report takes over many units.

    python -m tests.benchmarks.merge_units [units, default 1000] [cases each, default 200]

Each unit's tables.json has a table of its own, with the cases of every cell. The sum is compared with
adding the first figures up by hand.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from flows import office
from flows.year.merge import merge_folder
from models.report_tables.form import form_for
from models.report_tables.table3 import CaseLine, table3
from models.report_tables.tables_file import write_tables

YEAR = 2025


def main() -> int:
    """Write the units' files, merge them, compare; exit 1 if a unit fails or the sum differs."""
    units = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    form = form_for(office.annual_rules().forms, YEAR)
    chance, received = random.Random(YEAR), 0
    with tempfile.TemporaryDirectory(prefix="disclosure-benchmark-") as home:
        os.environ |= {"DISCLOSURE_HOME": home, "DISCLOSURE_TODAY": "2026-01-20"}
        folder = Path(home) / "units"
        folder.mkdir()
        for n in range(units):
            days = (date(YEAR, 1, 1) + timedelta(chance.randrange(330)) for _ in range(cases))
            lines = [
                CaseLine(f"{n}-{i}", chance.choice(form.kinds), day, day + timedelta(20),
                         chance.choice(form.result_codes))
                for i, day in enumerate(days)
            ]  # fmt: skip
            table = table3(lines, YEAR, form)
            received += len(table.cases("1", form.total))
            name = f"第{n}单位"
            of = {item: [n] * len(group.columns) for group, item in form.items()}
            of |= {"规章": [1, 0, n + 1], "行政事业性收费": [0.1]}
            text = write_tables(name, table, [], table2=of, table4=[0] * 15)
            (folder / f"{n}.json").write_text(text, encoding="utf-8")
        began = time.perf_counter()
        made = merge_folder(folder, YEAR, Path(home) / "out", "某市").merged
        seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{units} units of {cases} cases: {seconds:.2f} s, peak {peak:.0f} MB")
    right = made.table3["1"][-1] == received and not made.failed
    right = right and made.table2["行政事业性收费"] == [units / 10]
    print("sum: right" if right else f"sum: WRONG {[c.message for c in made.failed][:3]}")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
