"""Whose locks of PostgreSQL hold? Those of a process that is there, can be reached, and is awake.

PostgreSQL's own advisory locks hold as long as the connection lives. It ends the connection of a process
that was killed at once; of a machine that has lost its power, or its network, within a minute
(keepalives). A process that is merely suspended, or a machine, answers keepalives still, or dreams: it
says nothing more, and a connection that says nothing for a minute PostgreSQL ends, too
(idle_session_timeout). So a thread says something now and then: it stops with its process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, RLock, Thread
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

ALIVE: Final = {"idle": 30, "interval": 10, "count": 3}
"""By which PostgreSQL knows within a minute that whoever held the lock is gone (tcp_keepalives_…)."""
SAYS_EVERY_SECONDS = 15.0
SILENT_SECONDS = 60.0
_SOMETHING: Final = text("SELECT 1")
_ENDED_WHEN_SILENT: Final = text(
    "SELECT set_config(name, :limit, false) FROM pg_settings WHERE name = 'idle_session_timeout'"
)
"""Where PostgreSQL knows it: from version 14 on. Before, a process that is suspended goes on holding."""


class Awake:
    """A connection on which locks are held, made when it is first asked for; made anew by whoever asks
    for it again after it was lost, with all that it held. Safe to be used by several threads.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine, self._turn = engine, RLock()
        self._connection: Connection | None = None
        self._over = Event()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """The connection, nobody else's meanwhile. Raises DBAPIError; what was held is lost then."""
        with self._turn:
            try:
                yield self._connection or self._made()
            except DBAPIError:
                self.close()
                raise

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._connection is not None

    def is_held(self) -> bool:
        """Whether there is one, and PostgreSQL answers on it: what was held is held."""
        with self._turn:
            if self._connection is None:
                return False
            with suppress(DBAPIError), self.connection() as connection:
                connection.execute(_SOMETHING)
            return self._connection is not None

    def close(self) -> None:
        """Let go of all: the connection itself is ended, back in a pool it would go on holding."""
        with self._turn:
            self._over.set()
            if self._connection is not None:
                with suppress(DBAPIError):
                    self._connection.invalidate()
                    self._connection.close()
                self._connection = None

    def _made(self) -> Connection:
        made = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        for name, value in ALIVE.items():
            made.exec_driver_sql(f"SET tcp_keepalives_{name} = {value}")
        made.execute(_ENDED_WHEN_SILENT, {"limit": f"{int(SILENT_SECONDS * 1000)}ms"})
        self._connection, self._over = made, Event()
        Thread(target=self._say, args=(self._over,), name="awake", daemon=True).start()
        return made

    def _say(self, over: Event) -> None:
        while not over.wait(SAYS_EVERY_SECONDS):
            with self._turn:
                if not over.is_set():
                    self.is_held()
