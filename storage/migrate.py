"""Bringing a database to the newest schema, and saying whether it is there.

A start-up that finds nothing to do never loads Alembic: the version is read by a plain statement.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from domain.ports import Conflict
from storage.engine import migration_engine, parse_url, sqlite_file
from storage.writer import FileLock

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
_WAIT_SECONDS = 30.0
_ADVISORY_LOCK = 7_310_582_461
"""Any number that nobody else locks in this database."""


class UnknownRevision(Exception):
    """The database was migrated by a newer program; this one would not understand it."""


class NotMigrated(Exception):
    """The database has not the schema this program works with."""


class BrokenReferences(Exception):
    """A migration left rows that refer to rows that are not there."""


def revisions() -> list[str]:
    """List the numbers of the revisions this program knows, oldest first."""
    return sorted(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def is_current(url: str) -> bool:
    """Tell whether a database has the newest schema; a missing one is not made.

    Raises:
        UnknownRevision: it has a newer one.
        UnsupportedDatabase: neither PostgreSQL nor an SQLite file.
    """
    file = sqlite_file(parse_url(url))
    if file is not None and not file.exists():
        return False
    engine = migration_engine(parse_url(url))
    with engine.connect() as connection:
        return _revision(connection) == revisions()[-1]


def upgrade(url: str) -> bool:
    """Bring a database to the newest schema; False when it was there already.

    Several processes may do this at once: they wait for the first.

    Raises:
        Conflict: another process has been migrating for too long.
        UnknownRevision: the database has a newer schema.
        UnsupportedDatabase: neither PostgreSQL nor an SQLite file.
    """
    if is_current(url):
        return False
    file = sqlite_file(parse_url(url))
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(file), migration_engine(parse_url(url)).connect() as connection:
        if file is None:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if _revision(connection) == revisions()[-1]:
            return False
        _run_migrations(connection)
        if file is not None:
            _check_references(connection)
        connection.commit()
    return True


def check(url: str) -> list[str]:
    """List how a migrated database differs from the models; empty when it doesn't.

    Checks and triggers are not compared here, Alembic doesn't see them.
    """
    # lazy: only the check needs Alembic's comparison.
    from alembic.autogenerate import compare_metadata

    # lazy: the same.
    from alembic.migration import MigrationContext

    # lazy: nothing else at run time needs SQLModel and the tables.
    from storage.schema import METADATA

    with migration_engine(parse_url(url)).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [repr(difference) for difference in compare_metadata(context, METADATA)]


def _revision(connection: Connection) -> str | None:
    """Read the schema's revision; None when there is none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found is None or found in revisions():
        return found
    raise UnknownRevision(found)


def _run_migrations(connection: Connection) -> None:
    # lazy: Alembic costs a third of a second that a normal start doesn't have to spend.
    from alembic import command

    command.upgrade(_config(connection), "head")


def _check_references(connection: Connection) -> None:
    """See that every row still refers to rows that are there; SQLite did not watch meanwhile.

    Raises:
        BrokenReferences: it doesn't; nothing has been migrated.
    """
    broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
    if broken:
        raise BrokenReferences(sorted({str(row[0]) for row in broken}))


def _config(connection: Connection) -> "Config":
    # lazy: see above.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _only_one(file: Path | None) -> Iterator[None]:
    """Keep other processes out while an SQLite file is migrated; PostgreSQL has its own lock."""
    if file is None:
        yield
        return
    lock = FileLock(file.with_name(file.name + "-migration"))
    try:
        if not lock.take(monotonic() + _WAIT_SECONDS):
            raise Conflict("migration")
        yield
    finally:
        lock.give_back()
        lock.close()
