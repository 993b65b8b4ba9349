"""Points that are set aside, as rows."""

from datetime import datetime

from typing_extensions import override

from domain.holds import Hold, HoldState
from domain.ids import HoldId
from domain.repositories import Holds
from storage.db import Db, Missing
from storage.values import time_of, time_or_none

_GET = """
    SELECT id, customer_id, entry_id, points, purpose, held_at, expires_at, state, closed_at
    FROM holds WHERE tenant_id = :tenant AND id = :id FOR UPDATE
"""
_ADD = """
    INSERT INTO holds (tenant_id, id, customer_id, entry_id, points, purpose, state, held_at,
        expires_at, closed_at)
    VALUES (:tenant, :id, :customer, :entry, :points, :purpose, :state, :held_at, :expires_at,
        :closed_at)
"""
_CLOSE = """
    UPDATE holds SET state = :state, closed_at = :at
    WHERE tenant_id = :tenant AND id = :id AND state = 'open'
"""
_OVERDUE = """
    SELECT id FROM holds WHERE tenant_id = :tenant AND state = 'open' AND expires_at <= :now
    ORDER BY expires_at, id LIMIT :limit
"""


class SqlHolds(Holds):
    """Holds in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def add(self, hold: Hold) -> None:
        self._db.run(
            _ADD,
            id=hold.id,
            customer=hold.customer,
            entry=hold.entry,
            points=hold.points,
            purpose=hold.purpose,
            state=hold.state,
            held_at=hold.held_at,
            expires_at=hold.expires_at,
            closed_at=hold.closed_at,
        )

    @override
    def get(self, hold: HoldId) -> Hold:
        found = self.find(hold)
        if found is None:
            raise Missing("hold", hold)
        return found

    @override
    def find(self, hold: HoldId) -> Hold | None:
        row = self._db.one(_GET, id=hold)
        if row is None:
            return None
        id_, customer, entry, points, purpose, held_at, expires_at, state, closed_at = row
        return Hold(
            id=id_,
            customer=customer,
            entry=entry,
            points=points,
            purpose=purpose,
            held_at=time_of(held_at),
            expires_at=time_of(expires_at),
            state=HoldState(state),
            closed_at=time_or_none(closed_at),
        )

    @override
    def close(self, hold: HoldId, state: HoldState, at: datetime) -> bool:
        return self._db.run(_CLOSE, id=hold, state=state, at=at) == 1

    @override
    def overdue(self, now: datetime, limit: int) -> list[HoldId]:
        return [id_ for (id_,) in self._db.all(_OVERDUE, now=now, limit=limit)]
