"""Prefect's transactions on SQLite: one after the other, and each with the write lock from its start.

Prefect begins most transactions DEFERRED. One that reads first cannot become a writer once another
connection has committed in between: SQLite says "database is locked" at once, however long the
timeout, and about one Submit in fifteen came back with 503. Begun IMMEDIATE, it waits. (Prefect does
the same itself where it was bitten: models/deployments.py, `mark_deployments_ready`.)

It waits for its turn here, in the order of asking, and not in SQLite: that one looks again now and
then, and keeps the lock of its connection all the while (flows/server/garbage.py says whom that stopped).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from prefect.server.database.configurations import SQLITE_BEGIN_MODE, AioSqliteConfiguration
from sqlalchemy import event

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction

PATIENCE_SECONDS = 60.0
"""After that, SQLite is asked without a turn, and says what there is to say."""


class Turns:
    """Whose transaction it is: that of one task at a time."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._whose: asyncio.Task[object] | None = None

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[bool]:
        """The turn, while the block lasts; False within a transaction of the same task, which would
        wait for itself.
        """
        task = asyncio.current_task()
        if self._whose is task:
            yield False
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._lock.acquire()
        except TimeoutError:
            yield True
            return
        self._whose = task
        try:
            yield True
        finally:
            self._whose = None
            self._lock.release()


def take_turns() -> None:
    """From now on, for this process; once, before the server's loop runs."""
    turns, begin = Turns(), AioSqliteConfiguration.begin_transaction

    @asynccontextmanager
    async def in_turn(
        database: AioSqliteConfiguration, session: AsyncSession, **_mode: bool
    ) -> AsyncIterator[AsyncSessionTransaction]:
        async with turns.taken() as first:
            if first:
                event.listen(session.sync_session, "after_begin", _begun, once=True)
            async with begin(database, session, with_for_update=first) as transaction:
                yield transaction

    setattr(AioSqliteConfiguration, begin.__name__, in_turn)


def _begun(*_: object) -> None:
    """Only that transaction is IMMEDIATE: what Prefect reads meanwhile in a session beside it would
    wait for a lock that is never released (pausing a queue hung the server).
    """
    SQLITE_BEGIN_MODE.set(None)  # until Prefect puts back what it was
