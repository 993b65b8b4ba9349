"""Drafts of rules and of the programme, and the buttons of campaigns.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
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
)


def upgrade() -> None:
    """Create the table with its triggers and allow the tickets of campaigns."""
    _drafts()
    _allow_tickets(*TICKETS_BEFORE, "campaign")
    if op.get_context().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def downgrade() -> None:
    """Drop the table and the tickets; what was published stays published."""
    op.execute("DELETE FROM tickets WHERE kind = 'campaign'")
    _allow_tickets(*TICKETS_BEFORE)
    op.drop_table("rule_drafts")


def _drafts() -> None:
    op.create_table(
        "rule_drafts",
        text("tenant_id"),
        text("id"),
        sa.Column("number", sa.Integer(), nullable=False),
        text("kind"),
        text("code"),
        sa.Column("content", sa.Text(), nullable=False),
        text("created_by"),
        time("created_at"),
        text("changed_by"),
        time("changed_at"),
        text("state"),
        text("backtest_id", nullable=True),
        text("approval_id", nullable=True),
        sa.Column("published_version", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rule_drafts")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_rule_drafts_tenant_id_number")),
        refers("created_by", "members"),
        refers("changed_by", "members"),
        refers("approval_id", "approvals"),
        check("kind", "kind IN ('rule', 'programme')"),
        check("state", "state IN ('draft', 'submitted', 'declined', 'published', 'dropped')"),
        check("submitted", "state <> 'submitted' OR approval_id IS NOT NULL"),
        check("published", "(state = 'published') = (published_version IS NOT NULL)"),
        check("version", "version > 0"),
    )
    for name, columns, rows in (
        ("open", ["number"], "state IN ('draft', 'submitted', 'declined')"),
        ("approval", ["approval_id", "number"], "approval_id IS NOT NULL"),
    ):
        op.create_index(
            f"ix_rule_drafts_{name}",
            "rule_drafts",
            ["tenant_id", *columns],
            sqlite_where=sa.text(rows),
            postgresql_where=sa.text(rows),
        )


def _sqlite_triggers() -> None:
    refused = " BEGIN SELECT RAISE(ABORT, 'rule_drafts: what is decided stays'); END"
    op.execute(
        "CREATE TRIGGER rule_drafts_ended BEFORE UPDATE ON rule_drafts"
        f" WHEN OLD.state IN ('published', 'dropped'){refused}"
    )
    op.execute(
        "CREATE TRIGGER rule_drafts_submitted BEFORE UPDATE ON rule_drafts"
        f" WHEN OLD.state = 'submitted' AND NEW.content <> OLD.content{refused}"
    )
    op.execute(f"CREATE TRIGGER rule_drafts_no_delete BEFORE DELETE ON rule_drafts{refused}")


def _postgresql_triggers() -> None:
    op.execute(
        "CREATE TRIGGER rule_drafts_ended BEFORE UPDATE ON rule_drafts"
        " FOR EACH ROW WHEN (OLD.state IN ('published', 'dropped'))"
        " EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER rule_drafts_submitted BEFORE UPDATE ON rule_drafts"
        " FOR EACH ROW WHEN (OLD.state = 'submitted' AND NEW.content <> OLD.content)"
        " EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER rule_drafts_no_delete BEFORE DELETE ON rule_drafts"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER rule_drafts_no_truncate BEFORE TRUNCATE ON rule_drafts"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _allow_tickets(*kinds: str) -> None:
    allowed = ", ".join(repr(kind) for kind in kinds)
    with op.batch_alter_table("tickets") as tickets:
        tickets.drop_constraint(op.f("ck_tickets_kind"), type_="check")
        tickets.create_check_constraint(op.f("ck_tickets_kind"), sa.text(f"kind IN ({allowed})"))


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def refers(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.tenant_id", f"{other}.id"],
        name=op.f(f"fk_rule_drafts_tenant_id_{column}"),
    )


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_rule_drafts_{name}"))
