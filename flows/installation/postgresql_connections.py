"""How PostgreSQL is spoken to, whatever a database, a role or the environment has set for others.

`ALTER DATABASE … SET` and `ALTER ROLE … SET` hold for every connection: a client's encoding that has no
Chinese characters, days written the German way, backslashes that mean something, transactions of another
kind. What the register needs is said to each connection as it is made.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Engine, NullPool, create_engine, event
from sqlalchemy.engine import URL

NEEDED: Final = (
    "SET client_encoding = 'UTF8'; SET datestyle = 'ISO'; SET standard_conforming_strings = on"
)
ENVIRONMENT: Final = {"PGCLIENTENCODING": "UTF8"}
"""The same for PostgreSQL's own programs; pg_dump sets the rest itself."""


def engine_of(where: URL, more: str = "", **ours: Any) -> Engine:
    """Connections to a database; more = statements said beside NEEDED, ours = of create_engine."""
    made = create_engine(where, isolation_level="READ COMMITTED", **ours)
    words = f"{NEEDED}; {more}" if more else NEEDED

    def connected(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(words)
        connection.commit()

    event.listen(made, "connect", connected)
    return made


def for_once(where: URL, **ours: Any) -> Engine:
    """The same, none of them kept once it is let go."""
    return engine_of(where, poolclass=NullPool, **ours)
