"""What would this version of the program make of what a register holds? (45)

Every application is replayed from its events; what comes of it is held against what its register row
says, which an earlier version, or other rules, made. Nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.acts import catalogue
from models.case.case import Case
from models.case.stage import Stage
from models.errors import UncountableCase
from models.law.statute import Statute
from models.register import closed_years, register
from models.register.counted_in_table3 import lines
from models.report_tables.form import Form
from models.report_tables.table3 import CaseLine, alike_of
from models.soundness import integrity
from models.soundness.integrity import SPOILT, TITLES
from models.store.happened import of_cases
from models.store.tables import Application, Event

CHUNK = 500
LIMITS = {name: TITLES[name] for name in ("last_day", "provisional", "waiting", "waiting_until")}
INTERNAL = ("position", "by_history", "look_on")
STANDS = {name: title for name, title in TITLES.items() if name not in (*LIMITS, *INTERNAL)}
PRIVATE = frozenset({"applicant", "request"})
"""Columns whose content is not to be told of: that they differ is."""


HIDDEN = "（不显示）"
UNCOUNTABLE = "不能计入任何一格"
AGAIN = "（第"  # models/register/counted_in_table3.py
Cell = tuple[int, str, str]
"""A cell of table 三: year, row, column."""


class Change(NamedTuple):
    """One thing that would be otherwise, and how it stands in the register and would be made now."""

    number: str
    what: str
    was: str
    now: str


@dataclass
class Replayed:
    """What replaying every application has shown.

    rows      what differs of its register row
    closed    limits of closed applications that would be counted otherwise: their rows stay as they are
    spoilt    applications that cannot be replayed, with the reason
    moved     by year, row and column of table 三, which cases leave a cell and which come into it
    """

    cases: int = 0
    rows: list[Change] = field(default_factory=list)
    closed: list[Change] = field(default_factory=list)
    spoilt: list[tuple[str, str]] = field(default_factory=list)
    moved: dict[Cell, tuple[list[str], list[str]]] = field(default_factory=dict)


def total(session: Session) -> int:
    """How many applications there are to replay."""
    return len(session.exec(select(Application.number)).all())


def each_case(session: Session) -> Iterator[tuple[Application, list[Event]]]:
    """Every application by its number, with its events."""
    after = ""
    while True:
        wanted = select(Application).where(Application.number > after)
        rows = session.exec(wanted.order_by(col(Application.number)).limit(CHUNK)).all()
        if not rows:
            return
        yield from zip(rows, of_cases(session, [row.number for row in rows]), strict=True)
        after = rows[-1].number
        session.expunge_all()


@dataclass(frozen=True)
class Rules:
    """By what the applications are replayed, and what of the register can be compared.

    until    the day up to which open applications are carried over
    columns  those that register rows had before they were brought to this version's structure
    signed   of signed years, in which cells of table 三 a number stands
    """

    law: Statute
    forms: Sequence[Form]
    until: date
    columns: Collection[str]
    signed: Mapping[int, Mapping[str, set[Cell]]]


def replay(found: Replayed, row: Application, events: Sequence[Event], rules: Rules) -> Case | None:
    """Replay one application and note what differs; None where it cannot be replayed."""
    found.cases += 1
    try:
        case = catalogue.replay(row.number, events)
        stated = register.columns(case, rules.law)
        now = lines(case, rules.law)
    except SPOILT as fault:
        found.spoilt.append((row.number, str(fault)))
        return None
    for titles, into in (
        (STANDS, found.rows),
        (LIMITS, found.closed if case.stage is Stage.CLOSED else found.rows),
    ):
        for name in titles.keys() & rules.columns:
            was, anew = getattr(row, name), stated[name]
            if was != anew:
                told = (
                    (HIDDEN, HIDDEN) if name in PRIVATE else (shown(name, was), shown(name, anew))
                )
                into.append(Change(row.number, titles[name], *told))
    _count(found, row, now, rules)
    return case


def _count(found: Replayed, row: Application, now: Sequence[CaseLine], rules: Rules) -> None:
    """Note which cells of table 三 a case leaves, and into which it comes.

    What is counted by its history is known from signed tables alone: the rows do not tell it.
    """
    counted_now = set(_cells(now, rules))
    if row.by_history:
        before = {cell for cells in rules.signed.values() for cell in cells.get(row.number, ())}
        counted_now = {cell for cell in counted_now if cell[0] in rules.signed}
    elif row.received_on is None:
        before = set()
    else:
        line = CaseLine(row.number, row.applicant_kind, row.received_on, row.closed_on, row.row)
        before = set(_cells([line], rules))
    for place, cells in enumerate((before - counted_now, counted_now - before)):
        for cell in cells:
            found.moved.setdefault(cell, ([], []))[place].append(row.number)


def _cells(counted: Sequence[CaseLine], rules: Rules) -> Iterator[Cell]:
    for line in counted:
        last = line.closed_on or max(rules.until, line.received_on)
        for year in range(line.received_on.year, last.year + 1):
            form = next((one for one in rules.forms if one.covers(year)), None)
            if form is None:
                continue
            try:
                place = alike_of(line, year, form)
            except UncountableCase:
                yield year, UNCOUNTABLE, line.column
                continue
            if place is not None:
                yield year, form.code("carried_in" if place.carried_in else "received"), line.column
                end = form.row_of[place.end] if place.end else form.code("carried_out")
                yield year, end, line.column


def signed_cells(session: Session, until: date) -> dict[int, dict[str, set[Cell]]]:
    """Of each signed year without a correction since, by number, in which cells a case was counted."""
    found: dict[int, dict[str, set[Cell]]] = {}
    for year in closed_years.closed_years(session):
        report = closed_years.signed(session, year)
        if report is None or closed_years.corrections(session, year, until):
            continue
        cells = json.loads(closed_years.tables_text(report)).get("cells", {})
        in_year = found.setdefault(year, {})
        for code, row in cells.items():
            for column, numbers in row.items():
                for number in numbers:  # each new reply of a case may count as one more
                    one = str(number).partition(AGAIN)[0]
                    in_year.setdefault(one, set()).add((year, code, column))
    return found


def shown(column: str, value: object) -> str:
    """A value of a column as an officer reads it: a row of table 三 as the form prints it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return integrity.shown(column, value)
