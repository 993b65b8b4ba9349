"""Taking back wrong uses of vouchers: a use that refers to another, approvals and stock for it.

On SQLite, which changes no constraint, the tables are made anew; their triggers go with the old
ones and are made again.

Revision ID: 0021
Revises: 0020
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

Change = Callable[[list[str]], list[str]]
ADDED = {
    "approvals": ("kind", "voucher_use"),
    "stock_moves": ("move", "take_back"),
}
"""What columns that name a kind may say from now on."""
WRITTEN_BEFORE = (
    "tenant_id, id, number, source, voucher_id, customer_id, project_id, amount, member_id, used_at"
)
WRITTEN = f"{WRITTEN_BEFORE}, takes_back"


def upgrade() -> None:
    """Let a use take another back, once; it never changes, as all of a use."""
    for table, (column, added) in ADDED.items():
        _allow(table, column, partial(_with, added=added))
    op.execute(_drop_written())
    with _changed("voucher_uses") as batch:
        batch.add_column(sa.Column("takes_back", sa.String(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_voucher_uses_tenant_id_takes_back"),
            "voucher_uses",
            ["tenant_id", "takes_back"],
            ["tenant_id", "id"],
        )
        batch.create_unique_constraint(
            op.f("uq_voucher_uses_tenant_id_takes_back"), ["tenant_id", "takes_back"]
        )
        batch.create_check_constraint(
            op.f("ck_voucher_uses_counter"), sa.text("takes_back IS NULL OR deducted_from <> ''")
        )
    op.execute(_create_written(WRITTEN))


def downgrade() -> None:
    """Go back; only where nobody has ever asked for a use to be taken back."""
    for table, (column, added) in ADDED.items():
        found = f"SELECT count(*) FROM {table} WHERE {column} = '{added}'"  # noqa: S608
        if op.get_bind().scalar(sa.text(found)):
            raise RuntimeError(f"{table} would be lost")
    op.execute(_drop_written())
    with _changed("voucher_uses") as batch:
        batch.drop_constraint(op.f("ck_voucher_uses_counter"), type_="check")
        batch.drop_constraint(op.f("uq_voucher_uses_tenant_id_takes_back"), type_="unique")
        batch.drop_constraint(op.f("fk_voucher_uses_tenant_id_takes_back"), type_="foreignkey")
        batch.drop_column("takes_back")
    op.execute(_create_written(WRITTEN_BEFORE))
    for table, (column, added) in ADDED.items():
        _allow(table, column, partial(_without, added=added))


def _drop_written() -> str:
    on = " ON voucher_uses" if _is_postgresql() else ""
    return f"DROP TRIGGER voucher_uses_written{on}"


def _create_written(columns: str) -> str:
    if _is_postgresql():
        return (
            f"CREATE TRIGGER voucher_uses_written BEFORE DELETE OR UPDATE OF {columns}"
            " ON voucher_uses FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    return (
        f"CREATE TRIGGER voucher_uses_written BEFORE UPDATE OF {columns} ON voucher_uses"
        " BEGIN SELECT RAISE(ABORT, 'voucher_uses is append-only'); END"
    )


@contextmanager
def _changed(table: str) -> Iterator[BatchOperations]:
    """Change a table; its triggers stay."""
    triggers = [] if _is_postgresql() else _triggers_of(table)
    with op.batch_alter_table(table) as batch:
        yield batch
    for trigger in triggers:
        op.execute(trigger)


def _allow(table: str, column: str, change: Change) -> None:
    """Change what a column may say, whatever it may say now."""
    name = op.f(f"ck_{table}_{column}")
    checks = sa.inspect(op.get_bind()).get_check_constraints(table)
    [written] = [found["sqltext"] for found in checks if found["name"] == name]
    kinds = change(re.findall(r"'(\w+)'", written))
    with _changed(table) as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, sa.text(f"{column} IN ({_listed(kinds)})"))


def _with(kinds: list[str], added: str) -> list[str]:
    return [*kinds, added]


def _without(kinds: list[str], added: str) -> list[str]:
    return [kind for kind in kinds if kind != added]


def _triggers_of(table: str) -> list[str]:
    asked = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
    return list(op.get_bind().scalars(asked, {"table": table}))


def _listed(values: Iterable[str]) -> str:
    return ", ".join(repr(value) for value in values)


def _is_postgresql() -> bool:
    return bool(op.get_context().dialect.name == "postgresql")
