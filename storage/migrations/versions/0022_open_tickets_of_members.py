"""Finding what a member has begun and not confirmed, by an index of the open tickets.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

OPEN = sa.text("member_id IS NOT NULL AND used_at IS NULL")


def upgrade() -> None:
    """Index members' open tickets by kind and end, so that those that have ended are not read."""
    op.create_index(
        "ix_tickets_open_of_member",
        "tickets",
        ["tenant_id", "member_id", "kind", "expires_at"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    """Go without it; only looking is slower."""
    op.drop_index("ix_tickets_open_of_member", table_name="tickets")
