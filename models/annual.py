"""Table 三 of the annual report (条例第五十条第一款第二项): a cell is its list of cases.

The figure of a cell is the length of its list, so whatever does not balance is answered with case
numbers (models/identities.py). Counted as of 31 December by the legal dates, whatever is recorded
when: that is for whoever supplies the lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import NamedTuple, NoReturn

from models.annual_form import Form
from models.errors import UncountableCase

Cells = dict[str, dict[str, list[str]]]
Figures = dict[str, tuple[int, ...]]


class CaseLine(NamedTuple):
    """What table 三 needs to know of one application.

    column      = kind of applicant, one of the form's six
    received_on = legal date of receipt (Art. 31); a correction does not change it
    closed_on   = day it was closed, None while open
    row         = code of its result ("3.4.1"), None while open
    """

    number: str
    column: str
    received_on: date
    closed_on: date | None
    row: str | None


@dataclass(frozen=True)
class Table3:
    """Table 三 of one year: for every row and every column of the form its case numbers.

    The rows 3.7 and the column 总计 are stored like any other cell, so that they can be checked.
    """

    year: int
    form: Form
    cells: Cells

    def cases(self, code: str, column: str) -> list[str]:
        """The numbers of the applications counted in a cell."""
        return self.cells[code][column]

    def figures(self) -> Figures:
        """The table as printed: by row code, seven integers in the order of the columns."""
        return {
            code: tuple(len(self.cells[code][column]) for column in self.form.columns)
            for code in self.form.rows
        }


def table3(lines: Iterable[CaseLine], year: int, form: Form) -> Table3:
    """Count the applications of `year`; a cell lists them in the order of `lines`.

    新收 = received in the year; 上年结转 = received before it and not closed before it; a result =
    closed in the year; 结转下年度 = received by 31 December and not closed by then, overdue or not.
    Raises UncountableCase for a line that fits no cell.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    cells = empty_cells(form)
    received = cells[form.code("received")]
    carried_in = cells[form.code("carried_in")]
    carried_out = cells[form.code("carried_out")]
    result_cells = {code: cells[row] for code, row in form.row_of.items()}
    try:
        for line in lines:
            number, column, received_on, closed_on, row = line
            if closed_on is not None and closed_on < received_on:
                _refuse(line, form)
            if received_on > last or (closed_on is not None and closed_on < first):
                continue
            (carried_in if received_on < first else received)[column].append(number)
            if closed_on is None or closed_on > last:
                carried_out[column].append(number)
            else:
                result_cells[row or ""][column].append(number)
    except KeyError:
        _refuse(line, form)
    return summed_up(cells, year, form)


def summed_up(cells: Mapping[str, Mapping[str, list[str]]], year: int, form: Form) -> Table3:
    """The whole table from cases that are already grouped by row and kind of applicant.

    （七）总计 and the column 总计 are added up here; whatever `cells` says of them is left out.
    """
    whole: Cells = {
        code: {kind: cells.get(code, {}).get(kind, []) for kind in form.kinds} for code in form.rows
    }
    whole[form.code("results")] = {
        kind: [*chain.from_iterable(whole[code][kind] for code in form.result_codes)]
        for kind in form.kinds
    }
    for row in whole.values():
        row[form.total] = [*chain.from_iterable(row[kind] for kind in form.kinds)]
    return Table3(year, form, whole)


def empty_cells(form: Form) -> Cells:
    """A table without a single case."""
    return {code: {kind: [] for kind in form.kinds} for code in form.rows}


def _refuse(line: CaseLine, form: Form) -> NoReturn:
    """Say why a line cannot be counted."""
    if line.column not in form.kinds:
        why = f"申请人类别“{line.column}”不是表三的列（应为{'、'.join(form.kinds)}之一）"
    elif line.closed_on is not None and line.closed_on < line.received_on:
        why = f"办结日期 {line.closed_on} 早于收到日期 {line.received_on}"
    elif line.row is None:
        why = f"已于 {line.closed_on} 办结，但没有办理结果"
    else:
        why = f"办理结果“{line.row}”不是表三的行"
    raise UncountableCase(line.number, why) from None
