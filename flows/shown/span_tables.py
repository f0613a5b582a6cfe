"""统计: what does a span of time count, and by what? Its figures, the cases of each, in whichever form.

The page, the command and the files that are handed to a superior show the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final

from flows import office
from letters.report.named_figures import result_groups
from letters.report.span_words import in_words_of_span
from models.law.workdays import DAY
from models.year.span_figures import (
    BY_MONTH,
    ENDED_BEFORE,
    STEP_NAMES,
    UNENDED,
    UNKNOWN,
    Group,
    Span,
    SpanCase,
    cases_of,
    grouped,
    step_of,
    table3_of,
)

if TYPE_CHECKING:
    from sqlmodel import Session

    from models.report_tables.table3 import Table3

ROW: Final = "row"
WAYS: Final = {
    ROW: "表三",
    "kind": "申请人类别",
    "channel": "提交方式",
    "officer": "承办人",
    "month": "收到的月份",
    "days": "所用工作日",
}
"""By what a span is counted."""
RESULT, WHEN, MOVED = "result", "when", ("新收", "办结")
"""What is drawn besides: the results in groups, and what came in and was closed month by month."""
MOST_MONTHS: Final = 24
FIGURES: Final = {
    "received": "新收",
    "carried_in": "上期结转",
    "closed": "办结",
    "carried_out": "结转下期",
    "extended": "延期",
    "corrected": "补正",
    "late": "逾期办结",
    "reviewed": "复议诉讼",
}
"""What is counted of each, a list of cases each; the days used have no list."""
DAYS_USED: Final = ("用时中位数", "九成以内")
ALL: Final = "合计"
Figure = str | int | float
Line = tuple[Figure, ...]


@dataclass(frozen=True)
class Counted:
    """A span as the register knew it on `as_of`; each of its tables is counted once."""

    span: Span
    as_of: date
    cases: Sequence[SpanCase]
    _by_way: dict[str, Mapping[str, Group]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def table3(self) -> Table3:
        """Table 三 of the span, by the form of the year in which it ends."""
        form = office.annual_rules().form(self.span.until.year)
        return table3_of((one.line for one in self.cases if one.counted), self.span, form)

    @cached_property
    def whole(self) -> Group:
        """All of it in one."""
        return grouped(self.cases, self.span, lambda _: ALL).get(ALL, Group())

    @property
    def unfinished(self) -> bool:
        """Whether the span goes on after the day as of which it is counted."""
        return self.as_of < self.span.until

    def groups(self, way: str) -> Mapping[str, Group]:
        """The cases by a way (but the rows of table 三), in its order."""
        if way not in self._by_way:
            found = grouped(self.cases, self.span, _keys(self.span)[way])
            known = self._order(way)
            order = sorted(found, key=lambda key: (known.get(key, len(known)), key))
            self._by_way[way] = {key: found[key] for key in order}
        return self._by_way[way]

    def _order(self, way: str) -> Mapping[str, int]:
        """Where a key of a way stands: the kinds as in table 三, channels as config/ lists them."""
        names: Iterable[str] = ()
        if way == "days":
            names = (*STEP_NAMES, BY_MONTH, UNKNOWN, UNENDED, ENDED_BEFORE)
        elif way == "kind":
            names = self.table3.form.columns
        elif way == "channel":
            names = (channel.label for channel in office.law().channels.values())
        return {name: place for place, name in enumerate(dict.fromkeys(names))}

    def table(self, way: str) -> tuple[Line, list[Line]]:
        """A table: its head and its rows."""
        if way == ROW:
            table = self.table3
            figures = table.figures()
            rows: list[Line] = [
                (row.ordinal, in_words_of_span(row.full_label), *figures[code])
                for code, row in table.form.rows.items()
            ]
            return ("行次", "项目", *table.form.columns), rows
        head = (WAYS[way], *FIGURES.values(), *DAYS_USED)
        return head, [_row(key, group) for key, group in self.groups(way).items()]

    def listed(self, way: str) -> tuple[Line, list[Line]]:
        """The cases of each figure of a table: a head and a line for each."""
        if way == ROW:
            table = self.table3
            columns = [one for one in table.form.columns if one != table.form.total]
            cells = ((code, column) for code in table.form.rows for column in columns)
            rows = table.form.rows
            return ("项目", "申请人类别", "申请编号"), [
                (in_words_of_span(rows[code].full_label), column, number)
                for code, column in cells
                for number in table.cases(code, column)
            ]
        return (WAYS[way], "项目", "申请编号"), [
            (key, label, number)
            for key, group in self.groups(way).items()
            for name, label in FIGURES.items()
            for number in getattr(group, name)
        ]

    @cached_property
    def results(self) -> Mapping[str, Sequence[str]]:
        """What was closed, by what table 三 calls its rows together: 予以公开, 不予公开 …"""
        table = self.table3
        return {
            label: [n for code in codes for n in table.cases(code, table.form.total)]
            for label, codes in result_groups(table.form).items()
        }

    @property
    def year_by_year(self) -> bool:
        """Whether what came in is drawn by the year: of so many months none would be read."""
        return self._months > MOST_MONTHS

    @property
    def _months(self) -> int:
        since, until = self.span.since, self.span.until
        return 12 * (until.year - since.year) + until.month - since.month + 1

    @cached_property
    def by_time(self) -> Mapping[str, tuple[Sequence[str], Sequence[str]]]:
        """What came in and what was closed, month by month; year by year where they are many."""
        span, months = self.span, self._months
        by = "%Y年" if self.year_by_year else "%Y-%m"
        days = (
            date(span.since.year + n // 12, n % 12 + 1, 1)
            for n in range(span.since.month - 1, span.since.month - 1 + months)
        )
        found: dict[str, tuple[list[str], list[str]]] = {f"{on:{by}}": ([], []) for on in days}
        for one in self.cases:
            line = one.line
            if one.counted and span.has(line.received_on):
                found[f"{line.received_on:{by}}"][0].append(line.number)
            if one.counted and line.closed_on and span.has(line.closed_on):
                found[f"{line.closed_on:{by}}"][1].append(line.number)
        return found

    def numbers(self, way: str, key: str, figure: str) -> Sequence[str]:
        """The cases of one figure; none for one that there is not. By row, figure = the column."""
        if way == ROW:
            return self.table3.cells.get(key, {}).get(figure, ())
        if way == RESULT:
            return self.results.get(key, ())
        if way == WHEN:
            return dict(zip(MOVED, self.by_time.get(key, ((), ())), strict=True)).get(figure, ())
        group = self.whole if key == ALL else self.groups(way).get(key, Group())
        return list(getattr(group, figure)) if figure in FIGURES else []


def counted(session: Session, span: Span, as_of: date) -> Counted:
    """What a span counts."""
    return Counted(span, as_of, cases_of(session, span, as_of, office.law()))


def spans_near(today: date) -> Iterator[tuple[str, Span]]:
    """The spans that are asked for most, by name, as of a day."""
    this, year = today.month, today.year
    yield "本月", _months(year, this, 1)
    yield "上月", _months(year, this - 1, 1)
    quarter = (this - 1) // 3 * 3 + 1
    yield "本季度", _months(year, quarter, 3)
    yield "上季度", _months(year, quarter - 3, 3)
    yield "上半年", _months(year, 1, 6)
    yield "下半年", _months(year if this > 6 else year - 1, 7, 6)
    yield "今年", _months(year, 1, 12)
    yield "去年", _months(year - 1, 1, 12)


def _months(year: int, month: int, count: int) -> Span:
    """So many whole months from one on; month 0 is last year's December."""
    first, end = 12 * year + month - 1, 12 * year + month - 1 + count
    return Span(_first_of(first), _first_of(end) - DAY)


def _first_of(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def _keys(span: Span) -> dict[str, Callable[[SpanCase], str]]:
    labels = {key: channel.label for key, channel in office.law().channels.items()}
    return {
        "kind": lambda one: one.line.column,
        "channel": lambda one: labels.get(one.channel, one.channel),
        "officer": lambda one: one.officer,
        "month": lambda one: f"{one.line.received_on:%Y-%m}",
        "days": lambda one: step_of(one, span),
    }


def _row(key: str, group: Group) -> Line:
    figures = (len(getattr(group, name)) for name in FIGURES)
    return (key, *figures, *_days(group))


def _days(group: Group) -> Iterator[Figure]:
    """The days used: half of the closings, nine in ten; "" where none is known."""
    for one in (group.middle, group.nine_tenths):
        whole = one is not None and one == int(one)
        yield "" if one is None else int(one) if whole else round(one, 1)


def days_of(group: Group) -> tuple[str, str]:
    """The same in words."""
    middle, most = map(str, _days(group))
    return middle, most
