"""What runs have done, notices of ending points, and alerts that are about no customer.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KINDS_BEFORE = ("bad_review",)
KINDS = (*KINDS_BEFORE, "drift", "damage", "event_conflict")
COLUMNS = (
    "tenant_id, id, number, kind, severity, dedupe_key, customer_id, project_id, review_id,"
    " opened_at, state, occurrences, taken_by, taken_at, resolved_at, confirmed_at, cause, measure,"
    " note, reopened, version"
)


def upgrade() -> None:
    """Create the tables of the runs and let alerts be about no customer."""
    op.create_table(
        "runs",
        text("tenant_id"),
        text("name"),
        text("place"),
        time("ran_at"),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_runs")),
    )
    op.create_table(
        "expiry_notices",
        text("tenant_id"),
        text("customer_id"),
        time("expires_at"),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        time("noticed_at"),
        sa.PrimaryKeyConstraint(
            "tenant_id", "customer_id", "expires_at", "level", name=op.f("pk_expiry_notices")
        ),
        refers("expiry_notices", "customer_id", "customers"),
        sa.CheckConstraint("level IN (1, 7, 30)", name=op.f("ck_expiry_notices_level")),
        sa.CheckConstraint("points > 0", name=op.f("ck_expiry_notices_points")),
    )
    if op.get_context().dialect.name == "postgresql":
        op.alter_column("alerts", "customer_id", nullable=True)
        op.add_column("alerts", text("about", nullable=True))
        op.execute("UPDATE alerts SET about = ''")
        op.alter_column("alerts", "about", nullable=False)
        _allow_kinds(KINDS)
    else:
        _make_anew(KINDS, text("about"), customer_nullable=True, about=", ''")
    op.create_index("ix_alerts_dedupe", "alerts", ["tenant_id", "dedupe_key"])


def downgrade() -> None:
    """Go back; alerts without a customer mean nothing there."""
    op.drop_index("ix_alerts_dedupe", "alerts")
    op.execute("DELETE FROM alerts WHERE kind <> 'bad_review'")
    if op.get_context().dialect.name == "postgresql":
        op.drop_column("alerts", "about")
        op.alter_column("alerts", "customer_id", nullable=False)
        _allow_kinds(KINDS_BEFORE)
    else:
        _make_anew(KINDS_BEFORE, customer_nullable=False)
    op.drop_table("expiry_notices")
    op.drop_table("runs")


def _allow_kinds(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_alerts_kind"), "alerts", type_="check")
    op.create_check_constraint(op.f("ck_alerts_kind"), "alerts", f"kind IN ({_listed(kinds)})")


def _make_anew(
    kinds: tuple[str, ...], *added: sa.Column[str], customer_nullable: bool, about: str = ""
) -> None:
    """Make the table anew: SQLite changes no constraint. Nothing refers to it."""
    op.create_table(
        "alerts_new",
        text("tenant_id"),
        text("id"),
        whole("number"),
        text("kind"),
        text("severity"),
        text("dedupe_key"),
        text("customer_id", nullable=customer_nullable),
        text("project_id", nullable=True),
        text("review_id", nullable=True),
        time("opened_at"),
        text("state"),
        whole("occurrences"),
        text("taken_by", nullable=True),
        time("taken_at", nullable=True),
        time("resolved_at", nullable=True),
        time("confirmed_at", nullable=True),
        text("cause", nullable=True),
        text("measure", nullable=True),
        text("note"),
        whole("reopened"),
        whole("version"),
        *added,
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_alerts_tenant_id_number")),
        refers("alerts", "customer_id", "customers"),
        refers("alerts", "project_id", "projects"),
        refers("alerts", "review_id", "reviews"),
        refers("alerts", "taken_by", "members"),
        *(
            sa.CheckConstraint(said, name=op.f(f"ck_alerts_{name}"))
            for name, said in _checks(kinds)
        ),
    )
    op.execute(
        f"INSERT INTO alerts_new SELECT {COLUMNS}{about} FROM alerts"  # noqa: S608  constants
    )
    op.drop_table("alerts")
    op.rename_table("alerts_new", "alerts")
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["tenant_id", "dedupe_key"],
        unique=True,
        sqlite_where=sa.text("state <> 'resolved'"),
    )


def _checks(kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        ("kind", f"kind IN ({_listed(kinds)})"),
        ("severity", "severity IN ('red', 'amber')"),
        ("state", "state IN ('new', 'taken', 'resolved')"),
        (
            "cause",
            "cause IN ('workmanship', 'material', 'schedule', 'communication', 'other')",
        ),
        ("measure", "measure IN ('rework', 'visit', 'compensation', 'explained', 'other')"),
        ("occurrences", "occurrences > 0"),
        ("reopened", "reopened >= 0"),
        ("version", "version > 0"),
        ("taken", "(taken_by IS NULL) = (taken_at IS NULL)"),
        ("taken_state", "(state = 'new') = (taken_by IS NULL)"),
        ("resolved", "(state = 'resolved') = (resolved_at IS NOT NULL)"),
        ("confirmed", "confirmed_at IS NULL OR state = 'resolved'"),
        ("closed", "state <> 'resolved' OR (cause IS NOT NULL AND measure IS NOT NULL)"),
    ]


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(repr(value) for value in values)


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.tenant_id", f"{other}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )
