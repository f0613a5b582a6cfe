"""签发、更正、人工核定: a year's report is signed, corrected, and its checks judged (49, 50)."""

from __future__ import annotations

from sqlmodel import Session

from flows import office
from flows.path.entering import as_row, enter_once
from flows.path.form_fields import By
from flows.year.annual_report import gathered
from models.errors import ActRefused
from models.register import closed_years
from models.soundness import integrity
from models.store.tables import SignedReport, VerdictOverruled, YearCorrection
from models.year import overruling

SHOWN = 5  # faults of the register, where there may be many


def sign(year: int, officer: str, note: str = "", code: str = "") -> SignedReport:
    """Sign the report of a year as the register knows it now; the year is closed.

    Raises ActRefused while the year is not over, or a check fails that nobody has overruled.
    """
    now = office.circumstances(officer)

    def known(session: Session, _: str | None = None) -> SignedReport | None:
        before = closed_years.signed(session, year)
        if before is None:
            return None
        tables = gathered(session, year, now.today).text()
        as_it_is = closed_years.signed_as_it_is(session, before, tables, now.today)
        return before if as_it_is else None

    def sign_it(session: Session, _: str | None) -> SignedReport:
        made = gathered(session, year, now.today)
        found = made.verdicts.checks
        return closed_years.sign(session, year, made.text(), found, now, office.now(), note)

    with office.reading() as reading:  # not in the transaction: it takes as long as it is large
        broken = () if known(reading) else tuple(integrity.faults(reading, now.law, now.agency))
    if broken:
        raise ActRefused([f"登记簿核验不符，不能签发：{one}" for one in broken[:SHOWN]])
    return enter_once("report_signed", By(officer, code), sign_it, known)


def correct(year: int, number: str, reason: str, officer: str, code: str = "") -> YearCorrection:
    """Record that a closed year is to be corrected; ActRefused with the reasons."""
    now = office.circumstances(officer)

    def correct_it(session: Session, submission: str | None) -> YearCorrection:
        entry = YearCorrection(
            submission=submission,
            year=year,
            edition=0,
            number=number.strip(),
            reason=reason,
            officer=officer,
            recorded_on=now.today,
            recorded_at=office.now(),
        )
        return closed_years.correct(session, entry, now)

    return enter_once("report_corrected", By(officer, code), correct_it, as_row(YearCorrection))


def overrule(
    year: int, check: str, verdict: str, reason: str, officer: str, code: str = ""
) -> VerdictOverruled:
    """Record a person's verdict on a check of a year's report; ActRefused with the reasons."""
    now = office.circumstances(officer)

    def overrule_it(session: Session, submission: str | None) -> VerdictOverruled:
        entry = VerdictOverruled(
            submission=submission,
            year=year,
            check_id=check.strip(),
            finding="",
            verdict=verdict,
            reason=reason,
            officer=officer,
            recorded_on=now.today,
            recorded_at=office.now(),
        )
        made = gathered(session, year, now.today)
        return overruling.overrule(session, entry, made.verdicts.checks, now)

    return enter_once("check_overruled", By(officer, code), overrule_it, as_row(VerdictOverruled))
