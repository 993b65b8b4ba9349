"""Business events as rows, unique on (source, source id)."""

from typing_extensions import override

from domain.events import BusinessEvent, EventType
from domain.ids import EventId, MemberId
from domain.repositories import Events
from storage.db import Db, Missing, Row
from storage.values import Json, json_of, time_of

LATEST_MAX = 20

_SELECT = """
    SELECT id, source, source_id, type, customer_id, project_id, occurred_at, recorded_at,
           recorded_by, data, evidence, content_hash
    FROM events WHERE tenant_id = :tenant
"""
_GET = _SELECT + " AND id = :id"
_FIND = _SELECT + " AND source = :source AND source_id = :source_id"
_LATEST_BY = (
    _SELECT
    + """ AND recorded_by = :member AND type = :type
    ORDER BY recorded_at DESC, id DESC LIMIT :limit"""
)
_ADD = """
    INSERT INTO events (tenant_id, id, source, source_id, type, customer_id, project_id,
        occurred_at, recorded_at, recorded_by, data, evidence, content_hash)
    VALUES (:tenant, :id, :source, :source_id, :type, :customer, :project,
        :occurred_at, :recorded_at, :recorded_by, :data, :evidence, :content_hash)
    ON CONFLICT (tenant_id, source, source_id) DO NOTHING
"""


class SqlEvents(Events):
    """Business events in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def add(self, event: BusinessEvent, content_hash: str) -> bool:
        added = self._db.run(
            _ADD,
            id=event.id,
            source=event.source,
            source_id=event.source_id,
            type=event.type,
            customer=event.customer,
            project=event.project,
            occurred_at=event.occurred_at,
            recorded_at=event.recorded_at,
            recorded_by=event.recorded_by,
            data=Json(event.data),
            evidence=event.evidence,
            content_hash=content_hash,
        )
        return added == 1

    @override
    def get(self, event: EventId) -> BusinessEvent:
        row = self._db.one(_GET, id=event)
        if row is None:
            raise Missing("event", event)
        return _event(row)

    @override
    def find(self, source: str, source_id: str) -> tuple[BusinessEvent, str] | None:
        row = self._db.one(_FIND, source=source, source_id=source_id)
        return None if row is None else (_event(row), row[-1])

    @override
    def latest_by(self, member: MemberId, event_type: EventType) -> list[BusinessEvent]:
        rows = self._db.all(_LATEST_BY, member=member, type=event_type, limit=LATEST_MAX)
        return [_event(row) for row in rows]


def _event(row: Row) -> BusinessEvent:
    (id_, source, source_id, type_, customer, project, occurred_at, recorded_at, *rest) = row
    recorded_by, data, evidence, _content_hash = rest
    return BusinessEvent(
        id=id_,
        source=source,
        source_id=source_id,
        type=EventType(type_),
        customer=customer,
        project=project,
        occurred_at=time_of(occurred_at),
        recorded_at=time_of(recorded_at),
        recorded_by=recorded_by,
        data=json_of(data),
        evidence=evidence,
    )
