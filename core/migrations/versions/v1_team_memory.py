"""The team memory. Workspaces of before the first step have the table already."""

import sqlalchemy as sa
from alembic import op

revision = "v1"
down_revision = None


def upgrade() -> None:
    """Create the table where it is not there."""
    op.create_table(
        "remembered",
        sa.Column("folded", sa.String(1000), primary_key=True),
        sa.Column("code", sa.String(16), primary_key=True),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
