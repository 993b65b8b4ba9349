"""Vouchers with their codes, what was used of them, and tries of codes that don't exist.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BOUGHT = (
    "tenant_id, id, redemption_id, number, place, customer_id, name, value, is_partly_usable,"
    " last_day, issued_at"
)
WRITTEN = (
    "tenant_id, id, number, source, voucher_id, customer_id, project_id, amount, member_id, used_at"
)

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
    "redeem",
    "redemption",
    "shelf",
)
TICKETS = ("voucher", "voucher_page")


def upgrade() -> None:
    """Create the tables with their triggers, and let tickets have the new kinds."""
    _allow((*TICKETS_BEFORE, *TICKETS))
    _vouchers()
    _uses()
    op.create_table(
        "voucher_tries",
        text("tenant_id"),
        text("member_id"),
        whole("failed"),
        time("locked_until", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "member_id", name=op.f("pk_voucher_tries")),
        refers("voucher_tries", "member_id", "members"),
        check("voucher_tries", "failed", "failed >= 0"),
    )
    if op.get_context().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def downgrade() -> None:
    """Drop the tables; vouchers and their uses are forgotten."""
    for table in ("voucher_tries", "voucher_uses", "vouchers"):
        op.drop_table(table)
    op.execute("DELETE FROM tickets WHERE kind IN ('voucher', 'voucher_page')")
    _allow(TICKETS_BEFORE)


def _allow(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("tickets") as changed:
        changed.drop_constraint(op.f("ck_tickets_kind"), type_="check")
        allowed = sa.text(f"kind IN ({', '.join(map(repr, kinds))})")
        changed.create_check_constraint(op.f("ck_tickets_kind"), allowed)


def _vouchers() -> None:
    table = "vouchers"
    op.create_table(
        table,
        text("tenant_id"),
        text("id"),
        text("redemption_id"),
        whole("number"),
        whole("place"),
        text("customer_id"),
        text("name"),
        big("value"),
        sa.Column("is_partly_usable", sa.Boolean(), nullable=False),
        day("last_day"),
        time("issued_at"),
        text("code_hash"),
        text("code"),
        text("tail"),
        big("used"),
        text("state"),
        time("ended_at", nullable=True),
        day("reissued_on"),
        whole("reissues"),
        whole("reminded"),
        whole("version"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_vouchers")),
        sa.UniqueConstraint(
            "tenant_id",
            "redemption_id",
            "place",
            name=op.f("uq_vouchers_tenant_id_redemption_id_place"),
        ),
        sa.UniqueConstraint("tenant_id", "code_hash", name=op.f("uq_vouchers_tenant_id_code_hash")),
        refers(table, "redemption_id", "redemptions"),
        refers(table, "customer_id", "customers"),
        check(table, "state", "state IN ('open', 'used_up', 'void', 'expired')"),
        check(table, "place", "place > 0"),
        check(table, "value", "value > 0"),
        check(table, "used", "used >= 0 AND used <= value"),
        check(table, "whole", "is_partly_usable OR used = 0 OR used = value"),
        check(table, "used_up", "(state = 'used_up') = (used = value)"),
        check(table, "void", "state <> 'void' OR used = 0"),
        check(table, "ended", "(state = 'open') = (ended_at IS NULL)"),
        check(table, "expired", "state <> 'expired' OR last_day IS NOT NULL"),
        check(table, "reissues", "reissues >= 0 AND (reissued_on IS NULL) = (reissues = 0)"),
        check(table, "version", "version > 0"),
    )
    index(table, "ix_vouchers_open", ["customer_id"], "state = 'open'")
    index(table, "ix_vouchers_ending", ["last_day"], "state = 'open'")


def _uses() -> None:
    table = "voucher_uses"
    op.create_table(
        table,
        text("tenant_id"),
        text("id"),
        whole("number"),
        text("source"),
        text("voucher_id"),
        text("customer_id"),
        sa.Column("project_id", sa.String(), nullable=True),
        big("amount"),
        text("member_id"),
        time("used_at"),
        text("deducted_from"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_voucher_uses")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_voucher_uses_tenant_id_number")),
        sa.UniqueConstraint("tenant_id", "source", name=op.f("uq_voucher_uses_tenant_id_source")),
        refers(table, "voucher_id", "vouchers"),
        refers(table, "customer_id", "customers"),
        refers(table, "project_id", "projects"),
        refers(table, "member_id", "members"),
        check(table, "amount", "amount > 0"),
    )
    index(table, "ix_voucher_uses_voucher", ["voucher_id", "number"])
    index(table, "ix_voucher_uses_waiting", ["number"], "deducted_from = ''")
    index(table, "ix_voucher_uses_project", ["project_id", "number"], "deducted_from = ''")


def _sqlite_triggers() -> None:
    refused = " BEGIN SELECT RAISE(ABORT, 'vouchers: what was bought stays'); END"
    op.execute(f"CREATE TRIGGER vouchers_bought BEFORE UPDATE OF {BOUGHT} ON vouchers{refused}")
    op.execute(f"CREATE TRIGGER vouchers_no_delete BEFORE DELETE ON vouchers{refused}")
    refused = " BEGIN SELECT RAISE(ABORT, 'voucher_uses is append-only'); END"
    op.execute(
        f"CREATE TRIGGER voucher_uses_written BEFORE UPDATE OF {WRITTEN} ON voucher_uses{refused}"
    )
    op.execute(
        "CREATE TRIGGER voucher_uses_paid BEFORE UPDATE OF deducted_from ON voucher_uses"
        f" WHEN OLD.deducted_from <> ''{refused}"
    )
    op.execute(f"CREATE TRIGGER voucher_uses_no_delete BEFORE DELETE ON voucher_uses{refused}")


def _postgresql_triggers() -> None:
    refused = "EXECUTE FUNCTION refuse_change()"
    for table, name, columns in (
        ("vouchers", "vouchers_bought", BOUGHT),
        ("voucher_uses", "voucher_uses_written", WRITTEN),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE DELETE OR UPDATE OF {columns} ON {table}"
            f" FOR EACH ROW {refused}"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT {refused}"
        )
    op.execute(
        "CREATE TRIGGER voucher_uses_paid BEFORE UPDATE OF deducted_from ON voucher_uses"
        f" FOR EACH ROW WHEN (OLD.deducted_from <> '') {refused}"
    )


def text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def day(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=True)


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
