"""Approvals: what waits for a second person, and the buttons that decide it.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TICKET_KINDS = ("record", "alert", "alert_form", "told", "follow_up", "choose", "undo")
ASKED = (
    "tenant_id, id, number, kind, subject, payload, summary, customer_id, asked_by, asked_at,"
    " expires_at"
)


def upgrade() -> None:
    """Create the table with its triggers and allow the tickets of its buttons."""
    _approvals()
    _allow_ticket_kinds(*TICKET_KINDS, "approval", "request")
    if op.get_context().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def downgrade() -> None:
    """Drop the table, and the tickets of buttons that no longer mean anything."""
    op.drop_table("approvals")
    op.execute("DELETE FROM tickets WHERE kind IN ('approval', 'request')")
    _allow_ticket_kinds(*TICKET_KINDS)


def _approvals() -> None:
    op.create_table(
        "approvals",
        text("tenant_id"),
        text("id"),
        whole("number"),
        text("kind"),
        text("subject"),
        json("payload"),
        json("summary"),
        text("customer_id", nullable=True),
        text("asked_by", nullable=True),
        time("asked_at"),
        time("expires_at"),
        text("state"),
        text("decided_by", nullable=True),
        time("decided_at", nullable=True),
        text("note"),
        whole("version"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_approvals")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_approvals_tenant_id_number")),
        refers("customer_id", "customers"),
        refers("asked_by", "members"),
        refers("decided_by", "members"),
        check("kind", "kind IN ('rule', 'reinstatement', 'deduction', 'adjustment')"),
        check("state", "state IN ('pending', 'approved', 'declined', 'withdrawn', 'expired')"),
        check("expires_later", "expires_at > asked_at"),
        check("two_people", "decided_by IS NULL OR asked_by IS NULL OR decided_by <> asked_by"),
        check("decided", "(state IN ('approved', 'declined')) = (decided_by IS NOT NULL)"),
        check("ended", "(state = 'pending') = (decided_at IS NULL)"),
        check("version", "version > 0"),
    )
    for name, column, is_unique in (
        ("uq_approvals_pending", "subject", True),
        ("ix_approvals_lapsing", "expires_at", False),
    ):
        pending = sa.text("state = 'pending'")
        op.create_index(
            name,
            "approvals",
            ["tenant_id", column],
            unique=is_unique,
            sqlite_where=pending,
            postgresql_where=pending,
        )


def _sqlite_triggers() -> None:
    refused = " BEGIN SELECT RAISE(ABORT, 'approvals: what was asked or decided stays'); END"
    op.execute(
        f"CREATE TRIGGER approvals_asked BEFORE UPDATE OF {ASKED} ON approvals{refused}",
    )
    op.execute(
        "CREATE TRIGGER approvals_decided BEFORE UPDATE ON approvals"
        f" WHEN OLD.state <> 'pending'{refused}"
    )
    op.execute(f"CREATE TRIGGER approvals_no_delete BEFORE DELETE ON approvals{refused}")


def _postgresql_triggers() -> None:
    op.execute(
        f"CREATE TRIGGER approvals_asked BEFORE DELETE OR UPDATE OF {ASKED} ON approvals"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER approvals_decided BEFORE UPDATE ON approvals"
        " FOR EACH ROW WHEN (OLD.state <> 'pending') EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER approvals_no_truncate BEFORE TRUNCATE ON approvals"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _allow_ticket_kinds(*kinds: str) -> None:
    allowed = f"kind IN ({_listed(*kinds)})"
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_tickets_kind"), "tickets", type_="check")
        op.create_check_constraint(op.f("ck_tickets_kind"), "tickets", allowed)
        return
    # SQLite changes no constraint: the table is made anew. Nothing refers to it.
    op.create_table(
        "tickets_new",
        text("tenant_id"),
        text("id"),
        text("kind"),
        text("member_id", nullable=True),
        text("contact_id", nullable=True),
        json("payload"),
        time("created_at"),
        time("expires_at"),
        time("used_at", nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tickets")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_tickets_ends_later")),
        sa.CheckConstraint(allowed, name=op.f("ck_tickets_kind")),
    )
    op.execute(
        "INSERT INTO tickets_new SELECT tenant_id, id, kind, member_id, contact_id, payload,"
        " created_at, expires_at, used_at FROM tickets"
    )
    op.drop_table("tickets")
    op.rename_table("tickets_new", "tickets")


def _listed(*values: str) -> str:
    return ", ".join(repr(value) for value in values)


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False)


def refers(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.tenant_id", f"{other}.id"],
        name=op.f(f"fk_approvals_tenant_id_{column}"),
    )


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_approvals_{name}"))
