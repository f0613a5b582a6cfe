"""What does any span of time count? A month, a quarter, half a year: as table 三 counts a year (49, 50).

What is received, closed and carried over the quarters of a year adds up to its table 三, cell for
cell: they are counted from the same lines. A figure is its list of cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from math import ceil
from statistics import median
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from models.acts.intake.imported import MONTH_ALONE, ImportedReceipt
from models.acts.intake.receipt import RequestCorrection
from models.acts.procedure.extension import Extend
from models.case.case import Case
from models.case.review_case import ReviewStage
from models.errors import UNCOMPUTABLE, CalendarNotPublished
from models.law.statute import Statute
from models.law.workdays import DAY, written
from models.neighbours.review_acts import REVIEWS
from models.register import neighbour
from models.report_tables.form import Form
from models.report_tables.table3 import CaseLine, Table3, summed_up
from models.store.known_by import events_by
from models.store.tables import Application, Event, untimed
from models.year.year_end import case_lines_of, histories

STEPS = (5, 10, 15, 20, 40)
MANY = 500
PARTS_OF_YEAR = {
    3: ("第一季度", "第二季度", "第三季度", "第四季度"),
    6: ("上半年", "下半年"),
    12: ("",),
}
STEP_NAMES = (
    f"0—{STEPS[0]}个工作日",
    *(f"{low + 1}—{high}个工作日" for low, high in pairwise(STEPS)),
    f"{STEPS[-1]}个工作日以上",
)
UNENDED = "未办结"
ENDED_BEFORE = "此前已办结"
BY_MONTH = "天数不详（原表只记到月）"
UNKNOWN = "天数不详"
REPORTS = {"季度": "季报", "半年": "半年报", "月": "月报", "年": "年报"}


@dataclass(frozen=True)
class SpanCase:
    """A line that a span counts, and what else is told of its case.

    number = of the application; a line is marked where a new reply counts as one more
    days = working days from receipt to reply (33), gross, of one closed in the span; None with by_month
    = a ledger knew one of its days by the month alone
    late = closed in it after its limit; untimed = closed in it, and a ledger does not tell the steps that
    moved the limit; extended, corrected, reviewed = told of an extension or
    asked for a correction, contested by review or suit, within the span (30, 33, 51)
    counted = False: nothing of it is, but that it was contested
    """

    line: CaseLine
    number: str
    channel: str
    officer: str
    days: int | None = None
    late: bool = False
    untimed: bool = False
    extended: bool = False
    corrected: bool = False
    reviewed: bool = False
    by_month: bool = False
    counted: bool = True


Key = Callable[[SpanCase], str]


class _Row(NamedTuple):
    """What a span takes from the register's row of a case."""

    number: str
    applicant_kind: str
    arrived_on: date
    received_on: date | None
    closed_on: date | None
    row: str | None
    outcome: str | None
    channel: str
    officer: str
    last_day: date | None

    @property
    def untimed(self) -> bool:
        """Whether nobody can say whether its limit was kept."""
        return untimed(self.row, self.outcome)


_COLUMNS = tuple(getattr(Application, name) for name in _Row._fields)


@dataclass
class Group:
    """The cases of a span that are alike in something, by what is counted of them."""

    received: list[str] = field(default_factory=list)
    carried_in: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    carried_out: list[str] = field(default_factory=list)
    extended: list[str] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    reviewed: list[str] = field(default_factory=list)
    days: list[int] = field(default_factory=list)

    @property
    def middle(self) -> float | None:
        """Working days used, from receipt to reply: half of the closings took no more."""
        return median(self.days) if self.days else None

    @property
    def nine_tenths(self) -> int | None:
        """The same of nine closings in ten: the fewest days within which so many were closed."""
        return sorted(self.days)[ceil(len(self.days) * 0.9) - 1] if self.days else None


@dataclass(frozen=True)
class Span:
    """A span of time, both days included."""

    since: date
    until: date

    def has(self, day: date | None) -> bool:
        return day is not None and self.since <= day <= self.until

    @property
    def title(self) -> str:
        """How it is called: 2026年3月, 2026年第一季度, 2026年上半年, 2026年, or its two days."""
        year, first, last = self.since.year, self.since.month, self.until.month
        whole = self.since.day == 1 and (self.until + DAY).day == 1 and self.until.year == year
        if whole and first == last:
            return f"{year}年{first}月"
        for length, names in PARTS_OF_YEAR.items():
            if whole and (first - 1) % length == 0 and last == first + length - 1:
                return f"{year}年{names[(first - 1) // length]}"
        return f"{written(self.since)}至{written(self.until)}"

    @property
    def report(self) -> str:
        """What the report of it is called: 月报, 季报, 半年报, 年报, or 统计."""
        for end, name in REPORTS.items():
            if self.title.endswith(end):
                return name
        return "统计"

    def counts(self, line: CaseLine) -> bool:
        """Whether a case was received, open or closed in it."""
        over = line.closed_on is not None and line.closed_on < self.since
        return line.received_on <= self.until and not over


def lines_of(session: Session, span: Span, as_of: date, law: Statute) -> Iterator[CaseLine]:
    """The cases that a span counts, as the register knew them on `as_of`."""
    lines = case_lines_of(session, span.since.year, span.until.year, as_of, law)
    return (line for line in lines if span.counts(line))


def cases_of(session: Session, span: Span, as_of: date, law: Statute) -> list[SpanCase]:
    """The cases that a span counts, and those contested in it, as the register knew them on `as_of`."""
    found = list(lines_of(session, span, as_of, law))
    contested = _contested(session, span, as_of)
    numbers = {_number_of(line) for line in found}
    replayed = {case.number: case for case in histories(session, as_of)}
    extended = _told(session, Extend.kind, span, as_of, numbers, replayed)
    corrected = _told(session, RequestCorrection.kind, span, as_of, numbers, replayed)
    rows = _rows(session, numbers | contested)
    by_month = _by_month(session, rows, replayed)

    def known(line: CaseLine) -> SpanCase:
        number = _number_of(line)
        row = rows[number]
        limit = _limit(replayed[number], law) if number in replayed else row.last_day
        limit = None if row.untimed else limit
        ended = line.closed_on if span.has(line.closed_on) else None
        return SpanCase(
            line=line,
            number=number,
            channel=row.channel,
            officer=row.officer,
            days=days_used(line, law) if ended and number not in by_month else None,
            late=bool(ended and limit and ended > limit),
            untimed=bool(ended and row.untimed),
            extended=number in extended,
            corrected=number in corrected,
            reviewed=number in contested,
            by_month=bool(ended) and number in by_month,
        )

    rest = [_only_contested(rows[number]) for number in sorted(contested - numbers)]
    return [*map(known, found), *rest]


def _number_of(line: CaseLine) -> str:
    """The application's number: a further reply of it stands in a line with a mark."""
    return line.number.partition("（第")[0] if line.number.endswith("次重新答复）") else line.number


def _contested(session: Session, span: Span, as_of: date) -> set[str]:
    """The applications whose review or suit was lodged in a span (51)."""
    return {
        one.application
        for one in neighbour.states(session, REVIEWS, as_of)
        if one.application and span.has(one.lodged_on) and one.stage is not ReviewStage.VOID
    }


def _only_contested(row: _Row) -> SpanCase:
    line = CaseLine(
        row.number, row.applicant_kind, row.received_on or row.arrived_on, row.closed_on, row.row
    )
    return SpanCase(line, row.number, row.channel, row.officer, reviewed=True, counted=False)


def _told(
    session: Session,
    kind: str,
    span: Span,
    as_of: date,
    numbers: Iterable[str],
    replayed: Mapping[str, Case],
) -> set[str]:
    """Of these cases, those in which an act of a kind took effect in a span."""
    asked = select(col(Event.case_number)).where(
        col(Event.kind) == kind,
        col(Event.on).between(span.since, span.until),
        events_by(session, as_of),
    )
    plain = [number for number in numbers if number not in replayed]
    found = {
        number
        for some in _some(plain)
        for number in session.exec(asked.where(col(Event.case_number).in_(some)))
    }
    for number in set(numbers) & replayed.keys():
        steps = replayed[number].steps
        if any(step.act.kind == kind and span.has(step.on) for step in steps):
            found.add(number)
    return found


def _by_month(session: Session, rows: Mapping[str, _Row], replayed: Mapping[str, Case]) -> set[str]:
    """Of what a ledger closed, that of which it knew a day by its month alone."""
    taken_over = [number for number, row in rows.items() if row.untimed]
    told = select(col(Event.case_number), col(Event.facts)).where(
        col(Event.kind) == ImportedReceipt.kind, col(Event.position) == 1
    )
    found = {
        number
        for some in _some(taken_over)
        for number, facts in session.exec(told.where(col(Event.case_number).in_(some)))
        if MONTH_ALONE in facts.get("note", "")
    }
    for number in found & replayed.keys():
        acts = (step.act for step in replayed[number].steps)
        if not any(isinstance(act, ImportedReceipt) and act.by_month for act in acts):
            found.discard(number)
    return found


def _rows(session: Session, numbers: Iterable[str]) -> dict[str, _Row]:
    asked = sql_select(*_COLUMNS)
    rows = (
        session.execute(asked.where(col(Application.number).in_(some)))
        for some in _some(sorted(numbers))
    )
    return {row.number: _Row(*row) for each in rows for row in each}


def _some(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    return (numbers[at : at + MANY] for at in range(0, len(numbers), MANY))


def _limit(case: Case, law: Statute) -> date | None:
    """The limit of a case counted by its history, as it was known; None where it cannot be counted."""
    try:
        limit = case.deadline(law)
    except UNCOMPUTABLE:
        return None
    return limit.last_day if limit else None


def grouped(cases: Iterable[SpanCase], span: Span, key: Key) -> dict[str, Group]:
    """The cases of a span by a key."""
    found: dict[str, Group] = {}
    for one in cases:
        group, line = found.setdefault(key(one), Group()), one.line
        if one.reviewed:
            group.reviewed.append(one.number)
        if not one.counted:
            continue
        (group.received if span.has(line.received_on) else group.carried_in).append(line.number)
        (group.closed if span.has(line.closed_on) else group.carried_out).append(line.number)
        for told, those in (
            (one.extended, group.extended),
            (one.corrected, group.corrected),
            (one.late, group.late),
        ):
            if told:
                those.append(line.number)
        if one.days is not None:
            group.days.append(one.days)
    return found


def table3_of(lines: Iterable[CaseLine], span: Span, form: Form) -> Table3:
    """Table 三 of a span, by the form of the year in which it ends."""
    cells: dict[str, dict[str, list[str]]] = {}
    for (code, column), numbers in by_row(lines, span, form).items():
        cells.setdefault(code, {})[column] = numbers
    return summed_up(cells, span.until.year, form)


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


def step_of(one: SpanCase, span: Span) -> str:
    """In which step the working days are that a case took; what is told of one that took none in it."""
    closed = one.line.closed_on
    if not one.counted and closed:
        return ENDED_BEFORE
    if one.by_month:
        return BY_MONTH
    if not span.has(closed):
        return UNENDED
    if one.days is None:
        return UNKNOWN
    at_most = zip(STEPS, STEP_NAMES, strict=False)
    return next((name for high, name in at_most if one.days <= high), STEP_NAMES[-1])
