"""What does any span of time count? A month, a quarter, half a year: as table 三 counts a year (49, 50).

What is received, closed and carried over the quarters of a year adds up to its table 三, cell for
cell: they are counted from the same lines. A figure is its list of cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from statistics import median, quantiles

from sqlmodel import Session, col, select

from models.errors import CalendarNotPublished
from models.law.statute import Statute
from models.report_tables.form import Form
from models.report_tables.table3 import CaseLine
from models.store.tables import Application
from models.year.year_end import case_lines_of

Key = Callable[[CaseLine], str]
STEPS = (5, 10, 15, 20, 40)


@dataclass
class Group:
    """The cases of a span that are alike in something, by what is counted of them."""

    received: list[str] = field(default_factory=list)
    carried_in: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    carried_out: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    days: list[int] = field(default_factory=list)

    @property
    def middle(self) -> float | None:
        """Working days used, from receipt to reply: half of the closings took no more."""
        return median(self.days) if self.days else None

    @property
    def nine_tenths(self) -> float | None:
        """The same of nine closings in ten."""
        return quantiles(self.days, n=10)[8] if len(self.days) > 1 else self.middle


@dataclass(frozen=True)
class Span:
    """A span of time, both days included."""

    since: date
    until: date

    def has(self, day: date | None) -> bool:
        return day is not None and self.since <= day <= self.until

    def counts(self, line: CaseLine) -> bool:
        """Whether a case was received, open or closed in it."""
        over = line.closed_on is not None and line.closed_on < self.since
        return line.received_on <= self.until and not over


def lines_of(session: Session, span: Span, as_of: date, law: Statute) -> Iterator[CaseLine]:
    """The cases that a span counts, as the register knew them on `as_of`."""
    lines = case_lines_of(session, span.since.year, span.until.year, as_of, law)
    return (line for line in lines if span.counts(line))


def grouped(
    lines: Iterable[CaseLine], span: Span, key: Key, law: Statute, last_days: dict[str, date]
) -> dict[str, Group]:
    """The cases of a span by a key. last_days = the limits of the cases, by number."""
    found: dict[str, Group] = {}
    for line in lines:
        group = found.setdefault(key(line), Group())
        (group.received if span.has(line.received_on) else group.carried_in).append(line.number)
        if not span.has(line.closed_on):
            group.carried_out.append(line.number)
            continue
        assert line.closed_on is not None
        group.closed.append(line.number)
        limit = last_days.get(line.number)
        if limit is not None and line.closed_on > limit:
            group.late.append(line.number)
        days = days_used(line, law)
        if days is not None:
            group.days.append(days)
    return found


def by_row(lines: Iterable[CaseLine], span: Span, form: Form) -> dict[tuple[str, str], list[str]]:
    """The cells of table 三 of a span: (row, column) → its cases; the totals as well."""
    cells: dict[tuple[str, str], list[str]] = {}

    def put(row: str, line: CaseLine) -> None:
        for column in (line.column, form.total):
            cells.setdefault((row, column), []).append(line.number)

    for line in lines:
        put(form.code("received" if span.has(line.received_on) else "carried_in"), line)
        if span.has(line.closed_on) and line.row is not None:
            put(form.row_of.get(line.row, line.row), line)
            put(form.code("results"), line)
        else:
            put(form.code("carried_out"), line)
    return cells


def days_used(line: CaseLine, law: Statute) -> int | None:
    """Working days from the day after receipt to the reply (33), gross; None before the calendar."""
    if line.closed_on is None or line.closed_on < line.received_on:
        return None
    try:
        return law.calendar.between(line.received_on, line.closed_on)
    except CalendarNotPublished:
        return None


def step_of(days: int | None) -> str:
    """In which step a number of working days is."""
    if days is None:
        return "未办结"
    low = 0
    for high in STEPS:
        if days <= high:
            return f"{low + 1 if low else 0}—{high}个工作日"
        low = high
    return f"{STEPS[-1]}个工作日以上"


def columns_of(session: Session) -> dict[str, tuple[str, str, date | None]]:
    """Channel, officer and limit of every case, by number."""
    statement = select(
        col(Application.number),
        col(Application.channel),
        col(Application.officer),
        col(Application.last_day),
    )
    return {
        number: (channel, officer, last)
        for number, channel, officer, last in session.exec(statement)
    }
