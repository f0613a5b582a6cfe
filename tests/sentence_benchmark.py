"""Narratives of annual reports, each figure of the tables altered one at a time: what is found of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from published_reports import FORMS

from models.report_tables.form import form_for
from models.report_tables.identities import Verdict
from models.units.published import check_tables

FOLDER = Path(__file__).parent / "cases" / "sentences"
_MARKED = re.compile(r"\{(\d+(?:\.\d+)?)\}")


class Measured(NamedTuple):
    """One altered figure: where, what it was altered to, and what became of it."""

    text: str
    found: bool
    certain: bool


def narratives(half: str = "") -> list[dict[str, Any]]:
    stated = tomllib.loads((FOLDER / "narratives.toml").read_text("utf-8"))["narrative"]
    return [one for one in stated if half in ("", one["half"])]


def tables(one: dict[str, Any]) -> dict[str, Any]:
    """The tables that a narrative speaks of, those of 自然人 unless it names others."""
    form = form_for(FORMS, one["year"])
    table3 = {code: [0] * 7 for code in form.rows}
    for code, figure in one["totals"].items():
        table3[code][0] = table3[code][6] = figure
    closed = sum(table3[code][6] for code in form.result_codes)
    table3["3.7"][0] = table3["3.7"][6] = closed
    if kinds := one.get("kinds"):
        for n, kind in enumerate(form.kinds):
            table3["1"][n] = kinds.get(kind, 0)
    table2 = {item: [0] * len(group.columns) for group, item in form.items()}
    return {
        "agency": "某市某局",
        "year": one["year"],
        "format": form.key,
        "table2": table2 | one.get("table2", {}),
        "table3": table3,
        "table4": one.get("table4", [0] * 15),
    }


def said_of(text: str, data: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What is found of the figures in a text: verdict and message by check."""
    found = check_tables(data | {"words": {"1": text}}, FORMS)
    return {c.id: (str(c.verdict), c.message) for c in found if c.id.startswith("text")}


def whole(text: str) -> str:
    return _MARKED.sub(r"\1", text).strip()


def altered(text: str) -> Iterator[tuple[str, str]]:
    """The text with one marked figure altered, each in turn; and the words around it."""
    for n, mark in enumerate(_MARKED.finditer(text)):
        figure = int(mark[1])
        other = figure + 3 + n % 5 if figure < 10 or n % 2 else max(figure - 7 - n % 3, 1) + 1000
        changed = f"{text[: mark.start()]}{other}{text[mark.end() :]}"
        start = max(mark.start() - 12, 0)
        yield whole(changed), whole(text[start : mark.end() + 8]) + f" → {other}"


def measured(half: str = "") -> tuple[list[Measured], list[str]]:
    """Every altered figure, and the true sentences that were held against their report."""
    found, stopped = [], []
    for one in narratives(half):
        data = tables(one)
        right = said_of(whole(one["text"]), data)
        stopped += [m for v, m in right.values() if v == Verdict.FAILS]
        for text, where in altered(one["text"]):
            now = said_of(text, data)
            news = [v for i, (v, m) in now.items() if (v, m) != right.get(i)]
            certain = Verdict.FAILS in news
            found.append(Measured(where, certain or Verdict.DOUBTFUL in news, certain))
    return found, stopped
