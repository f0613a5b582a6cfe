"""Invented years for the report's tests: the figures of a register, without a register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from published_reports import FORMS, lines

from models.report_tables.form import form_for
from models.report_tables.measures import load_measures
from models.report_tables.table2 import Fact, table2
from models.report_tables.table3 import CaseLine, table3
from models.report_tables.table4 import ReviewLine, table4
from models.year.year_end import Fees
from models.year.year_figures import Tables, YearFigures

ROOT = Path(__file__).parents[1]
MEASURES = load_measures(ROOT / "config" / "annual")
NO_FEES = Fees(0, 0, 0, 0)


def fact(item: str, measure: str, amount: int, day: str = "2022-06-01") -> Fact:
    return Fact(date.fromisoformat(day), item, measure, amount)


WHOLE = (
    fact("规章", "in_force", 0, "2021-12-31"),
    fact("行政规范性文件", "in_force", 12, "2021-12-31"),
    fact("行政规范性文件", "made", 1),
    fact("行政规范性文件", "repealed", 2),
    fact("行政许可", "decisions", 7),
    fact("行政处罚", "decisions", 0),
    fact("行政强制", "decisions", 0),
    fact("行政事业性收费", "collected", 59237_2449_00),
)
"""All that table 二 of 2022 asks for; the fee in fen."""


def figures(
    year: int = 2022,
    facts: tuple[Fact, ...] = (),
    reviews: tuple[ReviewLine, ...] = (),
    cases: Iterable[CaseLine] = (),
    fees: Fees = NO_FEES,
) -> YearFigures:
    """A year without anything but what is given."""
    form = form_for(FORMS, year)
    tables = Tables(
        table2(facts, year, form, MEASURES), table3(cases, year, form), table4(reviews, year, form)
    )
    return YearFigures(tables, {}, {}, fees, {}, {}, 0, 0)


def suqian() -> YearFigures:
    """The year 2023 of a city, as published."""
    return figures(2023, cases=lines("suqian_city_2023"))


def seed() -> YearFigures:
    """What the registers hold of the seed's 2022: eight applications, all for other agencies."""
    day = date(2022, 3, 1)
    cases = [CaseLine(f"SQ{n}", "自然人", day, day, "3.4.1") for n in range(8)]
    return replace(figures(cases=cases), outcomes={"not_ours": 8}, advised={"电话": 5, "信函": 3})
