"""How many cases of the register are alike, and which? Counted in one scan, listed in the same or when
asked for.

Cases are alike that were received in the same year, closed in the same year with the same result,
and are of the same kind of applicant: table 三 of any year counts them in the same cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, or_, select, text
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from models.errors import NotAsCounted
from models.report_tables.blocks import SEPARATOR, Block
from models.report_tables.table3 import CaseLine
from models.store.tables import Application


def grouped(
    session: Session, first: int, last: int, as_of: date, *, listed: bool = False
) -> Iterator[tuple[CaseLine, Block]]:
    """The plainly counted cases of the years from `first` to `last`, as known on `as_of`.

    With each block any of its cases, as table 三 of these years counts it: without a number, its
    days are any of the year. The numbers of all blocks are read with them if they are to be listed; else,
    in one more scan, when one of them is opened: NotAsCounted if the register is not, or may not be, what
    was counted.
    """
    row, column = col(Application.row), col(Application.applicant_kind)
    marks = _marks(first, last, as_of)
    in_one = session.get_bind().dialect.name == "sqlite"
    keys = [_in_one(row, column, marks)] if in_one else [row, column, *marks]
    grouping = (
        select(*keys)
        .where(touching(first, last, as_of))
        .group_by(*(text(str(n)) for n, _ in enumerate(keys, 1)))
    )
    numbers = func.aggregate_strings(col(Application.number), SEPARATOR)

    def of(key: list[Any]) -> CaseLine:
        return _any_of(first, last, *(_apart(key[0], len(marks)) if in_one else key))

    if listed:
        for *key, count, joined in session.execute(grouping.add_columns(func.count(), numbers)):
            yield of(key), Block(count, joined)
        return
    found = session.execute(grouping.add_columns(func.count())).all()
    counted_in = session.get_transaction()

    @cache
    def packed() -> dict[tuple[object, ...], str]:
        if counted_in is None or session.get_transaction() is not counted_in:
            raise NotAsCounted
        every = session.execute(grouping.add_columns(numbers))
        return {tuple(key): joined for *key, joined in every}

    def packed_of(key: tuple[object, ...]) -> str:
        return packed().get(key, "")

    for *key, count in found:
        yield of(key), Block(count, partial(packed_of, tuple(key)))


def _marks(first: int, last: int, as_of: date) -> list[ColumnElement[bool]]:
    """What sets the cases apart by date: received since when, known as closed by when, impossible."""
    received_on, closed_on = col(Application.received_on), col(Application.closed_on)
    known = col(Application.closed_recorded_on) <= as_of
    years = range(first, last + 1)
    return [
        *(received_on >= date(year, 1, 1) for year in years),
        *(and_(closed_on <= date(year, 12, 31), known) for year in years),
        closed_on < received_on,
    ]


def _in_one(
    row: Mapped[str | None], column: Mapped[str], marks: Sequence[ColumnElement[bool]]
) -> ColumnElement[Any]:
    """All that sets the cases apart as one text: SQLite sorts, and sorts one text faster.

    PostgreSQL is given it as it is: it adds up in memory if it can tell that there will be few
    groups, and it can of columns and truth values only.
    """
    first, *others = (case((mark, 1 << n), else_=0) for n, mark in enumerate(marks))
    marked = cast(sum(others, first) + _offset(len(marks)), Text)
    return func.coalesce(row, "") + SEPARATOR + column + marked


def _offset(marks: int) -> int:
    """Makes the numbers of so many marks equally long."""
    return int(10 ** len(str(1 << marks)))


def _apart(joined: str, marks: int) -> list[Any]:
    """The row, the column and so many marks, out of one text."""
    digits = len(str(_offset(marks)))
    row, column = joined[:-digits].split(SEPARATOR)
    number = int(joined[-digits:]) - _offset(marks)
    return [row or None, column, *(bool(number >> n & 1) for n in range(marks))]


def _any_of(first: int, last: int, row: str | None, column: str, *marks: bool | None) -> CaseLine:
    years = last - first + 1
    since, closed_by, impossible = marks[:years], marks[years : 2 * years], marks[-1]
    received_on = date(first - 1 + sum(map(bool, since)), 1, 1)
    if not closed_by[-1]:
        return CaseLine("", column, received_on, None, None)
    closed_on = date(last + 1 - sum(map(bool, closed_by)), 12, 31)
    return CaseLine("", column, received_on, date.min if impossible else closed_on, row)


def touching(first: int, last: int, as_of: date) -> Any:
    """The plainly counted cases that table 三 of a year from `first` to `last` may count."""
    closed_on = col(Application.closed_on)
    return and_(
        received_by(last),
        ~col(Application.by_history),
        col(Application.received_recorded_on) <= as_of,
        or_(
            closed_on.is_(None),
            closed_on >= date(first, 1, 1),
            col(Application.closed_recorded_on) > as_of,
        ),
    )


def received_by(year: int) -> ColumnElement[bool]:
    """Received by the end of the year."""
    return by_end_of(col(Application.received_on), year)


def by_end_of(column: Mapped[date | None], year: int) -> ColumnElement[bool]:
    """Whether a day has come by the end of a year; not asked of the index.

    Most rows of a year's register are counted in it: to walk through all takes a fifth of the time of
    looking them up by way of the index, and in a register of ten years no longer.
    """
    return scanned(column) <= date(year, 12, 31)


def in_year(column: Mapped[date | None], year: int) -> ColumnElement[bool]:
    """Whether a day lies in a year; not asked of the index, as in `by_end_of`."""
    return scanned(column).between(date(year, 1, 1), date(year, 12, 31))


def scanned(column: Mapped[date | None]) -> ColumnElement[date]:
    """A day of each row as it is, not asked of its index."""
    return func.coalesce(column, date.max)
