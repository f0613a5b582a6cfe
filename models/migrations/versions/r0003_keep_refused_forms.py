"""What was typed in a refused form under Deployments is kept until it is done or given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table; nothing was kept before."""
    op.create_table(
        "refusedform",
        sa.Column("submission", sa.String(64), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("form", sa.String(60), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("officer", sa.String(60), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("submission"),
    )
    op.create_index("ix_refusedform_settled_at", "refusedform", ["settled_at"])
