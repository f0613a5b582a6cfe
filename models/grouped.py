"""How many cases of the register are alike, and which? Counted in one scan, listed when asked for.

Cases are alike that were received in the same year, closed in the same year with the same result,
and are of the same kind of applicant: table 三 of any year counts them in the same cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, partial
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, func, or_, select, text
from sqlmodel import Session, col

from models.annual import CaseLine
from models.blocks import SEPARATOR, Block
from models.case import Application
from models.errors import NotAsCounted

IMPOSSIBLE = 0  # the year of a closing before the receipt


class Group(NamedTuple):
    """What cases that are alike have in common; the years are those asked for, or beside them.

    began = year of receipt, or the year before the first if earlier
    ended = year of closing, None while open or if later than the last
    row   = as the register has it, also of a closing that is not known yet
    """

    began: int
    ended: int | None
    row: str | None
    column: str

    @property
    def line(self) -> CaseLine:
        """Any of these cases, as table 三 counts it; without a number, the days are any of the year."""
        received_on = date(self.began, 1, 1)
        if self.ended == IMPOSSIBLE:
            return CaseLine("", self.column, received_on, date.min, self.row)
        closed_on = date(self.ended, 12, 31) if self.ended else None
        return CaseLine("", self.column, received_on, closed_on, self.row)


def grouped(session: Session, first: int, last: int, as_of: date) -> Iterator[tuple[Group, Block]]:
    """The plainly counted cases of the years from `first` to `last`, as known on `as_of`.

    The numbers of all blocks are read, in one more scan, when one of them is opened; NotAsCounted
    if the register is not, or may not be, what was counted.
    """
    keys = _keys(first, last, as_of)
    found = session.execute(_counted(keys, first, last, as_of, func.count())).tuples().all()
    packed = _packed(session, keys, first, last, as_of)
    for *key, count in found:
        group = Group(*key)
        yield group, Block(count, partial(_of, packed, group))


def _packed(
    session: Session, keys: tuple[Any, ...], first: int, last: int, as_of: date
) -> Callable[[], dict[Group, str]]:
    counted_in = session.get_transaction()
    numbers = func.aggregate_strings(col(Application.number), SEPARATOR)

    @cache
    def packed() -> dict[Group, str]:
        if counted_in is None or session.get_transaction() is not counted_in:
            raise NotAsCounted
        listed = session.execute(_counted(keys, first, last, as_of, numbers)).tuples()
        return {Group(*key): joined for *key, joined in listed}

    return packed


def _of(packed: Callable[[], dict[Group, str]], group: Group) -> str:
    return packed().get(group, "")


def _counted(
    keys: tuple[Any, ...], first: int, last: int, as_of: date, what: Any
) -> Select[tuple[Any, ...]]:
    return (
        select(*keys, what)
        .where(touching(first, last, as_of))
        .group_by(*(text(str(n)) for n, _ in enumerate(keys, 1)))
        .with_hint(Application, "NOT INDEXED", "sqlite")  # most rows count: a scan is faster
    )


def _keys(first: int, last: int, as_of: date) -> tuple[Any, ...]:
    """The columns of a Group, as the database works them out."""
    received_on, closed_on = col(Application.received_on), col(Application.closed_on)
    years = range(last, first - 1, -1)
    began = case(*((received_on >= date(year, 1, 1), year) for year in years), else_=first - 1)
    ended = case(
        (or_(closed_on.is_(None), col(Application.closed_recorded_on) > as_of), None),
        (closed_on < received_on, IMPOSSIBLE),
        (closed_on > date(last, 12, 31), None),
        *((closed_on >= date(year, 1, 1), year) for year in years),
    )
    return began, ended, col(Application.row), col(Application.applicant_kind)


def touching(first: int, last: int, as_of: date) -> Any:
    """The plainly counted cases that table 三 of a year from `first` to `last` may count."""
    closed_on = col(Application.closed_on)
    return and_(
        col(Application.received_on) <= date(last, 12, 31),
        ~col(Application.by_history),
        col(Application.received_recorded_on) <= as_of,
        or_(
            closed_on.is_(None),
            closed_on >= date(first, 1, 1),
            col(Application.closed_recorded_on) > as_of,
        ),
    )
