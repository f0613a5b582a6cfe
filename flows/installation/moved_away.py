"""What a register says once it has been moved into another database: it is not opened again.

Written only after what was moved had been held against it, row by row (moving.py). Its content stays as
it was: the mark stands in a table of its own, which is none of the register's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Column, Connection, MetaData, Table, Text, delete, insert, inspect, select
from sqlalchemy.engine import URL

from models.errors import DisclosureError
from models.words.days_told import written

TABLE = Table(
    "moved_away",
    MetaData(),
    Column("moved_to", Text, primary_key=True),
    Column("moved_on", Text, nullable=False),
    Column("holds", Text, nullable=False),
)


@dataclass(frozen=True)
class Mark:
    """to = the other database, without a password; on = the day; holds = the digest of all that was
    moved (row_streams.py), by which it is told whether anything was recorded there since.
    """

    to: str
    on: str
    holds: str


class MovedAway(DisclosureError):
    """The register that the settings name was moved into another database, and is not the office's."""

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        super().__init__(
            f"这份登记簿已于{written(date.fromisoformat(mark.on))}移到 {mark.to}，不再使用，未作任何改动："
            f"请设 DISCLOSURE_DATABASE_URL={mark.to}{hidden(mark.to)}；"
            f"移去以后那里没有登记过、要退回这一份的，用 disclosure move --back {mark.to}"
        )


def shown(where: URL) -> str:
    """A database's address as it is set and shown: without our driver, and the password hidden."""
    named = "postgresql" if where.get_backend_name() == "postgresql" else "sqlite"
    return where.set(drivername=named).render_as_string(hide_password=True)


def hidden(address: str) -> str:
    """What the stars of an address stand for, where there are any."""
    return "（*** 为口令）" if ":***@" in address else ""


def found(connection: Connection) -> Mark | None:
    """The mark of a register; None where it was not moved."""
    if not inspect(connection).has_table(TABLE.name):
        return None
    row = connection.execute(select(TABLE.c.moved_to, TABLE.c.moved_on, TABLE.c.holds)).first()
    return None if row is None else Mark(*row)


def guard(connection: Connection) -> None:
    """Raises MovedAway."""
    if (mark := found(connection)) is not None:
        raise MovedAway(mark)


def write(connection: Connection, mark: Mark) -> None:
    """Say in a register that it was moved, in the transaction of this connection."""
    TABLE.create(connection, checkfirst=True)
    connection.execute(delete(TABLE))
    connection.execute(insert(TABLE).values(moved_to=mark.to, moved_on=mark.on, holds=mark.holds))


def take_off(connection: Connection) -> None:
    """Take the mark away: the register is the office's again."""
    TABLE.drop(connection, checkfirst=True)
