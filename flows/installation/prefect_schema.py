"""Where Prefect keeps its tables: a file in our own folder, or beside a register on PostgreSQL.

One setting for both: a register on PostgreSQL has Prefect's tables in a schema of the same database
(`prefect`, or NAME_prefect beside a register in the schema NAME). It bears the version of Prefect that
made it as its comment; another version's is renamed and made anew, as its file would be
(prefect_database.py). A setting of Prefect's own that names another place goes before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from flows.installation import (
    database_words,
    files,
    locks,
    postgresql_connections,
    prefect_database,
)
from flows.installation.awake import ALIVE
from flows.installation.copying import BACKUPS
from flows.installation.prefect_database import (
    ELSEWHERE,
    EVENTS,
    FILE,
    IN_MOTION,
    MARK,
    PUT_BACK,
    elsewhere,
)
from models.errors import DisclosureError

ADDRESS: Final = ELSEWHERE[0]
SEARCH_PATH: Final = "PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_SEARCH_PATH"
AT_ONCE: Final = {
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": "15",
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW": "5",
}
"""How many connections a server keeps, and may have besides. Of its 15 Prefect keeps 5 and makes the others
anew for each request: with many officers that was a good part of its work.
"""
NAME: Final = "prefect"
MADE_BY: Final = "Prefect "
"""How the comment of the schema begins; the version follows."""

OURS_ALONE: Final = {
    *("options", "application_name", "connect_timeout", "tcp_user_timeout", "keepalives"),
    *(f"keepalives_{name}" for name in ALIVE),
}
"""What of a register's address says nothing of where the database is: Prefect's driver knows it not."""
BY_ENVIRONMENT: Final = {
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "passfile": "PGPASSFILE",
}
SAME: Final = {"host", "port"}
_TABLE: Final = text("SELECT to_regclass(:table)")
"""Whether a table is there, of a name that may be in quotes."""


class NoPlace(DisclosureError):
    """Prefect's tables cannot be put beside the register."""

    def __init__(self, name: str, user: str | None, problem: str) -> None:
        self.name, self.problem = name, problem
        super().__init__(
            f"不能在登记簿的数据库中为 Prefect 建立 schema {name}（{problem}）：请由数据库管理员在其中执行 "
            f'CREATE SCHEMA {name} AUTHORIZATION "{user or "办理系统的用户"}"; '
            f"CREATE EXTENSION IF NOT EXISTS pg_trgm; 再启动；或者用 {ELSEWHERE[1]} 另指一处"
        )


class UnknownToPrefect(DisclosureError):
    """The register's address has particulars that Prefect's driver does not know."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(
            f"DISCLOSURE_DATABASE_URL 中的 {'、'.join(names)} 不能用于 Prefect 的数据库："
            f"请去掉，或者用 {ELSEWHERE[1]} 写明 Prefect 的数据库在哪里"
        )


@dataclass(frozen=True)
class Placed:
    """What was done, as sentences; and what Prefect's server must find in its environment."""

    told: tuple[str, ...]
    settings: dict[str, str] = field(default_factory=dict)


def place(where: URL, prefect: Path, home: Path, over: Callable[[date], bool]) -> Placed:
    """Make ready for Prefect's server, before it starts, where it keeps its tables.

    where = of the register; prefect = Prefect's folder; over = whether what was set aside on a day is
    kept no longer. Raises OtherPrefect, NoPlace, UnknownToPrefect; RegisterBusy where another server of
    the office is at work still on another version's tables.
    """
    if elsewhere() or where.get_backend_name() != "postgresql":
        renewed = prefect_database.renew(prefect, home)
        return Placed((*renewed, *prefect_database.compact(prefect)))
    settings, file = _settings(where), prefect / FILE
    told: list[str] = []
    if file.exists():
        told += prefect_database.renew(prefect, home)
    if file.exists():
        if waiting := prefect_database.in_motion(file):
            told.append(
                f"有{waiting}个流程停止时正在执行，Prefect 的数据库这一次仍用 {file}；"
                "办完以后下次启动，改放到登记簿的数据库"
            )
            return Placed(tuple(told))
        told += _left(prefect, home)
    prefect.mkdir(parents=True, exist_ok=True)
    files.written(prefect / MARK, f"{version('prefect')}\n".encode("ascii"))
    engine = postgresql_connections.for_once(where)
    with engine.connect() as connection:
        name = _named(connection)
        try:
            told += _made(connection, name, over)
            path = f'"{name}","{_trigrams(connection)}"'
            connection.commit()
        except DBAPIError as fault:
            raise NoPlace(name, where.username, database_words.problem(fault)) from None
    return Placed(tuple(told), settings | AT_ONCE | {SEARCH_PATH: path})


def forms_at(where: URL) -> URL | None:
    """Prefect's tables beside a register on PostgreSQL, for whoever reads them; None if there are none."""
    if elsewhere() or where.get_backend_name() != "postgresql":
        return None
    engine = postgresql_connections.for_once(where)
    with engine.connect() as connection:
        name = _named(connection)
        there = connection.scalar(_TABLE, {"table": f'"{name}".flow_run'})
    return where.update_query_dict({"options": f'-csearch_path="{name}"'}) if there else None


def holding_tables(connection: Connection) -> str | None:
    """The schema for Prefect's tables beside a register, where some are there already; None otherwise."""
    name = _named(connection)
    return name if _holds_tables(connection, name) else None


def in_motion(connection: Connection) -> int:
    """How many runs were under way when the office of a register on PostgreSQL stopped: what was
    submitted in them and is not recorded is in Prefect's tables alone. 0 where it has none here.
    """
    if elsewhere() or connection.dialect.name != "postgresql":
        return 0
    name = _named(connection)
    if connection.scalar(_TABLE, {"table": f'"{name}".flow_run'}) is None:
        return 0
    marks = ", ".join(f"'{one}'" for one in IN_MOTION)
    asked = f'SELECT count(*) FROM "{name}".flow_run WHERE state_type::text IN ({marks})'
    return int(connection.scalar(text(asked)) or 0)


def gone(connection: Connection) -> str:
    """The statement that does away with Prefect's tables, where they are ours: they are made anew from
    the register.
    """
    name = _named(connection)
    _, comment = _schema(connection, name)
    return f'DROP SCHEMA "{name}" CASCADE;' if (comment or "").startswith(MADE_BY) else ""


def _settings(where: URL) -> dict[str, str]:
    """Prefect's setting for the database of a register's address, in the words of its driver."""
    asked = {name: said for name, said in where.query.items() if name not in OURS_ALONE}
    found = {
        variable: str(asked.pop(name)) for name, variable in BY_ENVIRONMENT.items() if name in asked
    }
    mode = asked.pop("sslmode", None)
    if unknown := sorted(asked.keys() - SAME):
        raise UnknownToPrefect(unknown)
    query = asked | ({"ssl": mode} if mode is not None else {})
    its = where.set(drivername="postgresql+asyncpg", query=query)
    return {**found, ADDRESS: its.render_as_string(hide_password=False)}


def _left(prefect: Path, home: Path) -> Iterator[str]:
    """Set the file aside that Prefect's tables were in."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = home / BACKUPS / f"prefect-{version('prefect')}-{moment}"
    aside.parent.mkdir(parents=True, exist_ok=True)
    prefect.rename(aside)
    yield f"Prefect 的数据库从现在起也在登记簿的 PostgreSQL 中；原来的移到 {aside}"
    yield PUT_BACK


def _named(connection: Connection) -> str:
    beside = connection.execute(text("SELECT current_schema()")).scalar_one()
    return NAME if beside == "public" else f"{beside}_{NAME}"


def _made(connection: Connection, name: str, over: Callable[[date], bool]) -> Iterator[str]:
    """See to it that the schema is there, empty or made by the installed version."""
    installed = version("prefect")
    there, comment = _schema(connection, name)
    made_by = (comment or "").removeprefix(MADE_BY)
    if there and not made_by and _holds_tables(connection, name):
        user = connection.engine.url.username
        raise NoPlace(name, user, f"schema {name} 中已有别的表")
    if there and made_by not in ("", installed):
        locks.guard_connections(connection, "为另一版本的 Prefect 重新建立它的表")
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        aside = f"{name}_{made_by}_{moment}"
        connection.exec_driver_sql(f'ALTER SCHEMA "{name}" RENAME TO "{aside}"')
        yield f"Prefect 的表是另一版本（{made_by}）建立的，现在安装的是 {installed}：schema 改名为 {aside}"
        yield PUT_BACK
        there = False
    if not there:
        connection.exec_driver_sql(f'CREATE SCHEMA "{name}"')
    if not there or not made_by:
        connection.exec_driver_sql(f"COMMENT ON SCHEMA \"{name}\" IS '{MADE_BY}{installed}'")
    # Alembic would take the register's mark, further on in the search path, for Prefect's own.
    connection.exec_driver_sql(
        f'CREATE TABLE IF NOT EXISTS "{name}".alembic_version (version_num varchar(32) PRIMARY KEY)'
    )
    if connection.scalar(_TABLE, {"table": f'"{name}".{EVENTS[0]}'}):
        every = ", ".join(f'"{name}".{one}' for one in EVENTS)
        connection.exec_driver_sql(f"TRUNCATE {every}")
    for aside in _over(connection, name, over):
        connection.exec_driver_sql(f'DROP SCHEMA "{aside}" CASCADE')
        yield f"从前改名的 schema {aside} 保管期限已满，已删除"


def _schema(connection: Connection, name: str) -> tuple[bool, str | None]:
    """Whether a schema is there, and its comment."""
    asked = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :name"
    row = connection.execute(text(asked), {"name": name}).first()
    return row is not None, row[0] if row else None


def _holds_tables(connection: Connection, name: str) -> bool:
    asked = "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = :name)"
    return bool(connection.scalar(text(asked), {"name": name}))


def _over(connection: Connection, name: str, over: Callable[[date], bool]) -> list[str]:
    """The schemas that were renamed and are kept no longer."""
    pattern = re.compile(rf"{re.escape(name)}_.+_(\d{{8}})T\d{{6}}")
    every = connection.scalars(text("SELECT nspname FROM pg_namespace")).all()
    found = ((one, pattern.fullmatch(one)) for one in every)
    return [one for one, match in found if match and over(date.fromisoformat(match[1]))]


def _trigrams(connection: Connection) -> str:
    """The schema of the extension that Prefect searches texts by; put beside the register if need be."""
    asked = text(
        "SELECT nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace "
        "WHERE extname = 'pg_trgm'"
    )
    if (found := connection.scalar(asked)) is None:
        connection.exec_driver_sql("CREATE EXTENSION pg_trgm")
        found = connection.scalar(asked)
    return str(found)
