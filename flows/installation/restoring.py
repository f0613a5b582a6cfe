"""`disclosure restore`: puts a backup back, all of it or nothing, however it is interrupted.

All that is to be put back is first made ready beside it and verified. From the moment that the
folder `restoring` stands in the home, it is put in place; whoever opens the register next finishes
what an interruption left (`finish`). What was there before is set aside, not destroyed.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL

from flows.installation import (
    backup,
    copying,
    files,
    keys,
    locks,
    moved_away,
    postgresql_connections,
    prefect_schema,
)
from flows.installation.backup import KEPT, Manifest, UnsoundBackup
from flows.installation.copying import BACKUPS, DUMP, FILE, NotCopied
from flows.installation.locks import READY, RESTORING
from models.errors import DisclosureError
from models.migrations import HEAD, REVISIONS
from models.soundness import content_digest
from models.words.disk_words import why

MEGABYTE = 1_000_000
ASIDE, CONFIG = "aside", "config-of-backup"
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a register: of another one, it spoils it."""


class HalfRestored(DisclosureError):
    """A restoration was interrupted by the disk; it goes on when it is begun again."""

    def __init__(self, ready: Path, problem: str) -> None:
        self.ready, self.problem = ready, problem
        super().__init__(
            f"恢复备份没有完成（{problem}）；排除故障后再运行任何一个命令，会从 {ready} 接着完成"
        )


class NotAsBackedUp(DisclosureError):
    """What was restored is not what was backed up: the two databases differ in what they make of it."""

    def __init__(self, found: str, aside: Path) -> None:
        self.found, self.aside = found, aside
        super().__init__(
            f"已恢复，但数据库的内容（摘要 {found}）与备份的摘要不符，请勿使用；原有的在 {aside}"
        )


class NotRestored(DisclosureError):
    """A sound backup that cannot be put here."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"无法恢复，未作任何改动：{problem}")


def restore(folder: Path, where: URL, home: Path, register: Path | None) -> tuple[Manifest, Path]:
    """Put a backup into a home and the database at `where` (its file, if it is SQLite's).

    Nothing of ours may run there. Returns what was restored, and where what was there before is.
    Raises UnsoundBackup, NotRestored, WrongKey, RegisterBusy or OfficeRuns: nothing is changed.
    """
    folder = folder.resolve()
    manifest = backup.read(folder)
    _guard_place(manifest, home, register)
    with locks.office(home), locks.alone(locks.of_register(home, register), RESTORING):
        finish(where, home, register)  # an earlier one that was interrupted
        _guard_key(manifest, home)
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        aside = home / BACKUPS / f"before-restore-{moment}"
        if manifest.register == DUMP:
            _set_aside(where, aside)
        make_ready(folder, manifest, home, aside)
        try:
            _put_in_place(where, home, register)
        except NotCopied as fault:  # in one transaction, and the first of all: it is as it was
            shutil.rmtree(home / READY)
            raise NotRestored(fault.problem) from None
        if manifest.register == DUMP and (found := _held(where)) != manifest.digest:
            raise NotAsBackedUp(found, aside)
    return manifest, aside


def make_ready(folder: Path, manifest: Manifest, home: Path, aside: Path) -> None:
    """Copy a backup into the home, verified, under the name that says that it is whole."""
    scratch = home / f"{READY}.part"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        needed = sum((folder / name).lstat().st_size for name in manifest.files)
        if needed > shutil.disk_usage(home).free:
            raise NotRestored(f"{home}：备份有 {needed // MEGABYTE} MB，磁盘上没有这么多空间")
        shutil.copytree(folder, scratch, symlinks=True)
        backup.read(scratch)
        if manifest.register == FILE and _digest(folder, scratch) != manifest.digest:
            raise UnsoundBackup(folder, "登记簿的内容与摘要不符")
        (scratch / ASIDE).write_text(str(aside), "utf-8")
        files.kept(scratch)
        scratch.replace(home / READY)
        files.settle(home)
    except OSError as fault:
        raise NotRestored(f"{home}：{why(fault)}") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _digest(folder: Path, scratch: Path) -> str:
    """The digest of the register in the copy of a backup; UnsoundBackup where it is no sound database."""
    try:
        return copying.opened(scratch / FILE).digest
    except NotCopied:
        raise UnsoundBackup(folder, f"登记簿 {FILE} 已损坏，不能打开") from None


def finish(where: URL, home: Path, register: Path | None) -> bool:
    """Finish a restoration that was interrupted once it was ready; False if there is none.

    The caller has the register to itself.
    """
    if not (home / READY).exists():
        return False
    try:
        _put_in_place(where, home, register)
    except NotCopied as fault:
        raise HalfRestored(home / READY, fault.problem) from None
    return True


def _put_in_place(where: URL, home: Path, register: Path | None) -> None:
    """Every step can be begun again: what was moved already is not there to be moved."""
    ready = home / READY
    try:
        if (ready / ASIDE).exists():  # the last to go
            _exchange(where, home, register, Path((ready / ASIDE).read_text("utf-8")))
            (ready / ASIDE).unlink()
        shutil.rmtree(ready)
        files.settle(home)
    except OSError as fault:
        raise HalfRestored(ready, why(fault)) from None


def _exchange(where: URL, home: Path, register: Path | None, aside: Path) -> None:
    ready = home / READY
    if (ready / DUMP).exists():
        _into_postgresql(where, ready / DUMP)
        (ready / DUMP).unlink()
    aside.mkdir(parents=True, exist_ok=True, mode=0o700)
    if register is not None and (ready / FILE).exists():
        for suffix in (*BESIDE, ""):
            _move(register.with_name(register.name + suffix), aside / (FILE + suffix))
        files.settle(aside)
        _move(ready / FILE, register)
        files.settle(register.parent)
    _move(home / "prefect", aside / "prefect")  # Prefect's is made anew from the register
    for name in KEPT:
        if (ready / name).exists():
            _move(home / name, aside / name)
            _move(ready / name, home / name)
    _move(ready / "config", aside / CONFIG)
    files.settle(home)


def _move(source: Path, target: Path) -> None:
    """Rename what is there; what another attempt moved before stays where it was put."""
    if source.exists() and not target.exists():
        source.rename(target)


def _guard_place(manifest: Manifest, home: Path, register: Path | None) -> None:
    kind = "SQLite" if register else "PostgreSQL"
    if (manifest.register == FILE) != (register is not None):
        raise NotRestored(f"备份的登记簿（{manifest.register}）不能放进现在设定的数据库（{kind}）")
    if manifest.structure not in REVISIONS:
        raise NotRestored(
            f"备份的结构（{manifest.structure}）比本程序所认识的（{HEAD}）新，请使用更新的版本"
        )
    home.mkdir(parents=True, exist_ok=True)
    if register is not None:
        if not register.parent.is_dir():
            raise NotRestored(f"目录 {register.parent} 不存在")
        if register.parent.stat().st_dev != home.stat().st_dev:
            raise NotRestored(f"登记簿 {register} 与 DISCLOSURE_HOME（{home}）须在同一个磁盘上")


def _guard_key(manifest: Manifest, home: Path) -> None:
    """The key that is at hand, if one is, is this register's."""
    if keys.at_hand(home):
        keys.sealing(home).open(manifest.key_proof)


def _set_aside(where: URL, aside: Path) -> None:
    """Dump what a database of PostgreSQL holds, once nobody is connected to it."""
    engine = postgresql_connections.for_once(where)
    with engine.connect() as connection:
        locks.guard_connections(connection, RESTORING)
        there = content_digest.ours(connection)
    aside.mkdir(parents=True, exist_ok=True, mode=0o700)
    if there:
        copying.copy(engine, aside)


def _held(where: URL) -> str:
    engine = postgresql_connections.for_once(where)
    with engine.connect() as connection:
        return content_digest.digest(connection)


def _into_postgresql(where: URL, dump: Path) -> None:
    """The tables of the dump in place of those that are there, in one transaction."""
    engine = postgresql_connections.for_once(where)
    with engine.connect() as connection:
        there = [*content_digest.ours(connection), moved_away.TABLE.name]
        made_anew = prefect_schema.gone(connection)
    with tempfile.TemporaryDirectory() as scratch:
        script = Path(scratch) / "register.sql"
        copying.program("pg_restore", "--no-owner", f"--file={script}", str(dump))
        gone = "".join(f'DROP TABLE IF EXISTS "{name}";' for name in there) + made_anew
        copying.program(
            *("psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"),
            *("--output=/dev/null", f"--command={gone}", f"--file={script}"),
            url=where,
        )
