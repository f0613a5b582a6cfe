"""待判断权属 is called 待判断公开主体: 权属 is a word of property law (Art. 10 asks who made it)."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """No table changes; the stage in the rows is a column made from the events."""
    op.execute("UPDATE application SET stage = '待判断公开主体' WHERE stage = '待判断权属'")
