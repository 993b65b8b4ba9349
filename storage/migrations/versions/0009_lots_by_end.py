"""Open lots by their end, with what is left of them: reading when points end reads no lot itself.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = ("tenant_id", "customer_id", "expires_at", "id")


def upgrade() -> None:
    """Widen the index."""
    _make((*KEY, "remaining"))


def downgrade() -> None:
    """Narrow the index."""
    _make(KEY)


def _make(columns: tuple[str, ...]) -> None:
    condition = sa.text("remaining > 0 AND NOT is_pending")
    op.drop_index("ix_lots_open", "lots")
    op.create_index(
        "ix_lots_open",
        "lots",
        list(columns),
        sqlite_where=condition,
        postgresql_where=condition,
    )
