"""A database that can be had again as it was, and what is in it now, table by table."""

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import make_url
from typing_extensions import override

Picture = dict[str, str]
"""A hash over the rows of each table."""


class Copy(Protocol):
    """One database and how it was when it was kept."""

    def keep(self) -> None:
        """Keep how the database is now; nobody has it open."""
        ...

    def restore(self) -> None:
        """Make the database as it was kept; nobody has it open."""
        ...

    def picture(self) -> Picture:
        """Look at every row of every table that is durable by now."""
        ...


class SqliteCopy(Copy):
    """A file, and what was in it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._log, self._index = (file.with_name(file.name + end) for end in ("-wal", "-shm"))
        self._kept, self._picture = b"", Picture()

    @override
    def keep(self) -> None:
        self._picture = self.picture()
        self._kept = self._file.read_bytes()

    @override
    def restore(self) -> None:
        self._log.unlink(missing_ok=True)
        self._index.unlink(missing_ok=True)
        self._file.write_bytes(self._kept)

    @override
    def picture(self) -> Picture:
        if self._is_untouched():
            return self._picture
        with closing(sqlite3.connect(self._file)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return {
                table: _hash(connection.execute(f"SELECT * FROM {table}"))  # noqa: S608
                for (table,) in tables.fetchall()
            }

    def _is_untouched(self) -> bool:
        has_log = self._log.exists() and self._log.stat().st_size
        return not has_log and self._file.read_bytes() == self._kept


def _hash(rows: Any) -> str:
    return sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()


class PostgresCopy(Copy):
    """A database and a schema beside its own with the rows that were kept."""

    def __init__(self, url: str) -> None:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(plain, autocommit=True)
        self._kept: Picture = {}
        tables = self._connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        self._tables = [table for (table,) in tables.fetchall()]
        self._hashes = sql.SQL(" UNION ALL ").join(
            sql.SQL(
                "SELECT {}, md5(COALESCE(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {} t"
            ).format(sql.Literal(table), sql.Identifier(table))
            for table in self._tables
        )

    @override
    def keep(self) -> None:
        self._connection.execute("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept")
        for table in self._tables:
            name = sql.Identifier(table)
            self._connection.execute(
                sql.SQL("CREATE TABLE kept.{} AS TABLE public.{}").format(name, name)
            )
        self._kept = self.picture()

    @override
    def restore(self) -> None:
        changed = [t for t, found in self.picture().items() if found != self._kept[t]]
        if not changed:
            return
        again = sql.SQL("").join(
            sql.SQL("DELETE FROM public.{0}; INSERT INTO public.{0} TABLE kept.{0};").format(
                sql.Identifier(table)
            )
            for table in changed
        )
        # The role leaves triggers and references out.
        self._connection.execute(
            sql.SQL("BEGIN; SET LOCAL session_replication_role = replica; {} COMMIT").format(again)
        )

    @override
    def picture(self) -> Picture:
        return dict(self._connection.execute(self._hashes).fetchall())


def copy_of(url: str) -> Copy:
    """Make the copy that fits a database."""
    database = make_url(url)
    if database.get_backend_name() == "sqlite":
        return SqliteCopy(Path(database.database or ""))
    return PostgresCopy(url)
