"""Statements that are asked again and again: put in words once, and handed to SQLite as they are.

SQLAlchemy looks each statement up anew by all that it is made of, and keeps a record of each execution:
of a statement that finds a row or none this is nine tenths of the time. PostgreSQL is asked as ever;
there the way to the server is what takes long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, Executable, Result, Select, TextClause
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session

OFTEN = 3  # times: what is asked less often is not worth the preparation
MARK = "__[POSTCOMPILE_{}]"  # where SQLAlchemy leaves room for any number of values
Kept = Callable[[Any], Any]
"""How a value is handed to the driver."""


class _Given(NamedTuple):
    """A place of a statement: named = by which name its value is given (None: it is always `value`, as
    it is kept); mark = where several are given, what stands for their places.
    """

    named: str | None
    value: Any
    keep: Kept | None
    mark: str


class _Ready(NamedTuple):
    """A statement in words; names = of the values that it wants; shown = how its rows are read."""

    words: str
    names: frozenset[str]
    given: Sequence[_Given]
    shown: SimpleResultMetaData


_READY: WeakKeyDictionary[Dialect, WeakKeyDictionary[Executable, _Ready | int | None]] = (
    WeakKeyDictionary()
)
"""By dialect (it has the keys of its register) and statement: how often it was asked, or what it is in
words, or None of one that is always asked by the usual way.
"""


def connection_of(session: Session) -> Connection:
    """The connection of the transaction that a session is in, or begins now."""
    begun, known = session.get_transaction(), session.info.get(connection_of)
    if begun is not None and known is not None and known[0] is begun:
        return known[1]  # type: ignore[no-any-return]
    connection = session.connection()
    session.info[connection_of] = session.get_transaction(), connection
    return connection


def result(connection: Connection, statement: Executable, params: Mapping[str, Any]) -> Result[Any]:
    """What a statement finds that only reads and asks for columns."""
    dialect = connection.dialect
    if dialect.name != "sqlite" or connection.engine.dispatch.before_cursor_execute:
        return connection.execute(statement, params)  # whoever listens is told of each
    asked = statements_of(dialect)
    ready = asked.get(statement, 0)
    if isinstance(ready, _Ready):
        return _found(connection, ready, statement, params)
    found = connection.execute(statement, params)
    if ready is not None:
        told = ready + 1
        asked[statement] = (
            told if told < OFTEN else _prepared(statement, dialect, [*found.keys()], params)
        )
    return found


def statements_of(dialect: Dialect) -> WeakKeyDictionary[Executable, _Ready | int | None]:
    """What is known of the statements that were asked in a dialect."""
    return _READY.setdefault(dialect, WeakKeyDictionary())


def _found(
    connection: Connection, ready: _Ready, statement: Executable, params: Mapping[str, Any]
) -> Result[Any]:
    if params.keys() != ready.names:
        return connection.execute(statement, params)
    words, values = ready.words, list[Any]()
    for place in ready.given:
        value = place.value if place.named is None else params[place.named]
        if not place.mark:
            values.append(place.keep(value) if place.keep else value)
            continue
        if not value:
            return connection.execute(statement, params)
        values += map(place.keep, value) if place.keep else value
        words = words.replace(place.mark, ", ".join("?" * len(value)))
    driver = connection.connection.dbapi_connection
    assert driver is not None
    try:
        found = driver.cursor().execute(words, values).fetchall()
    except connection.dialect.loaded_dbapi.Error:
        return connection.execute(statement, params)  # it says so in SQLAlchemy's terms
    return IteratorResult(ready.shown, iter(found))


def _prepared(
    statement: Executable, dialect: Dialect, keys: list[str], params: Mapping[str, Any]
) -> _Ready | None:
    """A statement put in words; None where it is none that can be asked like this."""
    if isinstance(statement, Select):
        types = [one.type for one in statement.selected_columns]
        reads = [one.dialect_impl(dialect).result_processor(dialect, None) for one in types]
    elif isinstance(statement, TextClause):
        reads = [None] * len(keys)
    else:
        return None
    made = statement.compile(dialect=dialect)
    if not isinstance(made, SQLCompiler) or made.literal_execute_params or len(reads) != len(keys):
        return None
    given = [_given(made, dialect, name, params) for name in made.positiontup or ()]
    wanted = frozenset(one.named for one in given if one.named is not None)
    if wanted != params.keys() or any(
        made.string.count(one.mark) != 1 for one in given if one.mark
    ):
        return None
    return _Ready(made.string, wanted, given, SimpleResultMetaData(keys, _processors=reads))


def _given(made: SQLCompiler, dialect: Dialect, name: str, params: Mapping[str, Any]) -> _Given:
    bound = made.binds[name]
    keep = bound.type.dialect_impl(dialect).bind_processor(dialect)
    mark = MARK.format(name) if bound.expanding else ""
    if bound.key in params:
        return _Given(bound.key, None, keep, mark)
    value = made.construct_params(params)[name]
    if keep is not None:
        value = [*map(keep, value)] if mark else keep(value)
    return _Given(None, value, None, mark)
