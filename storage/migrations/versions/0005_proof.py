"""What the ledger commits to: daily heads, wallet seals, and tickets for a customer's proof.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = ("day_heads", "wallet_seals")
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
)


def upgrade() -> None:
    """Create both tables with the triggers that keep them, the index of notices, the ticket."""
    tenant_table(
        "day_heads",
        sa.Column("day", sa.Date(), nullable=False),
        text("root"),
        big("wallets"),
        big("entries"),
        big("available"),
        big("held"),
        big("pending"),
        big("debt"),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        text("previous"),
        text("hash"),
        unique("day_heads", "previous"),
        unique("day_heads", "hash"),
        check("day_heads", "wallets", "wallets >= 0"),
        check("day_heads", "entries", "entries >= wallets"),
        check("day_heads", "available", "available >= 0"),
        check("day_heads", "held", "held >= 0"),
        check("day_heads", "pending", "pending >= 0"),
        check("day_heads", "debt", "debt >= 0"),
        check("day_heads", "links", "hash <> previous"),
        key=("day",),
    )
    tenant_table(
        "wallet_seals",
        text("customer_id"),
        sa.Column("day", sa.Date(), nullable=False),
        big("seq"),
        text("head"),
        unique("wallet_seals", "customer_id", "seq"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "day"],
            ["day_heads.tenant_id", "day_heads.day"],
            name="fk_wallet_seals_tenant_id_day",
        ),
        check("wallet_seals", "seq", "seq > 0"),
        key=("customer_id", "day"),
    )
    op.create_index("ix_wallet_seals_day", "wallet_seals", ["tenant_id", "day", "customer_id"])
    is_notice = sa.text("view = 'day_head_notice'")
    op.create_index(
        "ix_deliveries_day_heads",
        "deliveries",
        ["tenant_id", "view"],
        sqlite_where=is_notice,
        postgresql_where=is_notice,
    )
    _allow_tickets(*TICKETS_BEFORE, "proof")
    _add_triggers()


def downgrade() -> None:
    """Drop what was created; links to proofs end."""
    op.execute("DELETE FROM tickets WHERE kind = 'proof'")
    _allow_tickets(*TICKETS_BEFORE)
    op.drop_index("ix_deliveries_day_heads", "deliveries")
    op.drop_table("wallet_seals")
    op.drop_table("day_heads")


def _allow_tickets(*kinds: str) -> None:
    allowed = ", ".join(repr(kind) for kind in kinds)
    with op.batch_alter_table("tickets") as tickets:
        tickets.drop_constraint(op.f("ck_tickets_kind"), type_="check")
        tickets.create_check_constraint(op.f("ck_tickets_kind"), sa.text(f"kind IN ({allowed})"))


def _add_triggers() -> None:
    is_postgresql = op.get_context().dialect.name == "postgresql"
    for name in APPEND_ONLY:
        if is_postgresql:
            op.execute(
                f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {name}"
                " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            op.execute(
                f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
            continue
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name}"
                f" BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
            )


def tenant_table(name: str, *parts: SchemaItem, key: tuple[str, ...]) -> None:
    op.create_table(
        name,
        text("tenant_id"),
        *parts,
        sa.PrimaryKeyConstraint("tenant_id", *key, name=f"pk_{name}"),
    )


def text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    name = "_".join(("uq", table, "tenant_id", *columns))
    return sa.UniqueConstraint("tenant_id", *columns, name=name)


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
