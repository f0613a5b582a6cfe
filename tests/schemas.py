"""A schema on PostgreSQL for each test, with an empty register in it that is made once and used again.

Making a register costs more than most tests of it: thirty tables, their indexes and triggers. One is
emptied when its test is over, gets a new name for the next, and is thrown away if a test has changed
its structure.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, create_engine, make_url, text


class Kept(NamedTuple):
    """A register that is to be used again, as it was when it was made."""

    structure: str
    rows: dict[str, str | None]  # of each table, as JSON; None = it is empty
    numbers: dict[str, int | None]  # of each sequence, the last that was given


_FREE: dict[str, list[str]] = defaultdict(list)  # schemas by the key of their register
_KEPT: dict[str, Kept] = {}  # by key

STRUCTURE = text(
    """SELECT md5(string_agg(line, ';' ORDER BY line)) FROM (
      SELECT table_name || '.' || column_name || ':' || data_type || is_nullable
        || coalesce(column_default, '') AS line
        FROM information_schema.columns WHERE table_schema = current_schema()
      UNION ALL SELECT replace(indexdef, current_schema() || '.', '')
        FROM pg_indexes WHERE schemaname = current_schema()
      UNION ALL SELECT concat(tgname, tgtype, tgenabled) FROM pg_trigger
        WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)
          AND NOT tgisinternal
      UNION ALL SELECT proname || prosrc FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace) AS lines"""
)

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
NUMBERS = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"
ASKED = os.environ.get("DISCLOSURE_DATABASE_URL", "")
once = pytest.mark.skipif(
    ASKED.startswith("postgresql"), reason="touches no database: run without one"
)
"""Of a test that takes seconds and proves the same whatever database is named."""


@cache
def _server() -> Engine:
    """One connection for all tests: to make one takes longer than to empty a register. A child of this
    process may have closed it as it ended: it is asked first.
    """
    url = make_url(ASKED).set(drivername="postgresql+psycopg")
    return create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)


def address(schema: str, driver: str = "postgresql") -> str:
    """The address of what is in this schema, as `DISCLOSURE_DATABASE_URL` takes it."""
    inside = make_url(ASKED).update_query_dict({"options": f"-csearch_path={schema}"})
    return inside.set(drivername=driver).render_as_string(False)


def empty() -> str:
    """A new schema with nothing in it."""
    schema = f"test_{uuid4().hex}"
    with _server().begin() as server:
        server.execute(text(f"CREATE SCHEMA {schema}"))
    return schema


def ready(key: str, open_first: Callable[[str], None]) -> str:
    """A schema with an empty register under this key, under a name that nobody has seen yet."""
    if _FREE[key]:
        schema = f"test_{uuid4().hex}"
        with _server().begin() as server:
            server.execute(text(f"ALTER SCHEMA {_FREE[key].pop()} RENAME TO {schema}"))
        return schema
    schema = empty()
    open_first(address(schema, "postgresql+psycopg"))
    if key not in _KEPT:
        with _server().begin() as server:
            _KEPT[key] = _seen(server, schema)
    return schema


def back(schema: str, key: str | None) -> None:
    """Empty it for the next test, or throw it away."""
    with _server().begin() as server:
        if key is not None and _emptied(server, schema, _KEPT[key]):
            _FREE[key].append(schema)
        else:
            server.execute(text(f"DROP SCHEMA {schema} CASCADE"))


def _seen(server: Connection, schema: str) -> Kept:
    server.execute(text(f"SET LOCAL search_path = {schema}"))
    tables = server.execute(text(TABLES)).scalars().all()
    rows = {table: _rows(server, table) for table in tables}
    return Kept(str(server.execute(STRUCTURE).scalar_one()), rows, _numbers(server))


def _rows(server: Connection, table: str) -> str | None:
    return server.execute(text(f'SELECT json_agg(t)::text FROM "{table}" AS t')).scalar()


def _numbers(server: Connection) -> dict[str, int | None]:
    return dict(server.execute(text(NUMBERS)).tuples().all())


def _emptied(server: Connection, schema: str, made: Kept) -> bool:
    server.execute(text(f"SET LOCAL search_path = {schema}"))
    if server.execute(STRUCTURE).scalar_one() != made.structure:
        return False
    server.execute(text("SET LOCAL session_replication_role = replica"))  # nothing forbids it now
    filled = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")"
        for table, rows in made.rows.items()
        if rows is None
    )
    if names := [f'"{table}"' for table in server.exec_driver_sql(filled).scalars()]:
        # deleted rows would leave their places: the next test's would stand there, in another order
        server.exec_driver_sql(f"TRUNCATE {', '.join(names)} CASCADE")
    for table, rows in made.rows.items():
        if rows and _rows(server, table) != rows:
            server.exec_driver_sql(f'TRUNCATE "{table}" CASCADE')
            again = f'INSERT INTO "{table}" SELECT * FROM json_populate_recordset(NULL::"{table}", :rows)'
            server.execute(text(again), {"rows": rows})
    for name, last in made.numbers.items() - _numbers(server).items():
        where = {"name": name, "last": last or 1, "called": last is not None}
        server.execute(text("SELECT setval(quote_ident(:name)::regclass, :last, :called)"), where)
    return True
