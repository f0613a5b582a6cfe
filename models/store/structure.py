"""Whether a database has the tables that it should have, column by column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Dialect, MetaData, Table, UniqueConstraint, inspect
from sqlalchemy.types import TypeEngine


@dataclass(frozen=True)
class Shape:
    """A table: its columns (type, whether it may be empty), key, indexes, what is unique."""

    columns: dict[str, tuple[str, bool]]
    key: tuple[str, ...]
    indexes: frozenset[tuple[str, tuple[str, ...]]]
    unique: frozenset[tuple[str, ...]]


def wanted(table: Table, dialect: Dialect) -> Shape:
    """The shape that a table is declared with."""
    unique = (one for one in table.constraints if isinstance(one, UniqueConstraint))
    return Shape(
        {one.name: (_type(one.type, dialect), bool(one.nullable)) for one in table.columns},
        tuple(one.name for one in table.primary_key.columns),
        frozenset((str(one.name), tuple(one.columns.keys())) for one in table.indexes),
        frozenset(tuple(one.columns.keys()) for one in unique),
    )


def there(connection: Connection, name: str) -> Shape | None:
    """The shape that a table of a database has; None if there is no such table."""
    database = inspect(connection)
    if not database.has_table(name):
        return None
    columns = {
        one["name"]: (_type(one["type"], connection.dialect), bool(one["nullable"]))
        for one in database.get_columns(name)
    }
    indexes = frozenset(
        (str(one["name"]), tuple(str(column) for column in one["column_names"]))
        for one in database.get_indexes(name)
        if not one.get("duplicates_constraint")
    )
    unique = frozenset(tuple(one["column_names"]) for one in database.get_unique_constraints(name))
    key = tuple(database.get_pk_constraint(name)["constrained_columns"])
    return Shape(columns, key, indexes, unique)


def differences(connection: Connection, schema: MetaData) -> Iterator[str]:
    """What a database lacks, or has otherwise, of the tables it should have; others are not ours."""
    for table in schema.sorted_tables:
        should, found = wanted(table, connection.dialect), there(connection, table.name)
        if found is None:
            yield f"没有表 {table.name}"
            continue
        for column in sorted(should.columns.keys() | found.columns.keys()):
            if column not in found.columns:
                yield f"表 {table.name} 没有列 {column}"
            elif column not in should.columns:
                yield f"表 {table.name} 多出列 {column}"
            elif should.columns[column] != found.columns[column]:
                yield f"表 {table.name} 的列 {column} 的类型不同"
        if (should.key, should.unique, should.indexes) != (found.key, found.unique, found.indexes):
            yield f"表 {table.name} 的主键、唯一约束或者索引不同"


def any_there(connection: Connection, schema: MetaData) -> bool:
    """Whether any of these tables is there."""
    return not schema.tables.keys().isdisjoint(inspect(connection).get_table_names())


def _type(kind: TypeEngine[object], dialect: Dialect) -> str:
    return kind.compile(dialect=dialect)
