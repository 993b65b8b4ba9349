"""Customer records that were merged, and approvals of merges and of their undo.

Revision ID: 0020
Revises: 0019
"""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KINDS = ("merge", "unmerge")
FIXED = "tenant_id, id, merged_id, kept_id, points, moved, merged_at, joined_key"
STAYS = "customer_merges: what was moved stays"
SQLITE_TRIGGERS = (
    f"customer_merges_moved BEFORE UPDATE OF {FIXED} ON customer_merges",
    "customer_merges_undone BEFORE UPDATE ON customer_merges WHEN OLD.undone_at IS NOT NULL",
    "customer_merges_no_delete BEFORE DELETE ON customer_merges",
)
POSTGRESQL_TRIGGERS = {
    f"customer_merges_moved BEFORE DELETE OR UPDATE OF {FIXED} ON customer_merges": "ROW",
    "customer_merges_undone BEFORE UPDATE ON customer_merges": (
        "ROW WHEN (OLD.undone_at IS NOT NULL)"
    ),
    "customer_merges_no_truncate BEFORE TRUNCATE ON customer_merges": "STATEMENT",
}
"""When each refuses, and for what."""


def upgrade() -> None:
    """Let approvals have the new kinds, and create the table."""
    _allow(lambda kinds: [*kinds, *KINDS])
    op.create_table(
        "customer_merges",
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("merged_id", sa.String(), nullable=False),
        sa.Column("kept_id", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("moved", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_key", sa.String(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("parted_key", sa.String()),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_customer_merges")),
        _refers("id", "approvals"),
        _refers("merged_id", "customers"),
        _refers("kept_id", "customers"),
        _check("two_units", "merged_id <> kept_id"),
        _check("points", "points >= 0"),
        _check("undone", "(undone_at IS NULL) = (parted_key IS NULL)"),
        _check("returned", "returned >= 0 AND returned <= points"),
    )
    in_force = sa.text("undone_at IS NULL")
    op.create_index(
        "uq_customer_merges_merged",
        "customer_merges",
        ["tenant_id", "merged_id"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
    op.create_index(
        "ix_customer_merges_kept", "customer_merges", ["tenant_id", "kept_id", "merged_at"]
    )
    if op.get_context().dialect.name == "sqlite":
        for trigger in SQLITE_TRIGGERS:
            op.execute(f"CREATE TRIGGER {trigger} BEGIN SELECT RAISE(ABORT, '{STAYS}'); END")
        return
    for trigger, each in POSTGRESQL_TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {trigger} FOR EACH {each} EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    """Go back; only where no merge was ever asked for."""
    asked = sa.text("SELECT count(*) FROM approvals WHERE kind IN ('merge', 'unmerge')")
    if op.get_bind().scalar(asked):
        raise RuntimeError("approvals would be lost")
    op.drop_table("customer_merges")
    _allow(lambda kinds: [kind for kind in kinds if kind not in KINDS])


def _allow(change: Callable[[list[str]], list[str]]) -> None:
    """Change what the kind of an approval may be, whatever it may be now."""
    name = op.f("ck_approvals_kind")
    checks = sa.inspect(op.get_bind()).get_check_constraints("approvals")
    [written] = [found["sqltext"] for found in checks if found["name"] == name]
    kinds = ", ".join(map(repr, change(re.findall(r"'(\w+)'", written))))
    triggers = _triggers() if op.get_context().dialect.name == "sqlite" else ()
    with op.batch_alter_table("approvals") as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, sa.text(f"kind IN ({kinds})"))
    # SQLite has made the table anew, and its triggers went with the old one.
    for trigger in triggers:
        op.execute(trigger)


def _triggers() -> list[str]:
    asked = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'approvals'"
    return list(op.get_bind().scalars(sa.text(asked)))


def _refers(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{table}.tenant_id", f"{table}.id"],
        name=op.f(f"fk_customer_merges_tenant_id_{column}"),
    )


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_customer_merges_{name}"))
