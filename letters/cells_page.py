"""cells.html: which cases every figure of tables 三 and 四 counts. For checking, not for publishing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from letters.case_lists import CaseList, Place, case_list, review_list
from letters.markup import marked_up
from letters.page_tables import page_table
from letters.tables import layout3, layout4
from models.year_figures import Tables

SHOWN: Final = 1000  # cases of a figure; the workbook lists them all


class Listed(NamedTuple):
    """The cases of one figure: its anchor, what it is a figure of, how many, the first of them."""

    anchor: str
    title: str
    cases: int
    numbers: tuple[str, ...]


def cells_page(agency: str, tables: Tables) -> str:
    """The two tables, each figure a link to the numbers of its cases."""
    form = tables.form
    parts = []
    for key, caption, layout, cases in (
        ("t3", "表三", layout3(tables.table3), case_list(tables.table3)),
        ("t4", "表四", layout4(tables.table4.figures(), form), review_list(tables.table4)),
    ):
        listed = list(_listed(cases, key))
        links = {place: f"#{one.anchor}" for place, one in listed}
        parts.append((page_table(layout, key, caption, links), [one for _, one in listed]))
    return marked_up(
        "cells.html.j2", {"agency": agency, "year": tables.year, "parts": parts, "shown": SHOWN}
    )


def _listed(cases: CaseList, key: str) -> Iterator[tuple[Place, Listed]]:
    for n, (place, (said, numbers)) in enumerate(cases.groups.items()):
        if numbers:
            shown = tuple(islice(numbers, SHOWN))
            yield place, Listed(f"{key}-cases-{n}", "　".join(said), len(numbers), shown)
