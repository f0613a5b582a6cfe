"""Which figures of a year leapt against last year, and were reasons given? (年报格式, 六).

A year that was signed is compared as it was signed; one that the register does not hold whole is
compared with none (models/year/held_in_part.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from sqlmodel import Session

from models.register import closed_years
from models.report_tables.annual_rules import AnnualRules
from models.report_tables.identities import Check, Verdict
from models.report_tables.tables_file import PublishedTables, parse, read_tables
from models.units.two_years import leaps
from models.year.year_figures import Tables
from models.year.year_text import PARTS

REASONS = "changes"
"""The part of the words in which the reasons stand."""
LEAPT = "last_year.jump."


def leapt(
    session: Session, tables: Tables, before: Tables | None, rules: AnnualRules, reasons: str
) -> Iterator[Check]:
    """A check for every figure that leapt: it holds where the report gives reasons.

    before = last year by the register, None where it is not to be compared with; so it is where
    the register has no application of it
    """
    last = _signed(session, tables.year - 1, rules) or (
        _stated(before, rules) if before and before.known else None
    )
    if last is None:
        return
    given = bool(reasons.strip())
    for one in leaps(_stated(tables, rules), last, rules.jumps):
        asked = (
            "，已在第六部分说明原因"
            if given
            else f"，变化较大，请核实，并写明“{PARTS[REASONS]}”；不必写入报告的，人工核定时写明原因"
        )
        short = None if given else Verdict.DOUBTFUL
        yield Check(f"{LEAPT}{one.name}", True, one.said + asked, short_of=short)


def _signed(session: Session, year: int, rules: AnnualRules) -> PublishedTables | None:
    report = closed_years.signed(session, year)
    if report is None:
        return None
    return _figures(parse(closed_years.tables_text(report).encode()), rules)


def _stated(tables: Tables, rules: AnnualRules) -> PublishedTables:
    """The figures alone, as a published file states them."""
    stated = {
        "year": tables.year,
        "format": tables.form.key,
        "table2": tables.table2.figures(),
        "table3": tables.table3.figures(),
        "table4": tables.table4.figures(),
    }
    return _figures(parse(json.dumps(stated).encode()), rules)


def _figures(data: Mapping[str, object], rules: AnnualRules) -> PublishedTables:
    kept = {
        key: data[key] for key in ("year", "format", "table2", "table3", "table4") if key in data
    }
    return read_tables(kept, rules.forms)
