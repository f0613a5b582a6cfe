"""A file on its way into the papers: sealed as it comes, bounded while it comes, judged when it is there.

Nothing of it is on disk in clear at any time. What cannot be taken leaves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from flows import office
from flows.papers import store, virus_scan
from flows.papers.judged import HEAD, NotTaken, title_of, type_of, type_of_head
from flows.papers.sealed_content import Content, Sealer
from models.agency.material_rules import MEGABYTE, MaterialRules
from models.store.sealing import Sealing
from models.words.disk_words import why

READ: Final = 1024 * 1024


@dataclass(frozen=True)
class Taken:
    """A content that is in the store: what its file was called, its title, type, digest and size."""

    name: str
    title: str
    type: str
    digest: str
    size: int


class Incoming:
    """One file as it comes in. `write` refuses the byte that is one too many."""

    def __init__(self, name: str, out: BinaryIO, path: Path, rules: MaterialRules) -> None:
        self._rules, self._out, self._path = rules, out, path
        self.title = title_of(name, rules.title_longest)
        self.name = self.title
        self._sealing: Sealing = office.sealing()
        self._sealer = Sealer(out, self._sealing)
        self._head, self._most = b"", rules.largest_mb * MEGABYTE

    def write(self, content: bytes) -> None:
        """Some more of it; NotTaken once it is too large."""
        if len(self._head) < HEAD:
            self._head += content[: HEAD - len(self._head)]
            if (key := type_of_head(self._head)) in self._rules.types and key != "zip":
                self._most = self._rules.largest(key)
        if self._sealer.size + len(content) > self._most:
            raise NotTaken(self.name, f"超过 {self._most // MEGABYTE} MB")
        self._sealer.write(content)

    def finish(self) -> Taken:
        """Judge it, and put it in the store; NotTaken, OSError."""
        if not self._sealer.size:
            raise NotTaken(self.name, "是空文件")
        digest = self._sealer.finish()
        store.kept_by_disk(self._out)
        content = Content(partial(_read_part, self._out), digest, self._sealing)
        key = type_of(self.name, content, self._rules)
        virus_scan.guard(self.name, content)
        store.store().take(self._path, digest)
        return Taken(self.name, self.title, key, digest, self._sealer.size)


def _read_part(out: BinaryIO, start: int, length: int) -> bytes:
    out.seek(start)
    return out.read(length)


@contextmanager
def incoming(name: str) -> Iterator[Incoming]:
    """A file that comes in piece by piece; whatever happens, nothing half-written stays."""
    with store.part() as (out, path):
        yield Incoming(name, out, path, office.material_rules())


def taken(name: str, content: Iterable[bytes]) -> Taken:
    """A whole content, as it comes; NotTaken, OSError."""
    with incoming(name) as one:
        for piece in content:
            one.write(piece)
        return one.finish()


def taken_file(path: Path) -> Taken:
    """A file of whoever works in the terminal; NotTaken, also where it cannot be read."""
    try:
        with path.open("rb") as file:
            return taken(path.name, iter(partial(file.read, READ), b""))
    except (FileNotFoundError, IsADirectoryError, PermissionError) as fault:
        raise NotTaken(str(path), why(fault)) from None
