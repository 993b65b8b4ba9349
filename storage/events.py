"""Business events as rows, unique on (source, source id), with what rules made of them."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from typing_extensions import override

from domain.events import BusinessEvent, Counted, EventType, twin_key
from domain.ids import BatchId, CustomerId, EventId, MemberId
from domain.repositories import Events
from storage.db import Db, Missing, Row
from storage.values import time_of

LATEST_MAX = 20
_TWIN_DISTANCE = timedelta(days=2)

_COLUMNS = """
    id, source, source_id, type, customer_id, project_id, occurred_at, recorded_at, recorded_by,
    data, evidence, contact_id, batch_id, content_hash, facts, outcomes
"""
_SELECT = f"SELECT {_COLUMNS} FROM events e WHERE tenant_id = :tenant"  # noqa: S608  constants
_GET = _SELECT + " AND id = :id"
_FIND = _SELECT + " AND source = :source AND source_id = :source_id"
_OF_ENTRIES = """
    AND id IN (
        SELECT event_id FROM entries
        WHERE tenant_id = :tenant AND customer_id = :customer AND seq BETWEEN :first AND :last
    ) ORDER BY id
"""
_BEHIND = _SELECT + _OF_ENTRIES
_PAGE = 50
_FIND_PAGE = (
    _SELECT
    + " AND source = :source AND source_id IN ("
    + ", ".join(f":source_id_{place}" for place in range(_PAGE))
    + ")"
)
_LATEST_BY = (
    _SELECT
    + """ AND recorded_by = :member AND type = :type
    ORDER BY recorded_at DESC, id DESC LIMIT :limit"""
)
_NOT_UNDONE = """
    AND NOT EXISTS
        (SELECT 1 FROM event_undos u WHERE u.tenant_id = e.tenant_id AND u.event_id = e.id)
"""
_TWINS = (
    _SELECT
    + """ AND customer_id = :customer AND type = :type AND occurred_at >= :since
    AND occurred_at <= :until AND twin_key = :twin
    AND NOT (source = :source AND source_id = :source_id)"""
    + _NOT_UNDONE
)
_TIMES_OF = """
    SELECT occurred_at FROM events e
    WHERE tenant_id = :tenant AND customer_id = :customer AND type = :type
      AND occurred_at >= :since AND NOT EXISTS
        (SELECT 1 FROM event_undos u WHERE u.tenant_id = e.tenant_id AND u.event_id = e.id)
    ORDER BY occurred_at
"""
_OF_BATCH = """
    SELECT id FROM events e WHERE tenant_id = :tenant AND batch_id = :batch
    AND NOT EXISTS
        (SELECT 1 FROM event_undos u WHERE u.tenant_id = e.tenant_id AND u.event_id = e.id)
    ORDER BY recorded_at, id
"""
_ADD = """
    INSERT INTO events (tenant_id, id, source, source_id, type, customer_id, project_id,
        occurred_at, recorded_at, recorded_by, data, evidence, content_hash, contact_id, batch_id,
        facts, outcomes, twin_key, seal)
    VALUES (:tenant, :id, :source, :source_id, :type, :customer, :project,
        :occurred_at, :recorded_at, :recorded_by, :data, :evidence, :content_hash, :contact,
        :batch, :facts, :outcomes, :twin, :seal)
    ON CONFLICT (tenant_id, source, source_id) DO NOTHING
"""
_IS_THERE = "SELECT 1 FROM events WHERE tenant_id = :tenant AND id = :id"
_HAS_ANY = "SELECT 1 FROM events WHERE tenant_id = :tenant LIMIT 1"
_UNDO = """
    INSERT INTO event_undos (tenant_id, event_id, undone_at, actor)
    VALUES (:tenant, :event, :at, :actor)
    ON CONFLICT (tenant_id, event_id) DO NOTHING
"""
_IS_UNDONE = "SELECT 1 FROM event_undos WHERE tenant_id = :tenant AND event_id = :event"


class SqlEvents(Events):
    """Business events in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def add(self, counted: Sequence[Counted]) -> set[EventId]:
        ids = {one.event.id for one in counted}
        if self._db.many(_ADD, [_values(one) for one in counted]) == len(counted):
            return ids
        return {id_ for id_ in ids if self._db.one(_IS_THERE, id=id_) is not None}

    @override
    def has_any(self) -> bool:
        return self._db.one(_HAS_ANY) is not None

    @override
    def get(self, event: EventId) -> Counted:
        row = self._db.one(_GET, id=event)
        if row is None:
            raise Missing("event", event)
        return _counted(row)

    @override
    def find(self, source: str, source_id: str) -> Counted | None:
        row = self._db.one(_FIND, source=source, source_id=source_id)
        return None if row is None else _counted(row)

    @override
    def behind(self, customer: CustomerId, first: int, last: int) -> list[BusinessEvent]:
        rows = self._db.all(_BEHIND, customer=customer, first=first, last=last)
        return [_counted(row).event for row in rows]

    @override
    def find_all(self, source: str, source_ids: Iterable[str]) -> dict[str, Counted]:
        found: dict[str, Counted] = {}
        wanted = list(source_ids)
        if len(wanted) == 1:
            one = self.find(source, wanted[0])
            return {} if one is None else {wanted[0]: one}
        for first in range(0, len(wanted), _PAGE):
            page = wanted[first : first + _PAGE]
            # One text for every number of ids: the last one stands in for those that are missing.
            page += page[-1:] * (_PAGE - len(page))
            asked = {f"source_id_{place}": source_id for place, source_id in enumerate(page)}
            for row in self._db.all(_FIND_PAGE, source=source, **asked):
                counted = _counted(row)
                found[counted.event.source_id] = counted
        return found

    @override
    def latest_by(self, member: MemberId, event_type: EventType) -> list[BusinessEvent]:
        rows = self._db.all(_LATEST_BY, member=member, type=event_type, limit=LATEST_MAX)
        return [_counted(row).event for row in rows]

    @override
    def times_of(
        self, customer: CustomerId, event_type: EventType, since: datetime
    ) -> list[datetime]:
        rows = self._db.all(_TIMES_OF, customer=customer, type=event_type, since=since)
        return [time_of(occurred_at) for (occurred_at,) in rows]

    @override
    def twins(self, event: BusinessEvent) -> list[BusinessEvent]:
        rows = self._db.all(
            _TWINS,
            customer=event.customer,
            type=event.type,
            since=event.occurred_at - _TWIN_DISTANCE,
            until=event.occurred_at + _TWIN_DISTANCE,
            twin=twin_key(event),
            source=event.source,
            source_id=event.source_id,
        )
        found = [_counted(row).event for row in rows]
        # Sorted here: the order of the statement would make SQLite walk all of a tenant's events.
        return sorted(found, key=lambda other: (other.recorded_at, other.id))

    @override
    def of_batch(self, batch: BatchId) -> list[EventId]:
        return [row[0] for row in self._db.all(_OF_BATCH, batch=batch)]

    @override
    def undo(self, event: EventId, at: datetime, actor: str) -> bool:
        return self._db.run(_UNDO, event=event, at=at, actor=actor) == 1

    @override
    def is_undone(self, event: EventId) -> bool:
        return self._db.one(_IS_UNDONE, event=event) is not None


def _values(counted: Counted) -> dict[str, Any]:
    event = counted.event
    return {
        "id": event.id,
        "source": event.source,
        "source_id": event.source_id,
        "type": event.type,
        "customer": event.customer,
        "project": event.project,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "recorded_by": event.recorded_by,
        "data": event.data_text,
        "evidence": event.evidence,
        "content_hash": counted.content_hash,
        "contact": event.contact,
        "batch": event.batch,
        "facts": counted.facts,
        "outcomes": counted.outcomes,
        "twin": twin_key(event),
        "seal": counted.seal,
    }


def _counted(row: Row) -> Counted:
    (id_, source, source_id, type_, customer, project, occurred_at, recorded_at, *rest) = row
    recorded_by, data, evidence, contact, batch, content_hash, facts, outcomes = rest
    event = BusinessEvent(
        id=id_,
        source=source,
        source_id=source_id,
        type=EventType(type_),
        customer=customer,
        project=project,
        occurred_at=time_of(occurred_at),
        recorded_at=time_of(recorded_at),
        recorded_by=recorded_by,
        data=json.loads(data),
        evidence=evidence,
        contact=contact,
        batch=batch,
    )
    return Counted(event, content_hash, facts, outcomes)
