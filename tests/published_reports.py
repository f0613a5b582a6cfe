"""The published reports under cases/reports/, and invented cases that give each of them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from models.report_tables.form import load_forms
from models.report_tables.table3 import CaseLine

FORMS = load_forms(Path(__file__).parents[1] / "config" / "annual")
FOLDER = Path(__file__).parent / "cases" / "reports"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
KINDS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")
UNSPLIT = {"3.6": "3.6.3"}  # where a report has one row （六）, its cases are taken as 3.其他


def report(name: str) -> dict[str, Any]:
    """A published report, as stored."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def figures(name: str) -> dict[str, tuple[int, ...]]:
    """Table 三 of a report, a blank as 0."""
    return {code: tuple(v or 0 for v in row) for code, row in report(name)["table3"].items()}


def lines(name: str) -> list[CaseLine]:
    """Invented cases whose table 三 is the published one, and some of the years around it."""
    published, year = figures(name), report(name)["year"]
    chance = random.Random(name)
    found = list(_around(year))
    for n, kind in enumerate(KINDS):
        ends = (
            list(
                chain.from_iterable(
                    repeat(UNSPLIT.get(code, code), row[n])
                    for code, row in published.items()
                    if code.startswith("3.") and code != "3.7"
                )
            )
            + [None] * published["4"][n]
        )
        chance.shuffle(ends)
        carried_in = published["2"][n]
        for serial, row in enumerate(ends):
            number = f"{year}-{kind}-{serial + 1}"
            found.append(_line(number, kind, year, serial < carried_in, row, chance))
    chance.shuffle(found)
    return found


def _line(
    number: str, kind: str, year: int, carried_in: bool, row: str | None, chance: random.Random
) -> CaseLine:
    first, last = date(year, 1, 1), date(year, 12, 31)
    received = (
        first - timedelta(chance.randint(1, 30))
        if carried_in
        else first + timedelta(chance.randint(0, (last - first).days))
    )
    if row is None:  # open on 31 December; some are closed by the time of the report
        later = last + timedelta(chance.randint(1, 20))
        return CaseLine(number, kind, received, *chance.choice([(None, None), (later, "3.1")]))
    start = max(received, first)
    closed = start + timedelta(chance.randint(0, min(28, (last - start).days)))
    return CaseLine(number, kind, received, closed, row)


def _around(year: int) -> Iterator[CaseLine]:
    """Cases of other years: they count nowhere."""
    for n, kind in enumerate(KINDS):
        last_year, next_year = date(year - 1, 3, n + 1), date(year + 1, 1, n + 1)
        yield CaseLine(f"早-{n}", kind, last_year, date(year - 1, 12, 31), "3.1")
        yield CaseLine(f"晚-{n}", kind, next_year, None, None)
