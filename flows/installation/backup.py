"""`disclosure backup`: all that an office cannot make again, in one folder, while it runs.

The register, config/, the year's words and the materials; never the key, which is kept apart.
A manifest states every file's digest, that of all that the register holds, and the chain's head.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlmodel import select

from flows.installation import copying, files
from models.errors import DisclosureError
from models.migrations import HEAD
from models.store.tables import KeyProof
from models.words.disk_words import why

MANIFEST = "manifest.json"
FORMAT = 1
LARGEST_MANIFEST = 64_000_000  # bytes: of some hundred thousand files
KEPT = ("annual", "materials")
"""What of a home goes into a backup beside the register, where it is there."""


class NotBackedUp(DisclosureError):
    """The folder that a backup is to be put into cannot take it."""

    def __init__(self, folder: Path, problem: str) -> None:
        self.folder, self.problem = folder, problem
        super().__init__(f"无法备份到 {folder}：{problem}")


class UnsoundBackup(DisclosureError):
    """A folder is no backup, or not as it was when it was made."""

    def __init__(self, folder: Path, problem: str) -> None:
        self.folder, self.problem = folder, problem
        super().__init__(f"{folder} 不是完好的备份，未作任何改动：{problem}")


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    head       the end of its register's chain: by it, it can be told later that nothing was altered
    digest     of all that the register holds (models/soundness/content_digest.py)
    key_proof  what only the register's key opens
    files      the SHA-256 of each, by its path within the folder
    """

    format: int
    made_at: str
    structure: str
    register: str
    head: str
    digest: str
    key_proof: str
    files: Mapping[str, str]


def make(
    engine: Engine,
    home: Path,
    config: Path,
    folder: Path,
    at: datetime,
    elsewhere: Callable[[Path], object] | None = None,
) -> Manifest:
    """Back up into `folder`, which must be new or empty; whole, or nothing is there.

    elsewhere = puts into the folder what does not lie in the home: materials in a bucket

    Raises NotBackedUp, also for a link in what is backed up; NotCopied where the register cannot be
    copied.
    """
    folder = folder.resolve()
    try:
        if folder.exists() and any(folder.iterdir()):
            raise NotBackedUp(folder, "目录中已有内容，请指定新的或者空的目录")
        for name in KEPT:
            if path := files.foreign(home / name):
                raise NotBackedUp(folder, f"{path} 是链接或者不是普通文件，请核对后移走")
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = folder.with_name(f"{folder.name}{files.PART}")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        try:
            manifest = _fill(scratch, engine, home, config, at, elsewhere)
            files.kept(scratch)
            scratch.replace(folder)
            files.settle(folder.parent)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as fault:
        raise NotBackedUp(folder, why(fault)) from None
    return manifest


def unfinished(folder: Path, before: datetime) -> list[Path]:
    """The copies of a register beside a backup that were begun before a moment and never ended: they lie
    where an officer wished them, and are his to delete.
    """
    beside = (path for path in folder.resolve().parent.glob(f"*{files.PART}") if path.is_dir())
    copied = [f"{name}{end}" for name in (copying.FILE, copying.DUMP) for end in ("", files.PART)]
    return [
        path
        for path in sorted(beside)
        if datetime.fromtimestamp(path.lstat().st_mtime, UTC) < before
        and any((path / name).exists() for name in copied)
    ]


def _fill(
    folder: Path,
    engine: Engine,
    home: Path,
    config: Path,
    at: datetime,
    elsewhere: Callable[[Path], object] | None,
) -> Manifest:
    copied = copying.copy(engine, folder)
    for name, source in (("config", config), *((name, home / name) for name in KEPT)):
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.py", f"*{files.PART}")
            shutil.copytree(source, folder / name, symlinks=name in KEPT, ignore=ignored)
    if elsewhere is not None:
        elsewhere(folder)
    with engine.connect() as connection:
        proof = connection.scalars(select(KeyProof.proof)).one()
    made_at, held = at.isoformat(), digests(folder)
    manifest = Manifest(
        *(FORMAT, made_at, HEAD, copied.path.name, copied.head, copied.digest, proof, held)
    )
    words = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / MANIFEST).write_text(f"{words}\n", "utf-8")
    return manifest


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in a folder, by its path, the manifest's apart."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != MANIFEST:
            with path.open("rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def read(folder: Path) -> Manifest:
    """The manifest of a backup whose files are all as they were. UnsoundBackup otherwise."""
    try:
        if path := files.foreign(folder):
            raise UnsoundBackup(folder, f"{path.relative_to(folder)} 是链接或者不是普通文件")
        stated = _stated(folder)
        if stated.format != FORMAT:
            raise UnsoundBackup(folder, f"是另一版本的备份（格式 {stated.format}）")
        found = digests(folder)
    except FileNotFoundError:
        raise UnsoundBackup(folder, f"没有 {MANIFEST}") from None
    except OSError as fault:
        raise UnsoundBackup(folder, f"{MANIFEST}：{why(fault)}") from None
    except ValueError:
        raise UnsoundBackup(folder, f"{MANIFEST} 无法读取") from None
    for name in sorted({*stated.files, *found}):
        if name not in found:
            raise UnsoundBackup(folder, f"缺少文件 {name}")
        if stated.files.get(name) != found[name]:
            raise UnsoundBackup(folder, f"文件 {name} 与备份时不同")
    if stated.register not in (copying.FILE, copying.DUMP) or stated.register not in found:
        raise UnsoundBackup(folder, "没有登记簿")
    return stated


def _stated(folder: Path) -> Manifest:
    """What the manifest says; UnsoundBackup where it is too large, ValueError where it is none."""
    with (folder / MANIFEST).open("rb") as file:
        content = file.read(LARGEST_MANIFEST + 1)
    if len(content) > LARGEST_MANIFEST:
        raise UnsoundBackup(folder, f"{MANIFEST} 过大")
    return TypeAdapter(Manifest).validate_json(content, strict=True)
