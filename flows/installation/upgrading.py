"""Brings a register up to the structure that this release works with: never without a backup.

A new register is made as it should be; an older one goes through the revisions that it lacks
(models/migrations); one that a newer release wrote is left alone. All in one transaction.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, inspect, select, text
from sqlmodel import SQLModel

from flows.installation import moved_away
from models import migrations
from models.errors import DisclosureError
from models.migrations import FIRST, HEAD, MARK, REVISIONS
from models.store import structure

Alone = Callable[[str], AbstractContextManager[None]]
"""Keeps others out of the register while a block lasts; told what for."""

FOLDER = Path(migrations.__file__).parent
LATCH = 0x64697363  # one opens a register of PostgreSQL for the first time, or upgrades it


class NewerRegister(DisclosureError):
    """The register was written by a release that is newer than this one."""

    def __init__(self, marks: list[str]) -> None:
        self.marks = marks
        super().__init__(
            f"登记簿的结构（{'、'.join(marks)}）比本程序所认识的（{HEAD}）新，本程序不能打开，未作任何改动；"
            "请使用写成它的那个版本或者更新的版本"
        )


class SpoiltMark(DisclosureError):
    """What a register says of its structure is no revision of any release."""

    def __init__(self, marks: list[str | None]) -> None:
        self.marks = marks
        super().__init__(
            "登记簿的结构标记不能读取，登记簿文件可能已损坏，未作任何改动；"
            "请从备份恢复（disclosure restore）"
        )


class UnknownRegister(DisclosureError):
    """A register without a mark that is not what any release made."""

    def __init__(self, differences: list[str]) -> None:
        self.differences = differences
        more = f"等{len(differences)}处" if len(differences) > 3 else ""
        super().__init__(
            f"登记簿没有结构标记，又与任何版本的结构不符（{'、'.join(differences[:3])}{more}），"
            "未作任何改动；请从备份恢复，或者检查数据库地址是否写错"
        )


def bring_up(engine: Engine, home: Path, alone: Alone, may_be_new: Callable[[], None]) -> None:
    """See to it that the register has the structure of HEAD.

    Says what it does on stderr, and does it `alone` and only after a backup in `home`/backups;
    `may_be_new` raises where an empty database cannot be a new register. Raises NewerRegister,
    SpoiltMark, UnknownRegister, MovedAway, or what `copying` raises where no backup can be made.
    """
    with engine.connect() as connection:
        at = marks(connection)  # waits for whoever moves it
        moved_away.guard(connection)
        if at == [HEAD]:
            return
    with engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            latched(connection)
        at = marks(connection)
        if at == [HEAD]:  # another process was first
            return
        if not at and not structure.any_there(connection, SQLModel.metadata):
            may_be_new()
            make(connection)
            return
        from flows.installation import copying

        missing = lacking(connection, at)
        with alone("升级登记簿"):
            words = "；".join(f"{one} {REVISIONS[one]}" for one in missing)
            _say(f"登记簿须升级：{words}。先备份……")
            _say(f"已备份到 {copying.before_upgrade(engine, home, at[0] if at else '')}")
            upgrade(connection, at)
    _say(f"登记簿已升级到结构 {HEAD}")


def marks(connection: Connection) -> list[str]:
    """The revision that a register says it is at; none if it says nothing. Raises SpoiltMark."""
    if not inspect(connection).has_table(MARK.name):
        return []
    found = connection.scalars(select(MARK.c.version_num).order_by(MARK.c.version_num))
    said: list[str | None] = list(found)
    known = [one for one in said if one is not None and one.isdecimal()]
    if len(known) < len(said):
        raise SpoiltMark(said)
    return known


def lacking(connection: Connection, at: list[str]) -> list[str]:
    """The revisions that a register lacks. Raises UnknownRegister, NewerRegister."""
    if not at:
        from models.migrations.versions.r0001_as_landed import SCHEMA

        if differences := list(structure.differences(connection, SCHEMA)):
            raise UnknownRegister(differences)
        return list(REVISIONS)
    if len(at) > 1 or at[0] not in REVISIONS:
        raise NewerRegister(at)
    known = list(REVISIONS)
    return known[known.index(at[0]) + 1 :]


def latched(connection: Connection) -> None:
    """Be the one who makes or upgrades a register of PostgreSQL, until the transaction ends."""
    connection.execute(text(f"SELECT pg_advisory_xact_lock({LATCH})"))


def make(connection: Connection) -> None:
    """A new register: as the models say, which is what all revisions together make (tested)."""
    SQLModel.metadata.create_all(connection)
    _mark(connection, HEAD)


def _mark(connection: Connection, revision: str) -> None:
    MARK.create(connection)
    connection.execute(insert(MARK).values(version_num=revision))


def upgrade(connection: Connection, at: list[str]) -> None:
    """Run the revisions that are lacking, within the transaction of this connection."""
    if not at:
        _mark(connection, FIRST)
    run(connection, HEAD)


def run(connection: Connection, revision: str) -> None:
    """Let Alembic go through the revisions up to this one, in the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
