"""Which contacts may see and which may redeem, and what has to be found when one leaves.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TICKETS_BEFORE = (
    "record",
    "alert",
    "alert_form",
    "told",
    "follow_up",
    "choose",
    "undo",
    "approval",
    "request",
    "proof",
    "campaign",
)
RIGHTS = ("may_see", "may_redeem")
OPEN = sa.text("contact_id IS NOT NULL AND used_at IS NULL")
"""What a contact could still use."""


def upgrade() -> None:
    """Let the contacts there are keep seeing, and redeem."""
    with op.batch_alter_table("contacts") as contacts:
        for right in RIGHTS:
            contacts.add_column(
                sa.Column(right, sa.Boolean(), nullable=False, server_default=sa.true())
            )
    with op.batch_alter_table("contacts") as contacts:
        for right in RIGHTS:
            # From here on whoever adds a contact says it.
            contacts.alter_column(right, server_default=None)
        contacts.create_check_constraint(
            op.f("ck_contacts_redeems_what_is_seen"), sa.text("may_see OR NOT may_redeem")
        )
    _allow_tickets(*TICKETS_BEFORE, "leave")
    for table in ("tickets", "invitations"):
        op.create_index(
            f"ix_{table}_open",
            table,
            ["tenant_id", "contact_id"],
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        )


def downgrade() -> None:
    """Let every contact see again; who has left stays away."""
    for table in ("tickets", "invitations"):
        op.drop_index(f"ix_{table}_open", table)
    op.execute("DELETE FROM tickets WHERE kind = 'leave'")
    _allow_tickets(*TICKETS_BEFORE)
    with op.batch_alter_table("contacts") as contacts:
        contacts.drop_constraint(op.f("ck_contacts_redeems_what_is_seen"), type_="check")
        for right in RIGHTS:
            contacts.drop_column(right)


def _allow_tickets(*kinds: str) -> None:
    allowed = ", ".join(repr(kind) for kind in kinds)
    with op.batch_alter_table("tickets") as tickets:
        tickets.drop_constraint(op.f("ck_tickets_kind"), type_="check")
        tickets.create_check_constraint(op.f("ck_tickets_kind"), sa.text(f"kind IN ({allowed})"))
