"""Several units of work in one transaction: each keeps or forgets its own, one commit keeps all.

Meant for the one writer of SQLite, where every commit waits for the disk and everybody else waits
for the commit. The units are savepoints, opened one after the other in one thread.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typing_extensions import override

from domain.ids import TenantId
from storage.db import Db, StatementFailed
from storage.engine import Database


class Whole(Db):
    """The transaction that parts share; nothing is done in it directly."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, None, writes=True)
        self._database = database
        self.is_lost = False
        """Whether nothing can be kept any more, whatever a part says."""

    def part(self, tenant: TenantId) -> Db:
        """Begin a part of one tenant; the one before it has ended."""
        return _Part(self, self._database, tenant)

    @override
    def give_up(self) -> None:
        if not self.is_lost:
            self.is_lost = True
            super().give_up()


@contextmanager
def together(database: Database) -> Iterator[Whole]:
    """Open a transaction for parts, committed at the end unless an error leaves it.

    Raises:
        Conflict: at the first part, when the writer's place was not to be had.
        StatementFailed: at the end, when the database could not keep it; then no part was kept.
    """
    whole = Whole(database)
    try:
        yield whole
        whole.commit()
    finally:
        whole.rollback()


class _Part(Db):
    """A savepoint that looks like a transaction."""

    __slots__ = ("_whole",)

    def __init__(self, whole: Whole, database: Database, tenant: TenantId) -> None:
        super().__init__(database, tenant, writes=True)
        self._whole = whole

    @override
    def _begin(self) -> Any:
        if self._whole.is_lost:
            raise StatementFailed("the transaction is lost")
        cursor = self._whole.cursor()
        if not cursor.connection.in_transaction:
            # SQLite has rolled back by itself (disk full): a savepoint would begin anew.
            self._whole.give_up()
            raise StatementFailed("the transaction has ended")
        cursor.execute("SAVEPOINT part")
        self._cursor, self._failed = cursor, False
        return cursor

    @override
    def _keep(self) -> None:
        self._cursor.execute("RELEASE part")

    @override
    def _forget(self) -> None:
        self._cursor.execute("ROLLBACK TO part")
        self._cursor.execute("RELEASE part")

    @override
    def give_up(self) -> None:
        self._whole.give_up()

    @override
    def _let_go(self) -> None:
        self._cursor = None
