"""Counters of caps, months of earning, closed months and imports as rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from typing_extensions import override

from domain.caps import Used
from domain.ids import BatchId, CustomerId, MemberId
from domain.ports import Conflict
from domain.repositories import Batch, Batches, CapCounters, EarnedMonths, Months
from storage.db import Db, Row
from storage.values import time_of, time_or_none

_READ = "SELECT points, times FROM cap_counters WHERE tenant_id = :tenant AND key = :key"
_LOCK = _READ + " FOR UPDATE"
# Changing nothing locks the row, should somebody have made it meanwhile, and gives it back.
_OPEN = """
    INSERT INTO cap_counters (tenant_id, key, points, times) VALUES (:tenant, :key, 0, 0)
    ON CONFLICT (tenant_id, key) DO UPDATE SET points = cap_counters.points
    RETURNING points, times
"""
_MOVE = """
    UPDATE cap_counters SET points = points + :points, times = times + :times
    WHERE tenant_id = :tenant AND key = :key
"""
_EARNED = """
    SELECT month, points FROM earned_months
    WHERE tenant_id = :tenant AND customer_id = :customer AND points > 0
"""
_EARNERS = """
    SELECT DISTINCT customer_id FROM earned_months
    WHERE tenant_id = :tenant AND customer_id > :after ORDER BY customer_id LIMIT :limit
"""
_EARN = """
    INSERT INTO earned_months (tenant_id, customer_id, month, points)
    VALUES (:tenant, :customer, :month, :points)
    ON CONFLICT (tenant_id, customer_id, month)
    DO UPDATE SET points = earned_months.points + excluded.points
"""
_UNEARN = """
    UPDATE earned_months SET points = points + :points
    WHERE tenant_id = :tenant AND customer_id = :customer AND month = :month
"""
_LAST_CLOSED = "SELECT MAX(month) FROM closed_months WHERE tenant_id = :tenant"
_CLOSE = """
    INSERT INTO closed_months (tenant_id, month, closed_at, closed_by)
    VALUES (:tenant, :month, :at, :by) ON CONFLICT (tenant_id, month) DO NOTHING
"""
_SELECT_BATCH = """
    SELECT id, name, file_hash, row_count, created_at, created_by, undone_at
    FROM import_batches WHERE tenant_id = :tenant
"""
_BATCH = _SELECT_BATCH + " AND id = :id FOR UPDATE"
_LATEST_BATCHES = _SELECT_BATCH + " ORDER BY created_at DESC, id DESC LIMIT :limit"
_ADD_BATCH = """
    INSERT INTO import_batches (tenant_id, id, name, file_hash, row_count, created_at, created_by)
    VALUES (:tenant, :id, :name, :file_hash, :row_count, :created_at, :created_by)
"""
_SET_UNDONE = "UPDATE import_batches SET undone_at = :at WHERE tenant_id = :tenant AND id = :id"


class SqlCapCounters(CapCounters):
    """The counters caps go by, in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def take(self, keys: Sequence[str]) -> Mapping[str, Used]:
        # One by one: every transaction must lock them in the same order, whatever a database's
        # own order of texts is.
        one = self._db.one
        return {key: _used(one(_LOCK, key=key) or one(_OPEN, key=key)) for key in keys}

    @override
    def add(self, key: str, points: int, times: int) -> None:
        if self._db.run(_MOVE, key=key, points=points, times=times) != 1:
            raise Conflict("cap")

    @override
    def add_all(self, moved: Mapping[str, Used]) -> None:
        rows = [
            {"key": key, "points": used.points, "times": used.times}
            for key, used in sorted(moved.items())
        ]
        if self._db.many(_MOVE, rows) != len(rows):
            raise Conflict("cap")

    @override
    def read(self, keys: Sequence[str]) -> Mapping[str, Used]:
        return {key: _used(self._db.one(_READ, key=key)) for key in keys}


class SqlEarnedMonths(EarnedMonths):
    """Qualifying points per month, in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def of(self, customer: CustomerId) -> dict[int, int]:
        return dict(self._db.all(_EARNED, customer=customer))

    @override
    def customers(self, after: str, limit: int) -> list[CustomerId]:
        return [one for (one,) in self._db.all(_EARNERS, after=after, limit=limit)]

    @override
    def add(self, customer: CustomerId, month: int, points: int) -> None:
        statement = _EARN if points > 0 else _UNEARN
        self._db.run(statement, customer=customer, month=month, points=points)

    @override
    def add_all(self, earned: Mapping[tuple[CustomerId, int], int]) -> None:
        rows = [
            {"customer": customer, "month": month, "points": points}
            for (customer, month), points in sorted(earned.items())
        ]
        self._db.many(_EARN, rows)


class SqlMonths(Months):
    """Closed months in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def last_closed(self) -> str | None:
        row = self._db.one(_LAST_CLOSED)
        return None if row is None else row[0]

    @override
    def close(self, month: str, at: datetime, by: MemberId | None) -> bool:
        return self._db.run(_CLOSE, month=month, at=at, by=by) == 1


class SqlBatches(Batches):
    """Imports in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def add(self, batch: Batch) -> None:
        self._db.run(
            _ADD_BATCH,
            id=batch.id,
            name=batch.name,
            file_hash=batch.file_hash,
            row_count=batch.row_count,
            created_at=batch.created_at,
            created_by=batch.created_by,
        )

    @override
    def get(self, batch: BatchId) -> Batch | None:
        row = self._db.one(_BATCH, id=batch)
        return None if row is None else _batch(row)

    @override
    def latest(self, limit: int) -> list[Batch]:
        return [_batch(row) for row in self._db.all(_LATEST_BATCHES, limit=limit)]

    @override
    def set_undone(self, batch: BatchId, at: datetime) -> None:
        self._db.run(_SET_UNDONE, id=batch, at=at)


def _used(row: Row | None) -> Used:
    return Used() if row is None else Used(*row)


def _batch(row: Row) -> Batch:
    id_, name, file_hash, row_count, created_at, created_by, undone_at = row
    return Batch(
        id_, name, file_hash, row_count, time_of(created_at), created_by, time_or_none(undone_at)
    )
