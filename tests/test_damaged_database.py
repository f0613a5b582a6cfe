"""Prefect's database damaged: found before the server starts, set aside, and said."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from flows.installation.damaged_database import set_aside_if_damaged
from flows.installation.prefect_database import ELSEWHERE, FILE


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of a few hundred pages, with an index."""
    for name in ELSEWHERE:
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / FILE
    with closing(sqlite3.connect(file)) as made, made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE flow_run (id INTEGER PRIMARY KEY, name TEXT)")
        made.execute("CREATE INDEX by_name ON flow_run (name)")
        rows = (("办理申请" * 20 + str(n),) for n in range(3000))
        made.executemany("INSERT INTO flow_run (name) VALUES (?)", rows)
    return file


def overwritten(file: Path, *, at: int, length: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(random.Random(at).randbytes(length))


DAMAGES: dict[str, Callable[[Path], None]] = {
    "random bytes at its beginning": lambda file: overwritten(file, at=0, length=4096),
    "random bytes in its middle": lambda file: overwritten(file, at=40 * 4096, length=20 * 4096),
    "random bytes all over": lambda file: overwritten(file, at=0, length=file.stat().st_size),
    "cut off in a page": lambda file: _cut(file, file.stat().st_size // 2 + 100),
    "cut off between pages": lambda file: _cut(file, 30 * 4096),
    "emptied": lambda file: _cut(file, 0),
    "a text": lambda file: file.write_text("不是数据库" * 500) and None,
}


def _cut(file: Path, size: int) -> None:
    with file.open("r+b") as opened:
        opened.truncate(size)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_set_aside_with_what_belongs_to_it(
    damage: str, database: Path
) -> None:
    DAMAGES[damage](database)
    database.with_name(f"{FILE}-wal").write_bytes(b"")
    said = set_aside_if_damaged(database.parent)
    assert said.startswith("办理系统的数据库已损坏（")
    assert "按登记簿重新建立" in said
    assert not database.exists()
    left = sorted(one.name for one in database.parent.iterdir())
    assert len([name for name in left if name.startswith(f"{FILE}.damaged-")]) >= 1
    assert all(".damaged-" in name for name in left)
    assert set_aside_if_damaged(database.parent) == ""


def test_a_whole_database_stays(database: Path) -> None:
    before = database.read_bytes()
    assert set_aside_if_damaged(database.parent) == ""
    assert database.read_bytes() == before


def test_one_that_is_in_use_stays(database: Path) -> None:
    with closing(sqlite3.connect(database)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("INSERT INTO flow_run (name) VALUES ('x')")
        assert set_aside_if_damaged(database.parent) == ""
    assert database.exists()


def test_none_is_no_damage(tmp_path: Path) -> None:
    assert set_aside_if_damaged(tmp_path) == ""


def test_a_database_elsewhere_is_not_ours_to_judge(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    DAMAGES["a text"](database)
    monkeypatch.setenv(ELSEWHERE[0], "postgresql+asyncpg://prefect@/prefect")
    assert set_aside_if_damaged(database.parent) == ""
    assert database.exists()
