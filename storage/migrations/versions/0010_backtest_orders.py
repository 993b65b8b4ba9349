"""Orders of back-tests, so that none is lost with the process that runs it.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CHECKS = {
    "state": "state IN ('waiting', 'running', 'done', 'failed')",
    "days": "first_day IS NULL OR last_day IS NULL OR first_day <= last_day",
    "tries": "tries >= 0",
    "played": "played >= 0",
    "running": "state <> 'running' OR started_at IS NOT NULL",
    "finished": "(state IN ('done', 'failed')) = (finished_at IS NOT NULL)",
    "failed": "(state = 'failed') = (reason IS NOT NULL)",
}


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "backtest_orders",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("draft_number", sa.Integer(), nullable=False),
        sa.Column("says", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date()),
        sa.Column("last_day", sa.Date()),
        sa.Column("ordered_by", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("entries", sa.BigInteger()),
        sa.Column("played", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.String()),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_backtest_orders")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ordered_by"],
            ["members.tenant_id", "members.id"],
            name=op.f("fk_backtest_orders_tenant_id_ordered_by"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "key_id"],
            ["api_keys.tenant_id", "api_keys.id"],
            name=op.f("fk_backtest_orders_tenant_id_key_id"),
        ),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_backtest_orders_{name}"))
            for name, condition in CHECKS.items()
        ),
    )
    is_open = sa.text("state IN ('waiting', 'running')")
    op.create_index(
        "ix_backtest_orders_open",
        "backtest_orders",
        ["tenant_id", "ordered_at"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    """Drop it; what was ordered and not run is lost, results stay."""
    op.drop_table("backtest_orders")
