"""Fake repositories of what comes in and goes out."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from typing_extensions import override

from domain.deliveries import Delivery, DeliveryKind, DeliveryState, Notice
from domain.ids import (
    CardKey,
    ChannelId,
    ContactId,
    DeliveryId,
    InboxId,
    MemberId,
    TicketId,
)
from domain.inbox import Exchange, InboxItem, InboxState, ReplyPart, reply_key
from domain.ports import Attempt
from domain.repositories import (
    Audit,
    AuditNote,
    Card,
    Cards,
    Deliveries,
    Inbox,
    Tickets,
)
from domain.tickets import Ticket, TicketKind
from storage.inbox import LEFT_TO_THE_REQUEST
from tests.support.fake_people import FakeRepository
from tests.support.fake_state import Incoming, Outgoing, TenantState, as_json, first, get

_UNSENT = {DeliveryState.HELD, DeliveryState.QUEUED}


class FakeTickets(FakeRepository, Tickets):
    @override
    def add(self, ticket: Ticket) -> None:
        stored = replace(ticket, payload=as_json(ticket.payload))
        self._transaction.insert(self._state.tickets, ticket.id, stored)

    @override
    def find(self, ticket: TicketId) -> Ticket | None:
        return self._state.tickets.get(ticket)

    @override
    def use(self, ticket: TicketId, now: datetime) -> bool:
        stored = self._state.tickets.get(ticket)
        if stored is None or stored.used_at is not None:
            return False
        self._state.tickets[ticket] = replace(stored, used_at=now)
        return True

    @override
    def newest_open(
        self,
        kind: TicketKind,
        now: datetime,
        *,
        member: MemberId | None = None,
        contact: ContactId | None = None,
    ) -> Ticket | None:
        found = [
            ticket
            for ticket in self._state.tickets.values()
            if (member, contact) != (None, None)
            and (ticket.member, ticket.contact) == (member, contact)
            and (ticket.kind, ticket.used_at) == (kind, None)
            and ticket.expires_at > now
        ]
        return max(found, key=lambda ticket: (ticket.created_at, ticket.id), default=None)

    @override
    def void(self, contact: ContactId, now: datetime) -> None:
        for ticket in list(self._state.tickets.values()):
            if ticket.contact == contact and ticket.used_at is None:
                self._state.tickets[ticket.id] = replace(ticket, used_at=now)


class FakeCards(FakeRepository, Cards):
    @override
    def find(self, key: CardKey) -> Card | None:
        return self._state.cards.get(key)

    @override
    def of_subject(self, subject: str) -> list[Card]:
        found = [card for card in self._state.cards.values() if card.subject == subject]
        return sorted(found, key=lambda card: (card.sent_at, card.key))

    @override
    def save(self, card: Card) -> None:
        self._state.cards[card.key] = card

    @override
    def set_response_code(self, key: CardKey, code: str | None, at: datetime) -> None:
        card = self.find(key)
        if card is not None and (card.response_code_at is None or card.response_code_at <= at):
            self._state.cards[key] = replace(card, response_code=code, response_code_at=at)


class FakeDeliveries(FakeRepository, Deliveries):
    @override
    def add(self, delivery: Delivery) -> bool:
        account = (delivery.channel, delivery.external_id, delivery.dedupe_key)
        for other in self._all():
            if (other.channel, other.external_id, other.dedupe_key) == account:
                return False
            notice = (other.contact, other.dedupe_key)
            if delivery.contact is not None and notice == (delivery.contact, delivery.dedupe_key):
                return False
        stored = replace(
            delivery, data=as_json(delivery.data), reply_handle=as_json(delivery.reply_handle)
        )
        self._transaction.insert(self._state.deliveries, delivery.id, Outgoing(stored))
        return True

    @override
    def get(self, delivery: DeliveryId) -> Delivery:
        return get(self._state.deliveries, delivery).delivery

    @override
    def find(self, delivery: DeliveryId) -> Delivery | None:
        outgoing = self._state.deliveries.get(delivery)
        return None if outgoing is None else outgoing.delivery

    @override
    def in_band_of(self, item: InboxId) -> DeliveryId | None:
        return first(
            d.id
            for d in sorted(self._all(), key=lambda delivery: delivery.id)
            if d.inbox == item and d.state is DeliveryState.IN_BAND
        )

    @override
    def on_the_way(self, subject: str) -> list[Delivery]:
        found = [
            d
            for d in self._all()
            if d.subject == subject
            and d.state in {DeliveryState.QUEUED, DeliveryState.SENDING}
            and d.kind is not DeliveryKind.UPDATE
        ]
        return sorted(found, key=lambda delivery: (delivery.created_at, delivery.id))

    @override
    def held_of(self, contact: ContactId) -> list[Notice]:
        return sorted(
            (n for n in self._notices(contact) if n.delivery.state is DeliveryState.HELD), key=_age
        )

    @override
    def notices_of(self, contact: ContactId, limit: int) -> list[Notice]:
        return sorted(self._notices(contact), key=_age, reverse=True)[:limit]

    @override
    def carried_by(self, delivery: DeliveryId) -> list[Delivery]:
        found = [
            outgoing.delivery
            for outgoing in self._state.deliveries.values()
            if outgoing.carried_by == delivery and outgoing.delivery.state is DeliveryState.MERGED
        ]
        return sorted(found, key=lambda delivery: (delivery.created_at, delivery.id))

    @override
    def unsent_of(self, contact: ContactId) -> list[Delivery]:
        found = [d for d in self._all() if d.contact == contact and d.state in _UNSENT]
        return sorted(found, key=lambda delivery: (delivery.created_at, delivery.id))

    @override
    def withhold(self, delivery: DeliveryId, reason: str, now: datetime) -> bool:
        outgoing = self._state.deliveries.get(delivery)
        if outgoing is None or outgoing.delivery.state not in _UNSENT:
            return False
        given_up = replace(outgoing.delivery, state=DeliveryState.DEAD, reason=reason, next_at=None)
        self._state.deliveries[delivery] = replace(outgoing, delivery=given_up, since=now)
        add_attempt(self._state, Attempt(delivery, now, DeliveryState.DEAD.value, reason))
        return True

    @override
    def answers_waiting(self, channel: ChannelId, external_id: str) -> int:
        return sum(
            (d.channel, d.external_id, d.kind) == (channel, external_id, DeliveryKind.REPLY)
            and d.state in {DeliveryState.QUEUED, DeliveryState.SENDING}
            for d in self._all()
        )

    @override
    def reroute(
        self,
        delivery: DeliveryId,
        account: tuple[ChannelId, str],
        *,
        next_at: datetime,
        now: datetime,
    ) -> None:
        outgoing = get(self._state.deliveries, delivery)
        before = outgoing.delivery
        channel, external_id = account
        moved = replace(
            before,
            channel=channel,
            external_id=external_id,
            state=DeliveryState.QUEUED,
            reason=None,
            attempts=0,
            next_at=next_at,
            let_go=before.let_go + 1,
        )
        self._state.deliveries[delivery] = replace(
            outgoing, delivery=moved, lease_until=None, since=now, carried_by=None
        )
        is_moved = (before.channel, before.external_id) != account
        outcome, code = ("moved", before.channel) if is_moved else ("queued", before.reason)
        add_attempt(self._state, Attempt(delivery, now, outcome, code or None))

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
        outgoing = get(self._state.deliveries, delivery)
        is_queued = state is DeliveryState.QUEUED
        changed = replace(
            outgoing.delivery,
            state=state,
            reason=reason,
            attempts=0 if is_queued else outgoing.delivery.attempts,
            next_at=now if is_queued else None,
        )
        self._state.deliveries[delivery] = replace(
            outgoing,
            delivery=changed,
            lease_until=None,
            since=now,
            told_by=told_by,
            carried_by=None,
        )
        add_attempt(self._state, Attempt(delivery, now, state.value, reason))

    def _notices(self, contact: ContactId) -> list[Notice]:
        return [
            self._notice(outgoing)
            for outgoing in self._state.deliveries.values()
            if outgoing.delivery.contact == contact
        ]

    def _notice(self, outgoing: Outgoing) -> Notice:
        carrier = outgoing.carried_by
        return Notice(
            delivery=outgoing.delivery,
            since=outgoing.since or outgoing.delivery.created_at,
            told_by=outgoing.told_by,
            carried_by=None if carrier is None else self._notice(self._state.deliveries[carrier]),
        )

    def _all(self) -> list[Delivery]:
        return [outgoing.delivery for outgoing in self._state.deliveries.values()]


def add_attempt(state: TenantState, attempt: Attempt) -> None:
    """Append to a delivery's history."""
    number = sum(1 for of, _ in state.attempts if of == attempt.delivery) + 1
    state.attempts[attempt.delivery, number] = attempt


def _age(notice: Notice) -> tuple[datetime, DeliveryId]:
    return notice.delivery.created_at, notice.delivery.id


class FakeInbox(FakeRepository, Inbox):
    @override
    def receive(self, item: InboxItem) -> InboxItem | None:
        for other in self._state.inbox.values():
            if (other.item.channel, other.item.source_id) == (item.channel, item.source_id):
                return other.item
        stored = replace(item, payload=as_json(item.payload), answer=as_json(item.answer))
        incoming = Incoming(stored, item.received_at + LEFT_TO_THE_REQUEST)
        self._transaction.insert(self._state.inbox, item.id, incoming)
        return None

    @override
    def lock(self, item: InboxId) -> InboxItem | None:
        incoming = self._state.inbox.get(item)
        return None if incoming is None else incoming.item

    @override
    def finish(
        self,
        item: InboxId,
        state: InboxState,
        *,
        now: datetime,
        answer: dict[str, Any] | None = None,
        reference: str | None = None,
    ) -> None:
        incoming = get(self._state.inbox, item)
        closed = replace(incoming.item, state=state, answer=as_json(answer))
        self._state.inbox[item] = replace(
            incoming, item=closed, finished_at=now, reference=reference
        )

    @override
    def count_attempt(self, item: InboxId, *, next_at: datetime) -> int:
        incoming = get(self._state.inbox, item)
        tried = replace(incoming.item, attempts=incoming.item.attempts + 1)
        self._state.inbox[item] = replace(incoming, item=tried, next_at=next_at)
        return tried.attempts

    @override
    def parked(self, channel: ChannelId, sender: str) -> list[InboxItem]:
        found = [
            incoming.item
            for incoming in self._state.inbox.values()
            if incoming.item.state is InboxState.PARKED
            and (incoming.item.channel, incoming.item.sender) == (channel, sender)
        ]
        return sorted(found, key=lambda item: (item.received_at, item.id))

    @override
    def reopen(self, item: InboxId) -> None:
        incoming = self._state.inbox.get(item)
        if incoming is not None and incoming.item.state is InboxState.PARKED:
            fresh = replace(incoming.item, state=InboxState.NEW)
            self._state.inbox[item] = replace(incoming, item=fresh, finished_at=None)

    @override
    def recent(
        self, channel: ChannelId, sender: str, *, since: datetime, limit: int
    ) -> list[Exchange]:
        exchanges: list[Exchange] = []
        for item in self._sent_by(channel, sender, since):
            reply = self._reply(item, ReplyPart.ANSWER) or self._reply(item, ReplyPart.FAILURE)
            if reply is not None:
                answer = reply.view, reply.data
                exchanges.append(Exchange(item.id, item.payload, item.received_at, *answer))
            elif item.state is InboxState.NEW:
                exchanges.append(Exchange(item.id, item.payload, item.received_at))
        return exchanges[-limit:]

    @override
    def last_answer(self, channel: ChannelId, sender: str, *, since: datetime) -> str | None:
        found = self.recent(channel, sender, since=since, limit=len(self._state.inbox))
        answers = [one.view for one in found if one.view is not None]
        return answers[-1] if answers else None

    @override
    def last_of(
        self, channel: ChannelId, sender: str, views: tuple[str, str], *, since: datetime
    ) -> str | None:
        replies = [self._reply(i, ReplyPart.ANSWER) for i in self._sent_by(channel, sender, since)]
        said = [reply for reply in replies if reply is not None and reply.view in views]
        last = max(said, key=lambda reply: (reply.created_at, reply.id), default=None)
        return None if last is None else last.view

    @override
    def due(self, now: datetime, limit: int) -> list[InboxId]:
        found = [
            incoming.item
            for incoming in self._state.inbox.values()
            if incoming.item.state is InboxState.NEW and incoming.next_at <= now
        ]
        found.sort(key=lambda item: (item.received_at, item.id))
        return [item.id for item in found[:limit]]

    def _sent_by(self, channel: ChannelId, sender: str, since: datetime) -> list[InboxItem]:
        found = [
            incoming.item
            for incoming in self._state.inbox.values()
            if (incoming.item.channel, incoming.item.sender) == (channel, sender)
            and incoming.item.received_at > since
        ]
        return sorted(found, key=lambda item: (item.received_at, item.id))

    def _reply(self, item: InboxItem, part: ReplyPart) -> Delivery | None:
        wanted = (item.channel, item.sender, reply_key(item.id, part))
        return first(
            outgoing.delivery
            for outgoing in self._state.deliveries.values()
            if (
                outgoing.delivery.channel,
                outgoing.delivery.external_id,
                outgoing.delivery.dedupe_key,
            )
            == wanted
        )


class FakeAudit(FakeRepository, Audit):
    @override
    def write(self, note: AuditNote) -> None:
        stored = replace(note, before=as_json(note.before), after=as_json(note.after))
        self._state.audit[len(self._state.audit)] = stored
