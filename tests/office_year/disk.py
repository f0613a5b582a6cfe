"""The disk under one folder: every call is counted, may fail, and is not kept until it is synced.

At the n-th call a hand of ours may act: raise what a full or broken disk raises, or cut the power.
After a cut, what was written and not synced is cut off, what was renamed and whose folder was not synced
may stand under its old name again, and what was removed may be there again, as on a real disk.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

CALLS = ("open", "write", "fsync", "replace", "mkdir", "commit")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
TORN = (0, 3000)  # bytes that are left of a file that was not synced
Hand = Callable[[str], None]


class Disk:
    """What happens on the disk under `folder`; hand = told of each call before it is done."""

    def __init__(self, folder: Path, hand: Hand, config: Path | None = None) -> None:
        self.folder, self.hand = str(folder), hand
        self.config, self.config_changed = config, True
        self.unsynced: set[str] = set()
        self.renamed: dict[str, bytes | None] = {}  # what stood there before, by path
        self.removed: dict[str, bytes] = {}  # what it held

    def ours(self, path: object) -> str | None:
        if isinstance(path, (str, os.PathLike)):
            named = str(Path(path).absolute())
            return named if named.startswith(f"{self.folder}{os.sep}") else None
        return None

    def writes(self, path: object) -> None:
        """Something is written or taken away: in config/ it is what the office goes by."""
        if self.config and isinstance(path, (str, os.PathLike)):
            self.config_changed |= self.config in Path(path).parents

    def of(self, descriptor: int) -> str | None:
        try:
            return self.ours(Path(f"/proc/self/fd/{descriptor}").readlink())
        except OSError:
            return None

    def power_went(self, chance: Random) -> None:
        """Leave on the disk what it kept, and not more."""
        for path, before in [*self.renamed.items()]:
            if chance.random() < 0.5:
                _put_back(Path(path), before)
                self.unsynced.discard(path)
        for path, held in [*self.removed.items()]:
            if Path(path).parent.is_dir() and not Path(path).exists() and chance.random() < 0.5:
                Path(path).write_bytes(held)
        for path in sorted(self.unsynced):
            if Path(path).is_file():
                size = Path(path).stat().st_size
                os.truncate(path, min(size, chance.choice([*TORN, size // 2])))
        self.unsynced.clear()
        self.renamed.clear()
        self.removed.clear()


def _put_back(path: Path, before: bytes | None) -> None:
    if before is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(before)


def _is_plain(path: str) -> bool:
    return Path(path).is_file() and not Path(path).is_symlink()


class _Counted:
    """A file whose writes are told of."""

    def __init__(self, file: Any, told: Callable[[], None]) -> None:
        self._file, self._told = file, told

    def write(self, content: Any) -> Any:
        self._told()
        return self._file.write(content)

    def __enter__(self) -> _Counted:
        self._file.__enter__()
        return self

    def __exit__(self, *how: object) -> Any:
        return self._file.__exit__(*how)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def under(disk: Disk) -> Iterator[None]:
    """Every call on files below the disk's folder, and every commit, passes the disk's hand. What is
    kept after a cut is kept here, so nobody waits for the disk of this machine.
    """
    real_open, real_replace, real_mkdir = os.open, os.replace, os.mkdir
    real_unlink = os.unlink
    opened, commit = io.open, SQLiteDialect_pysqlite.do_commit

    def open_(path: Any, flags: int, *more: Any, **how: Any) -> int:
        named = disk.ours(path) if flags & WRITES else None
        if flags & WRITES:
            disk.writes(path)
        if named:
            disk.hand("open")
            if not Path(named).exists():
                disk.unsynced.add(named)
        return real_open(path, flags, *more, **how)

    def file(path: Any, mode: str = "r", *more: Any, **how: Any) -> Any:
        writes = any(sign in mode for sign in "wax+")
        if writes:
            disk.writes(path)
        named = (disk.of(path) if isinstance(path, int) else disk.ours(path)) if writes else None
        if not named:
            return opened(path, mode, *more, **how)
        if not isinstance(path, int):
            disk.hand("open")
            disk.unsynced.add(named)
        return _Counted(opened(path, mode, *more, **how), lambda: disk.hand("write"))

    def fsync(descriptor: int) -> None:
        named = disk.of(descriptor)
        if named:
            disk.hand("fsync")
            disk.unsynced.discard(named)
            for moved in (disk.renamed, disk.removed):
                for path in [one for one in moved if str(Path(one).parent) == named]:
                    del moved[path]

    def replace(source: Any, target: Any, **how: Any) -> None:
        disk.writes(target)
        named, was = disk.ours(target), disk.ours(source)
        if named and was:
            disk.hand("replace")
            if Path(was).is_file():
                there = Path(named)
                before = there.read_bytes() if there.is_file() else None
                disk.renamed.setdefault(named, before)
            if was in disk.unsynced:
                disk.unsynced.discard(was)
                disk.unsynced.add(named)
        real_replace(source, target, **how)

    def unlink(path: Any, **how: Any) -> None:
        disk.writes(path)
        named = disk.ours(path)
        held = Path(named).read_bytes() if named and _is_plain(named) else None
        real_unlink(path, **how)
        if named and held is not None:
            disk.unsynced.discard(named)
            disk.renamed.pop(named, None)
            disk.removed[named] = held

    def mkdir(path: Any, *more: Any, **how: Any) -> None:
        if disk.ours(path) and not Path(path).is_dir():
            disk.hand("mkdir")
        real_mkdir(path, *more, **how)

    def do_commit(dialect: Any, connection: Any) -> None:
        disk.hand("commit")
        commit(dialect, connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", open_)
        patch.setattr(os, "fsync", fsync)
        patch.setattr(os, "replace", replace)
        patch.setattr(os, "rename", replace)
        patch.setattr(os, "unlink", unlink)
        patch.setattr(os, "remove", unlink)
        patch.setattr(os, "mkdir", mkdir)
        patch.setattr(io, "open", file)
        patch.setattr(builtins, "open", file)
        patch.setattr(SQLiteDialect_pysqlite, "do_commit", do_commit)
        yield


SQLITE_SAYS = {
    "ENOSPC": ("SQLITE_FULL", "database or disk is full"),
    "EIO": ("SQLITE_IOERR_WRITE", "disk I/O error"),
    "EROFS": ("SQLITE_READONLY", "attempt to write a readonly database"),
    "EACCES": ("SQLITE_CANTOPEN", "unable to open database file"),
}


def failing(name: str, call: str) -> BaseException:
    """What a call raises on a disk with that trouble: the system's error, or SQLite's words for it."""
    if call == "commit":
        code, words = SQLITE_SAYS[name]
        fault = sqlite3.OperationalError(words)
        fault.sqlite_errorname = code
        return fault
    number = getattr(errno, name)
    return OSError(number, os.strerror(number))
