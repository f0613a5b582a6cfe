"""The figures of a year of which only the tables are known, not the cases: a superior's sum."""

from __future__ import annotations

from collections.abc import Sequence

from models.report_tables.blocks import Block, CaseList
from models.report_tables.table2 import Cell, Table2
from models.report_tables.table3 import Table3
from models.report_tables.table4 import Table4
from models.units.superior import Merged
from models.year.year_end import Fees
from models.year.year_figures import Tables, YearFigures


def stated_year(made: Merged) -> YearFigures | None:
    """The figures of a merged year; None where a count is below 0 or not whole.

    How many cases a cell has is known, which is not: opening it is NotAsCounted.
    """
    form = made.form
    counts = [*(one for row in made.table3.values() for one in row), *made.table4]
    if not all(isinstance(one, int) and one >= 0 for one in counts):
        return None
    table3 = {
        code: {column: _cases(n) for column, n in zip(form.columns, row, strict=True)}
        for code, row in made.table3.items()
    }
    figures = iter(made.table4)
    table4 = {
        group.key: {column: _cases(next(figures)) for column in group.columns}
        for group in form.review
    }
    table2 = {item: tuple(map(Cell, row)) for item, row in made.table2.items()}
    tables = Tables(
        Table2(made.year, form, table2),
        Table3(made.year, form, table3),
        Table4(made.year, form, table4),
    )
    nothing = Fees(0, 0, 0, 0)
    return YearFigures(
        tables, {None: tables.closed}, {}, nothing, {}, {}, 0, 0, from_register=False
    )


def _cases(count: float) -> Sequence[str]:
    return CaseList([Block(int(count), "")] if count else [])
