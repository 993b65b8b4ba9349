"""Bringing all rows of an SQLite database to an empty PostgreSQL one, by COPY.

Rows stay what the program wrote; only the engine's own forms of times and truths change. Foreign
keys and triggers rest meanwhile: what is checked afterwards is checked from the rows.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Boolean, DateTime, Table

from storage import schema
from storage.values import time_or_none

_MAKES: dict[type, Callable[[Any], Any]] = {
    DateTime: time_or_none,
    Boolean: lambda value: None if value is None else bool(value),
}


def copy_rows(source: Path, url: str) -> None:
    """Copy every table into a migrated database that has no rows, and analyse it."""
    with closing(sqlite3.connect(source)) as rows, psycopg.connect(url) as target:
        target.execute("SET session_replication_role = replica")
        for table in schema.METADATA.sorted_tables:
            _copy(rows, target, table)
    with psycopg.connect(url, autocommit=True) as target:
        target.execute("VACUUM ANALYZE")


def _copy(rows: sqlite3.Connection, target: "psycopg.Connection[Any]", table: Table) -> None:
    names = [column.name for column in table.columns]
    makes = [_MAKES.get(type(column.type)) for column in table.columns]
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    chosen = f"SELECT {', '.join(names)} FROM {table.name}"  # noqa: S608  our own tables
    with target.cursor() as cursor, cursor.copy(into) as copy:
        for row in _made(rows.execute(chosen), makes):
            copy.write_row(row)


def _made(
    rows: Iterator[tuple[Any, ...]], makes: list[Callable[[Any], Any] | None]
) -> Iterator[tuple[Any, ...]]:
    changed = [(place, make) for place, make in enumerate(makes) if make is not None]
    for row in rows:
        values = list(row)
        for place, make in changed:
            values[place] = make(values[place])
        yield tuple(values)
