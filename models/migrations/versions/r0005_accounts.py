"""Officers log in under their own names; who came and who read what leaves a line."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables; nobody had an account before."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "account",
        sa.Column("officer", sa.String(60), nullable=False),
        sa.Column("invitation", sa.String(64), nullable=False),
        sa.Column("invited_at", moment, nullable=False),
        sa.Column("invited_until", moment, nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("password_set_at", moment, nullable=True),
        sa.Column("revoked_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("officer"),
    )
    op.create_table(
        "visit",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("officer", sa.String(60), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("ix_visit_officer", "visit", ["officer"])
    op.create_table(
        "wronglogin",
        sa.Column("tried", sa.String(80), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Integer(), nullable=False),
        sa.Column("last_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("tried"),
    )
    op.create_index("ix_wronglogin_last_at", "wronglogin", ["last_at"])
    op.create_table(
        "accessline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("officer", sa.String(60), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("what", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("access_line_at", "accessline", ["at"])
