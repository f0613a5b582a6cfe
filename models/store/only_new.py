"""Rows whose key may be there already: of several who insert one at the same time, it is one row."""

from __future__ import annotations

from sqlalchemy import Insert, Table
from sqlmodel import Session


def insert_only_new(session: Session, table: Table) -> Insert:
    """An insert that leaves out what has its key in the table (ON CONFLICT DO NOTHING), also in a race.

    Each database has one of its own; what SQLAlchemy has for the other is not loaded.
    """
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as on_server

        return on_server(table).on_conflict_do_nothing()
    from sqlalchemy.dialects.sqlite import insert as in_file

    return in_file(table).on_conflict_do_nothing()
