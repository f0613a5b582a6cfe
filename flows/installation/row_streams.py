"""All rows of a register, as they are stored, one after the other: into another database, and compared.

What is sealed stays sealed, and JSON the text that it is. Rows come in the order of their keys, which is
the same on SQLite and PostgreSQL: text by its bytes in UTF-8. A thousand are in memory at a time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, zip_longest
from typing import Any, Final, cast

import psycopg
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    func,
    insert,
    select,
)
from sqlalchemy import cast as as_type
from sqlmodel import SQLModel

from models.errors import DisclosureError
from models.soundness.content_digest import plain
from models.store.sealed_text import SealedText

AT_ONCE: Final = 1000
Row = tuple[Any, ...]
Counted = Callable[[int], object]
"""Told how many rows have been done so far."""


class NotTheSame(DisclosureError):
    """A row of one register is not in the other, or is another there."""

    def __init__(self, table: str, key: str) -> None:
        self.table, self.key = table, key
        super().__init__(f"表 {table} 的 {key} 两处不同")


class Unfit(DisclosureError):
    """A row that the other database does not take."""

    def __init__(self, table: str, problem: str) -> None:
        self.table, self.problem = table, problem
        super().__init__(f"表 {table} {problem}")


def tables() -> list[Table]:
    """Those of a register, each as it is stored: nothing is opened, or read into."""
    return [
        Table(
            one.name,
            MetaData(),
            *(
                Column(
                    column.name,
                    Text() if isinstance(column.type, SealedText) else column.type,
                    primary_key=column.primary_key,
                    autoincrement=False,
                )
                for column in one.columns
            ),
        )
        for one in sorted(SQLModel.metadata.sorted_tables, key=lambda table: table.name)
    ]


def count(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        one.name: connection.scalar(select(func.count()).select_from(one)) or 0 for one in tables()
    }


def rows(connection: Connection, table: Table) -> Iterator[Row]:
    """Those of a table in the order of its key."""
    columns = [as_type(one, Text) if isinstance(one.type, JSON) else one for one in table.columns]
    on_postgresql = connection.dialect.name == "postgresql"
    order = [
        one.collate("C") if on_postgresql and isinstance(one.type, String) else one
        for one in table.primary_key.columns
    ]
    asked = select(*columns).order_by(*order).execution_options(yield_per=AT_ONCE)
    for row in connection.execute(asked):
        yield tuple(row)


def copy(source: Connection, target: Connection, counted: Counted) -> None:
    """Every row into the empty tables of another database. Raises Unfit."""
    done = 0
    into = _into_postgresql if target.dialect.name == "postgresql" else _into_sqlite
    for table in tables():
        try:
            for number in into(target, table, rows(source, table)):
                done += number
                counted(done)
        except psycopg.DataError as fault:
            raise _unfit(source, table, fault) from None


def _into_postgresql(target: Connection, table: Table, rows: Iterable[Row]) -> Iterator[int]:
    """By COPY, in the connection's transaction; yields how many went at a time."""
    driver = cast("psycopg.Connection[Any]", target.connection.driver_connection)
    names = ", ".join(f'"{one.name}"' for one in table.columns)
    with (
        driver.cursor() as cursor,
        cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN'.encode()) as stream,
    ):
        for some in _batches(rows):
            for row in some:
                stream.write_row(row)
            yield len(some)


def _into_sqlite(target: Connection, table: Table, rows: Iterable[Row]) -> Iterator[int]:
    stored = Table(
        table.name,
        MetaData(),
        *(
            Column(one.name, Text() if isinstance(one.type, JSON) else one.type)
            for one in table.columns
        ),
    )
    names = [one.name for one in table.columns]
    for some in _batches(rows):
        target.execute(insert(stored), [dict(zip(names, row, strict=True)) for row in some])
        yield len(some)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    coming = iter(rows)
    while some := list(islice(coming, AT_ONCE)):
        yield some


def _unfit(source: Connection, table: Table, fault: psycopg.DataError) -> Unfit:
    """Which row PostgreSQL did not take: SQLite keeps text of any length, and any character."""
    for row in rows(source, table):
        for column, value in zip(table.columns, row, strict=True):
            longest = getattr(column.type, "length", None)
            where = f"的 {_key(table, row)}：列 {column.name} "
            if isinstance(value, str) and "\0" in value:
                return Unfit(table.name, f"{where}有空字符，PostgreSQL 不能存放")
            if isinstance(value, str) and longest is not None and len(value) > longest:
                return Unfit(table.name, f"{where}超过{longest}个字，PostgreSQL 不能存放")
    return Unfit(table.name, f"的内容不能存放（{fault.diag.message_primary or fault}）")


def continue_numbers(source: Connection, target: Connection) -> None:
    """Rows that PostgreSQL numbers by itself go on where they were; SQLite goes on from the last."""
    if target.dialect.name != "postgresql":
        return
    for table in SQLModel.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        last = source.scalar(select(func.max(column)))
        if source.dialect.name == "postgresql":
            (named,) = source.execute(_sequence(table, column)).one()
            given, out = source.exec_driver_sql(f"SELECT last_value, is_called FROM {named}").one()
            last = given if out else None
        if last:
            (named,) = target.execute(_sequence(table, column)).one()
            target.execute(select(func.setval(named, last)))


def _sequence(table: Table, column: Column[Any]) -> Any:
    return select(func.pg_get_serial_sequence(f'"{table.name}"', column.name))


def compared(one: Connection, other: Connection, counted: Counted) -> str:
    """The digest of all that both hold, to the last byte the same. Raises NotTheSame."""
    told, done = hashlib.sha256(), 0
    for table in tables():
        told.update(f"{table.name}\n".encode())
        for mine, its in zip_longest(rows(one, table), rows(other, table)):
            if mine != its:
                raise NotTheSame(table.name, _key(table, mine or its or ()))
            _add(told, mine)
            done += 1
            if done % AT_ONCE == 0:
                counted(done)
    return told.hexdigest()


def digest(connection: Connection) -> str:
    """That of all that a register holds: the one that `compared` returned, while nothing changed."""
    told = hashlib.sha256()
    for table in tables():
        told.update(f"{table.name}\n".encode())
        for row in rows(connection, table):
            _add(told, row)
    return told.hexdigest()


def _add(told: Any, row: Row) -> None:
    told.update(json.dumps([plain(value) for value in row], ensure_ascii=False).encode())
    told.update(b"\n")


def _key(table: Table, row: Row) -> str:
    """What a row is known by."""
    there = zip(table.columns, row, strict=True)
    return "/".join(str(value) for column, value in there if column.primary_key)
