"""When is a year closed, and what may change afterwards? Signing closes it (条例第四十九条、第五十条).

A signed report is kept with all that it prints, to the byte: tables, words, 咨询, picture. What it
says changes only after a correction has been recorded, with its reason; and whatever then differs is
listed (models/report_tables/differences.py).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from models.agency.officers import NAME_LONGEST, Role, not_entitled, signed_as
from models.case.act import Circumstances, blank, unprintable
from models.errors import ActRefused, YearSigned
from models.law.workdays import written
from models.report_tables.identities import Check
from models.report_tables.table3 import CaseLine
from models.report_tables.tables_file import digest
from models.store import evidence
from models.store.happened import rows
from models.store.submissions import became
from models.store.tables import Application, Review, SignedReport, YearCorrection

SIGN, CORRECT = "签发年度报告", "更正已签发的年度报告"
LONGEST = 2000
ENQUIRIES, TABLE2, LEDGER, CONTESTS, WORDS = "咨询", "表二", "台账", "复议诉讼", "文字"
WITHOUT_NUMBER = (ENQUIRIES, TABLE2, LEDGER, CONTESTS, WORDS)
"""What a year counts or says that no number names, or none yet; a correction of one opens that one alone."""


def tables_text(report: SignedReport) -> str:
    """The report as it was signed: the text of tables.json, without the checks."""
    return zlib.decompress(report.tables).decode()


def signed(session: Session, year: int, as_of: date | None = None) -> SignedReport | None:
    """The latest signed report of a year, as recorded by `as_of`; None if it was not signed."""
    statement = select(SignedReport).where(SignedReport.year == year)
    if as_of is not None:
        statement = statement.where(col(SignedReport.recorded_on) <= as_of)
    return session.exec(statement.order_by(col(SignedReport.edition).desc())).first()


def sign(
    session: Session,
    year: int,
    tables: str,
    found: Iterable[Check],
    now: Circumstances,
    at: datetime,
    note: str = "",
) -> SignedReport:
    """Sign the report that these tables and words are: the year is closed. Signed already, it stays
    so, unless a correction is open: then it is signed again, and its note says what came of it.

    Raises ActRefused while the year is not over, a check fails that nobody has overruled, or a note
    is missing.
    """
    before = signed(session, year)
    if before is not None and signed_as_it_is(session, before, tables, now.today):
        return before
    reasons = [*_unsignable(year, found, now), *_faults(now, (Role.SIGN,), SIGN, {"说明": note})]
    if before is not None and blank(note):
        same = "；登记了更正而没有变化的，写明没有变化" if same_text(before, tables) else ""
        reasons.append(f"重新签发的，请在说明中写明更正了什么{same}")
    if reasons:
        raise ActRefused(reasons)
    report = SignedReport(
        year=year,
        edition=before.edition + 1 if before else 1,
        digest=digest(tables),
        head=evidence.head(session),
        tables=zlib.compress(tables.encode()),
        officer=signed_as(now.agency.officers, now.officer, (Role.SIGN,)),
        note=note,
        recorded_on=now.today,
        recorded_at=at,
    )
    session.add(report)
    session.flush()
    return report


def same_text(before: SignedReport, tables: str) -> bool:
    """Whether a report says what was signed; one signed when only tables were sealed, in those."""
    then, now = (json.loads(text) for text in (tables_text(before), tables))
    sealed = {name: value for name, value in now.items() if name in then}
    return bool(then == sealed)


def signed_as_it_is(session: Session, before: SignedReport, tables: str, as_of: date) -> bool:
    """Whether there is nothing to sign: no change, and no correction that waits for a signature."""
    return same_text(before, tables) and not corrections(session, before.year, as_of)


def _unsignable(year: int, found: Iterable[Check], now: Circumstances) -> Iterator[str]:
    if now.today <= date(year, 12, 31):
        yield f"{year}年尚未结束，不能签发该年度的报告"
    for check in found:
        if not check.ok:
            yield f"校验不成立，不能签发：{check.message}（{check.id}）"


def correct(session: Session, entry: YearCorrection, now: Circumstances) -> YearCorrection:
    """Record that a closed year is to be corrected; what it counts of `number` may then change.

    The same submission recorded twice is one. Raises ActRefused with the reasons.
    """
    known = became(session, YearCorrection, entry.submission)
    if known:
        return known
    report = signed(session, entry.year)
    reasons = list(_faults(now, (Role.REVIEW, Role.SIGN), CORRECT, {"理由": entry.reason}))
    if blank(entry.reason):
        reasons.append("请写明更正的理由")
    if report is None:
        reasons.append(f"{entry.year}年度报告尚未签发，不需要办理更正，可以直接登记")
    known_here = (session.get(table, entry.number) for table in (Application, Review))
    if entry.number not in WITHOUT_NUMBER and not any(known_here):
        reasons.append(
            f"登记簿中没有编号为“{entry.number}”的申请或者复议诉讼案件；"
            f"没有编号的，请写明更正的是{'、'.join(WITHOUT_NUMBER)}中的哪一种"
        )
    if reasons or report is None:
        raise ActRefused(reasons)
    entry.edition = report.edition
    entry.officer = signed_as(now.agency.officers, now.officer, (Role.REVIEW, Role.SIGN))
    session.add(entry)
    session.flush()
    return entry


def corrections(session: Session, year: int, as_of: date) -> list[YearCorrection]:
    """The corrections of a closed year since it was last signed, as recorded by `as_of`."""
    report = signed(session, year, as_of)
    if report is None:
        return []
    statement = select(YearCorrection).where(
        YearCorrection.year == year,
        YearCorrection.edition == report.edition,
        col(YearCorrection.recorded_on) <= as_of,
    )
    return list(session.exec(statement.order_by(col(YearCorrection.id))))


def _faults(
    now: Circumstances, roles: tuple[Role, ...], title: str, answers: dict[str, str]
) -> Iterator[str]:
    unentitled = not_entitled(now.agency.officers, now.officer, roles, title)
    if unentitled:
        yield unentitled
    if blank(now.officer) or len(now.officer) > NAME_LONGEST:
        yield f"请填写办理人（最多{NAME_LONGEST}个字）"
    for name, text in answers.items():
        if len(text) > LONGEST:
            yield f"“{name}”最多{LONGEST}个字"
    yield from unprintable({"办理人": now.officer, **answers})


# ── what may not change any more ──────────────────────────────────────────────────────────────


def closed_years(session: Session, since: int = 0) -> list[int]:
    """The closed years from `since` on: those that something dated in `since` can change."""
    return sorted(rows(session, _CLOSED, {"since": since}).scalars())


_CLOSED = select(SignedReport.year).where(col(SignedReport.year) >= bindparam("since")).distinct()


def guard(session: Session, year: int, number: str, what: str) -> None:
    """Raise YearSigned if the year is closed and no correction allows this change.

    number = of the case that changes, or what of WITHOUT_NUMBER; what = the change, in words
    """
    report = signed(session, year)
    if report is None:
        return
    allowed = select(func.count()).where(
        YearCorrection.year == year,
        YearCorrection.edition == report.edition,
        YearCorrection.number == number,
    )
    if not session.exec(allowed).one():
        raise YearSigned(year, what, f"于{written(report.recorded_on)}由{report.officer}签发")


def counted_in(lines: Iterable[CaseLine], year: int) -> frozenset[tuple[str, str, bool, str]]:
    """What table 三 of a year counts of a case: line, column, whether carried in, its result or none."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return frozenset(
        (
            one.number,
            one.column,
            one.received_on < first,
            one.row or "" if one.closed_on and one.closed_on <= last else "",
        )
        for one in lines
        if one.received_on <= last and not (one.closed_on and one.closed_on < first)
    )


def guard_lines(
    session: Session,
    number: str,
    before: Iterable[CaseLine],
    after: Iterable[CaseLine],
    years: Iterable[int],
) -> None:
    """Raise YearSigned if a closed year would count this application otherwise."""
    earlier, later = list(before), list(after)
    for year in years:
        if counted_in(earlier, year) != counted_in(later, year):
            guard(session, year, number, f"表三所计的申请 {number}")
