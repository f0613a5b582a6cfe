"""The superior's report: many units' tables added up, cell by cell (条例第四十九条).

Units report by 31 January. Whoever has not, or twice, or with tables that do not balance, is named;
the sum is made of what can be added (models/units/unit_report.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePath
from typing import NamedTuple

from models.errors import MalformedTables, NoFormForYear
from models.report_tables.form import Form, form_for
from models.report_tables.identities import Check, Verdict
from models.report_tables.tables_file import parse, read_tables
from models.units.levels import (
    all_names,
    nested_of,
    same_again,
    same_tables,
    sum_of_nested,
    within_others,
)
from models.units.published import check_tables, published_checks
from models.units.sent_report import SentReport, from_data
from models.units.unit_report import Number, Unit, as_stated, faults_of, plain, sum_of, unit_of
from models.words.names import one_name

DUE = (1, 31)  # of the year after: 条例第四十九条
SHOWN = 3  # of a unit's faults in one message; `disclosure check` lists them all

Place = tuple[str, str, str]  # table, row (item, code, group), column


@dataclass
class Merged:
    """The sum of the units' tables, who was added, and what is to be said of the others.

    table2 = by item, a figure for each column, None where no unit states one; left_out = files of
    units that are not in the sum
    """

    agency: str
    year: int
    form: Form
    table2: dict[str, list[Number | None]] = field(default_factory=dict)
    table3: dict[str, list[Number]] = field(default_factory=dict)
    table4: list[Number] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]

    def tables(self) -> dict[str, object]:
        """The tables alone, as `tables.json` has them."""
        return {
            "agency": self.agency,
            "year": self.year,
            "format": self.form.key,
            "table2": as_stated(self.table2),
            "table3": self.table3,
            "table4": self.table4,
        }

    def as_data(self) -> dict[str, object]:
        """As `tables.json` has it; `units` = which figure of each cell is whose."""
        return {
            **self.tables(),
            "cells": {},
            "units": {unit.name: unit.as_data() for unit in self.units},
            "checks": [check.as_data() for check in self.checks],
        }


def merge(
    files: Iterable[tuple[str, bytes | SentReport | Unread]],
    agency: str,
    year: int,
    forms: Sequence[Form],
    expected: Iterable[str],
    today: date,
) -> Merged:
    """Add up the reports of units (file name, and `tables.json`, report read, or why it was not).

    expected = the units that owe a report; none = whoever sent one. A unit that sent two is added
    once, by its first file; the superior's own tables are no unit's, nor is what has no table 三.
    Raises NoFormForYear if no form covers the year.
    """
    found = Merged(agency, year, form_for(tuple(forms), year))
    sent: dict[str, Unit] = {}
    for file, content in files:
        unit = _read(file, content, found, forms)
        if unit is None:
            continue
        name = one_name(unit.name)
        if name in sent:
            if not _in_another_format(sent[name], unit):
                found.checks.append(_twice(sent[name], unit))
            continue
        sent[name] = unit
        found.units.append(unit)
    _add_up(found)
    found.checks += [*same_again(found.units), *within_others(found.units)]
    found.checks += _complete(sent, list(expected), year, today, found.left_out)
    found.checks += sum_checks(found)
    found.checks += check_tables(found.tables(), forms)
    return found


def made_by(agency: str, data: Mapping[str, object]) -> bool:
    """Whether a file of tables is of that agency."""
    stated = data.get("agency")
    return isinstance(stated, str) and one_name(stated) == one_name(agency)


class Unread(NamedTuple):
    """A file that could not be opened, and why."""

    why: str


def _read(
    file: str, content: bytes | SentReport | Unread, found: Merged, forms: Sequence[Form]
) -> Unit | None:
    """One unit's file; None if it cannot be added, which is said."""
    if isinstance(content, Unread):
        message = f"{file}：无法读取，未计入：{content.why}"
        _left_out(found, file, f"unit.unreadable.{file}", message)
        return None
    try:
        report = from_data(file, parse(content)) if isinstance(content, bytes) else content
        data = report.data
        if "table3" not in data:
            message = f"{file}：没有表三，不是年度报告的表，未计入"
            name = f"unit.none.{file}"
            found.checks.append(Check(name, True, message, short_of=Verdict.DOUBTFUL))
            return None
        if made_by(found.agency, data):
            message = f"{found.agency}（{file}）是汇总机关自己的表，不是下级单位的，未计入"
            found.checks.append(Check(f"unit.own.{file}", False, message))
            return None
        tables = read_tables(data, forms)
        checks = [*report.findings, *published_checks(tables)]
    except (MalformedTables, NoFormForYear) as fault:
        message = f"{file}：无法读取，未计入：{fault}"
        _left_out(found, file, f"unit.unreadable.{file}", message)
        return None
    name = tables.agency.strip()
    if not name:
        message = f"{file}：没有写明机关名称，未计入"
        _left_out(found, file, f"unit.unnamed.{file}", message)
        return None
    if tables.year != found.year:
        message = f"{name}（{file}）报送的是{tables.year}年度而不是{found.year}年度的表，未计入"
        _left_out(found, file, f"unit.year.{name}", message)
        return None
    unit = unit_of(file, tables, found.form, forms)
    if not isinstance(unit, Unit):
        message = f"{name}（{file}）未计入：{'；'.join(unit)}"
        _left_out(found, file, f"unit.rows.{name}", message)
        return None
    found.checks += faults_of(unit, checks, found.form, SHOWN)
    nested = nested_of(data)
    found.checks += sum_of_nested(unit, nested)
    return replace(unit, nested=nested)


def _left_out(found: Merged, file: str, check_id: str, message: str) -> None:
    found.left_out.append(file)
    found.checks.append(Check(check_id, False, message))


def _add_up(found: Merged) -> None:
    """Every cell of the three tables from the units' cells; money by the digits as written."""
    form, units = found.form, found.units
    found.table2 = {
        item: [_sum2([unit.table2[item][n] for unit in units]) for n in range(len(group.columns))]
        for group, item in form.items()
    }
    found.table3 = {
        code: [plain(sum_of(unit.table3[code][n] for unit in units)) for n in _columns(form)]
        for code in form.rows
    }
    width = sum(len(group.columns) for group in form.review)
    found.table4 = [plain(sum_of(unit.table4[n] for unit in units)) for n in range(width)]


def _columns(form: Form) -> range:
    return range(len(form.columns))


def _sum2(figures: Sequence[Number | None]) -> Number | None:
    known = [one for one in figures if one is not None]
    return plain(sum_of(known)) if known else None


def _twice(first: Unit, again: Unit) -> Check:
    same = first.tables == replace(again.tables, agency=first.tables.agency)
    said = "内容相同，只计一次" if same else f"内容不同，按{first.file}计入，请核实"
    message = f"{first.name}报送了两份（{first.file}、{again.file}），{said}"
    return Check(f"unit.twice.{first.name}", False, message)


def _in_another_format(first: Unit, again: Unit) -> bool:
    """Whether it is the same report once more, as a page beside its .docx: added once, unsaid."""
    return PurePath(first.file).suffix != PurePath(again.file).suffix and same_tables(first, again)


def _complete(
    sent: Mapping[str, Unit],
    expected: Sequence[str],
    year: int,
    today: date,
    left_out: Sequence[str],
) -> Iterator[Check]:
    """Who owes a report and has not sent one; and who sent one unasked."""
    owing = {one_name(name): name for name in expected}
    if not owing:
        message = "没有应报送单位的名单（units.txt），未核对是否报送齐全"
        yield Check("merge.complete", True, message, short_of=Verdict.UNJUDGED)
        return
    late = today > date(year + 1, *DUE)
    within = {one_name(name) for unit in sent.values() for name in all_names(unit.nested)}
    for key, name in owing.items():
        if key not in sent and key not in within:
            lies = [file for file in left_out if key in one_name(file)]
            if lies:
                message = f"{name}报送的文件 {'、'.join(lies[:SHOWN])} 未能计入，见上"
                yield Check(f"unit.missing.{name}", False, message)
                continue
            said = f"{name}逾期未报送（应于{date(year + 1, *DUE)}前报送，条例第四十九条）"
            message = said if late else f"{name}尚未报送"
            if left_out:
                listed = "、".join(left_out[:SHOWN])
                message = f"没有读到{name}的报告；有{len(left_out)}份未计入（{listed}），可能是它的"
            yield Check(f"unit.missing.{name}", False, message)
    for key, unit in sent.items():
        if key not in owing:
            message = f"{unit.name}不在应报送的单位名单中，已计入，请核实"
            yield Check(f"unit.unasked.{unit.name}", True, message, short_of=Verdict.DOUBTFUL)


def sum_checks(found: Merged) -> Iterator[Check]:
    """Every cell of the three tables is the sum of the units' cells, and no row of theirs is lost.

    Doubtful while a report that was sent is not in it, or table 二 of a unit is not whole.
    """
    wrong = [*_cell_by_cell(found), *_nothing_lost(found)]
    yield from wrong
    if wrong:
        message = f"汇总有{len(wrong)}处不等于各单位之和"
        yield Check("merge.sum", False, message)
        return
    message = f"汇总表二、表三、表四各格等于{len(found.units)}个单位相应各格之和"
    short = [f"有{len(found.left_out)}份报送的表未计入"] if found.left_out else []
    if gaps := sum(bool(unit.gaps) for unit in found.units):
        short.append(f"有{gaps}个单位的表二数字不全")
    if short:
        message = f"{message}，但{'，'.join(short)}"
    yield Check("merge.sum", True, message, short_of=Verdict.DOUBTFUL if short else None)


def _cell_by_cell(found: Merged) -> Iterator[Check]:
    for (table, row, column), ours, theirs in _cells(found):
        parts = sum_of(theirs)
        blank = ours is None and any(one is not None for one in theirs)
        if blank or sum_of([ours]) != parts:
            shown = "空白" if ours is None else ours
            what = f"{table}‘{row}·{column}’：各单位之和为{parts}，汇总为{shown}"
            yield Check(f"merge.sum.{table}.{row}.{column}", False, what)


def _cells(found: Merged) -> Iterator[tuple[Place, Number | None, list[Number | None]]]:
    """Every cell of the sum, and the same of every unit."""
    form, units = found.form, found.units
    for group, item in form.items():
        for n, column in enumerate(group.columns):
            theirs = [unit.table2[item][n] for unit in units]
            yield ("表二", item, column), found.table2[item][n], theirs
    for code, row in form.rows.items():
        for n, column in enumerate(form.columns):
            yield (
                ("表三", row.full_label, column),
                found.table3[code][n],
                [unit.table3[code][n] for unit in units],
            )
    places = [(group.key, column) for group in form.review for column in group.columns]
    for n, (key, column) in enumerate(places):
        yield ("表四", key, column), found.table4[n], [unit.table4[n] for unit in units]


def _nothing_lost(found: Merged) -> Iterator[Check]:
    """Down every column of table 三: all rows of the units' files beside all rows of the sum."""
    stated = [unit.stated3() for unit in found.units]
    for n, column in enumerate(found.form.columns):
        theirs = sum_of(one[n] for one in stated)
        ours = sum_of(row[n] for row in found.table3.values())
        if ours != theirs:
            what = f"表三‘{column}’列：各单位报送的各行之和为{theirs}，汇总各行之和为{ours}"
            yield Check(f"merge.sum.表三.{column}", False, what)
