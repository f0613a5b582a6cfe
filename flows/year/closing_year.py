"""签发、更正、人工核定: the forms by which a year's report is signed, corrected, and its checks judged."""

from __future__ import annotations

from typing import Annotated

from prefect.artifacts import create_markdown_artifact
from pydantic import Field
from sqlmodel import Session

from flows import office
from flows.path.entering import as_row, enter_once
from flows.path.form_fields import By, Group, Use, Year
from flows.path.start_forms import start_form
from flows.year.annual_report import gathered
from letters.letter.words import escaped
from models.errors import ActRefused
from models.law.workdays import written
from models.register import closed_years
from models.report_tables.identities import Verdict
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


BLANK_CHECKS = ("proactive.blank", "text.blank")
STILL_BLANK = "空白之处仍然空白：报告可以签发，印出的仍是“待补充”，补齐之前不列为“成立”"


# ── the forms ─────────────────────────────────────────────────────────────────────────────────


@start_form(
    "签发年度报告",
    Use(Group.YEAR, "年度报告核对无误，由签发人签发，这一年随即封存"),
    officer="签发人",
)
def sign_report(
    year: Year,
    by: By,
    note: Annotated[
        str,
        Field(title="重新签发的说明", description="重新签发的必填：更正了什么，或者没有变化"),
    ] = "",
) -> str:
    """签发年度报告，该年度封账：此后改变其所计内容的登记，须先办理更正（条例第四十九条、第五十条）。"""
    made = sign(year, by.officer, note, by.code)
    return _told(
        f"{year}年度报告已于{written(made.recorded_on)}由{made.officer}签发（第{made.edition}次），"
        f"表格校验值 {made.digest}，登记链校验值 {made.head}"
    )


@start_form(
    "更正已签发的年度报告",
    Use(Group.YEAR, "已经签发的年度报告有误，先说明理由，再改、再签发"),
)
def correct_report(
    year: Year,
    number: Annotated[
        str,
        Field(
            title="申请编号或者复议诉讼登记号",
            description="没有编号的，写明更正哪一种：咨询、表二、文字、台账（补录）、复议诉讼（漏登的）",
        ),
    ],
    reason: Annotated[str, Field(title="更正的理由")],
    by: By,
) -> str:
    """登记更正及其理由；随后即可登记会改变该年度表格的事项，直至重新签发。"""
    made = correct(year, number, reason, *by)
    return _told(f"{year}年度报告的更正已登记：{made.number}；更正后请重新编制、签发、公布")


@start_form(
    "人工核定勾稽结论",
    Use(Group.YEAR, "勾稽校验存疑、不能判断的，由人核对后写明结论"),
)
def overrule_check(
    year: Year,
    check: Annotated[str, Field(title="校验编号", description="见 tables.xlsx 的“校验”")],
    verdict: Annotated[Verdict, Field(title="结论")],
    reason: Annotated[str, Field(title="核定的理由")],
    by: By,
) -> str:
    """对一项勾稽校验作出与程序不同的结论；理由、人员、日期列入报告的校验。"""
    made = overrule(year, check, str(verdict), reason, *by)
    words = f"{year}年度报告校验 {made.check_id} 人工核定为“{made.verdict}”：{made.finding}"
    return _told(f"{words}。{STILL_BLANK}" if made.check_id in BLANK_CHECKS else words)


def _told(words: str) -> str:
    """Tell the officer what became of the form, on its page."""
    create_markdown_artifact(escaped(words), description=words[:60])
    return words
