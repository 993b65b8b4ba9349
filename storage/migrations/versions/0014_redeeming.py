"""Buttons of redemptions, and what has to be approved of them.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
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
    "leave",
    "gift",
    "gift_request",
)
TICKETS = ("redeem", "redemption")
APPROVALS_BEFORE = ("rule", "reinstatement", "deduction", "adjustment", "gift")
APPROVALS = ("redemption", "refund")


def upgrade() -> None:
    """Let tickets and approvals have the new kinds."""
    _allow("tickets", (*TICKETS_BEFORE, *TICKETS))
    _allow("approvals", (*APPROVALS_BEFORE, *APPROVALS))


def downgrade() -> None:
    """Go back; the new tickets mean nothing then. Only where nothing new was ever asked for."""
    found = sa.text(f"SELECT count(*) FROM approvals WHERE kind IN ({_listed(APPROVALS)})")  # noqa: S608
    if op.get_bind().scalar(found):
        raise RuntimeError("approvals would be lost")
    op.execute(f"DELETE FROM tickets WHERE kind IN ({_listed(TICKETS)})")  # noqa: S608
    _allow("tickets", TICKETS_BEFORE)
    _allow("approvals", APPROVALS_BEFORE)


def _allow(table: str, kinds: tuple[str, ...]) -> None:
    triggers = _triggers(table)
    with op.batch_alter_table(table) as changed:
        changed.drop_constraint(op.f(f"ck_{table}_kind"), type_="check")
        allowed = sa.text(f"kind IN ({_listed(kinds)})")
        changed.create_check_constraint(op.f(f"ck_{table}_kind"), allowed)
    for trigger in triggers:
        op.execute(trigger)


def _triggers(table: str) -> list[str]:
    """Give the triggers that go when SQLite makes a table anew."""
    if op.get_context().dialect.name != "sqlite":
        return []
    rows = op.get_bind().execute(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"),
        {"table": table},
    )
    return [sql for (sql,) in rows]


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(repr(value) for value in values)
