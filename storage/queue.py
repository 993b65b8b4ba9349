"""The sender's side of deliveries: claims with a lease, and how each try went.

Each method is one short transaction of its own, never part of a unit of work: on SQLite a method
that writes, called while this thread has a unit of work open, would wait for itself and is refused.
"""

from datetime import datetime

from typing_extensions import override

from domain.deliveries import Delivery, DeliveryState
from domain.ids import ChannelId, DeliveryId, TenantId
from domain.ports import Attempt, DeliveryQueue
from domain.repositories import Card
from storage.cards import SqlCards
from storage.db import reading, writing
from storage.deliveries import delivery_of
from storage.engine import Database
from storage.identities import COUNT_SEND
from storage.values import time_or_none

_CLAIM = """
    UPDATE deliveries SET state = 'sending', lease_until = :lease_until, attempts = attempts + 1
    WHERE tenant_id = :tenant AND id = (
        SELECT d.id FROM deliveries d
        WHERE d.tenant_id = :tenant AND d.id = :id
          AND ((d.state = 'queued' AND (d.next_at IS NULL OR d.next_at <= :now))
               OR (d.state = 'sending' AND d.lease_until <= :now))
          AND NOT EXISTS (
            SELECT 1 FROM deliveries o
            WHERE o.tenant_id = :tenant AND o.channel_id = d.channel_id
              AND o.external_id = d.external_id AND o.state IN ('queued', 'sending')
              AND (o.state = 'sending' OR o.next_at IS NULL OR o.next_at <= :now)
              AND (o.created_at, o.id) < (d.created_at, d.id)
          )
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, channel_id, external_id, kind, view, data, dedupe_key, created_at, state, subject,
              card_key, inbox_id, reply_handle, attempts, next_at, reason
"""
_CLAIM_QUEUED_OF = """
    UPDATE deliveries SET state = 'sending', lease_until = :lease_until, attempts = attempts + 1
    WHERE tenant_id = :tenant AND id IN (
        SELECT d.id FROM deliveries d
        WHERE d.tenant_id = :tenant AND d.channel_id = :channel AND d.external_id = :account
          AND d.state = 'queued' AND d.kind = 'push'
          AND (d.next_at IS NULL OR d.next_at <= :now)
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, channel_id, external_id, kind, view, data, dedupe_key, created_at, state, subject,
              card_key, inbox_id, reply_handle, attempts, next_at, reason
"""
_SENT_SINCE = """
    SELECT count(*) FROM deliveries
    WHERE tenant_id = :tenant AND channel_id = :channel AND external_id = :account
      AND sent_at >= :since AND state = 'sent' AND kind <> 'update'
"""
# Only who still holds the delivery may say where it stands: a late loser of its lease must not put
# back what another worker has sent meanwhile.
_FINISH = """
    UPDATE deliveries SET state = :state, reason = :reason, next_at = :next_at, lease_until = NULL,
        sent_at = :sent_at, platform_ref = COALESCE(:platform_ref, platform_ref)
    WHERE tenant_id = :tenant AND id = :id AND state = 'sending'
"""
_ADD_ATTEMPT = """
    INSERT INTO delivery_attempts (tenant_id, delivery_id, number, at, outcome, code)
    SELECT d.tenant_id, d.id, (
        SELECT COALESCE(MAX(a.number), 0) + 1 FROM delivery_attempts a
        WHERE a.tenant_id = :tenant AND a.delivery_id = :id
    ), :at, :outcome, :code
    FROM deliveries d WHERE d.tenant_id = :tenant AND d.id = :id
"""
_ACCOUNT = """
    SELECT channel_id, external_id FROM deliveries
    WHERE tenant_id = :tenant AND id = :id FOR UPDATE
"""
# The states stand apart from the times so that both engines see that their small indexes of what is
# still to be sent hold everything these statements look for.
_NEXT_OF = """
    SELECT id FROM deliveries
    WHERE tenant_id = :tenant AND channel_id = :channel AND external_id = :account
      AND state IN ('queued', 'sending')
      AND ((state = 'queued' AND (next_at IS NULL OR next_at <= :now))
           OR (state = 'sending' AND lease_until <= :now))
    ORDER BY created_at, id LIMIT 1
"""
_DUE = """
    SELECT tenant_id, id FROM deliveries
    WHERE state IN ('queued', 'sending')
      AND ((state = 'queued' AND (next_at IS NULL OR next_at <= :now))
           OR (state = 'sending' AND lease_until <= :now))
    ORDER BY created_at, id LIMIT :limit
"""
_OLDEST_DUE = """
    SELECT MIN(COALESCE(lease_until, next_at, created_at)) FROM deliveries
    WHERE state IN ('queued', 'sending')
      AND ((state = 'queued' AND (next_at IS NULL OR next_at <= :now))
           OR (state = 'sending' AND lease_until <= :now))
"""


class SqlDeliveryQueue(DeliveryQueue):
    """The queue of deliveries in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    def claim(
        self, tenant: TenantId, delivery: DeliveryId, now: datetime, lease_until: datetime
    ) -> Delivery | None:
        with writing(self._database, tenant) as db:
            row = db.one(_CLAIM, id=delivery, now=now, lease_until=lease_until)
        return None if row is None else delivery_of(row)

    @override
    def claim_queued_of(
        self,
        tenant: TenantId,
        channel: ChannelId,
        external_id: str,
        now: datetime,
        lease_until: datetime,
    ) -> list[Delivery]:
        with writing(self._database, tenant) as db:
            rows = db.all(
                _CLAIM_QUEUED_OF,
                channel=channel,
                account=external_id,
                now=now,
                lease_until=lease_until,
            )
        claimed = [delivery_of(row) for row in rows]
        return sorted(claimed, key=lambda delivery: (delivery.created_at, delivery.id))

    @override
    def sent_since(
        self, tenant: TenantId, channel: ChannelId, external_id: str, since: datetime
    ) -> int:
        with reading(self._database, tenant) as db:
            row = db.one(_SENT_SINCE, channel=channel, account=external_id, since=since)
        return 0 if row is None else row[0]

    @override
    def finish(
        self,
        tenant: TenantId,
        delivery: DeliveryId,
        state: DeliveryState,
        attempt: Attempt,
        *,
        next_at: datetime | None = None,
        card: Card | None = None,
        counts: bool = False,
        platform_ref: str | None = None,
    ) -> None:
        is_sent = state is DeliveryState.SENT
        with writing(self._database, tenant) as db:
            account = db.one(_ACCOUNT, id=delivery)
            db.run(
                _FINISH,
                id=delivery,
                state=state,
                reason=None if is_sent else attempt.code,
                next_at=next_at,
                sent_at=attempt.at if is_sent else None,
                platform_ref=platform_ref,
            )
            db.run(
                _ADD_ATTEMPT,
                id=delivery,
                at=attempt.at,
                outcome=attempt.outcome,
                code=attempt.code,
            )
            if card is not None:
                SqlCards(db).save(card)
            if counts and account is not None:
                db.run(COUNT_SEND, channel=account[0], account=account[1])

    @override
    def next_of(
        self, tenant: TenantId, channel: ChannelId, external_id: str, now: datetime
    ) -> DeliveryId | None:
        with reading(self._database, tenant) as db:
            row = db.one(_NEXT_OF, channel=channel, account=external_id, now=now)
        return None if row is None else row[0]

    @override
    def due(self, now: datetime, limit: int) -> list[tuple[TenantId, DeliveryId]]:
        with reading(self._database, None) as db:
            return [(tenant, id_) for tenant, id_ in db.all(_DUE, now=now, limit=limit)]

    @override
    def oldest_due_seconds(self, now: datetime) -> float:
        with reading(self._database, None) as db:
            row = db.one(_OLDEST_DUE, now=now)
        since = time_or_none(row[0]) if row is not None else None
        return 0.0 if since is None else max((now - since).total_seconds(), 0.0)
