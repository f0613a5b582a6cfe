"""年度报告: the yearly flow: register as of a day → tables → report.docx, tables.xlsx, tables.json."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from pydantic import Field
from sqlmodel import Session

from flows import office
from letters.report import ApplicationsText, report
from letters.workbook import workbook
from models import year_end
from models.annual import Table3, table3
from models.annual_form import Form, form_for, load_forms
from models.annual_reviews import Table4, review_checks
from models.annual_reviews import table4 as table4_of
from models.errors import DisclosureError
from models.identities import Check, checks
from models.tables_file import write_tables


class NotAFolder(DisclosureError):
    """The output folder named is a file, or cannot be made."""

    def __init__(self, out: Path, problem: str) -> None:
        self.out, self.problem = out, problem
        super().__init__(f"无法写入目录 {out}：{problem}")


class NotYet(DisclosureError):
    """A report of a year that has not begun, or by a record that is not made yet."""

    def __init__(self, year: int, as_of: date, today: date) -> None:
        self.year, self.as_of, self.today = year, as_of, today
        super().__init__(
            f"登记簿的记载只到今天（{today}），不能按{as_of}的记载编制年度报告"
            if as_of > today
            else f"{year}年在{as_of}尚未开始，不能编制该年度的报告"
        )


@dataclass(frozen=True)
class Produced:
    """The files of a report, and every identity that was checked.

    left_out = applications of the year that were recorded only after the day of the report
    """

    table: Table3
    text: ApplicationsText
    files: tuple[Path, ...]
    checks: tuple[Check, ...]
    left_out: int

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
    today = office.today()
    known = as_of or today
    if known > today or year > known.year:
        raise NotYet(year, known, today)
    forms = load_forms(office.config() / "annual")
    form = form_for(forms, year)
    with office.reading() as session:
        table = _table(session, year, known, form)
        text = _text(session, year, known)
        before = [each for each in forms if each.covers(year - 1)]
        previous = _table(session, year - 1, known, before[0]) if before else None
        reviews = _reviews(session, year, known, form)
        reviews_before = _reviews(session, year - 1, known, before[0]) if before else None
        left_out = year_end.recorded_later(session, year, known)
    found = (*checks(table, previous), *review_checks(reviews, reviews_before))
    table4 = reviews.figures()
    agency = office.agency().name
    contents = {
        "report.docx": report(agency, table, text, known),
        "tables.xlsx": workbook(agency, table, found, table4=table4),
        "tables.json": write_tables(agency, table, found, table2={}, table4=table4).encode(),
    }
    return Produced(table, text, _written(out, contents), found, left_out)


def _table(session: Session, year: int, known: date, form: Form) -> Table3:
    return table3(year_end.case_lines(session, year, known, office.law()), year, form)


def _reviews(session: Session, year: int, known: date, form: Form) -> Table4:
    return table4_of(year_end.review_lines(session, year, known, office.law()), year, form)


def _text(session: Session, year: int, known: date) -> ApplicationsText:
    outcomes = year_end.closed_by_outcome(session, year, known, office.law())
    advised = year_end.persons_advised(session, year, known)
    if None in outcomes:
        return ApplicationsText(advised, None, None)
    return ApplicationsText(advised, outcomes.get("already_public", 0), outcomes.get("not_ours", 0))


def _written(out: Path, contents: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write all the files, or none: each beside its place first, then all are put in theirs."""
    scratch = {out / name: out / f"{name}.part" for name in contents}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for (_, beside), content in zip(scratch.items(), contents.values(), strict=True):
            beside.write_bytes(content)
        for path, beside in scratch.items():
            beside.replace(path)
    except OSError as fault:
        raise NotAFolder(out, fault.strerror or str(fault)) from None
    finally:
        for beside in scratch.values():
            with suppress(OSError):
                beside.unlink(missing_ok=True)
    return tuple(scratch)
