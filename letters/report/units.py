"""各单位: whose figures the superior's are, a line a unit, for the workbook."""

from __future__ import annotations

from collections.abc import Iterator

from letters.report.tables import Figure
from letters.report.workbook import Sheet
from models.units.superior import Merged
from models.units.unit_report import Unit


def units_list(made: Merged) -> Sheet:
    """Every unit that was added: table 二, the column 总计 of table 三, table 四."""
    form = made.form
    head = (
        *("单位", "文件"),
        *(f"{item}·{column}" for group, item in form.items() for column in group.columns),
        *(row.ordinal for row in form.row),
        *(f"{group.key}·{column}" for group in form.review for column in group.columns),
    )
    widths = (40, 40, *(len(name) * 2 + 2 for name in head[2:]))
    return Sheet("各单位", head, widths, map(tuple, map(_line, made.units)))


def _line(unit: Unit) -> Iterator[str | Figure]:
    yield unit.name
    yield unit.file
    for row in unit.table2.values():
        yield from row
    for figures in unit.table3.values():
        yield figures[-1]
    yield from unit.table4
