"""Files for the service's own user alone: how each is written, read, and kept from everybody else.

A register, its letters and Prefect's database hold personal data; other accounts of the machine have
no business there. And no link is followed: one put in the place of a letter, or of what is written
beside it first, would have another file overwritten, or shown.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Final

from models.words.disk_words import why

OWNER_ALONE: Final = 0o600
FOLDER_OWNER_ALONE: Final = 0o700
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
PART: Final = ".part"
ON_ITS_WAY: Final = timedelta(days=1)
"""How long what is written beside its place may take until it is put in it."""
NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
NEW_BOTH: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Linked(OSError):
    """A link stands where a file or folder of ours should: it is not followed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.words = f"{path} 是指向别处的链接，不写入、不读取；请核对后移走"
        super().__init__(errno.ELOOP, self.words, str(path))


def for_the_owner_alone() -> None:
    """From now on, whatever this process and its children write is for its own user alone."""
    os.umask(OTHERS)


def closed(folder: Path) -> Iterator[str]:
    """Close a folder to other accounts, and all that lies in it open to them; says what it did."""
    if not folder.stat().st_mode & OTHERS:
        return
    try:
        folder.chmod(FOLDER_OWNER_ALONE)
    except OSError as fault:
        yield f"{folder} 对本机其他用户开放，不能改为只供本用户使用（{why(fault)}），请改正"
        return
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # of another process, gone meanwhile
            mode = path.lstat().st_mode
            if not stat.S_ISLNK(mode) and mode & OTHERS and path.owner() == folder.owner():
                path.chmod(stat.S_IMODE(mode) & ~OTHERS)
    yield f"{folder} 原对本机其他用户开放，已改为只供本用户使用"


def written(path: Path, content: bytes, within: Path | None = None) -> Path:
    """Write a file whole, or not at all: beside its place first, and kept by the disk, then put in it.

    within = the folder of ours in which it lies, through no link; none for where an officer asked it
    Raises OSError; Linked.
    """
    scratch = beside(path, content, within)
    try:
        scratch.replace(path)
        settle(path.parent)
    finally:
        scratch.unlink(missing_ok=True)
    return path


def beside(path: Path, content: bytes, within: Path | None = None) -> Path:
    """What is to be put in a file's place, written beside it; its folder is made. OSError; Linked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _through_no_link(path.parent, within)
    scratch = path.with_name(f"{path.name}{PART}")
    try:
        with os.fdopen(_new(scratch), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        scratch.unlink(missing_ok=True)
        raise
    return scratch


def left_beside(folder: Path, before: datetime) -> Iterator[Path]:
    """What lies beside its place below a folder, not written on since before a moment: whoever wrote it
    was ended, or the power went, and nobody comes back for it.
    """
    for place, folders, names in os.walk(folder):
        beside_it = [name for name in (*folders, *names) if name.endswith(PART)]
        folders[:] = [name for name in folders if not name.endswith(PART)]
        for path in (Path(place, name) for name in sorted(beside_it)):
            with suppress(FileNotFoundError):  # in its place by now
                if datetime.fromtimestamp(path.lstat().st_mtime, UTC) < before:
                    yield path


def take_away(path: Path) -> None:
    """Delete a file, a folder with all in it, or a link itself. OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def folder_of_ours(folder: Path) -> Path:
    """A folder in which another library writes by names, made where it is not there. Raises Linked where
    it, or anything in it, is a link or neither file nor folder.
    """
    if (there := foreign(folder)) is not None:
        raise Linked(there)
    folder.mkdir(mode=FOLDER_OWNER_ALONE, exist_ok=True)
    return folder


def log(path: Path) -> IO[bytes]:
    """A log of ours, to be read and added to; a link that stood in its place is gone, not followed."""
    if path.is_symlink():
        path.unlink()
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, OWNER_ALONE), "a+b")


def new(path: Path) -> None:
    """An empty file for whoever writes by a name; what stood there, link or file, is gone."""
    os.close(_new(path))


def _new(path: Path) -> int:
    path.unlink(missing_ok=True)  # left by one that was killed, or a link: itself, not its target
    return os.open(path, NEW, OWNER_ALONE)


def read(path: Path, within: Path) -> bytes:
    """A file of ours. FileNotFoundError; Linked; OSError for what is no plain file."""
    _through_no_link(path.parent, within)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as fault:
        raise Linked(path) if fault.errno == errno.ELOOP else fault from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "不是文件", str(path))
        return file.read()


def _through_no_link(folder: Path, within: Path | None) -> None:
    """Linked unless a folder lies where its name says, below one of ours."""
    if within is not None and folder.exists():
        named = folder.relative_to(within)
        if folder.resolve() != within.resolve() / named:
            raise Linked(folder)


def is_whole_package(path: Path) -> bool:
    """Whether a packed file (.docx, .xlsx) is there, all of it, each part as the digest it bears says."""
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(path) as packed:
            return packed.testzip() is None
    except (FileNotFoundError, zipfile.BadZipFile, zlib.error, EOFError):
        return False


_WHOLE: dict[Path, tuple[int, ...]] = {}
"""Packed files that were read through, as they stood then: who begins again and again reads them once."""


def is_still_whole(path: Path) -> bool:
    """The same of a file that is asked for again and again: it is read through when it is another than
    the last time, or was written just before and may have been written to again at the same moment.
    """
    try:
        stated = path.stat()
    except FileNotFoundError:
        return False
    mark = (stated.st_dev, stated.st_ino, stated.st_size, stated.st_mtime_ns, stated.st_ctime_ns)
    if _WHOLE.get(path) == mark:
        return True
    settled = time.time_ns() - max(mark[-2:]) > JUST_WRITTEN
    whole = is_whole_package(path)
    if whole and settled:
        if len(_WHOLE) >= MANY:
            _WHOLE.clear()
        _WHOLE[path] = mark
    return whole


JUST_WRITTEN = 1_000_000_000  # nanoseconds: clocks of disks are coarse
MANY = 10_000


def foreign(folder: Path) -> Path | None:
    """What in a folder, or in its place, is a link or neither file nor folder; None if nothing is:
    nobody puts that there but who would have another file copied, or a copy that never ends.
    """
    if not os.path.lexists(folder):
        return None
    for path in (folder, *folder.rglob("*")):
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:  # on its way into the store, and there by now
            continue
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            return path
    return None


def settle(folder: Path) -> None:
    """Let the disk keep what was renamed in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def kept(folder: Path) -> None:
    """Let the disk keep every file and folder below this one, and itself."""
    for path in (folder, *folder.rglob("*")):
        settle(path)
