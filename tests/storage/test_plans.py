"""Every statement of the repositories finds its rows by an index, also before any ANALYZE."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, text

import storage
from storage.dialects import Sqlite
from storage.engine import migration_engine, parse_url

WHOLE_TENANT = {
    "alerts._OPEN",
    "channels._ALL",
    "channels._CONFIGS",
    "channels._OF_KIND",
    "customers._ALL",
    "members._ALL",
    "projects._ALL",
    "rules._PUBLISHED",
    "tenants._ALL",
}
"""Statements that list what a tenant has, or what of it is open."""
ACROSS_TENANTS = {"queue._DUE", "queue._OLDEST_DUE"}
"""Statements that walk a small index of what is still to be sent."""


def statements() -> Iterator[tuple[str, str]]:
    """Find the constant statements of all modules of storage."""
    for file in sorted(Path(next(iter(storage.__path__))).glob("*.py")):
        if file.stem.startswith(("tables", "schema", "__init__")):
            continue
        module = importlib.import_module(f"storage.{file.stem}")
        for name, value in vars(module).items():
            is_statement = isinstance(value, str) and re.match(
                r"\s*(SELECT|UPDATE|INSERT)\b", value
            )
            if is_statement and not name.startswith("_SELECT"):
                yield f"{file.stem}.{name}", value


def plan(connection: Connection, statement: str) -> list[str]:
    """Ask SQLite how it would run a statement."""
    translated = Sqlite().translate(statement, writes=True)
    values = dict.fromkeys(re.findall(r":(\w+)", translated))
    rows = connection.execute(text(f"EXPLAIN QUERY PLAN {translated}"), values)
    return [row[3] for row in rows]


def test_statements_are_found() -> None:
    found = {name for name, _ in statements()}

    assert found >= WHOLE_TENANT | ACROSS_TENANTS | {"wallets._LOCK", "inbox._RECEIVE"}


def test_no_statement_reads_more_than_it_needs(sqlite_url: str) -> None:
    slow = []
    with migration_engine(parse_url(sqlite_url)).connect() as connection:
        for name, statement in statements():
            for step in plan(connection, statement):
                is_scan = step.startswith("SCAN") and "CONSTANT ROW" not in step
                if is_scan and not (name in ACROSS_TENANTS | {"tenants._ALL"} and "INDEX" in step):
                    slow.append((name, step))
                if step.endswith("(tenant_id=?)") and name not in WHOLE_TENANT:
                    slow.append((name, step))

    assert slow == []
