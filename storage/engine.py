"""Opening a database by its URL: pools of driver connections with every setting we rely on."""

import os
import sqlite3
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, event, make_url
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool, PoolProxiedConnection

from storage.dialects import Dialect, Postgres, Sqlite
from storage.writer import WAIT_SECONDS_MAX, WriterPlace

_SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "cache_size=-8000",
    "temp_store=MEMORY",
    # Fewer, longer write-backs: one in hundreds of messages meets one, not one in sixty.
    "wal_autocheckpoint=4000",
    # Without it INSERT OR REPLACE would delete rows past the triggers that refuse it.
    "recursive_triggers=ON",
)
_SQLITE_VERSION_MIN = (3, 35)
_MAPPED_BYTES_MAX = 2**31
_POSTGRES_SETTINGS = {
    "timezone": "UTC",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    # Disks without heads.
    "random_page_cost": "1.1",
}
_POSTGRES_LOCK_WAIT_SECONDS = 3.0
_POSTGRES_MIGRATION_LOCK_WAIT_SECONDS = 5.0
_STATEMENTS_KEPT_MAX = 256
_POSTGRES_PREPARE_AFTER = 2
# A plan made while a table was empty may take an index by its tenant alone and stays until the
# table is analysed, up to minutes after the first load. So young connections plan anew.
_POSTGRES_PLAN_ANEW_AFTER = (200, 2_000, 20_000)
_POOL_WAIT_SECONDS = 10.0


class UnsupportedDatabase(Exception):
    """The URL names a database this program cannot work with."""


@dataclass
class Database:
    """An opened database: its dialect, its connections and, on SQLite, the writer's place."""

    dialect: Dialect
    writing: Engine
    reading: Engine
    place: WriterPlace | None
    _process: int = field(default_factory=os.getpid)

    def connection(self, *, writes: bool) -> PoolProxiedConnection:
        """Take a connection outside any transaction from the pool; `close` puts it back."""
        return (self.writing if writes else self.reading).raw_connection()

    def write_back(self) -> None:
        """Copy what SQLite's log holds into its file, beside whoever reads or writes."""
        if self.place is None:
            return
        self.notice_fork()
        connection = self.connection(writes=False)
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        finally:
            connection.close()

    def notice_fork(self) -> None:
        """Start with new connections and locks in a forked child; those of the parent stay its."""
        process = os.getpid()
        if process == self._process:
            return
        self._process = process
        for engine in {self.writing, self.reading}:
            engine.dispose(close=False)
        if self.place is not None:
            self.place.forget_after_fork()

    def close(self) -> None:
        """Close all connections that are not in use."""
        for engine in {self.writing, self.reading}:
            engine.dispose()


def parse_url(url: str) -> URL:
    """Read a database URL and name our driver in it.

    Raises:
        UnsupportedDatabase: neither PostgreSQL nor an SQLite file.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed.set(drivername="sqlite")
    raise UnsupportedDatabase(backend)


def sqlite_file(url: URL) -> Path | None:
    """Give the file of an SQLite database; None on PostgreSQL."""
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    return Path(url.database)


def open_database(
    url: str, *, pool_size: int = 16, wait_seconds_max: float | None = None
) -> Database:
    """Open a database; no connection is made before the first transaction.

    `pool_size` is the number of transactions one process can have open at once on PostgreSQL, and
    of reading ones on SQLite. `wait_seconds_max` is how long a transaction waits for what another
    one holds; if not given, 3 s for a row on PostgreSQL, 10 s for the writer's place on SQLite and
    for a connection.

    Raises:
        UnsupportedDatabase: neither PostgreSQL nor an SQLite file, or an SQLite that is too old.
    """
    parsed = parse_url(url)
    file = sqlite_file(parsed)
    pool_wait = _POOL_WAIT_SECONDS if wait_seconds_max is None else wait_seconds_max
    if file is None:
        lock_wait = _POSTGRES_LOCK_WAIT_SECONDS if wait_seconds_max is None else wait_seconds_max
        engine = _postgres_engine(parsed, pool_size, pool_wait, lock_wait)
        return Database(Postgres(), engine, engine, None)
    if sqlite3.sqlite_version_info < _SQLITE_VERSION_MIN:
        raise UnsupportedDatabase(f"SQLite {sqlite3.sqlite_version}")
    place_wait = WAIT_SECONDS_MAX if wait_seconds_max is None else wait_seconds_max
    return Database(
        Sqlite(),
        writing=_sqlite_engine(parsed, 1, pool_wait, _SQLITE_PRAGMAS),
        reading=_sqlite_engine(parsed, pool_size, pool_wait, (*_SQLITE_PRAGMAS, "query_only=ON")),
        place=WriterPlace(file, place_wait),
    )


def read_anything(database: Database) -> None:
    """Let texts be read that are none: SQLite keeps bytes that are not UTF-8; escaped from now on.

    Only for what checks the bytes that are stored; it costs time.
    """
    if database.place is not None:
        event.listen(database.reading, "connect", _escape_bytes)
        database.reading.dispose()


def map_file(database: Database) -> None:
    """Let SQLite's file be read where the system keeps it, instead of copied page by page.

    A tenth faster where all of it is read. Only for a process that may be lost: a disk that can't
    be read any more ends it.
    """
    if database.place is not None:
        event.listen(database.reading, "connect", _map_file)


def migration_engine(url: URL) -> Engine:
    """Make an engine for migrations: one connection at a time, SQLAlchemy's own transactions."""
    if sqlite_file(url) is None:
        options = _postgres_options(_POSTGRES_MIGRATION_LOCK_WAIT_SECONDS)
        return create_engine(url, poolclass=NullPool, connect_args=options)
    engine = create_engine(url, poolclass=NullPool)
    # A table that is made anew is dropped in between; what refers to it is checked at the end.
    pragmas = (*_SQLITE_PRAGMAS, "foreign_keys=OFF")
    event.listen(engine, "connect", _prepare_sqlite(pragmas))
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _sqlite_engine(
    url: URL, pool_size: int, pool_wait_seconds: float, pragmas: tuple[str, ...]
) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_wait_seconds,
        # Every transaction is ended before its connection goes back.
        pool_reset_on_return=None,
        connect_args={"cached_statements": _STATEMENTS_KEPT_MAX},
    )
    event.listen(engine, "connect", _prepare_sqlite(pragmas))
    return engine


def _postgres_engine(
    url: URL, pool_size: int, pool_wait_seconds: float, lock_wait_seconds: float
) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_wait_seconds,
        pool_reset_on_return=None,
        connect_args={
            "autocommit": True,
            "prepare_threshold": _POSTGRES_PREPARE_AFTER,
            **_postgres_options(lock_wait_seconds),
        },
    )
    event.listen(engine, "connect", _keep_more_statements)
    event.listen(engine, "checkout", _plan_anew)
    return engine


def _postgres_options(lock_wait_seconds: float) -> dict[str, str]:
    lock_timeout = f"{round(lock_wait_seconds * 1000)}ms"
    settings = _POSTGRES_SETTINGS | {"lock_timeout": lock_timeout}
    return {"options": " ".join(f"-c {name}={value}" for name, value in settings.items())}


def _prepare_sqlite(pragmas: tuple[str, ...]) -> Any:
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN comes too late to protect what has been read before a write.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    return prepare


def _escape_bytes(connection: sqlite3.Connection, _record: object) -> None:
    connection.text_factory = partial(str, encoding="utf-8", errors="backslashreplace")


def _map_file(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute(f"PRAGMA mmap_size={_MAPPED_BYTES_MAX}")


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _keep_more_statements(connection: Any, _record: object) -> None:
    connection.prepared_max = _STATEMENTS_KEPT_MAX


def _plan_anew(connection: Any, record: Any, _proxy: object) -> None:
    record.info["uses"] = uses = record.info.get("uses", 0) + 1
    if uses in _POSTGRES_PLAN_ANEW_AFTER:
        connection.execute("DISCARD PLANS")
