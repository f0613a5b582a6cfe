"""One running office to a register, wherever it runs: two would send every alert twice.

The home's own lock (locks.office) knows one machine and one folder. A register may be reached from
others: a file by its path, PostgreSQL by its address. There a lock of the database's own holds as long
as the connection lives; PostgreSQL notices within a minute that a machine has lost its power.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from flows.installation import locks, postgresql_connections
from models.errors import DisclosureError

KEY: Final = 0x6469_7363  # "disc": PostgreSQL knows an advisory lock by two numbers of ours
AGAIN_SECONDS: Final = 0.5
STARTING: Final = 0x6469_736D  # "dism"
ALIVE: Final = {"idle": 30, "interval": 10, "count": 3}
"""By which PostgreSQL knows within a minute that whoever held the lock is gone (tcp_keepalives_…)."""
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


def holding(engine: Engine) -> Connection:
    """A connection to hold locks on: PostgreSQL lets go of them within a minute of our loss."""
    made = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    for name, value in ALIVE.items():
        made.exec_driver_sql(f"SET tcp_keepalives_{name} = {value}")
    return made


class Lease:
    """The right to be the office of a register on PostgreSQL; taken again if the database was away."""

    def __init__(self, where: URL) -> None:
        self._where = where
        named = {"application_name": locks.connection_name(), **OURS}
        self._engine = postgresql_connections.for_once(where, connect_args=named)
        self._connection: Connection | None = None

    def take(self) -> None:
        """Be the office; OfficeElsewhere where another is, DBAPIError where the database is away."""
        connection = holding(self._engine)
        if not connection.scalar(_TAKE, {"key": KEY}):
            holders = [str(one) for one in connection.scalars(_HOLDERS, {"key": KEY})]
            connection.close()
            named = sorted(one.removeprefix(locks.PREFIX) for one in holders)
            raise OfficeElsewhere(self._where.render_as_string(hide_password=True), named)
        self._connection = connection

    def see_to(self) -> Iterator[str]:
        """Whether it is held still; taken again if the database was away, OfficeElsewhere if another
        office was quicker.
        """
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
            except DBAPIError:
                self.give_up()
            else:
                return
        self.take()
        yield "登记簿的数据库曾经中断，已重新取得办理权"

    def give_up(self) -> None:
        """Let another be the office."""
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.close()
            self._connection = None


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
    named = {"application_name": locks.connection_name(), **OURS}
    with holding(postgresql_connections.for_once(where, connect_args=named)) as connection:
        while not connection.scalar(_TAKE, {"key": STARTING}):
            time.sleep(AGAIN_SECONDS)
        yield


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
