"""A consistent copy of the register while others work on it: SQLite's backup API, or pg_dump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.engine import URL
from sqlmodel import Session

from flows.installation import files, postgresql_connections
from flows.installation.database_words import DAMAGED, of_sqlite
from models.errors import DisclosureError
from models.soundness import content_digest
from models.store import evidence
from models.store.tables import Link
from models.words.disk_words import why

BACKUPS = "backups"
FILE, DUMP = "register.db", "register.dump"


class NotCopied(DisclosureError):
    """No copy of the register can be made here, so nothing else is done either."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"无法备份登记簿，未作任何改动：{problem}")


def before_upgrade(engine: Engine, home: Path, revision: str) -> Path:
    """A copy of the register under `home`/backups, named by the structure it has and the moment."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = home / BACKUPS / f"upgrade-from-{revision or 'unmarked'}-{moment}"
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
    except OSError as fault:
        raise NotCopied(f"{folder}：{why(fault)}") from None
    return copy(engine, folder).path


@dataclass(frozen=True)
class Copied:
    """A copy of the register: its file, the digest of all it holds, the head of its chain."""

    path: Path
    digest: str
    head: str


def copy(engine: Engine, folder: Path) -> Copied:
    """Copy the register into a file of this folder: register.db of SQLite, register.dump (pg_dump's
    own format) of PostgreSQL.

    The whole file or none: NotCopied if it fails.
    """
    if engine.dialect.name == "sqlite":
        path = whole(folder / FILE, lambda path: _from_sqlite(engine, path))
        return opened(path)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        path = whole(folder / DUMP, lambda path: _from_postgresql(connection, path))
        return _described(path, connection)


def opened(path: Path) -> Copied:
    """What a copy on SQLite holds. NotCopied if it is no sound database."""
    try:
        with closing(sqlite3.connect(path)) as there:
            (sound,) = there.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as fault:
        raise NotCopied(f"{path}：{of_sqlite(fault)}") from None
    if sound != "ok":
        raise NotCopied(f"{path}：{DAMAGED}")
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as connection:
        return _described(path, connection)


def _described(path: Path, connection: Connection) -> Copied:
    linked = Link.__tablename__ in content_digest.ours(connection)
    head = evidence.head(Session(connection)) if linked else ""
    return Copied(path, content_digest.digest(connection), head)


def whole(path: Path, write: Callable[[Path], None]) -> Path:
    """Write a file under another name first, so that under its own it is whole or not there."""
    scratch = path.with_name(f"{path.name}{files.PART}")
    try:
        files.new(scratch)
        write(scratch)
        with scratch.open("rb") as file:
            os.fsync(file.fileno())
        scratch.replace(path)
        files.settle(path.parent)
    except OSError as fault:
        raise NotCopied(f"{path}：{why(fault)}") from None
    finally:
        scratch.unlink(missing_ok=True)
    return path


def _from_sqlite(engine: Engine, path: Path) -> None:
    """Page by page, as of one moment, whatever others write meanwhile."""
    source = engine.raw_connection()
    try:
        with closing(sqlite3.connect(path)) as here:
            assert isinstance(source.driver_connection, sqlite3.Connection)
            source.driver_connection.backup(here)
            here.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    except sqlite3.Error as fault:
        raise NotCopied(f"{path}：{of_sqlite(fault)}") from None
    finally:
        source.close()


def _from_postgresql(connection: Connection, path: Path) -> None:
    """pg_dump of the register's tables, as this connection's transaction sees them."""
    schema = connection.execute(text("SELECT current_schema()")).scalar_one()
    snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
    tables = [f'--table="{schema}"."{name}"' for name in content_digest.ours(connection)]
    program(
        *("pg_dump", "--format=custom", "--no-owner", "--no-privileges", *tables),
        *(f"--snapshot={snapshot}", f"--file={path}"),
        url=connection.engine.url,
    )


def program(name: str, *arguments: str, url: URL | None = None) -> None:
    """Run one of PostgreSQL's own programs, on a database or not; NotCopied with what it says.

    The password goes by the environment: a command line is everybody's to read.
    """
    found = shutil.which(name)
    if found is None:
        raise NotCopied(
            f"找不到 {name}；请安装 PostgreSQL 的客户端程序（Debian：postgresql-client），"
            "其版本不低于数据库的版本"
        )
    where = (
        [f"--dbname={url.set(drivername='postgresql', password=None).render_as_string()}"]
        if url
        else []
    )
    password = {"PGPASSWORD": str(url.password)} if url and url.password else {}
    run = subprocess.run(
        [found, *where, *arguments],
        env=os.environ | postgresql_connections.ENVIRONMENT | password,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise NotCopied(f"{name}：{run.stderr.strip().partition(chr(10))[0]}")
