"""The superior's report: many units' tables added up, cell by cell (条例第四十九条).

Units report by 31 January. Whoever has not, or twice, or with tables that do not balance, is named;
the sum is made of what can be added.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models.annual_form import Form, form_for
from models.errors import MalformedTables, NoFormForYear
from models.identities import Check, Verdict
from models.published import check_tables, published_checks
from models.tables_file import PublishedTables, parse, read_tables

DUE = (1, 31)  # of the year after: 条例第四十九条
SHOWN = 3  # of a unit's faults in one message; `disclosure check` lists them all

Number = int | float


@dataclass(frozen=True)
class Unit:
    """One unit's report: the file it came in, its tables, and its table 二 as stated."""

    file: str
    tables: PublishedTables
    table2: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.tables.agency


@dataclass
class Merged:
    """The sum of the units' tables, who was added, and what is to be said of the others.

    table3, table4 = figures as `tables.json` has them; table2 = by item, a figure or several
    """

    agency: str
    year: int
    form: Form
    table3: dict[str, list[Number]]
    table4: list[Number]
    table2: dict[str, Any] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]

    def as_data(self) -> dict[str, object]:
        """As `tables.json` has it; `units` = which figure of each cell is whose."""
        return {
            "agency": self.agency,
            "year": self.year,
            "format": self.form.key,
            "table2": self.table2,
            "table3": self.table3,
            "table4": self.table4,
            "cells": {},
            "units": {
                unit.name: {
                    "file": unit.file,
                    "table3": {code: _row3(unit, code) for code in self.form.rows},
                    "table4": _row4(unit, self.form),
                }
                for unit in self.units
            },
            "checks": [check.as_data() for check in self.checks],
        }


def merge(
    files: Iterable[tuple[str, bytes]],
    agency: str,
    year: int,
    forms: Sequence[Form],
    expected: Iterable[str],
    today: date,
) -> Merged:
    """Add up the `tables.json` of units (file name, content) for the report of `year`.

    expected = the units that owe a report; none = whoever sent one. A unit that sent two is added
    once, by its first file; the superior's own tables are no unit's, nor is what has no table 三.
    Raises NoFormForYear if no form covers the year.
    """
    form = form_for(tuple(forms), year)
    found = Merged(
        agency,
        year,
        form,
        {code: [0] * len(form.columns) for code in form.rows},
        [0] * sum(len(group.columns) for group in form.review),
    )
    sent: dict[str, Unit] = {}
    for file, content in files:
        unit = _read(file, content, found, forms)
        if unit is None:
            continue
        if unit.name in sent:
            found.checks.append(_twice(sent[unit.name], unit))
            continue
        sent[unit.name] = unit
        _add(found, unit)
    found.checks += _missing(sent, list(expected), year, today)
    found.checks += _sums(found, forms)
    return found


def made_by(agency: str, data: Mapping[str, object]) -> bool:
    """Whether a file of tables is of that agency."""
    stated = data.get("agency")
    return isinstance(stated, str) and one_name(stated) == one_name(agency)


def one_name(stated: str) -> str:
    """A unit's name however it is typed: half and full width alike, without spaces."""
    return "".join(unicodedata.normalize("NFKC", stated).split())


def _read(file: str, content: bytes, found: Merged, forms: Sequence[Form]) -> Unit | None:
    """One unit's file; None if it cannot be added, which is said."""
    said, year = found.checks, found.year
    try:
        data = parse(content)
        if "table3" not in data:
            message = f"{file}：没有表三，不是年度报告的表，未计入"
            said.append(Check(f"unit.none.{file}", True, message, short_of=Verdict.DOUBTFUL))
            return None
        if made_by(found.agency, data):
            message = f"{found.agency}（{file}）是汇总机关自己的表，不是下级单位的，未计入"
            said.append(Check(f"unit.own.{file}", False, message))
            return None
        tables = read_tables(data, forms)
        faults = [check for check in _without_table2(published_checks(tables)) if not check.ok]
    except (MalformedTables, NoFormForYear) as fault:
        said.append(Check(f"unit.unreadable.{file}", False, f"{file}：无法读取，未计入：{fault}"))
        return None
    name = tables.agency
    if not name.strip():
        said.append(Check(f"unit.unnamed.{file}", False, f"{file}：没有写明机关名称，未计入"))
        return None
    if tables.year != year:
        message = f"{name}（{file}）报送的是{tables.year}年度而不是{year}年度的表，未计入"
        said.append(Check(f"unit.year.{name}", False, message))
        return None
    if faults:
        shown = "；".join(one.message for one in faults[:SHOWN])
        more = f"等{len(faults)}处" if len(faults) > SHOWN else ""
        message = f"{name}（{file}）的表不平，已按原样计入：{shown}{more}"
        cases = tuple(dict.fromkeys(case for one in faults for case in one.cases))
        said.append(Check(f"unit.unbalanced.{name}", False, message, cases))
    if tables.merged:
        label = tables.merged[0][1].full_label
        message = f"{name}（{file}）的“{label}”只列一行，按其中的“其他”计入"
        said.append(Check(f"unit.merged_row.{name}", True, message, short_of=Verdict.DOUBTFUL))
    table2 = data.get("table2")
    return Unit(file, tables, table2 if isinstance(table2, dict) else {})


def _add(found: Merged, unit: Unit) -> None:
    found.units.append(unit)
    for code, row in found.table3.items():
        row[:] = [ours + theirs for ours, theirs in zip(row, _row3(unit, code), strict=True)]
    theirs = _row4(unit, found.form)
    found.table4 = [a + b for a, b in zip(found.table4, theirs, strict=True)]
    for item, stated in unit.table2.items():
        found.table2[item] = _plus(found.table2.get(item), stated)
    blank = [item for item, stated in unit.table2.items() if not _numbers(stated)]
    if blank:
        message = (
            f"{unit.name}（{unit.file}）的表二有未填写或者不是数字的项目，按0计：{'、'.join(blank)}"
        )
        found.checks.append(
            Check(f"unit.table2.{unit.name}", True, message, short_of=Verdict.DOUBTFUL)
        )


def _row3(unit: Unit, code: str) -> list[Number]:
    """A row of a unit's table 三 in the rows of the form; one row （六） is taken as its last."""
    width = len(unit.tables.form.columns)
    row = unit.tables.table3.get(code)
    if row is None:
        whole = [other for _, other in unit.tables.merged if other.takes[-1] == code]
        row = unit.tables.table3.get(whole[0].code) if whole else None
    return [figure or 0 for figure in row] if row else [0] * width


def _row4(unit: Unit, form: Form) -> list[Number]:
    width = sum(len(group.columns) for group in form.review)
    return [figure or 0 for figure in unit.tables.table4 or (0,) * width]


def _numbers(stated: object) -> bool:
    parts = stated if isinstance(stated, list) else [stated]
    return all(isinstance(one, int | float) and not isinstance(one, bool) for one in parts)


def _plus(ours: Any, theirs: Any) -> Any:
    """The sum of two statements of an item: figures, or lists of figures; anything else is 0."""
    if isinstance(theirs, list):
        before = ours if isinstance(ours, list) else [0] * len(theirs)
        return [_plus(a, b) for a, b in zip(before, theirs, strict=False)]
    added = theirs if _numbers(theirs) else 0
    return (ours if _numbers(ours) else 0) + added


def _twice(first: Unit, again: Unit) -> Check:
    same = first.tables == again.tables
    said = "内容相同，只计一次" if same else f"内容不同，按{first.file}计入，请核实"
    message = f"{first.name}报送了两份（{first.file}、{again.file}），{said}"
    return Check(f"unit.twice.{first.name}", False, message)


def _missing(
    sent: Mapping[str, Unit], expected: Sequence[str], year: int, today: date
) -> Iterator[Check]:
    """Who owes a report and has not sent one; and who sent one unasked."""
    late = today > date(year + 1, *DUE)
    for name in dict.fromkeys(expected):
        if name not in sent:
            said = f"{name}逾期未报送（应于{date(year + 1, *DUE)}前报送，条例第四十九条）"
            message = said if late else f"{name}尚未报送"
            yield Check(f"unit.missing.{name}", False, message)
    for name in sent:
        if expected and name not in expected:
            message = f"{name}不在应报送的单位名单中，已计入，请核实"
            yield Check(f"unit.unasked.{name}", True, message, short_of=Verdict.DOUBTFUL)


def _sums(found: Merged, forms: Sequence[Form]) -> Iterator[Check]:
    """Every cell is the sum of the units' cells; and the sum itself balances."""
    columns = list(found.form.columns)
    for code, row in found.table3.items():
        label = found.form.rows[code].full_label
        for n, column in enumerate(columns):
            parts = sum(_row3(unit, code)[n] for unit in found.units)
            if parts != row[n]:
                what = f"‘{column}’列‘{label}’：各单位之和为{parts}，汇总为{row[n]}"
                yield Check(f"merge.sum.{code}.{column}", False, what)
    message = f"汇总表三、表四各格等于{len(found.units)}个单位相应各格之和"
    yield Check("merge.sum", True, message)
    tables = {"agency": found.agency, "year": found.year, "format": found.form.key}
    figures = {"table3": found.table3, "table4": found.table4}
    yield from _without_table2(check_tables({**tables, **figures}, forms))


def _without_table2(found: Iterable[Check]) -> Iterator[Check]:
    """Table 二 is added from what is stated, whatever is wrong with it."""
    return (check for check in found if not check.id.startswith("table2."))
