"""Refunds of what a settled hold has spent, and gifts between customers.

On SQLite, which changes no constraint, tables whose lists of values grow are made anew; their
triggers go with the old ones and are made again.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ACCOUNTS_BEFORE = (
    "wallet.available",
    "wallet.held",
    "wallet.pending",
    "wallet.debt",
    "firm.issued",
    "firm.redeemed",
    "firm.expired",
    "firm.penalties",
)
ACCOUNTS = (*ACCOUNTS_BEFORE, "firm.gifts")
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
REASONS = (*REASONS_BEFORE, "refund", "given", "received")
APPROVALS_BEFORE = ("rule", "reinstatement", "deduction", "adjustment")
APPROVALS = (*APPROVALS_BEFORE, "gift")
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
)
TICKETS = (*TICKETS_BEFORE, "gift", "gift_request")
ASKED = (
    "tenant_id, id, number, kind, subject, payload, summary, customer_id, asked_by, asked_at,"
    " expires_at"
)
GIFT_FIXED = (
    "tenant_id, id, number, giver_id, contact_id, receiver_id, points, month, asked_at, approval_id"
)
CLOSED_MONTH = (
    "EXISTS (SELECT 1 FROM closed_months c WHERE c.tenant_id = NEW.tenant_id"
    " AND c.month = NEW.period)"
)
STAYS = "what was asked or decided stays"
SQLITE_TRIGGERS = {
    "entries": {
        "entries_no_update BEFORE UPDATE ON entries": "entries is append-only",
        "entries_no_delete BEFORE DELETE ON entries": "entries is append-only",
        f"entries_open_month BEFORE INSERT ON entries WHEN {CLOSED_MONTH}": "the month is closed",
    },
    "approvals": {
        f"approvals_asked BEFORE UPDATE OF {ASKED} ON approvals": f"approvals: {STAYS}",
        "approvals_decided BEFORE UPDATE ON approvals WHEN OLD.state <> 'pending'": (
            f"approvals: {STAYS}"
        ),
        "approvals_no_delete BEFORE DELETE ON approvals": f"approvals: {STAYS}",
    },
    "gifts": {
        f"gifts_asked BEFORE UPDATE OF {GIFT_FIXED} ON gifts": f"gifts: {STAYS}",
        "gifts_ended BEFORE UPDATE ON gifts WHEN OLD.state <> 'pending'": f"gifts: {STAYS}",
        "gifts_no_delete BEFORE DELETE ON gifts": f"gifts: {STAYS}",
    },
    "tickets": {},
}
"""When each refuses, and what it says."""
POSTGRESQL_TRIGGERS = {
    f"gifts_asked BEFORE DELETE OR UPDATE OF {GIFT_FIXED} ON gifts": "ROW",
    "gifts_ended BEFORE UPDATE ON gifts": "ROW WHEN (OLD.state <> 'pending')",
    "gifts_no_truncate BEFORE TRUNCATE ON gifts": "STATEMENT",
}
"""When each refuses, and for what."""


def upgrade() -> None:
    """Let entries, approvals and tickets be what is new, and create the table of gifts."""
    _allow("entries", debit=ACCOUNTS, credit=ACCOUNTS, reason=REASONS)
    _allow("approvals", kind=APPROVALS)
    _allow("tickets", kind=TICKETS)
    _gifts()


def downgrade() -> None:
    """Go back; only for an installation that has refunded and given nothing yet."""
    added = _listed(set(REASONS) - set(REASONS_BEFORE))
    for table, condition in (("entries", f"reason IN ({added})"), ("gifts", "1 = 1")):
        found = sa.text(f"SELECT count(*) FROM {table} WHERE {condition}")  # noqa: S608
        if op.get_bind().scalar(found):
            raise RuntimeError(f"{table} would be lost")
    op.drop_table("gifts")
    op.execute("DELETE FROM tickets WHERE kind IN ('gift', 'gift_request')")
    _allow("tickets", kind=TICKETS_BEFORE)
    _allow("approvals", kind=APPROVALS_BEFORE)
    _allow("entries", debit=ACCOUNTS_BEFORE, credit=ACCOUNTS_BEFORE, reason=REASONS_BEFORE)


def _allow(table: str, **lists: tuple[str, ...]) -> None:
    with op.batch_alter_table(table) as changed:
        for column, values in lists.items():
            name = op.f(f"ck_{table}_{column}")
            changed.drop_constraint(name, type_="check")
            changed.create_check_constraint(name, sa.text(f"{column} IN ({_listed(values)})"))
    if op.get_context().dialect.name == "sqlite":
        _sqlite_triggers(table)


def _gifts() -> None:
    op.create_table(
        "gifts",
        text("tenant_id"),
        text("id"),
        sa.Column("number", sa.Integer(), nullable=False),
        text("giver_id"),
        text("contact_id"),
        text("receiver_id"),
        sa.Column("points", sa.BigInteger(), nullable=False),
        text("month"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        text("state"),
        sa.Column("approval_id", sa.String()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_gifts")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_gifts_tenant_id_number")),
        refers("giver_id", "customers"),
        refers("contact_id", "contacts"),
        refers("receiver_id", "customers"),
        refers("approval_id", "approvals"),
        check("state", "state IN ('pending', 'given', 'declined', 'withdrawn', 'expired')"),
        check("points", "points > 0"),
        check("two_units", "giver_id <> receiver_id"),
        check("approved", "state = 'given' OR approval_id IS NOT NULL"),
        check("ended", "(state = 'pending') = (ended_at IS NULL)"),
    )
    op.create_index("ix_gifts_giver", "gifts", ["tenant_id", "giver_id", "month"])
    if op.get_context().dialect.name == "sqlite":
        _sqlite_triggers("gifts")
        return
    for trigger, each in POSTGRESQL_TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {trigger} FOR EACH {each} EXECUTE FUNCTION refuse_change()")


def _sqlite_triggers(table: str) -> None:
    for trigger, message in SQLITE_TRIGGERS[table].items():
        op.execute(f"CREATE TRIGGER {trigger} BEGIN SELECT RAISE(ABORT, '{message}'); END")


def _listed(values: tuple[str, ...] | set[str]) -> str:
    return ", ".join(repr(value) for value in values)


def text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def refers(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.tenant_id", f"{other}.id"],
        name=op.f(f"fk_gifts_tenant_id_{column}"),
    )


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_gifts_{name}"))
