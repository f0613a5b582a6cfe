"""年度报告文字: the form by which the office writes the parts of its report, one at a time."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field
from sqlmodel import Session

from flows import office
from flows.counter.neighbours import answer
from flows.path.entering import as_row, enter_once
from flows.path.form_fields import By, Group, Use, Year
from flows.path.start_forms import start_form
from flows.year import annual_report
from models.store.tables import ReportText
from models.year.year_text import PARTS, enter_text, read_year_file

Part = StrEnum("哪一部分", PARTS)  # type: ignore[misc]


@start_form(
    "年度报告文字",
    Use(Group.YEAR, "写年度报告各部分的文字"),
)
def write_part(
    year: Year,
    part: Annotated[Part, Field(title="哪一部分")],
    text: Annotated[
        str,
        Field(
            title="文字",
            description="一行一段。登记簿的数字写作 {{ 新收 }}、{{ 办结 }} 等；留空，则不写这一部分",
        ),
    ],
    by: By,
) -> str:
    """填写年度报告各部分的文字（条例第五十条）；以后填写的取代以前的，数字与各表同出一源。"""
    now = office.circumstances(by.officer)
    key = Part(part).name

    def enter_it(session: Session, submission: str | None) -> ReportText:
        entry = ReportText(
            submission=submission,
            year=year,
            part=key,
            text=text,
            officer=by.officer,
            recorded_on=now.today,
            recorded_at=office.now(),
        )
        made = enter_text(session, entry, now)
        annual_report.drafted(session, year, now.today)  # a wrong name is said at once
        return made

    enter_once("report_text", by, enter_it, as_row(ReportText))
    with office.reading() as session:
        _, draft = annual_report.drafted(session, year, now.today)
    lines = [*draft.around(key)]
    lines += [f"待补充：{what}" for what in draft.missing]
    file = annual_report.text_file(year)
    if getattr(read_year_file(file), key, None) is not None:
        lines.insert(0, f"注意：{file.name} 中已有这一部分，以文件为准，表单的文字不采用")
    return answer(f"{year}年度报告 {Part(part)}", "年度报告文字", lines)
