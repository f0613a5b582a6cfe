"""A copy of a register in a scratch folder, brought up to this version; the original is only read.

It is not opened as an office opens it, which makes a key, takes a lock, and brings it up.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from sqlalchemy import Connection, Engine, MetaData, create_engine, insert, inspect, select
from sqlalchemy.engine import URL

from flows.installation import backup, copying, locks, opening, upgrading
from models.errors import DisclosureError
from models.migrations import HEAD, MARK
from models.soundness import content_digest
from models.store.tables import Application
from models.words.disk_words import why

LOG, SHARED = "-wal", "-shm"


class NotReadable(DisclosureError):
    """There is no register where one is to be read, or it cannot be read."""

    def __init__(self, where: object, problem: str) -> None:
        self.where, self.problem = where, problem
        super().__init__(f"{where}：{problem}，未作任何改动")


@dataclass(frozen=True)
class Aside:
    """The copy, of this version's structure; columns = those that its register rows had before."""

    engine: Engine
    columns: frozenset[str]
    upgraded: bool


@contextmanager
def of_office(where: URL, home: Path) -> Iterator[Aside]:
    """A copy of the register at this address. Raises NotReadable, NewerRegister, SpoiltMark,
    UnknownRegister.
    """
    if (home / locks.READY).exists():
        raise NotReadable(home, "恢复备份没有完成，请先运行任何一个命令接着完成")
    file = opening.file_of(where)
    with TemporaryDirectory(prefix="disclosure-aside-") as scratch:
        copied = Path(scratch) / copying.FILE
        if file is None:
            _copy_rows(where, copied)
        else:
            _copy_file(file, copied)
        yield _brought_up(copied)


@contextmanager
def of_backup(folder: Path) -> Iterator[Aside]:
    """A copy of the register of a backup. Raises UnsoundBackup, NotReadable, and as `of_office`."""
    stated = backup.read(folder)
    if stated.register == copying.DUMP:
        raise NotReadable(
            folder, "是 PostgreSQL 的备份，只能用办理系统所用的数据库演练（不写目录）"
        )
    with TemporaryDirectory(prefix="disclosure-aside-") as scratch:
        copied = Path(scratch) / copying.FILE
        shutil.copyfile(folder / stated.register, copied)
        yield _brought_up(copied)


def _copy_file(file: Path, copied: Path) -> None:
    """Page by page from an office at work; with its log, where nobody has it open."""
    log, shared = (file.with_name(f"{file.name}{end}") for end in (LOG, SHARED))
    try:
        if not file.is_file() or not file.stat().st_size:
            raise NotReadable(file, "没有登记簿")
        if not shared.exists():
            shutil.copyfile(file, copied)
            if log.exists():
                shutil.copyfile(log, copied.with_name(f"{copied.name}{LOG}"))
            return
        named = f"file:{quote(str(file))}?mode=ro"
        with (
            closing(sqlite3.connect(named, uri=True)) as there,
            closing(sqlite3.connect(copied)) as here,
        ):
            there.backup(here)
    except OSError as fault:
        raise NotReadable(file, why(fault)) from None
    except sqlite3.Error:
        raise NotReadable(file, "登记簿文件已损坏或者不是登记簿") from None


def _copy_rows(where: URL, copied: Path) -> None:
    """Table by table from PostgreSQL, as of one moment: any structure that a release made."""
    source = opening.engine_of(where)
    target = create_engine(f"sqlite:///{copied}")
    one_state = source.execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    try:
        with (
            opening.said(lambda problem: NotReadable("数据库", problem)),
            one_state.connect() as there,
            target.begin() as here,
        ):
            _rows_of(there, here)
    finally:
        source.dispose()
        target.dispose()


def _rows_of(there: Connection, here: Connection) -> None:
    every, plain = MetaData(), MetaData()
    ours = [*content_digest.ours(there)]
    if not ours:
        raise NotReadable("数据库", "没有登记簿")
    every.reflect(there, only=[*ours, *({MARK.name} & {*inspect(there).get_table_names()})])
    for table in every.sorted_tables:
        for column in table.to_metadata(plain).columns:
            column.type, column.server_default = column.type.as_generic(), None
    plain.create_all(here)
    for table in every.sorted_tables:
        rows = [dict(row._mapping) for row in there.execute(select(table))]
        if rows:
            here.execute(insert(plain.tables[table.name]), rows)


def _brought_up(copied: Path) -> Aside:
    engine = create_engine(f"sqlite:///{copied}")
    with opening.said(lambda problem: NotReadable(copied.name, problem)), engine.begin() as here:
        at = upgrading.marks(here)
        known = frozenset(_columns(here))
        if at != [HEAD]:
            upgrading.lacking(here, at)  # raises for one that is none of ours, or newer
            upgrading.upgrade(here, at)
    return Aside(engine, known, at != [HEAD])


def _columns(connection: Connection) -> Iterator[str]:
    there = inspect(connection)
    if there.has_table(str(Application.__tablename__)):
        yield from (one["name"] for one in there.get_columns(str(Application.__tablename__)))
