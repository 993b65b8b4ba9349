"""Back-tests: what came out of them, and ways to read the ledger by time and by customer.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_entries_own", "entries", "recorded_at", "event_id IS NULL"),
    ("ix_holds_customer", "holds", "customer_id", None),
    ("ix_holds_closed", "holds", "closed_at", "closed_at IS NOT NULL"),
)


def upgrade() -> None:
    """Create the table with its triggers, and the indexes."""
    _backtests()
    for name, table, column, where in INDEXES:
        some = None if where is None else sa.text(where)
        columns = ["tenant_id", column]
        op.create_index(name, table, columns, sqlite_where=some, postgresql_where=some)
    if op.get_context().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def downgrade() -> None:
    """Drop all of it; results can be had again."""
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table)
    op.drop_table("backtests")


def _backtests() -> None:
    op.create_table(
        "backtests",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date()),
        sa.Column("last_day", sa.Date()),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_by", sa.String()),
        sa.Column("is_exact", sa.Boolean(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_backtests")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_by"],
            ["members.tenant_id", "members.id"],
            name=op.f("fk_backtests_tenant_id_run_by"),
        ),
        sa.CheckConstraint("finished_at >= started_at", name=op.f("ck_backtests_finished")),
        sa.CheckConstraint(
            "first_day IS NULL OR last_day IS NULL OR first_day <= last_day",
            name=op.f("ck_backtests_days"),
        ),
    )
    op.create_index(
        "ix_backtests_content", "backtests", ["tenant_id", "content_hash", "finished_at"]
    )


def _sqlite_triggers() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER backtests_no_{verb.lower()} BEFORE {verb} ON backtests"
            " BEGIN SELECT RAISE(ABORT, 'backtests is append-only'); END"
        )


def _postgresql_triggers() -> None:
    op.execute(
        "CREATE TRIGGER backtests_no_change BEFORE UPDATE OR DELETE ON backtests"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER backtests_no_truncate BEFORE TRUNCATE ON backtests"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
