"""What Alembic runs: the revisions, on the connection and within the transaction of the caller."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from models.alerts import alert_tables
from models.store import tables

TABLES = (tables, alert_tables)  # every table is known to whoever compares them

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
    compare_type=True,
)
context.run_migrations()
