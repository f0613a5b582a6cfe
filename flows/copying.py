"""A consistent copy of the register while others work on it: SQLite's backup API, or pg_dump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from models.errors import DisclosureError

BACKUPS = "backups"


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
        folder.mkdir(parents=True)
    except OSError as fault:
        raise NotCopied(f"{folder}：{fault.strerror}") from None
    return copy(engine, folder)


def copy(engine: Engine, folder: Path) -> Path:
    """Copy the register into a file of this folder; the whole file or none. NotCopied if it fails.

    register.db of SQLite, register.dump (pg_dump's own format) of PostgreSQL.
    """
    if engine.dialect.name == "sqlite":
        return _whole(folder / "register.db", lambda path: _from_sqlite(engine, path))
    return _whole(folder / "register.dump", lambda path: _from_postgresql(engine, path))


def _whole(path: Path, write: Callable[[Path], None]) -> Path:
    """Write a file under another name first, so that under its own it is whole or not there."""
    scratch = path.with_name(f"{path.name}.part")
    try:
        write(scratch)
        with scratch.open("rb") as file:
            os.fsync(file.fileno())
        scratch.replace(path)
        settle(path.parent)
    except OSError as fault:
        raise NotCopied(f"{path}：{fault.strerror}") from None
    finally:
        scratch.unlink(missing_ok=True)
    return path


def settle(folder: Path) -> None:
    """Let the disk keep what was renamed in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _from_sqlite(engine: Engine, path: Path) -> None:
    """Page by page, as of one moment, whatever others write meanwhile."""
    source = engine.url.database
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(source or '')}?mode=ro", uri=True)) as there,
            closing(sqlite3.connect(path)) as here,
        ):
            there.backup(here)
            here.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    except sqlite3.Error as fault:
        raise NotCopied(f"{source}：{fault}") from None


def _from_postgresql(engine: Engine, path: Path) -> None:
    """pg_dump of the schema that the register's tables are in."""
    program = shutil.which("pg_dump")
    if program is None:
        raise NotCopied(
            "找不到 pg_dump；请安装 PostgreSQL 的客户端程序（Debian：postgresql-client），"
            "其版本不低于数据库的版本"
        )
    with engine.connect() as connection:
        schema = connection.execute(text("SELECT current_schema()")).scalar_one()
    run = subprocess.run(
        [program, "--format=custom", "--no-owner", "--no-privileges", f"--schema={schema}",
         f"--file={path}", f"--dbname={_without_password(engine.url)}"],
        env=os.environ | with_password(engine.url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if run.returncode:
        raise NotCopied(f"pg_dump：{run.stderr.strip().partition(chr(10))[0]}")


def _without_password(url: URL) -> str:
    """The address as PostgreSQL's own programs take it; a command line is everybody's to read."""
    return url.set(drivername="postgresql", password=None).render_as_string()


def with_password(url: URL) -> dict[str, str]:
    """What goes to PostgreSQL's own programs by the environment."""
    return {"PGPASSWORD": str(url.password)} if url.password else {}
