"""Does the report of a year stay as it was? Ours, as of a day, beside two usual queries of now.

    python -m tests.benchmarks.rerun [cases, default 100000]

Fills a register whose acts are recorded up to a month late, and sees it on three days: 5 January,
30 June, and two years on. On each the table is made as the register knew it on 5 January, and the two
queries are asked as they usually are, of the register as it stands. Then: how many cells of 175 differ
from those of 5 January. Query one counts by the legal dates; query two by what is open now.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import date

from sqlalchemy import text
from sqlmodel import Session

from flows import office
from models.report_tables.form import Form, form_for
from models.report_tables.table3 import Figures
from models.report_tables.tables_file import write_tables
from models.year.year_end import table
from tests.benchmarks.invented_register import YEAR, fill

DAYS = (date(2026, 1, 5), date(2026, 6, 30), date(2028, 1, 5))

BY_DATES = """
SELECT CASE WHEN received_on >= '2025-01-01' THEN '1' ELSE '2' END, applicant_kind, count(*)
FROM application WHERE received_on <= '2025-12-31'
  AND (closed_on IS NULL OR closed_on >= '2025-01-01') GROUP BY 1, 2
UNION ALL
SELECT CASE WHEN closed_on <= '2025-12-31' THEN "row" ELSE '4' END, applicant_kind, count(*)
FROM application WHERE received_on <= '2025-12-31'
  AND (closed_on IS NULL OR closed_on >= '2025-01-01') GROUP BY 1, 2
"""
BY_STATUS = """
SELECT '1', applicant_kind, count(*) FROM application
WHERE received_on BETWEEN '2025-01-01' AND '2025-12-31' GROUP BY 2
UNION ALL
SELECT '2', applicant_kind, count(*) FROM application
WHERE received_on < '2025-01-01' AND (closed_on IS NULL OR closed_on >= '2025-01-01') GROUP BY 2
UNION ALL
SELECT "row", applicant_kind, count(*) FROM application
WHERE stage = '已办结' AND closed_on BETWEEN '2025-01-01' AND '2025-12-31' GROUP BY 1, 2
UNION ALL
SELECT '4', applicant_kind, count(*) FROM application
WHERE stage <> '已办结' AND received_on <= '2025-12-31' GROUP BY 2
"""
FORGET = (
    "DELETE FROM application WHERE received_recorded_on > '{day}'",
    'UPDATE application SET closed_on = NULL, closed_recorded_on = NULL, "row" = NULL,'
    " stage = '待判断公开主体' WHERE closed_recorded_on > '{day}'",
)


def asked(session: Session, query: str, form: Form) -> Figures:
    """The table that a query gives, summed up as the form has it."""
    cells = {code: dict.fromkeys(form.kinds, 0) for code in form.rows}
    for code, kind, count in session.execute(text(query)):
        cells[code][kind] += count
    cells["3.7"] = {k: sum(cells[code][k] for code in form.result_codes) for k in form.kinds}
    return {c: (*row.values(), sum(row.values())) for c, row in cells.items()}


def differing(one: Figures, other: Figures) -> int:
    """How many cells differ."""
    return sum(a != b for code in one for a, b in zip(one[code], other[code], strict=True))


def main() -> int:
    """Fill, look on three days, compare; exit 1 if ours differs."""
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    os.environ.pop("DISCLOSURE_DATABASE_URL", None)
    with tempfile.TemporaryDirectory(prefix="disclosure-benchmark-") as folder:
        os.environ["DISCLOSURE_HOME"] = folder
        os.environ["DISCLOSURE_TODAY"] = DAYS[-1].isoformat()
        fill(cases, lag=30)
        form = form_for(office.annual_rules().forms, YEAR)
        first: dict[str, tuple[Figures, str]] = {}
        steady = True
        for day in DAYS:
            with office.reading() as session:  # nothing of this is committed
                for statement in FORGET:
                    session.execute(text(statement.format(day=day)))
                began = time.perf_counter()
                ours = table(session, YEAR, DAYS[0], office.law(), form)
                seconds = time.perf_counter() - began
                file = write_tables("某局", ours, [], table2={}, table4=[0] * 15)
                seen = {
                    "ours, as of 2026-01-05": (ours.figures(), file),
                    "by dates, as of now": (asked(session, BY_DATES, form), ""),
                    "by status, as of now": (asked(session, BY_STATUS, form), ""),
                }
                session.rollback()
            for name, (figures, text_) in seen.items():
                then, before = first.setdefault(name, (figures, text_))
                changed = differing(then, figures)
                same = (
                    "" if not before else f", file {'the same' if text_ == before else 'DIFFERS'}"
                )
                print(f"{day}  {name:24} {changed:4} of 175 cells differ{same}")
                if before:
                    steady = steady and not changed and text_ == before
            print(f"            ({seconds:.2f} s for ours)")
    return 0 if steady else 1


if __name__ == "__main__":
    sys.exit(main())
