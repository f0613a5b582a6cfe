"""The structure of the register, revision by revision: no drift, nothing lost, never unsaid.

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from databases import empty_register
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    create_engine,
    inspect,
    select,
    text,
)
from sqlmodel import SQLModel

from flows import office
from flows.__main__ import main
from flows.installation import copying, upgrading
from models.migrations import FIRST, HEAD, MARK, REVISIONS
from models.migrations.versions.r0001_as_landed import SCHEMA
from models.store import structure

VALUES: dict[type, Any] = {
    bool: True,
    bytes: b"\x00\xff",
    date: date(2026, 3, 2),
    datetime: datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC),
    dict: {"甲": [1, "乙"]},
    int: 7,
    str: "甲",
}
"""A value of every kind that a column holds."""


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An empty database, which the office has not opened yet."""
    with empty_register(tmp_path, monkeypatch, made=False):
        engine = create_engine(office.database_url())
        yield engine
        engine.dispose()


def tables(schema: MetaData) -> list[str]:
    return [table.name for table in schema.sorted_tables]


def as_first_landed(engine: Engine, *, mark: str | None = None) -> dict[str, dict[str, Any]]:
    """Make the register of the first release, with a row in every table; returns the rows."""
    rows = {
        table.name: {column.name: VALUES[column.type.python_type] for column in table.columns}
        for table in SCHEMA.sorted_tables
    }
    with engine.begin() as connection:
        SCHEMA.create_all(connection)
        for table in SCHEMA.sorted_tables:
            connection.execute(table.insert(), rows[table.name])
        if mark:
            MARK.create(connection)
            connection.execute(MARK.insert(), {"version_num": mark})
    return rows


def kept(engine: Engine, table: Table) -> list[dict[str, Any]]:
    """The rows of a table as the first release would read them."""
    with engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(select(table))]


def in_utc(row: dict[str, Any]) -> dict[str, Any]:
    """SQLite forgets the zone of a moment, which is UTC."""
    return {
        name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def brought_up(engine: Engine, home: Path) -> None:
    upgrading.bring_up(engine, home, lambda _: nullcontext(), lambda: None)


def marked(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return upgrading.marks(connection)


def test_the_revisions_together_make_what_the_models_say(database: Engine) -> None:
    """Fails when a column or table is added without a revision: write one with .ci/migration."""
    with database.begin() as connection:
        upgrading.run(connection, HEAD)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        ours = {*tables(SQLModel.metadata), *tables(SCHEMA)}
        assert [
            one
            for one in compare_metadata(context, SQLModel.metadata)
            if one[0] != "remove_table" or one[1].name in ours
        ] == []
        assert list(structure.differences(connection, SQLModel.metadata)) == []


def test_a_new_register_is_what_the_revisions_make(database: Engine) -> None:
    with office.reading():
        pass
    with database.connect() as connection:
        assert list(structure.differences(connection, SQLModel.metadata)) == []
        assert upgrading.marks(connection) == [HEAD]


def test_those_counted_by_history_alone_are_indexed_as_such(database: Engine) -> None:
    """A new register says so as the revision does, on either database."""

    def said() -> str:
        with database.connect() as there:
            in_file = there.dialect.name == "sqlite"
            of = "sqlite_master WHERE name" if in_file else "pg_indexes WHERE indexname"
            how = "sql" if in_file else "indexdef"
            return str(there.execute(text(f"SELECT {how} FROM {of} = :it"), {"it": it}).scalar())

    it = "application_by_history"
    with database.begin() as connection:
        upgrading.make(connection)
    made = said()
    with database.begin() as connection:
        connection.execute(text(f"DROP INDEX {it}"))
        (index,) = (one for one in SCHEMA.tables["application"].indexes if one.name == it)
        index.create(connection)
    assert "WHERE" in made
    assert made == said()


def test_a_column_without_a_revision_is_found(database: Engine) -> None:
    as_first_landed(database)
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE event ADD COLUMN more TEXT"))
        connection.execute(text("DROP TABLE series"))
        assert list(structure.differences(connection, SCHEMA)) == (
            ["表 event 多出列 more", "没有表 series"]
        )


def test_the_revisions_are_one_line_and_each_has_its_words() -> None:
    config = Config()
    config.set_main_option("script_location", str(upgrading.FOLDER))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [HEAD]
    assert [one.revision for one in scripts.walk_revisions()][::-1] == list(REVISIONS)
    assert all(REVISIONS.values())


@pytest.mark.parametrize("mark", [None, *list(REVISIONS)[:-1]])
def test_an_earlier_register_is_brought_up_after_a_backup_and_keeps_every_row(
    database: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str], mark: str | None
) -> None:
    if mark == FIRST or mark is None:
        rows = as_first_landed(database, mark=mark)
    else:
        with database.begin() as connection:
            upgrading.run(connection, mark)
        rows = {}
    brought_up(database, tmp_path)
    assert marked(database) == [HEAD]
    for table in SCHEMA.sorted_tables:
        if table.name in rows:
            assert [in_utc(row) for row in kept(database, table)] == [rows[table.name]]
    with database.connect() as connection:
        assert list(structure.differences(connection, SQLModel.metadata)) == []
    (folder,) = (tmp_path / copying.BACKUPS).iterdir()
    (backup,) = folder.iterdir()
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("登记簿须升级：")
    assert said[0].endswith("先备份……")
    assert said[1:] == [f"已备份到 {backup}", f"登记簿已升级到结构 {HEAD}"]
    if database.dialect.name == "sqlite":
        before = create_engine(f"sqlite:///{backup}")
        for table in SCHEMA.sorted_tables if rows else ():
            assert [in_utc(row) for row in kept(before, table)] == [rows[table.name]]
        assert marked(before) == ([mark] if mark else [])
        before.dispose()
    brought_up(database, tmp_path)
    assert capsys.readouterr().err == ""
    assert list((tmp_path / copying.BACKUPS).iterdir()) == [folder]


def test_a_register_that_no_release_made_is_left_alone(database: Engine, tmp_path: Path) -> None:
    as_first_landed(database)
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE event DROP COLUMN facts"))
    with pytest.raises(upgrading.UnknownRegister, match="表 event 没有列 facts"):
        brought_up(database, tmp_path)
    assert marked(database) == []
    assert not inspect(database).has_table(MARK.name)
    assert not (tmp_path / copying.BACKUPS).exists()


def test_a_newer_register_is_refused_in_one_sentence(
    database: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    as_first_landed(database, mark="9999")
    assert main(["cases"]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("disclosure：登记簿的结构（9999）比本程序所认识的")
    assert marked(database) == ["9999"]


def test_without_a_backup_there_is_no_upgrade(
    database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_first_landed(database)
    if database.dialect.name == "sqlite":
        (tmp_path / copying.BACKUPS).write_text("不是目录")
    else:
        monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(copying.NotCopied, match="未作任何改动"):
        brought_up(database, tmp_path)
    assert marked(database) == []


def test_an_upgrade_that_fails_leaves_everything_as_it_was(
    database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = as_first_landed(database)

    def half(connection: Connection, _at: list[str]) -> None:
        MARK.create(connection)
        connection.execute(text("ALTER TABLE event ADD COLUMN more TEXT"))
        connection.execute(text("DROP TABLE series"))
        raise KeyboardInterrupt

    monkeypatch.setattr(upgrading, "upgrade", half)
    with pytest.raises(KeyboardInterrupt):
        office.reading().__enter__()
    with database.connect() as connection:
        assert list(structure.differences(connection, SCHEMA)) == []
    assert [in_utc(row) for row in kept(database, SCHEMA.tables["series"])] == [rows["series"]]


def test_other_tables_in_the_database_are_none_of_ours(database: Engine) -> None:
    others = Table("theirs", MetaData(), Column("words", Text))
    others.create(database)
    with office.reading():
        pass
    assert marked(database) == [HEAD]
    assert inspect(database).has_table("theirs")
