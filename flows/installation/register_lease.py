"""One running office to a register, wherever it runs: two would send every alert twice.

The home's own lock (locks.office) knows one machine and one folder. A register may be reached from
others: a file by its path, PostgreSQL by its address. There a lock of the database's own holds as long
as the connection lives (awake.py): whoever is killed, cut off or suspended has it no more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from flows.installation import locks, moved_away, opening, postgresql_connections
from flows.installation.awake import ALIVE, Awake
from models.errors import DisclosureError

LOG = logging.getLogger(__name__)
KEY: Final = 0x6469_7363  # "disc": PostgreSQL knows an advisory lock by two numbers of ours
AGAIN_SECONDS: Final = 0.5
STARTING: Final = 0x6469_736D  # "dism"
OURS: Final = {
    **{f"keepalives_{name}": value for name, value in ALIVE.items()},
    "tcp_user_timeout": 30_000,
    "connect_timeout": 10,
}
"""By which we know the same of PostgreSQL, rather than wait for it (libpq's names)."""
_TAKE: Final = text("SELECT pg_try_advisory_lock(:key, hashtext(current_schema()))")
_HOLDERS: Final = text(
    "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = "
    "'advisory' AND granted AND classid::bigint = :key AND database = (SELECT oid FROM pg_database "
    "WHERE datname = current_database()) AND objid = hashtext(current_schema())::oid"
)


class OfficeElsewhere(DisclosureError):
    """An office runs on this register already, on another machine or in another home."""

    def __init__(self, where: str, holders: list[str]) -> None:
        self.where, self.holders = where, holders
        who = "、".join(holders) or "不能得知是哪一处"
        super().__init__(
            f"登记簿 {where} 已由另一处的办理系统使用（{who}），不能再启动一个；"
            "要换到这里的，请先停止那一处"
        )


class Lease:
    """The right to be the office of a register on PostgreSQL; taken again if the database was away."""

    def __init__(self, where: URL) -> None:
        self._where, self._awake = where, _connections(where)

    def take(self) -> None:
        """Be the office; OfficeElsewhere where another is, NoDatabase where the database is away."""
        with opening.said(self._not_there), self._awake.connection() as connection:
            if connection.scalar(_TAKE, {"key": KEY}):
                return
            holders = _holders(connection, KEY)
        self._awake.close()
        raise OfficeElsewhere(moved_away.shown(self._where), holders)

    def see_to(self) -> Iterator[str]:
        """Whether it is held still; taken again if the database was away, OfficeElsewhere if another
        office was quicker.
        """
        if self._awake.is_held():
            return
        self.take()
        yield "登记簿的数据库曾经中断，或者本机曾经停顿，已重新取得办理权"

    def give_up(self) -> None:
        """Let another be the office."""
        self._awake.close()

    def _not_there(self, problem: str) -> opening.NoDatabase:
        return opening.NoDatabase(moved_away.shown(self._where), problem)


def _connections(where: URL) -> Awake:
    named = {"application_name": locks.connection_name(), **OURS}
    return Awake(postgresql_connections.for_once(where, connect_args=named))


def _holders(connection: Connection, key: int) -> list[str]:
    found = (str(one) for one in connection.scalars(_HOLDERS, {"key": key}))
    return sorted(one.removeprefix(locks.PREFIX) for one in found)


@contextmanager
def starting(where: URL) -> Iterator[None]:
    """The turn of a server that makes or renews Prefect's tables beside a register on PostgreSQL: those
    that start at the same moment wait. Elsewhere there is one server (locks.office).

    Asked again and again: a statement that waited would be waited for by Prefect's migrations, which
    make indexes CONCURRENTLY, and neither would end.
    """
    if where.get_backend_name() != "postgresql":
        yield
        return
    awake = _connections(where)
    try:
        with opening.said(lambda problem: opening.NoDatabase(moved_away.shown(where), problem)):
            _wait_for_the_turn(awake)
        yield
    finally:
        awake.close()


def _wait_for_the_turn(awake: Awake) -> None:
    told = False
    while True:
        with awake.connection() as connection:
            if connection.scalar(_TAKE, {"key": STARTING}):
                return
            holders = _holders(connection, STARTING)
        if not told:
            LOG.warning("另一台服务器正在启动（%s），等它建好 Prefect 的表……", "、".join(holders))
            told = True
        time.sleep(AGAIN_SECONDS)


@contextmanager
def held(where: URL, file: Path | None, home: Path) -> Iterator[tuple[Lease, ...]]:
    """Be the one office of this register while the block lasts; OfficeElsewhere if there is one. What
    is to be seen to meanwhile: a lock of the operating system is not lost.
    """
    if file is None:
        lease = Lease(where)
        lease.take()
        try:
            yield (lease,)
        finally:
            lease.give_up()
    elif file.parent.resolve() == home.resolve():  # the home's own lock is the register's
        yield ()
    else:
        with locks.only(file.with_name(f"{file.name}.office"), partial(_elsewhere, file)):
            yield ()


def _elsewhere(file: Path, holders: list[str]) -> OfficeElsewhere:
    return OfficeElsewhere(str(file), [f"进程 {one}" for one in holders])
