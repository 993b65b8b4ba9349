"""Deliveries as rows, as use cases see them; claiming and finishing them is in queue.py."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from typing_extensions import override

from domain.deliveries import Delivery, DeliveryKind, DeliveryState, Notice
from domain.ids import ChannelId, ContactId, DeliveryId, InboxId, MemberId
from domain.repositories import Deliveries
from storage.db import Db, Missing, Row
from storage.values import Json, json_of, json_or_none, time_of, time_or_none

_SELECT = """
    SELECT id, channel_id, external_id, kind, view, data, dedupe_key, created_at, state, subject,
           card_key, inbox_id, reply_handle, attempts, next_at, reason, contact_id,
           COALESCE(let_go, 0)
    FROM deliveries WHERE tenant_id = :tenant
"""
_SELECT_NOTICES = """
    SELECT id, channel_id, external_id, kind, view, data, dedupe_key, created_at, state, subject,
           card_key, inbox_id, reply_handle, attempts, next_at, reason, contact_id,
           COALESCE(let_go, 0),
           COALESCE(since, created_at), told_by, carried_by
    FROM deliveries WHERE tenant_id = :tenant
"""
_GET = _SELECT + " AND id = :id"
_HELD_OF = _SELECT_NOTICES + " AND contact_id = :contact AND state = 'held' ORDER BY created_at, id"
_LOCK_CONTACT = "SELECT id FROM contacts WHERE tenant_id = :tenant AND id = :contact FOR UPDATE"
_NOTICES_OF = (
    _SELECT_NOTICES + " AND contact_id = :contact ORDER BY created_at DESC, id DESC LIMIT :limit"
)
_UNSENT_OF = (
    _SELECT + " AND contact_id = :contact AND state IN ('queued', 'held') ORDER BY created_at, id"
)
_NOTICE = _SELECT_NOTICES + " AND id = :id"
_CARRIED_BY = _SELECT + " AND carried_by = :id AND state = 'merged' ORDER BY created_at, id"
ANSWERS_WAITING = """
    SELECT count(*) FROM deliveries
    WHERE tenant_id = :tenant AND channel_id = :channel AND external_id = :account
      AND state IN ('queued', 'sending') AND kind = 'reply'
"""
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
        created_at, state, subject, card_key, inbox_id, reply_handle, attempts, next_at, reason,
        contact_id, let_go, since)
    VALUES (:tenant, :id, :channel, :account, :kind, :view, :data, :dedupe_key,
        :created_at, :state, :subject, :card, :inbox, :reply_handle, :attempts, :next_at, :reason,
        :contact, :let_go, :created_at)
    ON CONFLICT DO NOTHING
"""
# What a sender has just claimed is its own; the row decides, not what was read before.
_WITHHOLD = """
    UPDATE deliveries SET state = 'dead', reason = :reason, since = :now, next_at = NULL
    WHERE tenant_id = :tenant AND id = :id AND state IN ('held', 'queued')
"""
# Who queues a delivery again gives it all its tries.
_SET_STATE = """
    UPDATE deliveries SET state = :state, reason = :reason, lease_until = NULL,
        since = :now, told_by = :told_by, carried_by = NULL,
        attempts = CASE WHEN :is_queued THEN 0 ELSE attempts END,
        next_at = CASE WHEN :is_queued THEN :now ELSE NULL END
    WHERE tenant_id = :tenant AND id = :id
"""
_REROUTE = """
    UPDATE deliveries SET channel_id = :channel, external_id = :account, state = 'queued',
        reason = NULL, lease_until = NULL, since = :now, carried_by = NULL, attempts = 0,
        next_at = :next_at, let_go = COALESCE(let_go, 0) + 1
    WHERE tenant_id = :tenant AND id = :id
"""
ADD_ATTEMPT = """
    INSERT INTO delivery_attempts (tenant_id, delivery_id, number, at, outcome, code)
    SELECT d.tenant_id, d.id, (
        SELECT COALESCE(MAX(a.number), 0) + 1 FROM delivery_attempts a
        WHERE a.tenant_id = :tenant AND a.delivery_id = :id
    ), :at, :outcome, :code
    FROM deliveries d WHERE d.tenant_id = :tenant AND d.id = :id
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
            contact=delivery.contact,
            let_go=delivery.let_go,
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
    def held_of(self, contact: ContactId) -> list[Notice]:
        if not self._db.all(_HELD_OF, contact=contact):
            return []
        self._db.one(_LOCK_CONTACT, contact=contact)
        # What was waited for may have let some go.
        return self._notices(self._db.all(_HELD_OF, contact=contact))

    @override
    def notices_of(self, contact: ContactId, limit: int) -> list[Notice]:
        return self._notices(self._db.all(_NOTICES_OF, contact=contact, limit=limit))

    @override
    def carried_by(self, delivery: DeliveryId) -> list[Delivery]:
        return [delivery_of(row) for row in self._db.all(_CARRIED_BY, id=delivery)]

    @override
    def answers_waiting(self, channel: ChannelId, external_id: str) -> int:
        row = self._db.one(ANSWERS_WAITING, channel=channel, account=external_id)
        return 0 if row is None else row[0]

    @override
    def reroute(
        self,
        delivery: DeliveryId,
        account: tuple[ChannelId, str],
        *,
        next_at: datetime,
        now: datetime,
    ) -> None:
        before = self.get(delivery)
        channel, external_id = account
        self._db.run(
            _REROUTE, id=delivery, channel=channel, account=external_id, next_at=next_at, now=now
        )
        if (before.channel, before.external_id) == account:
            outcome, code = "queued", before.reason
        else:
            outcome, code = "moved", before.channel
        self._db.run(ADD_ATTEMPT, id=delivery, at=now, outcome=outcome, code=code or None)

    @override
    def unsent_of(self, contact: ContactId) -> list[Delivery]:
        return [delivery_of(row) for row in self._db.all(_UNSENT_OF, contact=contact)]

    @override
    def withhold(self, delivery: DeliveryId, reason: str, now: datetime) -> bool:
        if not self._db.run(_WITHHOLD, id=delivery, reason=reason, now=now):
            return False
        self._db.run(ADD_ATTEMPT, id=delivery, at=now, outcome=DeliveryState.DEAD, code=reason)
        return True

    @override
    def set_state(
        self,
        delivery: DeliveryId,
        state: DeliveryState,
        *,
        reason: str | None,
        now: datetime,
        told_by: MemberId | None = None,
    ) -> None:
        changed = self._db.run(
            _SET_STATE,
            id=delivery,
            state=state,
            reason=reason,
            now=now,
            told_by=told_by,
            is_queued=state is DeliveryState.QUEUED,
        )
        if not changed:
            raise Missing("delivery", delivery)
        self._db.run(ADD_ATTEMPT, id=delivery, at=now, outcome=state, code=reason)

    def _notices(self, rows: Iterable[Row]) -> list[Notice]:
        return [self._notice(row) for row in rows]

    def _notice(self, row: Row) -> Notice:
        *columns, since, told_by, carrier = row
        carried_by = None if carrier is None else self._db.one(_NOTICE, id=carrier)
        return Notice(
            delivery=delivery_of(columns),
            since=time_of(since),
            told_by=told_by,
            carried_by=None if carried_by is None else self._notice(carried_by),
        )


def delivery_of(row: Row | Sequence[Any]) -> Delivery:
    """Make a delivery of its columns."""
    (id_, channel, external_id, kind, view, data, dedupe_key, created_at, state, *rest) = row
    (subject, card, inbox, reply_handle, attempts, next_at, reason, contact, let_go) = rest
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
        contact=contact,
        let_go=let_go,
    )
