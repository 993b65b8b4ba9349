"""A fuse in the driver's cursors: it counts all statements and kills the process at one of them.

It sits below everything of ours, where `storage/db.py` hands a text to the driver, so no statement
passes it by: begins and ends of transactions, savepoints, and every row of an `executemany`.
"""

import os
import signal
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Self

from psycopg import Cursor
from sqlalchemy import event
from typing_extensions import override

from storage.engine import Database

COMMIT, AFTER_COMMIT = "COMMIT", "after COMMIT"
_SETTING = "PRAGMA "
"""What a new SQLite connection begins with, outside any transaction; not counted."""


class Fuse:
    """Names the moments at which a process can die, and burns through at one of them."""

    def __init__(self) -> None:
        """Count nothing before it is lit."""
        self.moments: list[str] = []
        self._on_commit = _nothing
        self._dies_at: int | None = None
        self._is_lit = False

    def light(
        self, *, dies_at: int | None = None, on_commit: Callable[[], None] | None = None
    ) -> None:
        """Count from now on.

        `dies_at` is the number of the moment at which to die by SIGKILL; `on_commit` is called as
        soon as something is durable.
        """
        self.moments = []
        self._dies_at, self._on_commit, self._is_lit = dies_at, on_commit or _nothing, True

    def put_out(self) -> None:
        """Count no more."""
        self._is_lit = False

    def before(self, statement: str) -> None:
        """Pass the moment before a statement."""
        self._pass(statement)

    def after(self, statement: str) -> None:
        """Pass the moment after a statement, which matters if that was a commit."""
        if self._is_lit and statement == COMMIT:
            self._on_commit()
            self._pass(AFTER_COMMIT)

    def each(self, statement: str, rows: Iterable[Any]) -> Iterator[Any]:
        """Pass the moment before each row of a statement that is run for many."""
        for row in rows:
            self.before(statement)
            yield row

    def _pass(self, moment: str) -> None:
        if not self._is_lit or moment.startswith(_SETTING):
            return
        if len(self.moments) == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.moments.append(" ".join(moment.split()))


def _nothing() -> None:
    """Do nothing."""


def wire(database: Database, fuse: Fuse) -> None:
    """Put a fuse into every connection that is made to a database from now on."""
    for engine in {database.writing, database.reading}:
        event.listen(engine, "do_connect", partial(_lay, fuse))


def _lay(fuse: Fuse, dialect: Any, _record: object, _args: object, options: Any) -> None:
    if dialect.name == "sqlite":
        options["factory"] = type("Connection", (_SqliteConnection,), {"fuse": fuse})
    else:
        options["cursor_factory"] = type("Cursor", (_PostgresCursor,), {"fuse": fuse})


class _SqliteConnection(sqlite3.Connection):
    fuse: Fuse

    @override
    def cursor(self, factory: object = None) -> Any:
        return super().cursor(_SqliteCursor)


class _SqliteCursor(sqlite3.Cursor):
    @override
    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        fuse: Fuse = self.connection.fuse  # type: ignore[attr-defined]
        fuse.before(sql)
        super().execute(sql, parameters)
        fuse.after(sql)
        return self

    @override
    def executemany(self, sql: str, seq_of_parameters: Iterable[Any], /) -> Self:
        fuse: Fuse = self.connection.fuse  # type: ignore[attr-defined]
        return super().executemany(sql, fuse.each(sql, seq_of_parameters))


class _PostgresCursor(Cursor[Any]):
    fuse: Fuse

    @override
    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        self.fuse.before(query)
        super().execute(query, params, **options)
        self.fuse.after(query)
        return self

    @override
    def executemany(self, query: Any, params_seq: Iterable[Any], **options: Any) -> None:
        super().executemany(query, self.fuse.each(query, params_seq), **options)
