"""Deliveries as rows, as use cases see them; claiming and finishing them is in queue.py."""

from datetime import datetime

from typing_extensions import override

from domain.deliveries import Delivery, DeliveryKind, DeliveryState
from domain.ids import ChannelId, DeliveryId, InboxId
from domain.repositories import Deliveries
from storage.db import Db, Missing, Row
from storage.values import Json, json_of, json_or_none, time_of, time_or_none

_SELECT = """
    SELECT id, channel_id, external_id, kind, view, data, dedupe_key, created_at, state, subject,
           card_key, inbox_id, reply_handle, attempts, next_at, reason
    FROM deliveries WHERE tenant_id = :tenant
"""
_GET = _SELECT + " AND id = :id"
_HELD_FOR = (
    _SELECT
    + """ AND channel_id = :channel AND external_id = :account AND state = 'held'
    ORDER BY created_at, id"""
)
_UNSENT_TO = (
    _SELECT
    + """ AND channel_id = :channel AND external_id = :account AND kind = 'push'
    AND state IN ('queued', 'sending', 'held') AND state <> 'sending'
    ORDER BY created_at, id"""
)
_ON_THE_WAY = (
    _SELECT
    + """ AND subject = :subject AND state IN ('queued', 'sending') AND kind <> 'update'
    ORDER BY created_at, id"""
)
_IN_BAND_OF = """
    SELECT id FROM deliveries
    WHERE tenant_id = :tenant AND inbox_id = :inbox AND state = 'in_band'
"""
_ADD = """
    INSERT INTO deliveries (tenant_id, id, channel_id, external_id, kind, view, data, dedupe_key,
        created_at, state, subject, card_key, inbox_id, reply_handle, attempts, next_at, reason)
    VALUES (:tenant, :id, :channel, :account, :kind, :view, :data, :dedupe_key,
        :created_at, :state, :subject, :card, :inbox, :reply_handle, :attempts, :next_at, :reason)
    ON CONFLICT (tenant_id, channel_id, external_id, dedupe_key) DO NOTHING
"""
# What a sender has just claimed is its own; the row decides, not what was read before.
_WITHHOLD = """
    UPDATE deliveries SET state = 'dead', reason = :reason, next_at = NULL
    WHERE tenant_id = :tenant AND id = :id AND state IN ('held', 'queued')
"""
# Who queues a delivery again gives it all its tries.
_SET_STATE = """
    UPDATE deliveries SET state = :state, reason = :reason, lease_until = NULL,
        attempts = CASE WHEN :is_queued THEN 0 ELSE attempts END,
        next_at = CASE WHEN :is_queued THEN :now ELSE NULL END
    WHERE tenant_id = :tenant AND id = :id
"""


class SqlDeliveries(Deliveries):
    """Deliveries in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def add(self, delivery: Delivery) -> bool:
        added = self._db.run(
            _ADD,
            id=delivery.id,
            channel=delivery.channel,
            account=delivery.external_id,
            kind=delivery.kind,
            view=delivery.view,
            data=Json(delivery.data),
            dedupe_key=delivery.dedupe_key,
            created_at=delivery.created_at,
            state=delivery.state,
            subject=delivery.subject,
            card=delivery.card,
            inbox=delivery.inbox,
            reply_handle=json_or_none(delivery.reply_handle),
            attempts=delivery.attempts,
            next_at=delivery.next_at,
            reason=delivery.reason,
        )
        return added == 1

    @override
    def get(self, delivery: DeliveryId) -> Delivery:
        found = self.find(delivery)
        if found is None:
            raise Missing("delivery", delivery)
        return found

    @override
    def find(self, delivery: DeliveryId) -> Delivery | None:
        row = self._db.one(_GET, id=delivery)
        return None if row is None else delivery_of(row)

    @override
    def in_band_of(self, item: InboxId) -> DeliveryId | None:
        row = self._db.one(_IN_BAND_OF, inbox=item)
        return None if row is None else row[0]

    @override
    def on_the_way(self, subject: str) -> list[Delivery]:
        return [delivery_of(row) for row in self._db.all(_ON_THE_WAY, subject=subject)]

    @override
    def held_for(self, channel: ChannelId, external_id: str) -> list[Delivery]:
        rows = self._db.all(_HELD_FOR, channel=channel, account=external_id)
        return [delivery_of(row) for row in rows]

    @override
    def unsent_to(self, channel: ChannelId, external_id: str) -> list[Delivery]:
        rows = self._db.all(_UNSENT_TO, channel=channel, account=external_id)
        return [delivery_of(row) for row in rows]

    @override
    def withhold(self, delivery: DeliveryId, reason: str) -> bool:
        return self._db.run(_WITHHOLD, id=delivery, reason=reason) == 1

    @override
    def set_state(
        self, delivery: DeliveryId, state: DeliveryState, *, reason: str | None, now: datetime
    ) -> None:
        changed = self._db.run(
            _SET_STATE,
            id=delivery,
            state=state,
            reason=reason,
            now=now,
            is_queued=state is DeliveryState.QUEUED,
        )
        if not changed:
            raise Missing("delivery", delivery)


def delivery_of(row: Row) -> Delivery:
    """Make a delivery of its columns."""
    (id_, channel, external_id, kind, view, data, dedupe_key, created_at, state, *rest) = row
    (subject, card, inbox, reply_handle, attempts, next_at, reason) = rest
    return Delivery(
        id=id_,
        channel=channel,
        external_id=external_id,
        kind=DeliveryKind(kind),
        view=view,
        data=json_of(data),
        dedupe_key=dedupe_key,
        created_at=time_of(created_at),
        state=DeliveryState(state),
        subject=subject,
        card=card,
        inbox=inbox,
        reply_handle=json_of(reply_handle),
        attempts=attempts,
        next_at=time_or_none(next_at),
        reason=reason,
    )
