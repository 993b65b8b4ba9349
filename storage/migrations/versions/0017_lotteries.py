"""Lotteries: what was promised, the urns, the draws; prizes as a reason for points.

Revision ID: 0017
Revises: 0016
"""

import re
from collections.abc import Callable, Iterable
from functools import partial

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

Change = Callable[[list[str]], list[str]]
ADDED = {
    "entries": ("reason", ("prize",)),
    "approvals": ("kind", ("lottery",)),
    "tickets": ("kind", ("lottery", "draw")),
}
"""What columns that name a kind may say from now on."""
LOTTERY_TERMS = "tenant_id, id, number, name, price, opens_at, closes_at, per_day, per_customer"
PRIZE_TERMS = (
    "tenant_id, lottery_id, place, kind, name, tickets, points, months, reward_id, has_stock, worth"
)


def upgrade() -> None:
    """Create the tables with their triggers, and allow the new kinds."""
    _lotteries()
    _prizes()
    _draws()
    if op.get_context().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()
    for table, (column, added) in ADDED.items():
        _allow(table, column, partial(_with, added=added))


def downgrade() -> None:
    """Go back; only for an installation that has given no prize and asked for no lottery yet."""
    for table, (column, added) in ADDED.items():
        if table == "tickets":
            op.execute(f"DELETE FROM tickets WHERE kind IN ({_listed(added)})")  # noqa: S608
        found = f"SELECT count(*) FROM {table} WHERE {column} IN ({_listed(added)})"  # noqa: S608
        if op.get_bind().scalar(sa.text(found)):
            raise RuntimeError(f"{table} would be lost")
        _allow(table, column, partial(_without, added=added))
    for table in ("draws", "lottery_prizes", "lotteries"):
        op.drop_table(table)


def _allow(table: str, column: str, change: Change) -> None:
    """Change what a column may say, whatever it may say now."""
    name = op.f(f"ck_{table}_{column}")
    checks = sa.inspect(op.get_bind()).get_check_constraints(table)
    [written] = [found["sqltext"] for found in checks if found["name"] == name]
    kinds = change(re.findall(r"'(\w+)'", written))
    allowed = f"{column} IN ({_listed(kinds)})"
    is_sqlite = op.get_context().dialect.name == "sqlite"
    triggers = _triggers_of(table) if is_sqlite else []
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, sa.text(allowed))
    # SQLite has made the table anew, and its triggers went with the old one.
    for trigger in triggers:
        op.execute(trigger)


def _with(kinds: list[str], added: tuple[str, ...]) -> list[str]:
    return [*kinds, *added]


def _without(kinds: list[str], added: tuple[str, ...]) -> list[str]:
    return [kind for kind in kinds if kind not in added]


def _triggers_of(table: str) -> list[str]:
    asked = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
    return list(op.get_bind().scalars(asked, {"table": table}))


def _listed(values: Iterable[str]) -> str:
    return ", ".join(repr(value) for value in values)


def _lotteries() -> None:
    op.create_table(
        "lotteries",
        text("tenant_id"),
        text("id"),
        whole("number"),
        text("name"),
        big("price"),
        time("opens_at"),
        time("closes_at"),
        whole("per_day", nullable=True),
        whole("per_customer", nullable=True),
        text("state"),
        text("commitment"),
        text("seed", nullable=True),
        whole("drawn"),
        text("head"),
        time("published_at", nullable=True),
        time("closed_at", nullable=True),
        whole("version"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_lotteries")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_lotteries_tenant_id")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_lotteries_tenant_id_number")),
        check("lotteries", "state", "state IN ('draft', 'open', 'closed')"),
        check("lotteries", "price", "price > 0"),
        check("lotteries", "closes_later", "closes_at > opens_at"),
        check("lotteries", "limits", "per_day > 0 AND per_customer > 0"),
        check("lotteries", "promised", "(state = 'draft') = (commitment = '')"),
        check("lotteries", "sealed", "(state = 'draft') = (seed IS NULL)"),
        check("lotteries", "published", "(state = 'draft') = (published_at IS NULL)"),
        check("lotteries", "closed", "(state = 'closed') = (closed_at IS NOT NULL)"),
        check("lotteries", "drawn", "drawn >= 0"),
        check("lotteries", "version", "version > 0"),
    )
    index("lotteries", "ix_lotteries_open", ["closes_at"], "state = 'open'")


def _prizes() -> None:
    table = "lottery_prizes"
    op.create_table(
        table,
        text("tenant_id"),
        text("lottery_id"),
        whole("place"),
        text("kind"),
        text("name"),
        whole("tickets"),
        whole("remaining"),
        big("points"),
        whole("months"),
        text("reward_id", nullable=True),
        sa.Column("has_stock", sa.Boolean(), nullable=False),
        big("worth"),
        sa.PrimaryKeyConstraint("tenant_id", "lottery_id", "place", name=op.f(f"pk_{table}")),
        refers(table, "lottery_id", "lotteries"),
        refers(table, "reward_id", "rewards"),
        check(table, "kind", "kind IN ('points', 'reward', 'nothing')"),
        check(table, "tickets", "tickets > 0"),
        check(table, "remaining", "remaining >= 0 AND remaining <= tickets"),
        check(table, "points", "(kind = 'points') = (points > 0)"),
        check(table, "months", "(kind = 'points') = (months > 0)"),
        check(table, "reward", "(kind = 'reward') = (reward_id IS NOT NULL)"),
        check(table, "worth", "worth >= 0"),
    )


def _draws() -> None:
    op.create_table(
        "draws",
        text("tenant_id"),
        text("id"),
        text("lottery_id"),
        whole("number"),
        text("source"),
        text("customer_id"),
        text("contact_id"),
        whole("prize"),
        big("price"),
        time("drawn_at"),
        text("previous"),
        text("hash"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_draws")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lottery_id", "prize"],
            ["lottery_prizes.tenant_id", "lottery_prizes.lottery_id", "lottery_prizes.place"],
            name=op.f("fk_draws_tenant_id_lottery_id_prize"),
        ),
        refers("draws", "customer_id", "customers"),
        refers("draws", "contact_id", "contacts"),
        sa.UniqueConstraint(
            "tenant_id", "lottery_id", "number", name=op.f("uq_draws_tenant_id_lottery_id_number")
        ),
        sa.UniqueConstraint("tenant_id", "source", name=op.f("uq_draws_tenant_id_source")),
        check("draws", "number", "number > 0"),
        check("draws", "price", "price > 0"),
    )
    index("draws", "ix_draws_customer", ["lottery_id", "customer_id", "drawn_at"])


def _sqlite_triggers() -> None:
    for name, when in (
        ("lotteries_terms", f"UPDATE OF {LOTTERY_TERMS} ON lotteries"),
        ("lotteries_no_delete", "DELETE ON lotteries"),
        ("lottery_prizes_terms", f"UPDATE OF {PRIZE_TERMS} ON lottery_prizes"),
        ("lottery_prizes_no_delete", "DELETE ON lottery_prizes"),
        ("draws_no_update", "UPDATE ON draws"),
        ("draws_no_delete", "DELETE ON draws"),
    ):
        refused = f"BEGIN SELECT RAISE(ABORT, '{name}: it stays as it is'); END"
        op.execute(f"CREATE TRIGGER {name} BEFORE {when} {refused}")
    refused = "BEGIN SELECT RAISE(ABORT, 'lotteries: what was promised stays'); END"
    op.execute(
        "CREATE TRIGGER lotteries_promised BEFORE UPDATE OF commitment ON lotteries"
        f" WHEN OLD.commitment <> '' {refused}"
    )
    op.execute(
        "CREATE TRIGGER lotteries_closed BEFORE UPDATE ON lotteries"
        f" WHEN OLD.state = 'closed' {refused}"
    )


def _postgresql_triggers() -> None:
    refused = "EXECUTE FUNCTION refuse_change()"
    for name, when in (
        ("lotteries_terms", f"DELETE OR UPDATE OF {LOTTERY_TERMS} ON lotteries"),
        ("lottery_prizes_terms", f"DELETE OR UPDATE OF {PRIZE_TERMS} ON lottery_prizes"),
        ("draws_no_change", "UPDATE OR DELETE ON draws"),
    ):
        op.execute(f"CREATE TRIGGER {name} BEFORE {when} FOR EACH ROW {refused}")
    op.execute(
        "CREATE TRIGGER lotteries_promised BEFORE UPDATE OF commitment ON lotteries"
        f" FOR EACH ROW WHEN (OLD.commitment <> '') {refused}"
    )
    op.execute(
        "CREATE TRIGGER lotteries_closed BEFORE UPDATE ON lotteries"
        f" FOR EACH ROW WHEN (OLD.state = 'closed') {refused}"
    )
    for table in ("lotteries", "lottery_prizes", "draws"):
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
