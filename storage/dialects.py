"""What differs between SQLite and PostgreSQL below the statements: parameters, locks, errors.

Statements are written once, with `:name` parameters and PostgreSQL's FOR UPDATE; each engine gets
its own text of them, made once per statement.
"""

import re
import sqlite3

from storage.values import FOR_POSTGRES, FOR_SQLITE, Converters

_PARAMETER = re.compile(r"(?<!:):(\w+)")
_ROW_LOCK = re.compile(r"\s+FOR UPDATE(?: OF \w+)?(?: SKIP LOCKED)?")

_SQLITE_PRIMARY_CODE = 0xFF
_SQLITE_DUPLICATES = (
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
)
# Serialisation failure, deadlock, lock not available, unique violation.
_POSTGRES_CONFLICTS = ("40001", "40P01", "55P03", "23505")


class Sqlite:
    """SQLite through the standard library's driver."""

    name = "sqlite"
    begin_writing = "BEGIN IMMEDIATE"
    begin_reading = "BEGIN"
    before_scans: tuple[str, ...] = ()
    converters: Converters = FOR_SQLITE
    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def translate(self, statement: str, *, writes: bool) -> str:
        """Drop row locks: the one writer needs none and the driver reads `:name` itself."""
        del writes
        return _ROW_LOCK.sub("", statement)

    def is_conflict(self, error: Exception) -> bool:
        """Tell whether another transaction was in the way."""
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:
            return False
        return code in _SQLITE_DUPLICATES or code & _SQLITE_PRIMARY_CODE in (
            sqlite3.SQLITE_BUSY,
            sqlite3.SQLITE_LOCKED,
        )

    def refused_by(self, error: Exception) -> str:
        """Name the constraint that refused a statement; SQLite's messages hold no values."""
        return str(error)


class Postgres:
    """PostgreSQL through psycopg 3, in autocommit: transactions are begun and ended by text."""

    name = "postgresql"
    begin_writing = "BEGIN"
    begin_reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    # A table that has just been filled is thought to have a handful of rows of a tenant until it
    # is analysed; joined by nested loops it would take hours, and a limit is meant for chats.
    before_scans = ("SET LOCAL statement_timeout = 0", "SET LOCAL enable_nestloop = off")
    converters: Converters = FOR_POSTGRES

    def __init__(self) -> None:
        # lazy: an embedded installation never loads the driver of the big one.
        import psycopg

        self.errors: tuple[type[Exception], ...] = (psycopg.Error,)

    def translate(self, statement: str, *, writes: bool) -> str:
        """Write parameters as psycopg wants them; a transaction that only reads may not lock."""
        text = statement if writes else _ROW_LOCK.sub("", statement)
        return _PARAMETER.sub(r"%(\1)s", text.replace("%", "%%"))

    def is_conflict(self, error: Exception) -> bool:
        """Tell whether another transaction was in the way."""
        return getattr(error, "sqlstate", None) in _POSTGRES_CONFLICTS

    def refused_by(self, error: Exception) -> str:
        """Name the constraint that refused a statement; the messages hold whole rows."""
        told = getattr(error, "diag", None)
        return f"{getattr(error, 'sqlstate', None)} {getattr(told, 'constraint_name', None)}"


Dialect = Sqlite | Postgres
