"""The forms by which a year's report is signed, corrected, and its checks judged (closing_year.py)."""

from __future__ import annotations

from typing import Annotated

from prefect.artifacts import create_markdown_artifact
from pydantic import Field

from flows.path.form_fields import By, Group, Use, Year
from flows.path.start_forms import start_form
from flows.year import closing_year
from letters.letter.words import escaped
from models.law.workdays import written
from models.report_tables.identities import Verdict

BLANK_CHECKS = ("proactive.blank", "text.blank")
STILL_BLANK = "空白之处仍然空白：报告可以签发，印出的仍是“待补充”，补齐之前不列为“成立”"


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
    made = closing_year.sign(year, by.officer, note, by.code)
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
    made = closing_year.correct(year, number, reason, *by)
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
    made = closing_year.overrule(year, check, str(verdict), reason, *by)
    words = f"{year}年度报告校验 {made.check_id} 人工核定为“{made.verdict}”：{made.finding}"
    return _told(f"{words}。{STILL_BLANK}" if made.check_id in BLANK_CHECKS else words)


def _told(words: str) -> str:
    """Tell the officer what became of the form, on its page."""
    create_markdown_artifact(escaped(words), description=words[:60])
    return words
