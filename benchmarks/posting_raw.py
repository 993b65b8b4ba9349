"""The same statements through the driver alone: recorded from the program, then run again.

The program posts into a transaction that is rolled back, and every statement with its bound values
is kept. The raw client runs them, transaction by transaction, over a connection with the program's
own settings: no decisions, no hashing, no binding, only the driver and the database.
"""

from collections import deque
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from benchmarks.million import TENANT
from benchmarks.posting_clients import Post
from benchmarks.posting_rungs import Rung
from domain.ids import CustomerId
from storage.db import Db, Row, writing
from storage.engine import Database, open_database
from storage.wallets import SqlWallets


@dataclass(frozen=True, slots=True)
class Said:
    """One statement as the driver got it."""

    text: str
    values: dict[str, Any] | list[dict[str, Any]]
    is_read: bool = False


Script = tuple[Said, ...]
"""The statements of one transaction, between BEGIN and COMMIT."""


class Recorder(Db):
    """A transaction that keeps what it says to the driver."""

    def script(self, rung: Rung, customer: CustomerId) -> Script:
        """Post once and give what was said."""
        self.said: list[Said] = []
        rung.write(SqlWallets(self), customer)
        return tuple(self.said)

    @override
    def one(self, statement: str, /, **values: Any) -> Row | None:
        row = super().one(statement, **values)
        self._read()
        return row

    @override
    def all(self, statement: str, /, **values: Any) -> list[Row]:
        rows = super().all(statement, **values)
        self._read()
        return rows

    @override
    def many(self, statement: str, rows: Sequence[dict[str, Any]]) -> Any:
        found = super().many(statement, rows)
        if len(rows) > 1:
            self.said.append(Said(self._texts[statement], [dict(values) for values in rows]))
        return found

    @override
    def _run(self, statement: str, values: dict[str, Any]) -> Any:
        cursor = super()._run(statement, values)
        # Binding has changed the values in place.
        self.said.append(Said(self._texts[statement], dict(values)))
        return cursor

    def _read(self) -> None:
        last = self.said[-1]
        self.said[-1] = Said(last.text, last.values, is_read=True)


def record(url: str, rung: Rung, customers: Sequence[CustomerId], number: int) -> list[Script]:
    """Record so many postings, customers taking turns; nothing is stored but wallets."""
    with closing(open_database(url)) as database:
        with writing(database, TENANT) as db:
            for customer in customers:
                SqlWallets(db).lock(customer)
        recorder = Recorder(database, TENANT, writes=True)
        try:
            return [
                recorder.script(rung, customers[turn % len(customers)]) for turn in range(number)
            ]
        finally:
            recorder.rollback()


class RawClients:
    """Clients that run recorded scripts, each over a connection of its own."""

    def __init__(self, url: str, scripts: Sequence[Script], clients: int, *, is_hot: bool) -> None:
        self._databases = [open_database(url, pool_size=1) for _ in range(clients)]
        shared: deque[Script] = deque(scripts)
        self.posts = [
            _post_of(database, shared if is_hot else deque(scripts[client::clients]))
            for client, database in enumerate(self._databases)
        ]

    def close(self) -> None:
        """Close the connections."""
        for database in self._databases:
            database.close()


def _post_of(database: Database, scripts: deque[Script]) -> Post:
    kept = database.connection(writes=True)
    cursor = kept.cursor()
    begin = database.dialect.begin_writing

    def post() -> bool:
        try:
            first = scripts[0][0]
        except IndexError:
            return False
        cursor.execute(begin)
        # The first statement locks the wallet: with one wallet, scripts are run in their order.
        cursor.execute(first.text, first.values)
        cursor.fetchone()
        try:
            script = scripts.popleft()
        except IndexError:
            cursor.execute("ROLLBACK")
            return False
        for said in script[1:]:
            _say(cursor, said)
        cursor.execute("COMMIT")
        return True

    return post


def _say(cursor: Any, said: Said) -> None:
    if isinstance(said.values, list):
        cursor.executemany(said.text, said.values)
    else:
        cursor.execute(said.text, said.values)
        if said.is_read:
            cursor.fetchall()
