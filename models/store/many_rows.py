"""Rows of one table, thousands of them at once.

SQLAlchemy makes each row of an `executemany` ready anew. What it asks of a row is asked of the table
here, once: the same statement and the same values, in a third of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Dialect,
    LargeBinary,
    Table,
    bindparam,
    insert,
    select,
)

from models.store.sealed_text import SealedText
from models.store.sealing import sealing_of

Row = Mapping[str, Any]
Columns = Mapping[str, Sequence[Any]]
Kept = Callable[[Any], Any]
"""How a column hands a value to the driver of the database."""
Hand = Callable[[Sequence[Any]], Sequence[Any]]


def write(connection: Connection, table: Table, stated: Columns) -> Columns:
    """Insert rows that are told column by column, at least one; returns the columns as they are kept:
    what is sealed is sealed once, and told so.
    """
    columns = _sealed(connection, table, stated)
    write_columns(connection, table, columns)
    return columns


def write_new(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Insert rows that all state the same columns, at least one, without those whose key is in the table
    already, also in a race; how many were written.
    """
    columns = _sealed(connection, table, columns_of(rows, list(rows[0])))
    return write_columns(connection, table, columns, only_new=True)


def _sealed(connection: Connection, table: Table, stated: Columns) -> Columns:
    columns = dict(stated)
    for name, said in stated.items():
        if _is_sealed(table, name) and any(said):
            columns[name] = [*map(sealing_of(connection.dialect).seal, said)]
    return columns


def columns_of(rows: Sequence[Row], names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """What rows state under these names, two or more, column by column."""
    return dict(zip(names, zip(*map(itemgetter(*names), rows), strict=True), strict=True))


def write_columns(
    connection: Connection, table: Table, columns: Columns, *, only_new: bool = False
) -> int:
    """Insert rows that are told column by column, at least one; what is sealed, as it is sealed. How
    many were inserted.

    only_new = a row whose key is in the table already is left out, whoever is inserting it just now
    """
    insertion = _insertion(table, tuple(columns), connection.dialect)
    words = f"{insertion.words} ON CONFLICT DO NOTHING" if only_new else insertion.words
    order = insertion.order
    hands = zip(order, insertion.hands, strict=True)
    told = zip(
        *(hand(columns[name]) if hand else columns[name] for name, hand in hands), strict=True
    )
    if insertion.positional:
        done = connection.exec_driver_sql(words, list(told))
    else:
        done = connection.exec_driver_sql(
            words, [dict(zip(order, one, strict=True)) for one in told]
        )
    return int(done.rowcount)


def among(connection: Connection, column: Column[Any], asked: Sequence[Any]) -> list[Any]:
    """Those of these values that stand in a column, which are hundreds; nothing is flushed before."""
    if not asked:
        return []
    many = 1 << (len(asked) - 1).bit_length()  # the last once more: few statements for any number
    all_of = (*asked, *repeat(asked[-1], many - len(asked)))
    words, order = _question(column, many, connection.dialect)
    told = dict(zip(order, all_of, strict=True)) if order else all_of
    return [*connection.exec_driver_sql(words, told).scalars()]


@lru_cache(maxsize=64)
def _question(column: Column[Any], many: int, dialect: Dialect) -> tuple[str, Sequence[str]]:
    """The statement that asks for so many values, and by which names, where they have names."""
    names = [f"asked_{n}" for n in range(many)]
    asks = select(column).where(column.in_([bindparam(name) for name in names]))
    made = asks.compile(dialect=dialect)
    return str(made), () if made.positiontup else names


class _Insertion(NamedTuple):
    """A statement that inserts rows; order = of what each states; hands = how each column's values are
    handed over (None = as they are).
    """

    words: str
    order: Sequence[str]
    positional: bool
    hands: Sequence[Hand | None]


@lru_cache(maxsize=64)
def _insertion(table: Table, names: tuple[str, ...], dialect: Dialect) -> _Insertion:
    made = insert(table).compile(dialect=dialect, column_keys=list(names))
    order = list(made.positiontup or names)
    return _Insertion(
        str(made),
        order,
        made.positiontup is not None,
        [_hand(table, name, dialect) for name in order],
    )


def _hand(table: Table, name: str, dialect: Dialect) -> Hand | None:
    """How a column is handed over: what is one value for several of the rows is made ready once."""
    if _is_sealed(table, name) or isinstance(table.c[name].type, LargeBinary):
        return None  # bytes are handed over as they are
    keep = _kept(table, name, dialect)
    if keep is None:
        return None
    if isinstance(table.c[name].type, Date):  # days come again, each time as another object
        return partial(_each, lru_cache(maxsize=4096)(keep))
    return partial(once, keep)


def _each(keep: Kept, stated: Sequence[Any]) -> Sequence[Any]:
    return [*map(keep, stated)]


def once(keep: Kept, stated: Sequence[Any]) -> Sequence[Any]:
    """Each value as it is kept; one that several rows share is made ready once."""
    held = [*stated]  # else what is told one by one has the place of what was told before
    ids = [*map(id, held)]
    several = dict(zip(ids, held, strict=True))
    if len(several) == len(held):
        return [*map(keep, held)]
    ready = {at: keep(one) for at, one in several.items()}
    return [*map(ready.__getitem__, ids)]


def _is_sealed(table: Table, name: str) -> bool:
    return isinstance(table.c[name].type, SealedText)


def _kept(table: Table, name: str, dialect: Dialect) -> Kept | None:
    return table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
