"""The figures that the office's own words may name: `{{ 新收 }}` in a text is the table's figure.

All of them come from the registers (models/year/year_figures.py); a figure that only the office knows,
visits to its site or posts on its channels, stands under [figures] in the year's file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Final

from models.errors import TextFault
from models.law.citing import row_label
from models.report_tables.form import Form

if TYPE_CHECKING:
    from models.year.year_figures import YearFigures

Figure = int | float | str

_PLACE: Final = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
_BRACES: Final = re.compile(r"\{\{|\}\}|\{%|%\}")
_NUMBERED: Final = re.compile(r"^（[^）]*）|^[一二三四]、|^\d+\.")
_ROW: Final = "表三"  # with the code of a row of table 三
_SPARE: Final = re.compile("本年|（[^）]*）")


def named_figures(figures: YearFigures) -> dict[str, Figure]:
    """Every figure of the year by the name a text may use; numbers as they are printed."""
    tables, fees = figures.tables, figures.fees
    found: dict[str, Figure] = {
        "年度": tables.year,
        "新收": tables.received,
        "上年结转": tables.carried_in,
        "办结": tables.closed,
        "结转下年度": tables.carried_out,
        **_results(figures),
        **_reviews(figures),
        **_proactive(figures),
    }
    if figures.from_register:
        found |= {
            "咨询人次": sum(figures.advised.values()),
            "转主动公开审查": figures.screened,
            "转主动公开": figures.published,
            "收费件数": fees.payments,
            "收费金额": fees.paid,
        }
    if figures.detailed:
        found["已主动公开"] = figures.outcomes.get("already_public", 0)
        found["非本机关职责"] = figures.outcomes.get("not_ours", 0)
    if figures.average_days is not None:
        found["平均用时"] = days_written(figures.average_days)
    return found


def filled_in(part: str, text: str, names: Mapping[str, Figure]) -> str:
    """The text with its figures in their places; TextFault for a name that stands for none."""

    def figure(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in names:
            rows = [one for one in names if one.startswith(_ROW)]
            others = "、".join(one for one in names if one not in rows)
            raise TextFault(
                part,
                f"没有“{name}”这个数字，可用的有：{others}，以及表三各行（如 {_ROW}（四）1）",
            )
        return str(names[name])

    written = _PLACE.sub(figure, text)
    if left := _BRACES.search(_PLACE.sub("", text)):
        raise TextFault(part, f"“{left.group()}”有误：数字应写作 {{{{ 名称 }}}}，如 {{{{ 新收 }}}}")
    return written


def days_written(days: float) -> str:
    """Working days on average as a text states them: 7.5, and 8 rather than 8.0."""
    return f"{days:.1f}".removesuffix(".0")


def group_totals(figures: YearFigures) -> dict[str, int]:
    """The results of table 三 by what the form calls them: 予以公开, 部分公开, 不予公开 …"""
    return {
        label: sum(map(figures.tables.figure, codes))
        for label, codes in result_groups(figures.tables.form).items()
    }


def result_groups(form: Form) -> dict[str, tuple[str, ...]]:
    """The rows of results by what the form calls them together."""
    rows = [row for row in form.row if row.kind == "result"]
    return {
        _SPARE.sub("", _NUMBERED.sub("", label)): tuple(row.code for row in members)
        for label, members in groupby(rows, key=lambda row: row.group or row.label)
    }


def _results(figures: YearFigures) -> dict[str, Figure]:
    """The groups of results by name, and every row of the table as 表三（四）1, or 表三3.4.1."""
    rows = {code: figures.tables.figure(code) for code in figures.tables.form.rows}
    named = {f"{_ROW}{said}": rows[code] for code in rows for said in (_printed(code), code)}
    return {**group_totals(figures), **named}


def _printed(code: str) -> str:
    """A row as the form prints it, after 表三: （四）1."""
    return row_label(code).removeprefix("三")


def _reviews(figures: YearFigures) -> dict[str, Figure]:
    """Table 四: 行政复议, 行政复议结果纠正 …; the total bears the name of the group alone."""
    table = figures.tables.table4
    return {
        f"{group.key}{'' if column == group.columns[-1] else column}": len(
            table.cells[group.key][column]
        )
        for group in table.form.review
        for column in group.columns
    }


def _proactive(figures: YearFigures) -> dict[str, Figure]:
    """Table 二, as far as it is known: 规章制发件数, 行政许可处理决定数量 …"""
    table = figures.tables.table2
    return {
        f"{item}{_SPARE.sub('', column)}": cell.figure
        for group in table.form.proactive
        for item in group.items
        for column, cell in zip(group.columns, table.cells[item], strict=True)
        if cell.figure is not None
    }
