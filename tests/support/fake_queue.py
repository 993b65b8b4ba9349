"""The fake queue of deliveries: the sender's side, each call at once kept."""

from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from domain.deliveries import Delivery, DeliveryKind, DeliveryState
from domain.ids import ChannelId, DeliveryId, TenantId
from domain.ports import Attempt, DeliveryQueue
from domain.repositories import Card
from tests.support.fake_state import Outgoing, TenantState, first

_LEFT_TO_SEND = (DeliveryState.QUEUED, DeliveryState.SENDING)


class FakeDeliveryQueue(DeliveryQueue):
    """Works on the committed state of the fake store."""

    def __init__(self, tenants: dict[TenantId, TenantState]) -> None:
        self._tenants = tenants

    @override
    def claim(
        self, tenant: TenantId, delivery: DeliveryId, now: datetime, lease_until: datetime
    ) -> Delivery | None:
        state = self._tenants[tenant]
        outgoing = state.deliveries.get(delivery)
        if outgoing is None or not _is_due(outgoing, now):
            return None
        for other in state.deliveries.values():
            if _age(other) < _age(outgoing) and _is_in_the_way(other, outgoing, now):
                return None
        return self._take(state, outgoing, lease_until)

    @override
    def claim_queued_of(
        self,
        tenant: TenantId,
        channel: ChannelId,
        external_id: str,
        now: datetime,
        lease_until: datetime,
    ) -> list[Delivery]:
        state = self._tenants[tenant]
        return [
            self._take(state, outgoing, lease_until)
            for outgoing in self._of(state, channel, external_id)
            if outgoing.delivery.state is DeliveryState.QUEUED
            and outgoing.delivery.kind is DeliveryKind.PUSH
            and _is_due(outgoing, now)
        ]

    @override
    def sent_since(
        self, tenant: TenantId, channel: ChannelId, external_id: str, since: datetime
    ) -> int:
        return sum(
            outgoing.delivery.state is DeliveryState.SENT
            and outgoing.delivery.kind is not DeliveryKind.UPDATE
            and outgoing.sent_at is not None
            and outgoing.sent_at >= since
            for outgoing in self._of(self._tenants[tenant], channel, external_id)
        )

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
        rows = self._tenants[tenant]
        rows.changes += 1
        outgoing = rows.deliveries[delivery]
        is_sent = state is DeliveryState.SENT
        if outgoing.delivery.state is DeliveryState.SENDING:
            rows.deliveries[delivery] = Outgoing(
                replace(
                    outgoing.delivery,
                    state=state,
                    next_at=next_at,
                    reason=None if is_sent else attempt.code,
                ),
                sent_at=attempt.at if is_sent else None,
                platform_ref=platform_ref or outgoing.platform_ref,
            )
        number = sum(1 for of, _ in rows.attempts if of == delivery) + 1
        rows.attempts[delivery, number] = attempt
        if card is not None:
            rows.cards[card.key] = card
        account = (outgoing.delivery.channel, outgoing.delivery.external_id)
        if counts and account in rows.identities:
            known = rows.identities[account]
            rows.identities[account] = replace(
                known, sends_since_inbound=known.sends_since_inbound + 1
            )

    @override
    def next_of(
        self, tenant: TenantId, channel: ChannelId, external_id: str, now: datetime
    ) -> DeliveryId | None:
        of_account = self._of(self._tenants[tenant], channel, external_id)
        return first(outgoing.delivery.id for outgoing in of_account if _is_due(outgoing, now))

    @override
    def due(self, now: datetime, limit: int) -> list[tuple[TenantId, DeliveryId]]:
        found = [
            (_age(outgoing), tenant)
            for tenant, state in self._tenants.items()
            for outgoing in state.deliveries.values()
            if _is_due(outgoing, now)
        ]
        return [(tenant, age[1]) for age, tenant in sorted(found)[:limit]]

    @override
    def oldest_due_seconds(self, now: datetime) -> float:
        since = [
            outgoing.lease_until or outgoing.delivery.next_at or outgoing.delivery.created_at
            for state in self._tenants.values()
            for outgoing in state.deliveries.values()
            if _is_due(outgoing, now)
        ]
        return max((now - min(since)).total_seconds(), 0.0) if since else 0.0

    @staticmethod
    def _take(state: TenantState, outgoing: Outgoing, lease_until: datetime) -> Delivery:
        state.changes += 1
        claimed = replace(
            outgoing.delivery,
            state=DeliveryState.SENDING,
            attempts=outgoing.delivery.attempts + 1,
        )
        state.deliveries[claimed.id] = replace(outgoing, delivery=claimed, lease_until=lease_until)
        return claimed

    @staticmethod
    def _of(state: TenantState, channel: ChannelId, external_id: str) -> list[Outgoing]:
        found = [
            outgoing
            for outgoing in state.deliveries.values()
            if (outgoing.delivery.channel, outgoing.delivery.external_id) == (channel, external_id)
        ]
        return sorted(found, key=_age)


def _age(outgoing: Outgoing) -> tuple[datetime, DeliveryId]:
    return (outgoing.delivery.created_at, outgoing.delivery.id)


def _is_due(outgoing: Outgoing, now: datetime) -> bool:
    if outgoing.delivery.state is DeliveryState.QUEUED:
        return outgoing.delivery.next_at is None or outgoing.delivery.next_at <= now
    return outgoing.lease_until is not None and outgoing.lease_until <= now


def _is_in_the_way(other: Outgoing, outgoing: Outgoing, now: datetime) -> bool:
    mine, its = outgoing.delivery, other.delivery
    if (its.channel, its.external_id) != (mine.channel, mine.external_id):
        return False
    return its.state is DeliveryState.SENDING or (
        its.state in _LEFT_TO_SEND and _is_due(other, now)
    )
