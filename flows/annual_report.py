"""年度报告: the yearly flow: register as of a day → tables → report.docx, tables.xlsx, tables.json."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from pydantic import Field

from flows import office
from letters.report import ApplicationsText, report
from letters.workbook import workbook
from models import register
from models.annual import Table3, table3
from models.annual_form import Form, load_form
from models.errors import DisclosureError
from models.identities import Check, checks
from models.tables_file import write_tables


class NotAFolder(DisclosureError):
    """The output folder named is a file, or cannot be made."""

    def __init__(self, out: Path, problem: str) -> None:
        self.out, self.problem = out, problem
        super().__init__(f"无法写入目录 {out}：{problem}")


@dataclass(frozen=True)
class Produced:
    """The files of a report, and every identity that was checked."""

    table: Table3
    text: ApplicationsText
    files: tuple[Path, ...]
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.ok)


@flow(name="年度报告", flow_run_name="年度报告")
def yearly(
    year: Annotated[int, Field(title="报告年度", description="0 表示上一年")] = 0,
) -> list[str]:
    """编制政府信息公开工作年度报告（条例第四十九条、第五十条），按登记簿今天的记载。"""
    asked = year or office.today().year - 1
    made = produce(asked, office.home() / "reports" / str(asked), None)
    verdict = "勾稽关系全部成立" if not made.failed else f"有{len(made.failed)}处不平"
    lines = [f"# {asked}年度报告：{verdict}", ""]
    lines += [f"- {check.message}　{'、'.join(check.cases)}" for check in made.failed]
    lines += [f"- 文件：{path.name}" for path in made.files]
    create_markdown_artifact("\n".join(lines), key="annual-report", description=f"{asked}年度报告")
    return [str(path) for path in made.files]


def produce(year: int, out: Path, as_of: date | None) -> Produced:
    """Write the report of `year` as the register knew it on `as_of` (default today) into `out`."""
    known = as_of or office.today()
    forms = office.config() / "annual"
    table, text = _counted(year, known, load_form(forms, year))
    found = tuple(checks(table, _previous(year, known)))
    agency = office.agency().name
    contents = {
        "report.docx": report(agency, table, text, known),
        "tables.xlsx": workbook(agency, table, found),
        "tables.json": write_tables(agency, table, found, table2={}, table4=[0] * 15).encode(),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            scratch = out / f"{name}.part"
            scratch.write_bytes(content)
            scratch.replace(out / name)
    except OSError as fault:
        raise NotAFolder(out, fault.strerror or str(fault)) from None
    return Produced(table, text, tuple(out / name for name in contents), found)


def _counted(year: int, known: date, form: Form) -> tuple[Table3, ApplicationsText]:
    with office.reading() as session:
        table = table3(register.case_lines(session, year, known), year, form)
        outcomes = register.closed_by_outcome(session, year, known)
        advised = register.persons_advised(session, year, known)
    if None in outcomes:
        return table, ApplicationsText(advised, None, None)
    text = ApplicationsText(advised, outcomes.get("already_public", 0), outcomes.get("not_ours", 0))
    return table, text


def _previous(year: int, known: date) -> Table3 | None:
    """Last year's table from the same register, for the carry-over; None before the first form."""
    forms = office.config() / "annual"
    if year - 1 < 2019:
        return None
    form = load_form(forms, year - 1)
    with office.reading() as session:
        return table3(register.case_lines(session, year - 1, known), year - 1, form)
