"""The annual report on paper: 三、收到和处理政府信息公开申请情况, text and table (条例第五十条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from letters.stationery import Sheet
from letters.tables import add_table3
from letters.words import passage
from models.annual import Table3


@dataclass(frozen=True)
class ApplicationsText:
    """The figures that the text of section 三 states; the same source as its table.

    advised = 人次 of enquirers; already_public, not_ours = closed with these outcomes; None where
    some results were taken over from a ledger that does not tell them apart
    """

    advised: int
    already_public: int | None
    not_ours: int | None


def report(agency: str, table: Table3, text: ApplicationsText, dated: date) -> bytes:
    """report.docx: title, section 三 with its sentence and table 三; the same bytes each time."""
    subject = "政府信息公开工作年度报告"
    title = f"{table.year}年{subject}"
    sheet = Sheet(author=agency, title=f"{agency}{title}", subject=subject, dated=dated)
    sheet.title(agency)
    sheet.title(title)
    sheet.line("")
    sheet.heading(table.form.sections[2])
    for paragraph in applications_text(table, text):
        sheet.body(paragraph)
    add_table3(sheet.document, table)
    return sheet.to_bytes()


def applications_text(table: Table3, text: ApplicationsText) -> tuple[str, ...]:
    """The paragraphs of section 三 (the seed's sentence)."""
    form = table.form

    def figure(code: str) -> int:
        return len(table.cases(code, form.total))

    return passage(
        "report_applications",
        {
            "year": table.year,
            "received": figure(form.code("received")),
            "carried_in": figure(form.code("carried_in")),
            "closed": figure(form.code("results")),
            "carried_out": figure(form.code("carried_out")),
            "advised": text.advised,
            "detailed": text.already_public is not None and text.not_ours is not None,
            "already_public": text.already_public or 0,
            "not_ours": text.not_ours or 0,
        },
    )
