"""A ledger somebody gets at behind the program's back: all triggers and constraints let go."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from sqlmodel import SQLModel

import storage.schema  # noqa: F401  the metadata of all tables
from bot.verifying import check_heads
from domain.proof import Published
from domain.verification import Finding
from storage.engine import open_database
from storage.verify_all import checks_of, run_check
from storage.work import open_store
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.stores import CIPHER, MAIN

TABLES = (
    *("entries", "lots", "lot_uses", "wallets", "events", "event_undos", "rule_versions"),
    *("programme_versions", "day_heads", "wallet_seals"),
)
Place = Any
"""Where a row is: SQLite's rowid, PostgreSQL's ctid."""


class Tampered:
    """A ledger, and a connection that nothing is refused to."""

    def __init__(self, url: str) -> None:
        """Open the database and let all that protects it go."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self._sqlite = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            self._loosen_sqlite()
        else:
            self._postgres = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
            self._loosen_postgres()

    def close(self) -> None:
        """Close the connection; the next test in the same PostgreSQL is refused again."""
        if not self.is_sqlite:
            for table in TABLES:
                self.run(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        (self._sqlite if self.is_sqlite else self._postgres).close()

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement with `?` parameters; give its rows."""
        if self.is_sqlite:
            return self._sqlite.execute(statement, values).fetchall()
        text = statement.replace("%", "%%").replace("?", "%s")
        cursor = self._postgres.execute(text.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def places(self, table: str) -> list[Place]:
        """List where a table's rows are, in the order of its key."""
        key = ", ".join(column.name for column in SQLModel.metadata.tables[table].primary_key)
        name = "rowid" if self.is_sqlite else "ctid"
        return [row[0] for row in self.run(f"SELECT {name} FROM {table} ORDER BY {key}")]

    def value(self, table: str, column: str, place: Place) -> Any:
        """Read one value."""
        return self.run(f"SELECT {column} FROM {table} WHERE {self._where}", place)[0][0]

    @contextmanager
    def changed(self, table: str, column: str, place: Place, value: Any) -> Iterator[None]:
        """Change one value for a while; the row keeps its place on SQLite only."""
        before = self.value(table, column, place)
        # Bytes stand for a text: SQLite would keep them as bytes otherwise.
        new = "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"
        statement = f"UPDATE {table} SET {column} = {new} WHERE {self._where}"
        if not self.is_sqlite:
            statement += " RETURNING ctid"
        rows = self.run(statement, value, place)
        moved = rows[0][0] if rows else place
        try:
            yield
        finally:
            self.run(statement.replace(new, "?"), before, moved)

    def findings(self, *published: Published) -> list[Finding]:
        """Check everything, as the command does in one process."""
        found: list[Finding] = []
        database = open_database(self.url)
        for check in checks_of(database, MAIN, 1):
            found += run_check(self.url, MAIN, check)[1]
        database.close()
        store = open_store(self.url, clock=FakeClock(), ids=SequenceIds(), cipher=CIPHER)
        found += check_heads(store, MAIN, published)
        store.close()
        return found

    @property
    def _where(self) -> str:
        return "rowid = ?" if self.is_sqlite else "ctid = ?"

    def _loosen_sqlite(self) -> None:
        for (name,) in self.run("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            self.run(f"DROP TRIGGER {name}")
        for pragma in ("foreign_keys=OFF", "ignore_check_constraints=ON", "synchronous=OFF"):
            self.run(f"PRAGMA {pragma}")

    def _loosen_postgres(self) -> None:
        self.run("SET TIME ZONE 'UTC'")
        for table in TABLES:
            self.run(f"ALTER TABLE {table} DISABLE TRIGGER ALL")


def columns() -> list[tuple[str, str]]:
    """List every column of the tables that are checked, from the models."""
    tables = SQLModel.metadata.tables
    return [(table, column.name) for table in TABLES for column in tables[table].columns]


def other(table: str, column: str, value: Any) -> Any:
    """Give another value of a column's kind."""
    kind = SQLModel.metadata.tables[table].columns[column].type.python_type
    if value is None:
        return {int: 7, datetime: "2026-11-22 02:00:00.000001"}.get(kind, "x")
    if kind is bool:
        return not value
    if isinstance(value, int):
        # Further than the next, which may be taken.
        return value + 1000
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, date):
        return value - timedelta(days=30)
    if kind is date:
        return (date.fromisoformat(value) - timedelta(days=30)).isoformat()
    if re.fullmatch(r"\d{4}-\d\d-\d\d [\d:.]{15}", value):
        return f"{value[:-1]}1"
    # Longer, so that it is nobody else's.
    return f"{value}0"
