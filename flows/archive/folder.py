"""The bound file as a folder, or packed: 案卷.pdf, the originals, and a list of their digests.

`sha256sum -c 清单.sha256` holds the folder against it. Nothing is there by halves: the folder gets its
name once all of it is written.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from flows import office
from flows.archive.bound import Bound, bind
from flows.archive.case_file import case_file
from flows.installation import files
from flows.papers.store import NoContent
from flows.printing.libreoffice import LibreOffice
from models.errors import DisclosureError
from models.words.disk_words import why

BOUND: Final = "案卷.pdf"
ORIGINALS: Final = "原件"
LIST: Final = "清单.sha256"
BEGUN: Final = ".archive-"
_FIXED: Final = (1980, 1, 1, 0, 0, 0)


class NotWritten(DisclosureError):
    """The folder could not be made; nothing of it is there."""


def made(asked: str, *, particulars: bool) -> Bound:
    """Bind a case's file now. Raises NoSuchCase, NotClosed, NoLibreOffice, NoPdf, TooManyPages,
    NoContent, DamagedContent.
    """
    with office.reading() as session:
        found = case_file(session, asked, office.circumstances(""), particulars=particulars)
    with LibreOffice() as printing:
        return bind(found, printing, office.archive_rules())


def folder_of(bound: Bound, *, particulars: bool) -> str:
    """What its folder is called."""
    return bound.number if particulars else f"{bound.number}（不含个人信息）"


def entries(bound: Bound) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Every file by its name in the folder, and its content; the list of digests last."""
    digests = dict[str, str]()

    def told(name: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
        digest = sha256()
        for piece in pieces:
            digest.update(piece)
            yield piece
        digests[name] = digest.hexdigest()

    yield BOUND, told(BOUND, iter((bound.pdf,)))
    for one in bound.originals:
        name = f"{ORIGINALS}/{one.name}"
        yield name, told(name, one.pieces())
    yield LIST, iter(("".join(f"{d}  {n}\n" for n, d in digests.items()).encode(),))


def written(bound: Bound, out: Path, *, particulars: bool) -> Path:
    """Write the folder below `out`, whole or not at all. Raises NotWritten, NoContent, DamagedContent."""
    target = out / folder_of(bound, particulars=particulars)
    if target.exists() or target.is_symlink():
        raise NotWritten(f"{target} 已经存在，没有改写；请换一个目录，或者先移走")
    try:
        out.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=BEGUN, suffix=files.PART, dir=out))
    except OSError as fault:
        raise NotWritten(f"无法写入 {out}：{why(fault)}") from None
    try:
        (part / ORIGINALS).mkdir()
        for name, pieces in entries(bound):
            with (part / name).open("xb") as file:
                file.writelines(pieces)
        files.kept(part)
        part.rename(target)
        files.settle(out)
    except OSError as fault:
        raise NotWritten(f"无法写入 {target}：{why(fault)}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)  # gone already where it got its name
    return target


def unfinished(out: Path, before: datetime) -> list[Path]:
    """The files that were begun below `out` before a moment and never ended: whoever bound them was
    ended, or the power went. They lie where an officer wished them, and are his to delete.
    """
    return [
        path
        for path in sorted(out.glob(f"{BEGUN}*"))
        if datetime.fromtimestamp(path.lstat().st_mtime, UTC) < before
    ]


def packed(bound: Bound, into: IO[bytes], *, particulars: bool) -> None:
    """The folder as a ZIP of fixed dates. Raises NoContent, DamagedContent."""
    folder = folder_of(bound, particulars=particulars)
    with ZipFile(into, "w", ZIP_STORED) as package:
        for name, pieces in entries(bound):
            entry = ZipInfo(f"{folder}/{name}", date_time=_FIXED)
            entry.external_attr = 0o600 << 16
            with package.open(entry, "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece)


__all__ = [
    "NoContent",
    "NotWritten",
    "entries",
    "folder_of",
    "made",
    "packed",
    "unfinished",
    "written",
]
