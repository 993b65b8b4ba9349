"""How far runs have come, ends of points and notices of them, as rows."""

from collections.abc import Sequence
from datetime import datetime

from typing_extensions import override

from domain.expiry import Window
from domain.ids import CustomerId, EntryId
from domain.ledger import Reason
from domain.repositories import Endings, Runs, Source
from storage.db import Db
from storage.values import time_of

_PLACE = "SELECT place FROM runs WHERE tenant_id = :tenant AND name = :name FOR UPDATE"
_REACH = """
    INSERT INTO runs (tenant_id, name, place, ran_at) VALUES (:tenant, :name, :place, :at)
    ON CONFLICT (tenant_id, name) DO UPDATE SET place = excluded.place, ran_at = excluded.ran_at
"""
_LEFT = """
    l.tenant_id = :tenant AND l.remaining > 0 AND NOT l.is_pending
    AND l.expires_at > :after AND l.expires_at <= :until
"""
_UNTOLD = """
    NOT EXISTS (SELECT 1 FROM expiry_notices n WHERE n.tenant_id = l.tenant_id
        AND n.customer_id = l.customer_id AND n.expires_at = l.expires_at AND n.level <= :level)
"""
_DUE = f"""
    SELECT DISTINCT l.customer_id FROM lots l WHERE {_LEFT} AND l.customer_id > :customer
      AND {_UNTOLD} ORDER BY l.customer_id LIMIT :limit
"""  # noqa: S608  made of constants
_UNNOTICED = f"""
    SELECT l.expires_at, SUM(l.remaining) FROM lots l WHERE {_LEFT}
      AND l.customer_id = :customer AND {_UNTOLD} GROUP BY l.expires_at ORDER BY l.expires_at
"""  # noqa: S608  made of constants
_SOURCES = f"""
    SELECT SUM(l.remaining), e.event_id, MIN(e.reason)
    FROM lots l JOIN entries e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
    WHERE {_LEFT} AND l.customer_id = :customer
    GROUP BY COALESCE(e.event_id, e.id), e.event_id
    ORDER BY 1 DESC, COALESCE(e.event_id, e.id) LIMIT :limit
"""  # noqa: S608  made of constants
_NOTE = """
    INSERT INTO expiry_notices (tenant_id, customer_id, expires_at, level, points, noticed_at)
    VALUES (:tenant, :customer, :expires_at, :level, :points, :at)
"""
_LAST_EXPIRY = """
    SELECT e.id FROM entries e
    WHERE e.tenant_id = :tenant AND e.customer_id = :customer AND e.reason = 'expiry'
      AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.tenant_id = e.tenant_id AND r.reverses = e.id)
    ORDER BY e.seq DESC LIMIT 1
"""


class SqlRuns(Runs):
    """How far runs have come, in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def place(self, name: str) -> str:
        row = self._db.one(_PLACE, name=name)
        return "" if row is None else row[0]

    @override
    def reach(self, name: str, place: str, at: datetime) -> None:
        self._db.run(_REACH, name=name, place=place, at=at)


class SqlEndings(Endings):
    """Points that end, in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def due(self, window: Window, after: str, limit: int) -> list[CustomerId]:
        rows = self._db.all(
            _DUE,
            after=window.after,
            until=window.until,
            level=window.level,
            customer=after,
            limit=limit,
        )
        return [customer for (customer,) in rows]

    @override
    def unnoticed(self, customer: CustomerId, window: Window) -> list[tuple[datetime, int]]:
        rows = self._db.all(
            _UNNOTICED,
            after=window.after,
            until=window.until,
            level=window.level,
            customer=customer,
        )
        return [(time_of(expires_at), int(points)) for expires_at, points in rows]

    @override
    def sources(
        self, customer: CustomerId, after: datetime, until: datetime, limit: int
    ) -> list[Source]:
        rows = self._db.all(_SOURCES, customer=customer, after=after, until=until, limit=limit)
        return [Source(int(points), event, Reason(reason)) for points, event, reason in rows]

    @override
    def note(
        self, customer: CustomerId, level: int, ends: Sequence[tuple[datetime, int]], at: datetime
    ) -> None:
        self._db.many(
            _NOTE,
            [
                {
                    "customer": customer,
                    "expires_at": expires_at,
                    "level": level,
                    "points": points,
                    "at": at,
                }
                for expires_at, points in ends
            ],
        )

    @override
    def last_expiry(self, customer: CustomerId) -> EntryId | None:
        row = self._db.one(_LAST_EXPIRY, customer=customer)
        return None if row is None else row[0]
