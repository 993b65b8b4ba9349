"""The mall: rewards, their stock with every move of it, and what was bought.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KINDS = "kind IN ('voucher', 'warranty', 'service', 'seat', 'goods')"
DONE = "state NOT IN ('placed', 'fulfilled', 'refunded')"
BOUGHT = (
    "tenant_id, id, number, source, customer_id, contact_id, member_id, reward_id, reward_version,"
    " name, kind, quantity, points_each, cost_each, value_each, valid_days, is_partly_usable,"
    " has_stock, held_at"
)


def upgrade() -> None:
    """Create the tables with their triggers."""
    _rewards()
    op.create_table(
        "stocks",
        text("tenant_id"),
        text("reward_id"),
        big("available"),
        big("held"),
        big("gone"),
        sa.PrimaryKeyConstraint("tenant_id", "reward_id", name=op.f("pk_stocks")),
        refers("stocks", "reward_id", "rewards"),
        check("stocks", "available", "available >= 0"),
        check("stocks", "held", "held >= 0"),
        check("stocks", "gone", "gone >= 0"),
    )
    _redemptions()
    _stock_moves()
    if op.get_context().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def downgrade() -> None:
    """Drop the tables; what was bought is forgotten, the ledger is not."""
    for table in ("stock_moves", "redemptions", "stocks", "rewards"):
        op.drop_table(table)


def _rewards() -> None:
    op.create_table(
        "rewards",
        text("tenant_id"),
        text("id"),
        whole("number"),
        text("name"),
        text("kind"),
        big("points"),
        big("cost"),
        big("value"),
        text("description"),
        text("picture"),
        flag("is_active"),
        whole("limit_quantity", nullable=True),
        text("limit_period", nullable=True),
        text("tier"),
        sa.Column("segments", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        time("opens_at", nullable=True),
        time("closes_at", nullable=True),
        whole("valid_days", nullable=True),
        flag("is_partly_usable"),
        flag("needs_contact"),
        flag("needs_approver"),
        flag("has_stock"),
        whole("version"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rewards")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_rewards_tenant_id")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_rewards_tenant_id_number")),
        check("rewards", "kind", KINDS),
        check("rewards", "limit_period", "limit_period IN ('ever', 'year', 'quarter', 'month')"),
        check("rewards", "points", "points > 0"),
        check("rewards", "money", "cost >= 0 AND value >= 0"),
        check("rewards", "voucher", "(kind = 'voucher') = (value > 0)"),
        check("rewards", "limited", "(limit_quantity IS NULL) = (limit_period IS NULL)"),
        check("rewards", "limit_quantity", "limit_quantity > 0"),
        check("rewards", "valid_days", "valid_days >= 0"),
        check(
            "rewards",
            "closes_later",
            "opens_at IS NULL OR closes_at IS NULL OR closes_at > opens_at",
        ),
        check("rewards", "version", "version > 0"),
    )


def _redemptions() -> None:
    op.create_table(
        "redemptions",
        text("tenant_id"),
        text("id"),
        whole("number"),
        text("source"),
        text("customer_id"),
        text("contact_id", nullable=True),
        text("member_id", nullable=True),
        text("reward_id"),
        whole("reward_version"),
        text("name"),
        text("kind"),
        whole("quantity"),
        big("points_each"),
        big("cost_each"),
        big("value_each"),
        whole("valid_days", nullable=True),
        flag("is_partly_usable"),
        flag("has_stock"),
        flag("waits_for_contact"),
        flag("waits_for_approver"),
        flag("waits_for_confirmation"),
        time("held_at"),
        time("expires_at"),
        text("state"),
        text("agreed_by", nullable=True),
        text("approved_by", nullable=True),
        time("placed_at", nullable=True),
        time("ended_at", nullable=True),
        whole("fulfilled"),
        whole("refunded"),
        text("note"),
        whole("version"),
        *_redemption_constraints(),
    )
    for name, columns, where in (
        ("ix_redemptions_customer", ["customer_id", "number"], None),
        ("ix_redemptions_taken", ["customer_id", "reward_id", "held_at"], None),
        ("ix_redemptions_overdue", ["expires_at"], "state = 'held'"),
        ("ix_redemptions_placed", ["placed_at"], "state = 'placed'"),
    ):
        index("redemptions", name, columns, where)


def _redemption_constraints() -> list[sa.Constraint]:
    table = "redemptions"
    return [
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_redemptions")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_redemptions_tenant_id_number")),
        sa.UniqueConstraint("tenant_id", "source", name=op.f("uq_redemptions_tenant_id_source")),
        refers(table, "customer_id", "customers"),
        refers(table, "contact_id", "contacts"),
        refers(table, "member_id", "members"),
        refers(table, "reward_id", "rewards"),
        refers(table, "agreed_by", "contacts"),
        refers(table, "approved_by", "members"),
        check(table, "kind", KINDS),
        check(
            table,
            "state",
            "state IN ('held', 'placed', 'fulfilled', 'cancelled', 'declined', 'expired',"
            " 'refunded')",
        ),
        check(table, "quantity", "quantity > 0"),
        check(table, "points_each", "points_each >= 0"),
        check(table, "handed_over", "fulfilled >= 0 AND refunded >= 0"),
        check(table, "no_more", "fulfilled + refunded <= quantity"),
        check(
            table,
            "two_contacts",
            "agreed_by IS NULL OR contact_id IS NULL OR agreed_by <> contact_id",
        ),
        check(
            table,
            "two_members",
            "approved_by IS NULL OR member_id IS NULL OR approved_by <> member_id",
        ),
        check(
            table,
            "all_agreed",
            f"{DONE} OR NOT (waits_for_contact OR waits_for_approver OR waits_for_confirmation)",
        ),
        check(table, "placed", f"{DONE} OR placed_at IS NOT NULL"),
        check(table, "ended", "(state IN ('held', 'placed')) = (ended_at IS NULL)"),
        check(table, "version", "version > 0"),
    ]


def _stock_moves() -> None:
    op.create_table(
        "stock_moves",
        text("tenant_id"),
        text("id"),
        text("reward_id"),
        text("move"),
        big("quantity"),
        text("redemption_id", nullable=True),
        text("actor"),
        time("at"),
        text("note"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_stock_moves")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reward_id"],
            ["stocks.tenant_id", "stocks.reward_id"],
            name=op.f("fk_stock_moves_tenant_id_reward_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "redemption_id"],
            ["redemptions.tenant_id", "redemptions.id"],
            name=op.f("fk_stock_moves_tenant_id_redemption_id"),
            deferrable=True,
            initially="DEFERRED",
        ),
        check(
            "stock_moves", "move", "move IN ('receive', 'remove', 'hold', 'release', 'hand_over')"
        ),
        check("stock_moves", "quantity", "quantity > 0"),
    )
    index("stock_moves", "ix_stock_moves_reward", ["reward_id", "at", "id"])
    index(
        "stock_moves", "ix_stock_moves_redemption", ["redemption_id"], "redemption_id IS NOT NULL"
    )


def _sqlite_triggers() -> None:
    refused = " BEGIN SELECT RAISE(ABORT, 'stock_moves is append-only'); END"
    op.execute(f"CREATE TRIGGER stock_moves_no_update BEFORE UPDATE ON stock_moves{refused}")
    op.execute(f"CREATE TRIGGER stock_moves_no_delete BEFORE DELETE ON stock_moves{refused}")
    refused = " BEGIN SELECT RAISE(ABORT, 'redemptions: what was bought stays'); END"
    op.execute(
        f"CREATE TRIGGER redemptions_bought BEFORE UPDATE OF {BOUGHT} ON redemptions{refused}"
    )
    op.execute(f"CREATE TRIGGER redemptions_no_delete BEFORE DELETE ON redemptions{refused}")


def _postgresql_triggers() -> None:
    refused = "EXECUTE FUNCTION refuse_change()"
    op.execute(
        "CREATE TRIGGER stock_moves_no_change BEFORE UPDATE OR DELETE ON stock_moves"
        f" FOR EACH ROW {refused}"
    )
    op.execute(
        f"CREATE TRIGGER redemptions_bought BEFORE DELETE OR UPDATE OF {BOUGHT} ON redemptions"
        f" FOR EACH ROW {refused}"
    )
    for table in ("stock_moves", "redemptions"):
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT {refused}"
        )


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def whole(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.tenant_id", f"{other}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def index(table: str, name: str, columns: list[str], where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(
        name,
        table,
        ["tenant_id", *columns],
        sqlite_where=condition,
        postgresql_where=condition,
    )
