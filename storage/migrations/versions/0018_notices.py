"""Notices: whom a delivery is for, since when it stands as it does, who told it, what carried it.

Revision ID: 0018
Revises: 0017
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "contact_id": sa.String(),
    "let_go": sa.Integer(),
    "since": sa.DateTime(timezone=True),
    "told_by": sa.String(),
    "carried_by": sa.String(),
}
INDEXES = {
    "uq_deliveries_contact": (("contact_id", "dedupe_key"), "contact_id IS NOT NULL"),
    "ix_deliveries_contact": (("contact_id", "created_at"), "contact_id IS NOT NULL"),
    "ix_deliveries_held": (("contact_id", "created_at"), "state = 'held'"),
    "ix_deliveries_carried": (("carried_by",), "carried_by IS NOT NULL"),
}
ACCOUNT = ("channel_id", "external_id", "created_at")
ON_THE_WAY = "state IN ('queued', 'sending')"
ON_THE_WAY_OR_HELD = "state IN ('queued', 'sending', 'held')"
# Until now a notice was told once per account, so that two accounts may have the same: it is the
# contact's where it was first addressed.
WHOSE = """
    UPDATE deliveries SET contact_id = (
        SELECT i.contact_id FROM identities i
        WHERE i.tenant_id = deliveries.tenant_id AND i.channel_id = deliveries.channel_id
          AND i.external_id = deliveries.external_id
    )
    WHERE kind = 'push' AND NOT EXISTS (
        SELECT 1 FROM deliveries o
        JOIN identities theirs ON theirs.tenant_id = o.tenant_id
          AND theirs.channel_id = o.channel_id AND theirs.external_id = o.external_id
        JOIN identities mine ON mine.tenant_id = o.tenant_id
          AND mine.contact_id = theirs.contact_id
        WHERE o.tenant_id = deliveries.tenant_id AND o.dedupe_key = deliveries.dedupe_key
          AND o.kind = 'push' AND o.id < deliveries.id
          AND mine.channel_id = deliveries.channel_id
          AND mine.external_id = deliveries.external_id
    )
"""
SINCE = """
    UPDATE deliveries SET since = COALESCE(sent_at, (
        SELECT MAX(a.at) FROM delivery_attempts a
        WHERE a.tenant_id = deliveries.tenant_id AND a.delivery_id = deliveries.id
    ), created_at)
    WHERE contact_id IS NOT NULL
"""


def upgrade() -> None:
    """Add the columns and fill them as far as it is known."""
    for name, kind in COLUMNS.items():
        op.add_column("deliveries", sa.Column(name, kind))
    op.execute(WHOSE)
    op.execute(SINCE)
    for name, (columns, condition) in INDEXES.items():
        _index(name, columns, condition)
    # What is held is looked for by contact now; without it both engines see that the index holds
    # all that is still to be sent to an account.
    op.drop_index("ix_deliveries_account", "deliveries")
    _index("ix_deliveries_account", ACCOUNT, ON_THE_WAY)


def downgrade() -> None:
    """Drop them; what was held for a contact without an account is held for nobody."""
    op.drop_index("ix_deliveries_account", "deliveries")
    _index("ix_deliveries_account", ACCOUNT, ON_THE_WAY_OR_HELD)
    for name in INDEXES:
        op.drop_index(name, "deliveries")
    for name in COLUMNS:
        op.drop_column("deliveries", name)


def _index(name: str, columns: tuple[str, ...], condition: str) -> None:
    op.create_index(
        name,
        "deliveries",
        ["tenant_id", *columns],
        unique=name.startswith("uq_"),
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )
