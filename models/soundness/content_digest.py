"""The digest of all that a register holds: the same for the same content, on either database."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, inspect, select
from sqlmodel import SQLModel

from models.migrations import MARK

PLAIN = frozenset((str, int, type(None)))  # what most values are, and JSON holds as they are
written = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def ours(connection: Connection) -> list[str]:
    """The tables of the register that a database has, its mark included, by name."""
    known = {*SQLModel.metadata.tables, MARK.name}
    return sorted(known & {*inspect(connection).get_table_names()})


def digest(connection: Connection) -> str:
    """SHA-256 over every row of every table, in order of their keys; what is sealed stays so.

    Read as the database describes itself: an older structure has its digest, too.
    """
    described = inspect(connection).get_multi_columns(filter_names=ours(connection))
    found = hashlib.sha256()
    for (_, name), held in sorted(described.items(), key=lambda one: one[0][1]):
        table = Table(name, MetaData(), *(Column(one["name"], one["type"]) for one in held))
        columns = sorted(table.columns, key=lambda one: one.name)
        found.update(f"{name}({','.join(one.name for one in columns)})\n".encode())
        lines = (
            written([value if type(value) in PLAIN else plain(value) for value in row])
            for row in connection.execute(select(*columns))
        )
        for line in sorted(lines):  # databases sort text each in their own way
            found.update(f"{line}\n".encode())
    return found.hexdigest()


def plain(value: Any) -> Any:
    """A value as JSON holds it; a moment in UTC, whichever database kept it."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return b64encode(value).decode("ascii") if isinstance(value, bytes) else value
