"""Table 三 of the annual report (条例第五十条第一款第二项): a cell is its list of cases.

The figure of a cell is the length of its list, so whatever does not balance is answered with case
numbers (models/report_tables/identities.py). Counted as of 31 December by the legal dates, whatever
is recorded when: that is for whoever supplies the lines, or the blocks of a whole register
(models/report_tables/blocks.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, NoReturn

from models.errors import UncountableCase
from models.report_tables.blocks import Block, CaseList, together
from models.report_tables.form import Form
from models.words.days_told import told

Lists = dict[str, dict[str, list[str]]]
Cells = dict[str, dict[str, Sequence[str]]]
Figures = dict[str, tuple[int, ...]]

IMPOSSIBLE = "!"  # the end of a case that no row counts


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

    def cases(self, code: str, column: str) -> Sequence[str]:
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
    cells = empty_cells(form)
    rows, intakes = _places(form)
    for line in lines:
        if alike := alike_of(line, year, form):
            cells[intakes[alike.carried_in]][line.column].append(line.number)
            cells[rows[alike.end]][line.column].append(line.number)
    return summed_up(cells, year, form)


class Alike(NamedTuple):
    """How a case is counted: its intake, its end, its column.

    end = row of the result, "" = 结转下年度
    """

    carried_in: bool
    end: str
    column: str


def alike_of(line: CaseLine, year: int, form: Form) -> Alike | None:
    """How a case is counted in `year`; None if it is not. UncountableCase if it fits no cell."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    closed_on = line.closed_on
    impossible = closed_on is not None and closed_on < line.received_on
    if line.received_on > last or (closed_on is not None and closed_on < first and not impossible):
        return None
    ended = closed_on is not None and closed_on <= last
    end = (line.row or IMPOSSIBLE) if ended else ""
    if impossible or line.column not in form.kinds or (end and end not in form.row_of):
        refuse(line, form)
    return Alike(line.received_on < first, end, line.column)


def counted_in_blocks(blocks: Mapping[Alike, Sequence[Block]], year: int, form: Form) -> Table3:
    """Table 三 from cases that are grouped already; KeyError for a group that fits no cell."""
    rows, intakes = _places(form)
    found: dict[str, dict[str, list[Block]]] = {
        code: {kind: [] for kind in form.kinds} for code in form.rows
    }
    for alike, those in blocks.items():
        found[intakes[bool(alike.carried_in)]][alike.column] += those
        found[rows[alike.end]][alike.column] += those
    cells = {
        code: {kind: CaseList(those) for kind, those in row.items()} for code, row in found.items()
    }
    return summed_up(cells, year, form)


def _places(form: Form) -> tuple[dict[str, str], dict[bool, str]]:
    """The row of each end, and of each intake (carried in or not)."""
    intakes = {True: form.code("carried_in"), False: form.code("received")}
    return form.row_of | {"": form.code("carried_out")}, intakes


def summed_up(cells: Mapping[str, Mapping[str, Sequence[str]]], year: int, form: Form) -> Table3:
    """The whole table from cases that are already grouped by row and kind of applicant.

    （七）总计 and the column 总计 are added up here; whatever `cells` says of them is left out.
    """
    whole: Cells = {
        code: {kind: cells.get(code, {}).get(kind, []) for kind in form.kinds} for code in form.rows
    }
    whole[form.code("results")] = {
        kind: together([whole[code][kind] for code in form.result_codes]) for kind in form.kinds
    }
    for row in whole.values():
        row[form.total] = together([row[kind] for kind in form.kinds])
    return Table3(year, form, whole)


def empty_cells(form: Form) -> Lists:
    """A table without a single case."""
    return {code: {kind: [] for kind in form.kinds} for code in form.rows}


def refuse(line: CaseLine, form: Form) -> NoReturn:
    """Say why a line cannot be counted: UncountableCase."""
    if line.column not in form.kinds:
        why = f"申请人类别“{line.column}”不是表三的列（应为{'、'.join(form.kinds)}之一）"
    elif line.closed_on is not None and line.closed_on < line.received_on:
        why = told([f"办结日期 {line.closed_on} 早于收到日期 {line.received_on}"])
    elif line.row is None:
        why = told([f"已于 {line.closed_on} 办结，但没有办理结果"])
    else:
        why = f"办理结果“{line.row}”不是表三的行"
    raise UncountableCase(line.number, why) from None
