"""Opens a register: its engine, its share in the lock, its structure, its key.

Everything a database can answer besides what was asked (full, locked, gone, damaged) is said here
in one sentence.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pydantic_core import from_json
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from flows.installation import (
    database_words,
    keys,
    locks,
    moved_away,
    postgresql_connections,
    upgrading,
)
from flows.installation.database_words import LOCKED_SECONDS
from models import migrations
from models.errors import DisclosureError


class UnusableAddress(DisclosureError):
    """What should be the address of a database is none that we can use."""

    def __init__(self, expected: str, shown: str = "…") -> None:
        self.expected, self.shown = expected, shown
        super().__init__(expected)


class NoDatabase(DisclosureError):
    """The database named by the settings cannot be opened."""

    def __init__(self, url: str, problem: str) -> None:
        self.url, self.problem = url, problem
        super().__init__(f"无法打开数据库 {url}：{problem}")


class DatabaseFailed(DisclosureError):
    """The database could not do what it was asked to; nothing of it was recorded."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"登记簿的数据库出错，未登记任何内容：{problem}")


class LostRegister(DisclosureError):
    """An office has worked in this home, and its register is empty or not there."""

    def __init__(self, where: str, traces: list[str]) -> None:
        self.where, self.traces = where, traces
        super().__init__(
            f"登记簿不见了：{where} 不存在或者是空的，而 {'、'.join(traces)} 表明这里办理过申请。"
            "请用 disclosure restore 从备份恢复，或者检查 DISCLOSURE_HOME 和 DISCLOSURE_DATABASE_URL；"
            "确实要另立新的登记簿的，请换一个 DISCLOSURE_HOME"
        )


OUR_DRIVER: Final = "postgresql+psycopg"
POSTGRESQL: Final = ("postgresql", "postgres", OUR_DRIVER)
"""How the address of a database of PostgreSQL may begin: as its own programs take it, and as ours."""


@dataclass(frozen=True)
class Opened:
    """A register that is open: its engine, and our share in it."""

    engine: Engine
    held: locks.Held

    @cached_property
    def writes(self) -> Engine:
        """The engine for transactions that write: they begin with the lock that they will want."""
        return self.engine.execution_options(writes=True)

    def close(self) -> None:
        """Let go of both."""
        self.engine.dispose()
        self.held.release()

    @contextmanager
    def alone(self, doing: str) -> Iterator[None]:
        """Nobody else of ours in this register while the block lasts; RegisterBusy otherwise."""
        with self.held.alone(doing):
            if self.engine.dialect.name == "postgresql":
                with self.engine.connect() as connection:
                    locks.guard_connections(connection, doing)
            yield


def address(url: str) -> URL:
    """A database's address as it is set, of a kind that a register can be in, with our driver, and a
    file by its whole path; UnusableAddress otherwise.
    """
    try:
        where = make_url(url)
    except ArgumentError:
        raise UnusableAddress("应为数据库地址，如 postgresql://主机/库名") from None
    if where.drivername in POSTGRESQL:
        return where.set(drivername=OUR_DRIVER)
    if where.drivername != "sqlite":
        expected = "应为 SQLite 或 PostgreSQL 的地址"
        if where.drivername.startswith("postgresql+"):
            expected = "不用写明驱动程序，应为 postgresql://用户:口令@主机/库名"
        raise UnusableAddress(expected, where.render_as_string(hide_password=True))
    file = file_of(where)
    return where.set(database=str(file.absolute())) if file else where


def opened(where: URL, home: Path) -> Opened:
    """The register at this address, of the structure and with the key that it should have.

    Raises NoDatabase, LostRegister, RegisterBusy, WrongKey, or what `upgrading` raises.
    """
    shown, file = moved_away.shown(where), file_of(where)
    if (home / locks.READY).exists():
        from flows.installation import restoring

        with locks.alone(locks.of_register(home, file), locks.RESTORING):
            restoring.finish(where, home, file)
    if file is not None and not _has_content(file) and (traces := traces_of_office(home)):
        raise LostRegister(str(file), traces)
    register = Opened(engine_of(where), locks.share(locks.of_register(home, file)))
    try:
        with said(lambda problem: NoDatabase(shown, problem)):
            upgrading.bring_up(
                register.engine, home, register.alone, lambda: _guard_new(shown, home)
            )
            keys.opened(register.engine, home)
            if register.engine.dialect.name == "postgresql":
                event.listen(register.engine, "connect", _still_ours)
    except BaseException:
        register.close()
        raise
    return register


def _still_ours(connection: Any, _record: object) -> None:
    """Each further connection: the register is of our structure still, and was not moved. Either is done
    while none of ours is connected, and a server that was idle then would go on as before. Raises
    NewerRegister, MovedAway.
    """
    with connection.cursor() as cursor:
        marked, moved = cursor.execute(_MARKS).fetchone()
        if marked:
            found = [row[0] for row in cursor.execute(_REVISIONS).fetchall()]
            if found != [migrations.HEAD]:
                raise upgrading.NewerRegister(found)
        if moved and (row := cursor.execute(_MOVED).fetchone()) is not None:
            raise moved_away.MovedAway(moved_away.Mark(*row))
    connection.commit()


_MARKS: Final = (
    f"SELECT to_regclass('{migrations.MARK.name}') IS NOT NULL, "
    f"to_regclass('{moved_away.TABLE.name}') IS NOT NULL"
)
_REVISIONS: Final = f"SELECT version_num FROM {migrations.MARK.name}"
_MOVED: Final = f"SELECT moved_to, moved_on, holds FROM {moved_away.TABLE.name}"


@contextmanager
def said(words: Callable[[str], DisclosureError]) -> Iterator[None]:
    """What the database cannot do, in a sentence; that a row is there already is the caller's."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as fault:
        raise words(database_words.problem(fault)) from fault


def file_of(where: URL) -> Path | None:
    """The file of a register on SQLite; None on PostgreSQL, or in memory."""
    named = where.database if where.get_backend_name() == "sqlite" else None
    return Path(named) if named and named != ":memory:" else None


def traces_of_office(home: Path) -> list[str]:
    """What in a home says that an office has worked there: each is made after the register."""
    return [name for name in ("key", "prefect") if (home / name).exists()]


def _has_content(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


def _guard_new(shown: str, home: Path) -> None:
    if traces := traces_of_office(home):
        raise LostRegister(shown, traces)


def engine_of(where: URL) -> Engine:
    """Connections to a register, each set up as ours; nothing is opened yet."""
    ours: dict[str, Any] = {
        "hide_parameters": True,  # an error's text does not say what was to be stored
        "json_deserializer": from_json,  # five times as fast as json's own
    }
    if where.get_backend_name() == "postgresql":
        named = {"application_name": locks.connection_name()}
        waits = f"SET lock_timeout = '{LOCKED_SECONDS}s'"
        return postgresql_connections.engine_of(
            where, waits, connect_args=named, pool_pre_ping=True, **ours
        )
    file = file_of(where)
    if file is not None and read_only(file):
        where = where.set(database=f"file:{quote(str(file))}", query=_read_only_query(file))
        made = create_engine(where, **ours)
        event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return made
    made = create_engine(where, connect_args={"timeout": LOCKED_SECONDS}, **ours)
    event.listen(made, "connect", _sqlite_connect)
    event.listen(made, "begin", _sqlite_begin)
    return made


def read_only(file: Path) -> bool:
    """Whether a register that is there cannot be written to by us."""
    writable = os.access(file.parent, os.W_OK, effective_ids=True)
    return file.exists() and not (writable and os.access(file, os.W_OK, effective_ids=True))


def _read_only_query(file: Path) -> dict[str, str]:
    """How SQLite is to open it: without a log beside it, as a file that nobody changes."""
    log = file.with_name(f"{file.name}-wal")
    alone = {} if _has_content(log) else {"immutable": "1"}
    return {"uri": "true", "mode": "ro", **alone}


def _sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins; the driver must not
    connection.execute(f"PRAGMA busy_timeout={LOCKED_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")  # what is overwritten leaves no trace


def _sqlite_begin(connection: Any) -> None:
    """Begin with the lock that is wanted; without one nothing can go wrong, and the driver is asked."""
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.connection.dbapi_connection.execute("BEGIN")
