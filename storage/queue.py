"""The sender's side of deliveries: claims with a lease, and how each try went.

Each method is one short transaction of its own, never part of a unit of work: on SQLite a method
that writes, called while this thread has a unit of work open, would wait for itself and is refused.
"""

from datetime import datetime

from typing_extensions import override

from domain.deliveries import Delivery, DeliveryState
from domain.ids import CardKey, ChannelId, DeliveryId, TenantId
from domain.ports import PUT_OFF, Attempt, DeliveryQueue
from domain.repositories import Card
from storage.cards import SqlCards
from storage.db import Db, reading, writing
from storage.deliveries import ADD_ATTEMPT, ANSWERS_WAITING, delivery_of
from storage.engine import Database
from storage.identities import COUNT_SEND
from storage.values import time_or_none

# A newer state of a card is on its way or there already; by id, see the port.
_MERGE_OVERTAKEN = """
    UPDATE deliveries SET state = 'merged', reason = 'overtaken', since = :now, lease_until = NULL,
        next_at = NULL
    WHERE tenant_id = :tenant AND id IN (
        SELECT d.id FROM deliveries d
        JOIN deliveries asked ON asked.tenant_id = d.tenant_id AND asked.channel_id = d.channel_id
          AND asked.external_id = d.external_id
        WHERE d.tenant_id = :tenant AND asked.id = :id AND d.kind = 'update'
          AND (d.state = 'queued' OR (d.state = 'sending' AND d.lease_until <= :now))
          AND d.state IN ('queued', 'sending')
          AND EXISTS (
            SELECT 1 FROM deliveries y
            WHERE y.tenant_id = :tenant AND y.card_key = d.card_key AND y.id > d.id
          )
        FOR UPDATE OF d SKIP LOCKED
    )
    RETURNING id
"""
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
              card_key, inbox_id, reply_handle, attempts, next_at, reason, contact_id,
              COALESCE(let_go, 0)
"""
# PostgreSQL may run a subquery once per row, but never a WITH that locks: the limit holds for all.
_CLAIM_QUEUED_OF = """
    WITH oldest AS (
        SELECT d.id FROM deliveries d
        WHERE d.tenant_id = :tenant AND d.channel_id = :channel AND d.external_id = :account
          AND d.state = 'queued' AND d.kind = 'push'
          AND (d.next_at IS NULL OR d.next_at <= :now)
        ORDER BY d.created_at, d.id LIMIT :limit
        FOR UPDATE SKIP LOCKED
    )
    UPDATE deliveries SET state = 'sending', lease_until = :lease_until, attempts = attempts + 1
    WHERE tenant_id = :tenant AND id IN (SELECT id FROM oldest)
    RETURNING id, channel_id, external_id, kind, view, data, dedupe_key, created_at, state, subject,
              card_key, inbox_id, reply_handle, attempts, next_at, reason, contact_id,
              COALESCE(let_go, 0)
"""
_SENT_SINCE = """
    SELECT count(*) FROM deliveries
    WHERE tenant_id = :tenant AND channel_id = :channel AND external_id = :account
      AND sent_at >= :since AND state = 'sent' AND kind <> 'update'
"""
_IS_TOLD = """
    SELECT 1 FROM deliveries
    WHERE tenant_id = :tenant AND channel_id = :channel AND external_id = :account
      AND subject = :subject AND id <> :id AND kind <> 'update' AND created_at >= :since
      AND state NOT IN ('dead', 'held', 'by_hand')
    LIMIT 1
"""
# Only who still holds the delivery may say where it stands: a late loser of its lease must not put
# back what another worker has sent meanwhile, nor free what another one is just sending.
_FINISH = """
    UPDATE deliveries SET state = :state, reason = :reason, next_at = :next_at, lease_until = NULL,
        since = :since, carried_by = :carried_by,
        sent_at = :sent_at, platform_ref = COALESCE(:platform_ref, platform_ref),
        attempts = CASE WHEN :is_put_off THEN attempts - 1 ELSE attempts END,
        kind = CASE WHEN :is_own_message THEN 'push' ELSE kind END
    WHERE tenant_id = :tenant AND id = :id AND state = 'sending' AND attempts = :attempts
"""
_LOCK = "SELECT id FROM deliveries WHERE tenant_id = :tenant AND id = :id FOR UPDATE"
_CHANGE_CARD = """
    UPDATE cards SET view = :view,
        response_code = CASE WHEN response_code_at > :code_at THEN response_code ELSE :code END,
        response_code_at = CASE
            WHEN response_code_at > :code_at THEN response_code_at ELSE :code_at END
    WHERE tenant_id = :tenant AND key = :key
"""
_TAKE_OVER = """
    UPDATE cards SET subject = NULL
    WHERE tenant_id = :tenant AND subject = :subject AND channel_id = :channel
      AND external_id = :account AND key <> :key AND sent_at <= :sent_at
"""
_LEAVE_SUBJECT = "UPDATE cards SET subject = NULL WHERE tenant_id = :tenant AND key = :key"
_FOLLOW = """
    UPDATE deliveries SET card_key = :new
    WHERE tenant_id = :tenant AND card_key = :old AND state = 'queued' AND kind = 'update'
      AND id > :id
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
            for (overtaken,) in db.all(_MERGE_OVERTAKEN, id=delivery, now=now):
                _add_attempt(db, overtaken, Attempt(overtaken, now, "merged", "overtaken"))
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
        *,
        limit: int,
    ) -> list[Delivery]:
        with writing(self._database, tenant) as db:
            rows = db.all(
                _CLAIM_QUEUED_OF,
                channel=channel,
                account=external_id,
                now=now,
                lease_until=lease_until,
                limit=limit,
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
    def answers_waiting(self, tenant: TenantId, channel: ChannelId, external_id: str) -> int:
        with reading(self._database, tenant) as db:
            row = db.one(ANSWERS_WAITING, channel=channel, account=external_id)
        return 0 if row is None else row[0]

    @override
    def is_told(self, tenant: TenantId, change: Delivery) -> bool:
        if change.subject is None:
            return False
        with reading(self._database, tenant) as db:
            row = db.one(
                _IS_TOLD,
                id=change.id,
                channel=change.channel,
                account=change.external_id,
                subject=change.subject,
                since=change.created_at,
            )
        return row is not None

    @override
    def finish(
        self,
        tenant: TenantId,
        claimed: Delivery,
        state: DeliveryState,
        attempt: Attempt,
        *,
        next_at: datetime | None = None,
        card: Card | None = None,
        replaces: CardKey | None = None,
        counts: bool = False,
        platform_ref: str | None = None,
        carried_by: DeliveryId | None = None,
    ) -> None:
        is_sent = state is DeliveryState.SENT
        with writing(self._database, tenant) as db:
            db.one(_LOCK, id=claimed.id)
            db.run(
                _FINISH,
                id=claimed.id,
                attempts=claimed.attempts,
                state=state,
                reason=None if is_sent else attempt.code,
                next_at=next_at,
                since=attempt.at,
                carried_by=carried_by,
                sent_at=attempt.at if is_sent else None,
                platform_ref=platform_ref,
                is_put_off=attempt.outcome == PUT_OFF,
                is_own_message=replaces is not None,
            )
            _add_attempt(db, claimed.id, attempt)
            if card is not None:
                _put_card(db, card)
            if replaces is not None:
                db.run(_LEAVE_SUBJECT, key=replaces)
                if card is not None:
                    db.run(_FOLLOW, id=claimed.id, old=replaces, new=card.key)
            if counts:
                db.run(COUNT_SEND, channel=claimed.channel, account=claimed.external_id)

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


def _add_attempt(db: Db, delivery: DeliveryId, attempt: Attempt) -> None:
    db.run(ADD_ATTEMPT, id=delivery, at=attempt.at, outcome=attempt.outcome, code=attempt.code)


def _put_card(db: Db, card: Card) -> None:
    """Keep a new card as its subject's only one on this account, or what a known one shows now."""
    cards = SqlCards(db)
    if cards.find(card.key) is not None:
        db.run(
            _CHANGE_CARD,
            key=card.key,
            view=card.view,
            code=card.response_code,
            code_at=card.response_code_at,
        )
        return
    cards.save(card)
    if card.subject is not None:
        db.run(
            _TAKE_OVER,
            subject=card.subject,
            channel=card.channel,
            account=card.external_id,
            key=card.key,
            sent_at=card.sent_at,
        )
