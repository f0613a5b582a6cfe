"""Does the report of a year balance, and is it still the one that was signed? (条例第五十条).

Every check of its three tables, the verdicts that persons gave, and what differs from the tables
as signed. What a year was carried into is compared with last year's report as it was signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from models.law.statute import Statute
from models.law.workdays import written
from models.register import closed_years
from models.report_tables.annual_rules import AnnualRules
from models.report_tables.differences import Difference, differences
from models.report_tables.identities import Check, Verdict, checks
from models.report_tables.table2 import proactive_checks
from models.report_tables.table3 import Table3, table3
from models.report_tables.table4 import Table4, review_checks, reviews_listed
from models.report_tables.tables_file import parse, read_tables, write_tables
from models.store.tables import SignedReport
from models.year.overruling import with_overruled
from models.year.second_count import lines_by_events, not_recounted, recounted
from models.year.year_figures import Tables, not_over

MOST_RECOUNTED = 50_000  # about half a minute


@dataclass(frozen=True)
class Judged:
    """The checks of a year's report, and what differs from it as it was signed (if it was)."""

    checks: tuple[Check, ...]
    signed: SignedReport | None
    differences: tuple[Difference, ...]


def judged(
    session: Session,
    agency: str,
    tables: Tables,
    before: Tables | None,
    as_of: date,
    rules: AnnualRules,
    law: Statute,
    further: Iterable[Check] = (),
    printed: Mapping[str, object] | None = None,
    most_recounted: int = MOST_RECOUNTED,
) -> Judged:
    """Judge the report of a year as the register knew it on `as_of`; `further` = other checks.

    printed = what it prints besides its tables (letters/report/printed.py)
    most_recounted = of how many cases at most each is counted again from its events
    """
    report = closed_years.signed(session, tables.year, as_of)
    differing: tuple[Difference, ...] = ()
    recount = _recounted(session, tables, as_of, law, most_recounted)
    found = [*_found(session, tables, before, as_of, rules, recount), *further]
    if report is not None:
        now = parse(plain_text(agency, tables, printed=printed).encode())
        then = parse(closed_years.tables_text(report).encode())
        differing = tuple(differences(then, now, tables.form))
        found.append(_as_signed(session, report, differing, as_of))
    return Judged(with_overruled(session, found, tables.year, as_of), report, differing)


def plain_text(agency: str, tables: Tables, printed: Mapping[str, object] | None = None) -> str:
    """What signing keeps: the text of `tables.json`, without checks and signature."""
    return "".join(in_pieces(agency, tables, printed=printed))


def in_pieces(
    agency: str,
    tables: Tables,
    checks: Iterable[Check] = (),
    printed: Mapping[str, object] | None = None,
    signed: Mapping[str, object] | None = None,
) -> Iterator[str]:
    """The text of `tables.json`, piece by piece."""
    return write_tables(
        agency,
        tables.table3,
        checks,
        table2=tables.table2.figures(),
        table4=tables.table4.figures(),
        cells2=tables.table2.listed(),
        cells4=tables.table4.listed(),
        printed=printed,
        signed=signed,
    )


def _found(
    session: Session,
    tables: Tables,
    before: Tables | None,
    as_of: date,
    rules: AnnualRules,
    recount: Check,
) -> Iterator[Check]:
    yield from proactive_checks(tables.table2, before.table2 if before else None)
    signed = _as_published(session, tables.year - 1, as_of, rules)
    last3, last4 = signed or ((before.table3, before.table4) if before else (None, None))
    yield from checks(tables.table3, last3)
    yield recount
    yield from review_checks(tables.table4, last4)
    if unfinished := not_over(tables.year, as_of):
        message = f"{unfinished}，不是正式的年度报告"
        yield Check("report.over", True, message, short_of=Verdict.DOUBTFUL)


def _recounted(session: Session, tables: Tables, as_of: date, law: Statute, most: int) -> Check:
    """The count from the events beside that of the register's rows; not of more cases than `most`."""
    cases = tables.received + tables.carried_in
    if cases > most:
        later = "，生成、签发年度报告时再逐件计数" if cases <= MOST_RECOUNTED else ""
        return not_recounted(f"本年计数的申请有{cases}件，超过{most}件{later}")
    told = lines_by_events(session, tables.year, as_of, law)
    return recounted(tables.table3, table3(told, tables.year, tables.form))


def _as_published(
    session: Session, year: int, as_of: date, rules: AnnualRules
) -> tuple[Table3, Table4] | None:
    """Tables 三 and 四 of a year as they were signed; None if they were not."""
    report = closed_years.signed(session, year, as_of)
    if report is None:
        return None
    data: Mapping[str, Any] = parse(closed_years.tables_text(report).encode())
    table3 = read_tables(data, rules.forms).listed()
    return table3, reviews_listed(data["cells4"], year, table3.form)


def _as_signed(
    session: Session, report: SignedReport, differing: tuple[Difference, ...], as_of: date
) -> Check:
    """Whether the report is still the one that was signed."""
    signed = (
        f"{written(report.recorded_on)}由{report.officer}签发的报告（第{report.edition}次签发）"
    )
    cases = tuple(dict.fromkeys(n for one in differing for n in (*one.added, *one.removed)))
    made = closed_years.corrections(session, report.year, as_of)
    reasons = "；".join(f"{written(one.recorded_on)} {one.officer}：{one.reason}" for one in made)
    if not differing and not made:
        return Check("report.signed", True, f"与{signed}逐格、逐件一致")
    if not made:
        message = f"与{signed}有{len(differing)}处不同，却没有登记更正"
        return Check("report.signed", False, message, cases)
    if differing:
        message = (
            f"与{signed}有{len(differing)}处不同，已登记更正（{reasons}）；"
            "更正后的报告应当重新签发、公布"
        )
    else:
        message = f"已登记更正（{reasons}），与{signed}没有变化；请重新签发，在说明中写明没有变化"
    return Check("report.signed", True, message, cases, short_of=Verdict.DOUBTFUL)
