"""Which runs does a worker have in hand? Where several work on one pool, the register's database knows.

On PostgreSQL each run that a worker has taken up is a lock of the database's own, held as long as the
worker is there and awake (installation/awake.py): one that is killed holds none from that moment on, one
that is suspended, or whose machine has lost its power, none within a minute. On SQLite there is one worker
(locks.office), and nothing to ask.

A worker whose connection is cut loses what it had in hand to the others; what is then done twice is
recorded once, for a submission is known by its run.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import suppress
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from typing_extensions import override

from flows import office
from flows.installation.awake import Awake

LOG = logging.getLogger(__name__)
KEY: Final = 0x6469_7377  # "disw": PostgreSQL knows an advisory lock by two numbers of ours
_TAKE: Final = text("SELECT pg_try_advisory_lock(:key, :run)")
_LET_GO: Final = text("SELECT pg_advisory_unlock(:key, :run)")
_HELD: Final = text(
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND "
    "classid::bigint = :key AND database = (SELECT oid FROM pg_database WHERE datname = "
    "current_database())"
)


class Hands(Protocol):
    """What one worker has in hand. shared = others may have something in hand, too."""

    shared: bool

    def take(self, run: UUID) -> bool:
        """Take up a run; False where another has it, or that cannot be known. Taken twice, it is let
        go twice.
        """

    def let_go(self, run: UUID) -> None:
        """Leave it to others."""

    def close(self) -> None:
        """Let go of all."""


class Alone(Hands):
    """Those of the only worker there is."""

    shared = False

    @override
    def take(self, run: UUID) -> bool:
        return True

    @override
    def let_go(self, run: UUID) -> None:
        return None

    @override
    def close(self) -> None:
        return None


class OfSeveral(Hands):
    """Those of one worker among several: locks on a connection of its own."""

    shared = True

    def __init__(self, engine: Engine) -> None:
        self._awake = Awake(engine)

    @override
    def take(self, run: UUID) -> bool:
        try:
            with self._awake.connection() as connection:
                return bool(connection.scalar(_TAKE, {"key": KEY, "run": _number(run)}))
        except DBAPIError as away:
            LOG.warning("登记簿的数据库暂不可用，流程稍后再办：%s", type(away).__name__)
            return False

    @override
    def let_go(self, run: UUID) -> None:
        if not self._awake.is_open:  # lost with all that it held
            return
        with suppress(DBAPIError), self._awake.connection() as connection:
            connection.execute(_LET_GO, {"key": KEY, "run": _number(run)})

    @override
    def close(self) -> None:
        self._awake.close()


def hands() -> Hands:
    """Those of a worker of this office."""
    return OfSeveral(office.engine()) if _on_postgresql() else Alone()


def in_hand(runs: Collection[UUID]) -> set[UUID]:
    """Those of the runs that some worker has in hand, as far as the database knows."""
    if not runs or not _on_postgresql():
        return set()
    with office.reading() as session:
        held = {*session.connection().scalars(_HELD, {"key": KEY})}
    return {run for run in runs if _number(run) in held}


def _on_postgresql() -> bool:
    return office.database().get_backend_name() == "postgresql"


def _number(run: UUID) -> int:
    """The run as a lock's second number, 31 bits of it: two that share it wait for each other."""
    return run.int & 0x7FFF_FFFF
