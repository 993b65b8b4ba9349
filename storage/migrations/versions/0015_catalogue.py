"""Rewards that wait for a second person, and buttons that ask before the catalogue is changed.

Revision ID: 0015
Revises: 0014
"""

import re
from collections.abc import Callable, Iterable
from functools import partial

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ADDED = {"approvals": "reward", "tickets": "shelf"}
"""What the kinds of these tables may be from now on."""


def upgrade() -> None:
    """Let approvals and tickets have the new kinds."""
    for table, added in ADDED.items():
        _allow(table, partial(_with, added))


def downgrade() -> None:
    """Go back; only where no reward was ever asked for. The new tickets mean nothing then."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM approvals WHERE kind = 'reward'")):
        raise RuntimeError("approvals would be lost")
    op.execute("DELETE FROM tickets WHERE kind = 'shelf'")
    for table, added in ADDED.items():
        _allow(table, partial(_without, added))


def _allow(table: str, change: Callable[[list[str]], list[str]]) -> None:
    """Change what the kind may be, whatever it may be now."""
    name = op.f(f"ck_{table}_kind")
    checks = sa.inspect(op.get_bind()).get_check_constraints(table)
    [written] = [found["sqltext"] for found in checks if found["name"] == name]
    kinds = change(re.findall(r"'(\w+)'", written))
    triggers = _triggers_of(table) if op.get_context().dialect.name == "sqlite" else ()
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, sa.text(f"kind IN ({_listed(kinds)})"))
    # SQLite has made the table anew, and its triggers went with the old one.
    for trigger in triggers:
        op.execute(trigger)


def _with(added: str, kinds: list[str]) -> list[str]:
    return [*kinds, added]


def _without(added: str, kinds: list[str]) -> list[str]:
    return [kind for kind in kinds if kind != added]


def _triggers_of(table: str) -> list[str]:
    asked = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
    return list(op.get_bind().scalars(asked, {"table": table}))


def _listed(values: Iterable[str]) -> str:
    return ", ".join(repr(value) for value in values)
