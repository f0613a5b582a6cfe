"""May a person judge a check otherwise than it was found? Yes, with a reason, on record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from sqlmodel import Session, col, select

from models.acts.former_words import finding_now
from models.agency.officers import Role, not_entitled, signed_as
from models.case.act import Circumstances, blank, unprintable
from models.errors import ActRefused
from models.register.register import officer_faults
from models.report_tables.identities import Check, Overruled, Verdict
from models.store.submissions import became
from models.store.tables import VerdictOverruled

TITLE = "人工核定勾稽结论"
LONGEST = 2000


def overrule(
    session: Session, entry: VerdictOverruled, found: Iterable[Check], now: Circumstances
) -> VerdictOverruled:
    """Record a person's verdict on one of the checks just `found`; its finding is filled in.

    The same submission recorded twice is one. Raises ActRefused with the reasons.
    """
    known = became(session, VerdictOverruled, entry.submission)
    if known:
        return known
    check = next((one for one in found if one.id == entry.check_id), None)
    reasons = [*_faults(entry, check, now), *officer_faults(now)]
    if reasons or check is None:
        raise ActRefused(reasons)
    entry.finding = check.message
    entry.officer = signed_as(now.agency.officers, now.officer, (Role.REVIEW, Role.SIGN))
    session.add(entry)
    session.flush()
    return entry


def _faults(entry: VerdictOverruled, check: Check | None, now: Circumstances) -> Iterator[str]:
    unentitled = not_entitled(now.agency.officers, now.officer, (Role.REVIEW, Role.SIGN), TITLE)
    if unentitled:
        yield unentitled
    if check is None:
        yield f"{entry.year}年度报告没有编号为“{entry.check_id}”的校验项目"
    if entry.verdict not in set(Verdict):
        yield f"结论应为{'、'.join(Verdict)}之一，而不是“{entry.verdict}”"
    if blank(entry.reason):
        yield "请写明核定的理由，年度报告的校验中将如实列出"
    if len(entry.reason) > LONGEST:
        yield f"“理由”最多{LONGEST}个字"
    if blank(now.officer):
        yield "请填写办理人"
    yield from unprintable({"理由": entry.reason})


def with_overruled(
    session: Session, found: Iterable[Check], year: int, as_of: date
) -> tuple[Check, ...]:
    """The checks, and in each the verdict of a person, as recorded by `as_of`: the latest counts.

    A verdict was given on a finding; where something else is found now, it does not count. What is
    blank in print stays to be filled in, and never 成立, whoever judges it.
    """
    statement = (
        select(VerdictOverruled)
        .where(VerdictOverruled.year == year, col(VerdictOverruled.recorded_on) <= as_of)
        .order_by(col(VerdictOverruled.id))
    )
    given = {(one.check_id, finding_now(one.finding)): one for one in session.exec(statement)}
    return tuple(_judged(check, given.get((check.id, check.message))) for check in found)


def _judged(check: Check, given: VerdictOverruled | None) -> Check:
    if given is None:
        return check
    verdict = Verdict(given.verdict)
    if check.blank and not check.ok and verdict is Verdict.HOLDS:
        verdict = Verdict.DOUBTFUL  # signed as it is, with its blanks
    by = Overruled(check.verdict, verdict, given.officer, given.recorded_on, given.reason)
    return replace(check, ok=verdict is not Verdict.FAILS, overruled=by)
