"""Refunds of what a settled hold has spent.

Revision ID: 0015
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None

REASONS_BEFORE = (
    "award",
    "maturity",
    "debt_paid",
    "penalty",
    "reversal",
    "hold",
    "redemption",
    "release",
    "expiry",
    "reinstatement",
    "adjustment",
    "gift",
)
REASONS = (*REASONS_BEFORE, "refund")
OPEN_MONTH = (
    "CREATE TRIGGER entries_open_month BEFORE INSERT ON entries WHEN EXISTS"
    " (SELECT 1 FROM closed_months c WHERE c.tenant_id = NEW.tenant_id"
    " AND c.month = NEW.period)"
    " BEGIN SELECT RAISE(ABORT, 'the month is closed'); END"
)


def upgrade() -> None:
    """Let entries have the new reason."""
    _allow(REASONS)


def downgrade() -> None:
    """Go back; only for an installation that has refunded nothing yet."""
    added = sorted(set(REASONS) - set(REASONS_BEFORE))
    found = sa.text(f"SELECT count(*) FROM entries WHERE reason IN ({_listed(added)})")  # noqa: S608
    if op.get_bind().scalar(found):
        raise RuntimeError("entries would be lost")
    _allow(REASONS_BEFORE)


def _allow(reasons: tuple[str, ...]) -> None:
    with op.batch_alter_table("entries") as entries:
        entries.drop_constraint(op.f("ck_entries_reason"), type_="check")
        allowed = sa.text(f"reason IN ({_listed(reasons)})")
        entries.create_check_constraint(op.f("ck_entries_reason"), allowed)
    if op.get_context().dialect.name == "sqlite":
        # The table has been made anew, and its triggers went with the old one.
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER entries_no_{verb.lower()} BEFORE {verb} ON entries"
                " BEGIN SELECT RAISE(ABORT, 'entries is append-only'); END"
            )
        op.execute(OPEN_MONTH)


def _listed(values: tuple[str, ...] | list[str]) -> str:
    return ", ".join(repr(value) for value in values)
