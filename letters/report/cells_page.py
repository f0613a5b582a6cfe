"""cells.html: what every figure of the tables was counted from. For checking, not for publishing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import Final, NamedTuple

from letters.picture.markup import marked_up
from letters.report.case_lists import (
    CaseList,
    Place,
    Said,
    case_list,
    fact_list,
    result_list,
    review_list,
)
from letters.report.page_tables import page_table
from letters.report.tables import layout2, layout3, layout4
from models.year.year_figures import Tables

SHOWN: Final = 1000  # cases of a figure; the workbook lists them all


class Listed(NamedTuple):
    """The cases of one figure: its anchor, what it is a figure of, how many, the first of them."""

    anchor: str
    title: str
    cases: int
    numbers: tuple[str, ...]


def cells_page(agency: str, tables: Tables) -> str:
    """The three tables, each figure a link to the numbers of its cases, or to its facts."""
    form, table3 = tables.form, tables.table3
    results = result_list(table3)
    parts = []
    for key, caption, unit, layout, figures in (
        ("t2", "表二", "项", layout2(tables.table2.figures(), form), _of(fact_list(tables.table2))),
        ("t3", "表三", "件", layout3(table3), (*_of(case_list(table3)), *results.summed())),
        (
            "t4",
            "表四",
            "件",
            layout4(tables.table4.figures(), form),
            _of(review_list(tables.table4)),
        ),
    ):
        listed = list(_listed(figures, key))
        links = {place: f"#{one.anchor}" for place, one in listed}
        parts.append((page_table(layout, key, caption, links), unit, [one for _, one in listed]))
    return marked_up(
        "cells.html.j2", {"agency": agency, "year": tables.year, "parts": parts, "shown": SHOWN}
    )


def _of(cases: CaseList) -> Iterator[tuple[Place, Said, int, Iterable[str]]]:
    """Every place of a list, the sums last."""
    for place, (said, numbers) in cases.groups.items():
        yield place, said, len(numbers), numbers
    yield from cases.summed()


def _listed(
    figures: Iterable[tuple[Place, Said, int, Iterable[str]]], key: str
) -> Iterator[tuple[Place, Listed]]:
    for n, (place, said, cases, numbers) in zip(count(), figures, strict=False):
        if cases:
            shown = tuple(islice(numbers, SHOWN))
            yield place, Listed(f"{key}-cases-{n}", "　".join(said), cases, shown)
