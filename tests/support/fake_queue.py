"""The fake queue of deliveries: the sender's side, each call at once kept."""

from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from domain.deliveries import Delivery, DeliveryKind, DeliveryState
from domain.ids import CardKey, ChannelId, DeliveryId, TenantId
from domain.ports import PUT_OFF, Attempt, DeliveryQueue
from domain.repositories import Card
from tests.support.fake_messages import add_attempt
from tests.support.fake_state import Outgoing, TenantState, first

_NOT_TOLD = (DeliveryState.DEAD, DeliveryState.HELD, DeliveryState.BY_HAND)
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
        if outgoing is None:
            return None
        _merge_overtaken(state, outgoing, now)
        outgoing = state.deliveries[delivery]
        if not _is_due(outgoing, now):
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
        *,
        limit: int,
    ) -> list[Delivery]:
        state = self._tenants[tenant]
        due = [
            outgoing
            for outgoing in self._of(state, channel, external_id)
            if outgoing.delivery.state is DeliveryState.QUEUED
            and outgoing.delivery.kind is DeliveryKind.PUSH
            and _is_due(outgoing, now)
        ]
        return [self._take(state, outgoing, lease_until) for outgoing in due[:limit]]

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
    def answers_waiting(self, tenant: TenantId, channel: ChannelId, external_id: str) -> int:
        return sum(
            outgoing.delivery.kind is DeliveryKind.REPLY
            and outgoing.delivery.state in _LEFT_TO_SEND
            for outgoing in self._of(self._tenants[tenant], channel, external_id)
        )

    @override
    def is_told(self, tenant: TenantId, change: Delivery) -> bool:
        of_account = self._of(self._tenants[tenant], change.channel, change.external_id)
        return change.subject is not None and any(
            outgoing.delivery.subject == change.subject
            and outgoing.delivery.id != change.id
            and outgoing.delivery.kind is not DeliveryKind.UPDATE
            and outgoing.delivery.created_at >= change.created_at
            and outgoing.delivery.state not in _NOT_TOLD
            for outgoing in of_account
        )

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
        rows = self._tenants[tenant]
        rows.changes += 1
        outgoing = rows.deliveries[claimed.id]
        held = outgoing.delivery
        if held.state is DeliveryState.SENDING and held.attempts == claimed.attempts:
            is_sent = state is DeliveryState.SENT
            rows.deliveries[claimed.id] = Outgoing(
                replace(
                    held,
                    state=state,
                    next_at=next_at,
                    reason=None if is_sent else attempt.code,
                    attempts=held.attempts - (attempt.outcome == PUT_OFF),
                    kind=held.kind if replaces is None else DeliveryKind.PUSH,
                ),
                sent_at=attempt.at if is_sent else None,
                platform_ref=platform_ref or outgoing.platform_ref,
                since=attempt.at,
                carried_by=carried_by,
            )
        add_attempt(rows, attempt)
        if card is not None:
            _put_card(rows, card)
        if replaces is not None:
            _replace_card(rows, claimed.id, replaces, card)
        account = (claimed.channel, claimed.external_id)
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


def _merge_overtaken(state: TenantState, asked: Outgoing, now: datetime) -> None:
    of_account = FakeDeliveryQueue._of(state, asked.delivery.channel, asked.delivery.external_id)
    for outgoing in of_account:
        change = outgoing.delivery
        is_free = change.state is DeliveryState.QUEUED or (
            change.state is DeliveryState.SENDING and _is_due(outgoing, now)
        )
        is_overtaken = change.kind is DeliveryKind.UPDATE and any(
            other.delivery.card == change.card and other.delivery.id > change.id
            for other in state.deliveries.values()
        )
        if is_free and is_overtaken:
            merged = replace(change, state=DeliveryState.MERGED, reason="overtaken", next_at=None)
            state.changes += 1
            state.deliveries[change.id] = replace(
                outgoing, delivery=merged, lease_until=None, since=now
            )
            add_attempt(state, Attempt(change.id, now, "merged", "overtaken"))


def _put_card(state: TenantState, card: Card) -> None:
    known = state.cards.get(card.key)
    if known is not None:
        state.cards[card.key] = replace(known, view=card.view)
        code_at = known.response_code_at
        if code_at is None or card.response_code_at is None or code_at <= card.response_code_at:
            state.cards[card.key] = replace(
                known,
                view=card.view,
                response_code=card.response_code,
                response_code_at=card.response_code_at,
            )
        return
    for key, other in state.cards.items():
        account = (other.subject, other.channel, other.external_id)
        if (
            card.subject is not None
            and account == (card.subject, card.channel, card.external_id)
            and other.sent_at <= card.sent_at
        ):
            state.cards[key] = replace(other, subject=None)
    state.cards[card.key] = card


def _replace_card(
    state: TenantState, delivery: DeliveryId, old: CardKey, card: Card | None
) -> None:
    if old in state.cards:
        state.cards[old] = replace(state.cards[old], subject=None)
    for key, outgoing in state.deliveries.items():
        change = outgoing.delivery
        if (
            card is not None
            and change.card == old
            and (change.kind, change.state) == (DeliveryKind.UPDATE, DeliveryState.QUEUED)
            and change.id > delivery
        ):
            followed = replace(change, card=card.key)
            state.deliveries[key] = replace(outgoing, delivery=followed)


def _is_in_the_way(other: Outgoing, outgoing: Outgoing, now: datetime) -> bool:
    mine, its = outgoing.delivery, other.delivery
    if (its.channel, its.external_id) != (mine.channel, mine.external_id):
        return False
    return its.state is DeliveryState.SENDING or (
        its.state in _LEFT_TO_SEND and _is_due(other, now)
    )
