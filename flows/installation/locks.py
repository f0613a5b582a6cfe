"""Who works with a home: one office at a time, and nobody beside whoever changes everything.

Locks of the operating system (flock): gone with the process that held them, however it ended.
Whoever has the register open shares one; an upgrade, a restoration and a change of key have it
alone. On PostgreSQL, whoever is connected from elsewhere is seen by the name of the connection.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, text

from models.errors import DisclosureError
from models.words.disk_words import why

PATIENCE_SECONDS = 10.0
AGAIN_SECONDS = 0.1
LEAVING_SECONDS = 3.0
OFFICE = "office.lock"
READY, RESTORING = "restoring", "恢复备份"
"""A backup in a home that is whole, and is to take the register's place; what that is called."""
PREFIX = "disclosure "
NOTHING_WRITTEN = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT}
NO_SUCH_PLACE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


def of_register(home: Path, register: Path | None) -> Path:
    """The file whose lock is shared by whoever has this register open."""
    return register.with_name(f"{register.name}.lock") if register else home / "register.lock"


class OfficeRuns(DisclosureError):
    """An office runs in this home already."""

    def __init__(self, home: Path, holders: list[str]) -> None:
        self.home, self.holders = home, holders
        super().__init__(
            f"{home} 的办理系统已经在运行（{_named(holders)}），不能再启动一个；要重新启动的，请先停止它"
        )


class RegisterBusy(DisclosureError):
    """Others work with the register, and what is to be done must be done alone."""

    def __init__(self, doing: str, holders: list[str]) -> None:
        self.doing, self.holders = doing, holders
        super().__init__(
            f"另有程序正在使用登记簿（{_named(holders)}），不能{doing}，未作任何改动；"
            "请先停止办理系统和其他命令，再试"
        )


class NotWritable(DisclosureError):
    """A home in which nothing can be written: it can be looked at, and nothing else."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(
            f"{path.parent} 不能写入（{problem}）：其中的登记簿只能查看，不能启动办理系统，也不能恢复备份"
        )


class Held:
    """A share in the register, for as long as this process has it open."""

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self.path, self._descriptor = path, descriptor

    @contextmanager
    def alone(self, doing: str) -> Iterator[None]:
        """Nobody else while the block lasts; RegisterBusy, naming them, if somebody is there."""
        if self._descriptor is None:
            yield
            return
        if not _locked(self._descriptor, fcntl.LOCK_EX):
            _locked(self._descriptor, fcntl.LOCK_SH)
            raise RegisterBusy(doing, holders(self.path))
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def release(self) -> None:
        """Leave the register to others."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def share(path: Path) -> Held:
    """Have the register open beside others; waits a little for whoever has it alone.

    Where nothing can be written (a read-only home, a full disk) nobody can have it alone, and there
    is nothing to guard either; nor is there in a place that there is not, which the database says
    itself. OSError for any other trouble: unguarded, it might be exchanged while it is open.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        if fault.errno not in NOTHING_WRITTEN | NO_SUCH_PLACE:
            raise
        return Held(path, None)
    patience = time.monotonic() + PATIENCE_SECONDS
    while not _locked(descriptor, fcntl.LOCK_SH):
        if time.monotonic() > patience:
            busy = RegisterBusy("打开登记簿", holders(path))
            os.close(descriptor)
            raise busy
        time.sleep(AGAIN_SECONDS)
    return Held(path, descriptor)


@contextmanager
def alone(path: Path, doing: str) -> Iterator[None]:
    """Have a register that is not open here to oneself; RegisterBusy, naming them, otherwise."""
    with only(path, lambda holders: RegisterBusy(doing, holders)):
        yield


@contextmanager
def office(home: Path) -> Iterator[None]:
    """Be the one office of this home while the block lasts; OfficeRuns if there is one."""
    with only(home / OFFICE, lambda holders: OfficeRuns(home, holders)):
        yield


@contextmanager
def only(path: Path, refused: Callable[[list[str]], DisclosureError]) -> Iterator[None]:
    """Hold the lock of a file alone while the block lasts; `refused`, told who has it, if others do."""
    descriptor = _opened(path)
    try:
        if not _locked(descriptor, fcntl.LOCK_EX):
            raise refused(holders(path))
        yield
    finally:
        os.close(descriptor)


def holders(path: Path) -> list[str]:
    """The numbers of the processes that hold a lock on a file, ours apart (Linux tells)."""
    found = []
    with suppress(OSError):
        file = path.stat()
        where = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino}"
        for line in Path("/proc/locks").read_text("ascii").splitlines():
            match line.split():
                case [_, "FLOCK", _, _, process, place, *_] if place == where:
                    found.append(process)
    return sorted({*found} - {str(os.getpid())}, key=int)


def connection_name() -> str:
    """How a connection of ours is named to PostgreSQL."""
    return f"{PREFIX}{os.getpid()}@{socket.gethostname()}"[:63]


def guard_connections(connection: Connection, doing: str) -> None:
    """RegisterBusy if another process of ours is connected to this database of PostgreSQL.

    Whoever has just left may be seen for a moment longer: looked again before it is said.
    """
    end = time.monotonic() + LEAVING_SECONDS
    while names := _connected(connection):
        if time.monotonic() > end:
            raise RegisterBusy(doing, names)
        time.sleep(AGAIN_SECONDS)


def _connected(connection: Connection) -> list[str]:
    """The other processes of ours that are connected now, as they are named."""
    connection.execute(text("SELECT pg_stat_clear_snapshot()"))
    names = connection.scalars(
        text(
            "SELECT DISTINCT application_name FROM pg_stat_activity WHERE datname = "
            "current_database() AND application_name LIKE :ours AND application_name <> :mine"
        ),
        {"ours": f"{PREFIX}%", "mine": connection_name()},
    )
    return sorted(str(name).removeprefix(PREFIX) for name in names)


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        raise NotWritable(path, why(fault)) from None


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _named(holders: list[str]) -> str:
    return f"进程 {'、'.join(holders)}" if holders else "进程号无从得知"
