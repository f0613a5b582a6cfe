"""A report as a unit sent it: what it states as `tables.json` has it, and what is to be said of it.

A document is read by models/units/opened_report.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.errors import DisclosureError
from models.report_tables.form import Form
from models.report_tables.identities import Check
from models.units.published import check_tables


class NotAReport(DisclosureError):
    """A file that was opened, and is no annual report that can be judged: why, in a sentence."""


@dataclass(frozen=True)
class SentReport:
    """One file: what it states, as `tables.json` has it, and what is to be said of how it states it."""

    file: str
    data: Mapping[str, object]
    findings: tuple[Check, ...] = ()

    @property
    def agency(self) -> str:
        stated = self.data.get("agency")
        return stated.strip() if isinstance(stated, str) else ""

    @property
    def year(self) -> object:
        return self.data.get("year")

    def checks(self, forms: Sequence[Form]) -> list[Check]:
        """Every check of the file's tables and words. MalformedTables, NoFormForYear."""
        return [*self.findings, *check_tables(self.data, forms)]


def from_data(file: str, data: Mapping[str, object]) -> SentReport:
    """A `tables.json`: a cell that holds text is read as any other cell is, and said."""
    found: list[Check] = []
    content = dict(data)
    rows = content.get("table3")
    if isinstance(rows, dict):
        content["table3"] = {
            code: [_cell(found, "表三", str(code), n, one) for n, one in enumerate(row, 1)]
            if isinstance(row, list)
            else row
            for code, row in rows.items()
        }
    row4 = content.get("table4")
    if isinstance(row4, list):
        content["table4"] = [_cell(found, "表四", "各栏", n, one) for n, one in enumerate(row4, 1)]
    return SentReport(file, content, tuple(found))


def _cell(found: list[Check], table: str, row: str, n: int, stated: object) -> object:
    if not isinstance(stated, str):
        return stated
    from models.units.found_tables import Tables

    return Tables(findings=found).figure(table, row, f"第{n}格", stated)
