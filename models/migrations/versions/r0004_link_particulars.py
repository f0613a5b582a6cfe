"""What is kept sealed is linked like all that is recorded: nobody replaces it unnoticed (45)."""

from __future__ import annotations

from alembic import op

from models.store import evidence

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """No table changes; the particulars of an existing register are linked as they are found."""
    evidence.link_renewed(op.get_bind())
