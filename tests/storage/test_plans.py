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
    "approvals._PENDING",
    "apikeys._ALL",
    "channels._ALL",
    "channels._CONFIGS",
    "channels._OF_KIND",
    "customer_fields._ALL",
    "customer_files._ALL",
    "customer_files._ALL_ALIASES",
    "customer_files._FULL_NAMES",
    "customer_files._MARKS",
    "customers._ALL",
    "customers._ALL_SEGMENTS",
    "drafts._OPEN",
    "events._HAS_ANY",
    "customers._EVER",
    "lotteries._ALL",
    "members._ALL",
    "merges._UNFINISHED",
    "merges._WERE_ONE",
    "projects._ALL",
    "rules._CONTENTS",
    "rules._IN_USE",
    "rules._PROGRAMMES",
    "rules._PROGRAMME_HASHES",
    "proofs._BROKEN",
    "proofs._HEADS",
    "proofs._SEALED",
    "proofs._WALLETS",
    "redemptions._TO_HAND_OVER",
    "rewards._ALL",
    "rewards._STOCKS",
    "recordings._CLOSINGS",
    "recordings._CUSTOMERS",
    "recordings._JOINS",
    "recordings._JOINS_IN",
    "recordings._JOINS_OF",
    "recordings._PROGRAMMES",
    "rules._PUBLISHED",
    "tallies._LAST_CLOSED",
    "tallies._LATEST_BATCHES",
    "tenants._ALL",
    "voucher_uses._WAITING",
    "voucher_uses._WAITING_SUM",
}
"""Statements that list what a tenant has, or what of it is open."""
WHOLE_LEDGER = (
    *("month_books.", "reconcile.", "reconcile_mall.", "reconcile_vouchers.", "turnovers."),
    *("verify_beside.", "verify_parts.", "verify_sources."),
)
"""Modules that read all of a tenant's ledger, for that is what they are for."""
FIRST_OF_TENANT = {"proofs._BEGAN", "proofs._LAST"}
"""Statements that read one row at an end of the tenant's index."""
ACROSS_TENANTS = {
    "apikeys._FIND_ANYWHERE",
    "backtest_orders._IDLE_SINCE",
    "backtest_orders._OLDEST_DUE",
    "queue._DUE",
    "queue._OLDEST_DUE",
}
"""Statements that walk a small index: of what is still to be done, or of the tenants."""


_SMALL = {"SCAN CONSTANT ROW", "SCAN legs", "SCAN sides"}
"""What a statement has put together itself."""


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


def reads_whole_tenant(name: str) -> bool:
    """Tell whether a statement is to read all rows of a tenant, or the first of an index."""
    return name in WHOLE_TENANT | FIRST_OF_TENANT or name.startswith(WHOLE_LEDGER)


def test_statements_are_found() -> None:
    found = {name for name, _ in statements()}

    assert found >= WHOLE_TENANT | FIRST_OF_TENANT | ACROSS_TENANTS
    assert found >= {"wallets._LOCK", "inbox._RECEIVE"}


def test_no_statement_reads_more_than_it_needs(sqlite_url: str) -> None:
    slow = []
    with migration_engine(parse_url(sqlite_url)).connect() as connection:
        for name, statement in statements():
            for step in plan(connection, statement):
                is_scan = step.startswith("SCAN") and step not in _SMALL
                if is_scan and not (name in ACROSS_TENANTS | {"tenants._ALL"} and "INDEX" in step):
                    slow.append((name, step))
                if step.endswith("(tenant_id=?)") and not reads_whole_tenant(name):
                    slow.append((name, step))

    assert slow == []


def test_of_a_members_open_tickets_only_those_of_the_kind_that_last_are_read(
    sqlite_url: str,
) -> None:
    with migration_engine(parse_url(sqlite_url)).connect() as connection:
        step, *_ = plan(connection, dict(statements())["tickets._NEWEST_OF_MEMBER"])

    columns = "tenant_id=? AND member_id=? AND kind=? AND expires_at>?"
    assert step == f"SEARCH tickets USING INDEX ix_tickets_open_of_member ({columns})"


def test_when_points_end_is_read_from_the_index_alone(sqlite_url: str) -> None:
    read = {"wallets._ENDINGS", "wallets._UNBOOKED"}
    with migration_engine(parse_url(sqlite_url)).connect() as connection:
        found = "SELECT rootpage FROM sqlite_master WHERE name = 'lots'"
        table = connection.execute(text(found)).scalar_one()
        columns = {
            name: columns_read(connection, statement, table)
            for name, statement in statements()
            if name in read
        }

    assert columns == dict.fromkeys(read, 0)


def test_columns_read_from_a_table_are_noticed(sqlite_url: str) -> None:
    with migration_engine(parse_url(sqlite_url)).connect() as connection:
        found = "SELECT rootpage FROM sqlite_master WHERE name = 'lots'"
        table = connection.execute(text(found)).scalar_one()

        assert columns_read(connection, dict(statements())["wallets._FIRST_LOTS"], table) > 0


def columns_read(connection: Connection, statement: str, root: int) -> int:
    """Count the steps of SQLite's program that read a column of the table at a root page."""
    translated = Sqlite().translate(statement, writes=True)
    values = dict.fromkeys(re.findall(r":(\w+)", translated))
    steps = [row[1:4] for row in connection.execute(text(f"EXPLAIN {translated}"), values)]
    cursors = {p1 for code, p1, p2 in steps if code == "OpenRead" and p2 == root}
    return sum(code == "Column" and p1 in cursors for code, p1, _ in steps)
