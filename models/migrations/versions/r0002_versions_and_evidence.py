"""Recorded acts get a version (all of them the first), and what is recorded is linked (45)."""

import sqlalchemy as sa
from alembic import op

from models.store import evidence

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add both; the rows of an existing register are linked in the order they were recorded in."""
    for table in ("event", "entry"):
        op.add_column(table, sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    head = sa.Column("head", sa.String(64), server_default="", nullable=False)
    op.add_column("signedreport", head)
    op.create_table(
        "link",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.String(100), nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("line", "place"),
    )
    op.create_index("link_in_line", "link", ["line", "seq"])
    evidence.link_all(op.get_bind())
