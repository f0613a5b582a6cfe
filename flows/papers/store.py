"""Where the content of materials lies: once each, by its digest, under the office's folder.

Nothing is written in its place: it is sealed beside, kept by the disk, and put there whole. What was
put there and belongs to no material (a kill between the two) goes by itself after a day.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from flows import office
from flows.installation import files, settings
from flows.papers.sealed_content import Content, DamagedContent, Front, front_of
from models.errors import DisclosureError
from models.store.sealing import Sealing

FOLDER: Final = "materials"
DIGEST: Final = re.compile("[0-9a-f]{64}")
KEPT_UNTAKEN: Final = timedelta(days=1)
COPIED: Final = 1024 * 1024


class NoContent(DisclosureError):
    """A material's content is not where it should be."""

    def __init__(self, digest: str) -> None:
        self.digest = digest
        super().__init__(f"材料的内容（摘要 {digest[:16]}……）不在存放处")


class StoreAway(DisclosureError, OSError):
    """The service with the bucket does not answer, or does not let us in; nothing was changed."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        OSError.__init__(self, errno.EIO, f"材料的存放处（{settings.MATERIALS.name}）{problem}")

    def __str__(self) -> str:
        return str(self.strerror)


class Store(Protocol):
    """Where sealed content is kept by its digest."""

    def take(self, part: Path, digest: str) -> None:
        """Put what was sealed into `part` in its place, whole; OSError, StoreAway."""

    def read_at(self, digest: str, start: int, length: int) -> bytes:
        """Sealed bytes from a place on, fewer at the end; NoContent, OSError, StoreAway."""

    def held(self) -> Iterator[tuple[str, datetime]]:
        """What is there: each digest, and since when."""

    def remove(self, digest: str) -> None:
        """Let a content go; none there is none."""

    def reach(self) -> None:
        """Ask it one thing; StoreAway where it cannot be used."""

    def move_in(self) -> int:
        """Take in what lies elsewhere in this office; how many contents that were."""

    def fetch(self, folder: Path, but: set[str]) -> int:
        """Copy what lies outside the office's folder, some apart, into a folder laid out as the office's
        own, sealed as it is; how many contents that were.
        """


class Folder:
    """The store under the office's folder: DISCLOSURE_HOME/materials/ab/abcdef…"""

    def __init__(self, home: Path) -> None:
        self._home, self._folder = home, home / FOLDER

    def path(self, digest: str) -> Path:
        """Where a content lies, or would."""
        return self._folder / digest[:2] / digest

    def take(self, part: Path, digest: str) -> None:
        path = self.path(digest)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self._guard(path.parent)
        part.replace(path)
        files.settle(path.parent)
        files.settle(self._folder)

    def read_at(self, digest: str, start: int, length: int) -> bytes:
        path = self.path(digest)
        try:
            self._guard(path.parent)
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            raise NoContent(digest) from None
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DamagedContent(digest, "的位置上不是文件")
            return os.pread(file.fileno(), length, start)

    def held(self) -> Iterator[tuple[str, datetime]]:
        for path in sorted(self._folder.glob("??/*")):
            if DIGEST.fullmatch(path.name):
                with suppress(FileNotFoundError):
                    yield path.name, datetime.fromtimestamp(path.lstat().st_mtime, UTC)

    def remove(self, digest: str) -> None:
        self._guard(self.path(digest).parent)
        self.path(digest).unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            files.settle(self.path(digest).parent)

    def reach(self) -> None:
        """A folder of ours is there, or is made when something is put into it."""

    def move_in(self) -> int:
        return 0

    def fetch(self, folder: Path, but: set[str]) -> int:
        return 0

    def _guard(self, folder: Path) -> None:
        """Linked unless a folder lies where its name says."""
        if folder.resolve() != self._home.resolve() / folder.relative_to(self._home):
            raise files.Linked(folder)


def store() -> Store:
    """Where this office keeps its materials: under its folder, or in the bucket that the setting names."""
    from flows.papers import bucket

    here = Folder(office.home())
    where = settings.MATERIALS.value()
    return bucket.Bucket(bucket.address(where), here) if where else here


@contextmanager
def part() -> Iterator[tuple[BinaryIO, Path]]:
    """A file beside the store, for content on its way into it: gone in the end, unless it was taken."""
    folder = office.home() / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.resolve() != office.home().resolve() / FOLDER:
        raise files.Linked(folder)
    path = folder / f"{secrets.token_hex(16)}{files.PART}"
    try:
        with os.fdopen(os.open(path, files.NEW_BOTH, files.OWNER_ALONE), "w+b") as out:
            yield out, path
    finally:
        path.unlink(missing_ok=True)


def kept_by_disk(out: BinaryIO) -> None:
    """Let the disk keep all that was written so far."""
    out.flush()
    os.fsync(out.fileno())


def opened(digest: str, where: Store | None = None, sealing: Sealing | None = None) -> Content:
    """A content, opened; NoContent, DamagedContent, WrongKey, OSError."""
    if not DIGEST.fullmatch(digest):
        raise NoContent(digest)
    kept = where or store()
    return Content(partial(kept.read_at, digest), digest, sealing or office.sealing())


def reseal(where: Store, sealing: Sealing) -> int:
    """Seal the front of every content with the key in use now; how many that were. Begun again, it
    goes on.
    """
    done = 0
    for digest, _ in where.held():
        read_at = partial(where.read_at, digest)
        front = front_of(read_at, digest, sealing)
        if _opens(read_at, digest, sealing.in_use()):
            continue
        with part() as (out, path):
            out.write(Front(front.key, front.digest, front.size).sealed(sealing))
            place = front.length
            while sealed := read_at(place, COPIED):
                out.write(sealed)
                place += len(sealed)
            kept_by_disk(out)
            where.take(path, digest)
        done += 1
    return done


def _opens(read_at: object, digest: str, sealing: Sealing) -> bool:
    from models.errors import WrongKey

    try:
        front_of(read_at, digest, sealing)  # type: ignore[arg-type]
    except WrongKey:
        return False
    return True


def fetched(folder: Path) -> None:
    """What a backup holds of the materials that lie outside the office's folder. OSError."""
    there = {path.name for path in (folder / FOLDER).glob("??/*")}
    store().fetch(folder, there)


def untaken(belonging: set[str], where: Store, now: datetime) -> list[str]:
    """What lies there for more than a day and belongs to no material."""
    return [
        digest
        for digest, since in where.held()
        if digest not in belonging and now - since > KEPT_UNTAKEN
    ]
