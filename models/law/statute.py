"""The law as an installation holds it: what is asked of it, each time with the day it is asked for.

A day that no row covers is an error (`NoRuleInForce`), never the last row. Loaded once, by
`models.law.statute_files.load`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import sha256

from models.errors import ConfigFault, NoRuleInForce
from models.law.dated_rows import Book, DatedRows, in_force
from models.law.rules import (
    AlertRule,
    Channel,
    Choice,
    ClockRule,
    Figure,
    LetterKind,
    Outcome,
    Period,
    ReceiptRule,
    Remedy,
    RemedyKind,
    ReviewResult,
    Standard,
    Tariff,
)
from models.law.workdays import Calendar

COUNTING = 2
"""Raised with every change of the program by which the same facts have another limit (in the change
note of kind "law"): the first sweep then counts every open case again, and tells what moved.
"""

AS_SHIPPED = "出厂设置"
"""What stands for the name of who decided where nobody has."""


@dataclass(frozen=True, kw_only=True)
class Statute:
    """The law as this installation holds it: one immutable value, passed to whoever decides."""

    calendar: Calendar
    periods: DatedRows[Period]
    clock: Book[ClockRule]
    channels: Book[Channel]
    outcomes: Book[Outcome]
    remedies: tuple[Remedy, ...]
    letters: Book[LetterKind]
    choices: DatedRows[Choice]
    figures: DatedRows[Figure]
    review_results: Book[ReviewResult]
    tariffs: tuple[Tariff, ...]
    particulars: dict[str, str]
    alerts: Book[AlertRule]
    notice_from: tuple[int, int]
    soon: int
    supply_days: int

    @cached_property
    def period(self) -> Callable[[str, date], Period]:
        """The period `key` in force on a day (units in the row); NoRuleInForce if there is none."""
        return self.periods.on

    def choice(self, key: str, on: date) -> str:
        """The option chosen for a disputed point, in force on that day."""
        return self.choices.on(key, on).chosen

    def figure(self, key: str, on: date) -> Figure:
        """The figure for what the law leaves open, in force on that day."""
        return self.figures.on(key, on)

    def undecided(self, on: date) -> tuple[str, ...]:
        """The points of practice.toml that nobody of this office has decided: as they were shipped."""
        rows: tuple[Choice | Figure, ...] = (*self.choices, *self.figures)
        return tuple(
            row.label or (row.question if isinstance(row, Choice) else row.key)
            for row in rows
            if row.covers(on) and AS_SHIPPED in row.decided_by
        )

    def practice(self, key: str, on: date) -> str:
        """The option chosen, as an explanation names what no article decides."""
        row = self.choices.on(key, on)
        return f"本机关的选择“{row.label}”：{row.options[row.chosen]}"

    def since(self, key: str) -> date:
        """The first day on which a period was law."""
        return min(row.in_force for row in self.periods if row.key == key)

    def row(self, outcome: str, on: date) -> str:
        """The row of table 三 in which an outcome of that day counts (code, "3.4.1")."""
        found = self.outcomes.on(outcome, on)
        return self.choice(found.row_choice, on) if found.row_choice else found.row

    def receipt_rule(self, channel: str, arrived_on: date) -> ReceiptRule:
        """What fixes the date of receipt of an application that came in this way on that day (31)."""
        row = self.channels.on(channel, arrived_on)
        point = self.disputed(row.receipt_choice, arrived_on)
        chosen: dict[str, ReceiptRule] = {"arrival": "arrival", "confirmation": "confirmation"}
        return chosen[point.chosen] if point else row.received_on

    def disputed(self, key: str, on: date) -> Choice | None:
        """The point, while it was disputed; None on a day when it was not, or is not any more."""
        return next((row for row in self.choices if row.key == key and row.covers(on)), None)

    def tariff(self, standard: Standard, on: date) -> Tariff:
        """The tariff by piece or by page in force on that day (yuan)."""
        rows = [row for row in self.tariffs if row.standard == standard]
        return in_force(rows, f"收费标准 {standard}", on)

    def remedy(self, kind: RemedyKind, decided_on: date) -> Remedy:
        """The remedy row for a legal basis and the date of the decision (domain: remedies)."""
        rows = [row for row in self.remedies if row.kind == kind]
        return in_force(rows, f"救济告知 {kind}", decided_on)

    def under(self, **options: str) -> Statute:
        """The same law with other options chosen on disputed points: for tests and what-if."""
        unknown = options.keys() - {row.key for row in self.choices}
        if unknown:
            raise NoRuleInForce(f"争议事项 {'、'.join(sorted(unknown))}", "任何一天")
        changed = DatedRows(
            chosen(row, options[row.key]) if row.key in options else row for row in self.choices
        )
        return replace(self, choices=changed)

    def notice_awaited(self, year: int) -> date:
        """The day of a year from which its next year's holiday notice is asked for."""
        return date(year, *self.notice_from)

    @cached_property
    def _mark(self) -> str:
        rules = (
            COUNTING,
            self.periods,
            self.clock,
            self.choices,
            self.alerts,
            self.calendar.mark(),
        )
        return sha256(repr(rules).encode()).hexdigest()

    def mark(self) -> str:
        """The same for the same rules of counting and alerting: limits need no new look under it."""
        return self._mark

    def with_calendar(self, calendar: Calendar) -> Statute:
        """The same law under another calendar (a new year's notice)."""
        return replace(self, calendar=calendar)


def chosen(row: Choice, option: str) -> Choice:
    """The point with another option chosen; ConfigFault if it has no such option."""
    if option not in row.options:
        raise ConfigFault("practice.toml", row.key, f"选项应为 {'、'.join(row.options)} 之一")
    return row.model_copy(update={"chosen": option})
