"""One transaction of one tenant at the driver's level; the repositories speak through it.

Every statement is a constant text with `:name` parameters. `:tenant` is filled in here, and a
statement that does not mention it is refused, so that no repository can forget it. See
docs/adr/0003-driver-statements.md for why this is not SQLAlchemy.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import PoolProxiedConnection

from domain.ids import TenantId
from domain.ports import Conflict
from storage.dialects import Dialect
from storage.engine import Database

Row = tuple[Any, ...]


class Missing(LookupError):
    """There is no such row in this tenant."""


class StatementFailed(Exception):
    """The database refused a statement or is away.

    Says the kind of error and the constraint, never the statement's values: they are personal.
    """


class Db:
    """A transaction that begins with its first statement and can begin anew after its end.

    On SQLite a writing one holds the writer's place from its first statement to its end. After a
    failed statement only `rollback` is possible, as PostgreSQL has it.

    Every method that runs a statement raises `Conflict` when another transaction was in the way,
    and `StatementFailed` for whatever else the database has against it.
    """

    __slots__ = (
        "_connection",
        "_converters",
        "_cursor",
        "_database",
        "_errors",
        "_failed",
        "_texts",
        "_writes",
        "tenant",
    )

    def __init__(self, database: Database, tenant: TenantId | None, *, writes: bool) -> None:
        self.tenant = tenant
        """None only for statements that look across tenants."""
        self._database = database
        self._writes = writes
        self._errors = database.dialect.errors
        self._converters = database.dialect.converters
        self._texts = _texts(database.dialect, writes=writes, across=tenant is None)
        self._connection: PoolProxiedConnection | None = None
        self._cursor: Any = None
        self._failed = False

    @property
    def has_arrays(self) -> bool:
        """Tell whether a parameter can be a list; SQLite runs single rows faster anyway."""
        return self._database.place is None

    def expect_scans(self) -> None:
        """Let this transaction's statements go through whole tables, however long that takes."""
        cursor = self._cursor or self._begin()
        try:
            for setting in self._database.dialect.before_scans:
                cursor.execute(setting)
        except self._errors as error:
            raise self._failure(error) from None

    @property
    def writes(self) -> bool:
        """Tell whether the transaction may write."""
        return self._writes

    def one(self, statement: str, /, **values: Any) -> Row | None:
        """Run a statement and give its first row."""
        return self._run(statement, values).fetchone()  # type: ignore[no-any-return]

    def all(self, statement: str, /, **values: Any) -> list[Row]:
        """Run a statement and give its rows."""
        return self._run(statement, values).fetchall()  # type: ignore[no-any-return]

    def run(self, statement: str, /, **values: Any) -> int:
        """Run a statement and give the number of rows it changed."""
        return self._run(statement, values).rowcount  # type: ignore[no-any-return]

    def many(self, statement: str, rows: Sequence[dict[str, Any]]) -> int:
        """Run a statement once per row of values and give the number of rows it changed in all."""
        if not rows:
            return 0
        if len(rows) == 1:
            # PostgreSQL's driver opens a pipeline for many, which takes one row twice the time.
            return self._run(statement, rows[0]).rowcount  # type: ignore[no-any-return]
        text = self._texts[statement]
        bound = [self._bind(values) for values in rows]
        cursor = self._cursor or self._begin()
        try:
            cursor.executemany(text, bound)
            return cursor.rowcount  # type: ignore[no-any-return]
        except self._errors as error:
            raise self._failure(error) from None

    def commit(self) -> None:
        """Keep what was done; the next statement begins a new transaction.

        Raises:
            Conflict: the database could not serialise it.
            StatementFailed: a statement has failed before, or the database is away.
        """
        if self._cursor is None:
            return
        if self._failed:
            self.rollback()
            raise StatementFailed("a statement before the commit has failed")
        try:
            self._keep()
        except self._errors as error:
            failure = self._failure(error)
            self.rollback()
            raise failure from None
        self._let_go()

    def rollback(self) -> None:
        """Forget what was done; the next statement begins a new transaction."""
        if self._cursor is None:
            return
        try:
            self._forget()
        except self._errors:
            # The server is away, or SQLite has rolled back by itself: either way it is over.
            self.give_up()
        finally:
            self._let_go()

    def cursor(self) -> Any:
        """Give the transaction's cursor, beginning the transaction if there is none."""
        return self._cursor or self._begin()

    def give_up(self) -> None:
        """Let nothing of this transaction be kept, nor anything be done in it any more."""
        self._failed = True
        if self._connection is not None:
            self._connection.invalidate()

    def _keep(self) -> None:
        self._cursor.execute("COMMIT")

    def _forget(self) -> None:
        self._cursor.execute("ROLLBACK")

    def _run(self, statement: str, values: dict[str, Any]) -> Any:
        text = self._texts[statement]
        bound = self._bind(values)
        cursor = self._cursor or self._begin()
        try:
            return cursor.execute(text, bound)
        except self._errors as error:
            raise self._failure(error) from None

    def _bind(self, values: dict[str, Any]) -> dict[str, Any]:
        converters = self._converters
        for name, value in values.items():
            # Nearly every value is such a text and stays as it is.
            if value.__class__ is str and value.isascii() and "\x00" not in value:
                continue
            convert = converters[value.__class__]
            if convert is not None:
                values[name] = convert(value)
        values["tenant"] = self.tenant
        return values

    def _begin(self) -> Any:
        database = self._database
        database.notice_fork()
        place = database.place if self._writes else None
        if place is not None:
            place.take()
        try:
            try:
                self._open()
            except StatementFailed:
                # A restarted server: what the pool has kept is as dead as this connection was.
                database.close()
                self._open()
        except BaseException:
            if place is not None:
                place.give_back()
            raise
        return self._cursor

    def _open(self) -> None:
        dialect = self._database.dialect
        try:
            connection = self._database.connection(writes=self._writes)
        except PoolTimeout:
            raise Conflict("connections") from None
        except self._errors as error:
            raise self._failure(error) from None
        try:
            cursor = connection.cursor()
            cursor.execute(dialect.begin_writing if self._writes else dialect.begin_reading)
        except self._errors as error:
            connection.invalidate()
            raise self._failure(error) from None
        self._connection, self._cursor, self._failed = connection, cursor, False

    def _let_go(self) -> None:
        connection, self._connection, self._cursor = self._connection, None, None
        try:
            if connection is not None:
                connection.close()
        finally:
            if self._writes and self._database.place is not None:
                self._database.place.give_back()

    def _failure(self, error: Exception) -> Exception:
        self._failed = True
        dialect = self._database.dialect
        kind = type(error).__name__
        if dialect.is_conflict(error):
            return Conflict(kind)
        return StatementFailed(kind, dialect.refused_by(error))


@contextmanager
def writing(database: Database, tenant: TenantId | None) -> Iterator[Db]:
    """Open a short transaction of its own, kept unless an error leaves it."""
    db = Db(database, tenant, writes=True)
    try:
        yield db
        db.commit()
    finally:
        db.rollback()


@contextmanager
def reading(database: Database, tenant: TenantId | None) -> Iterator[Db]:
    """Open a short transaction that only reads."""
    db = Db(database, tenant, writes=False)
    try:
        yield db
    finally:
        db.rollback()


class _Texts(dict[str, str]):
    """Statements as written, to their texts in one dialect."""

    def __init__(self, dialect: Dialect, *, writes: bool, across: bool) -> None:
        super().__init__()
        self._dialect = dialect
        self._writes = writes
        self._across = across

    def __missing__(self, statement: str) -> str:
        """Translate a statement that is run for the first time.

        Raises:
            ValueError: it does not say for which tenant.
        """
        if not self._across and ":tenant" not in statement:
            raise ValueError(statement)
        text = self[statement] = self._dialect.translate(statement, writes=self._writes)
        return text


_TEXTS: dict[tuple[str, bool, bool], _Texts] = {}


def _texts(dialect: Dialect, *, writes: bool, across: bool) -> _Texts:
    key = (dialect.name, writes, across)
    texts = _TEXTS.get(key)
    if texts is None:
        texts = _TEXTS[key] = _Texts(dialect, writes=writes, across=across)
    return texts
