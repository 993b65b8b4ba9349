"""What an account has sent lately, newest first: whoever takes a customer over reads it.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_inbox_account", "inbox", ["tenant_id", "channel_id", "sender", "received_at", "id"]
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_inbox_account", "inbox")
