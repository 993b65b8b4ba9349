"""What comes in and goes out: inbox, deliveries, cards, tickets; and the audit record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from domain.deliveries import Delivery, DeliveryState, Notice
from domain.ids import (
    CardKey,
    ChannelId,
    ContactId,
    DeliveryId,
    InboxId,
    MemberId,
    TicketId,
)
from domain.inbox import Exchange, InboxItem, InboxState
from domain.tickets import Ticket, TicketKind


@dataclass(frozen=True, slots=True)
class AuditNote:
    """Who did what to what; written with every change, never changed."""

    at: datetime
    actor: str
    """"member:<id>", "contact:<id>", "apikey:<id>" or "system"."""
    channel: ChannelId | None
    action: str
    subject: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    inbox: InboxId | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A card that stands on somebody's phone."""

    key: CardKey
    channel: ChannelId
    external_id: str
    subject: str | None
    view: str
    sent_at: datetime
    response_code: str | None = None
    """WeCom's one-time right to change the card; None when used up or not WeCom."""
    response_code_at: datetime | None = None


class Tickets(Protocol):
    """One-time action ids."""

    def add(self, ticket: Ticket) -> None:
        """Store a new one."""
        ...

    def find(self, ticket: TicketId) -> Ticket | None:
        """Find one, or None."""
        ...

    def use(self, ticket: TicketId, now: datetime) -> bool:
        """Use it up; False when it was used already."""
        ...

    def newest_open(
        self,
        kind: TicketKind,
        now: datetime,
        *,
        member: MemberId | None = None,
        contact: ContactId | None = None,
    ) -> Ticket | None:
        """Find the newest of a kind that a member or a contact could still use, or None."""
        ...

    def void(self, contact: ContactId, now: datetime) -> None:
        """Use up every ticket of a contact that is open."""
        ...


class Cards(Protocol):
    """Cards on people's phones."""

    def find(self, key: CardKey) -> Card | None:
        """Find one, or None."""
        ...

    def of_subject(self, subject: str) -> list[Card]:
        """List the cards that stand for a subject."""
        ...

    def save(self, card: Card) -> None:
        """Insert or replace a card by its key."""
        ...

    def set_response_code(self, key: CardKey, code: str | None, at: datetime) -> None:
        """Keep the newest right to change the card; None when it has been used."""
        ...


class Deliveries(Protocol):
    """Outgoing messages as use cases and the runtime see them; senders have `DeliveryQueue`."""

    def add(self, delivery: Delivery) -> bool:
        """Queue a delivery; False when the account, or the contact, has one with this key."""
        ...

    def get(self, delivery: DeliveryId) -> Delivery:
        """Read one by its id; a missing one is a bug."""
        ...

    def find(self, delivery: DeliveryId) -> Delivery | None:
        """Find one by its id, or None."""
        ...

    def in_band_of(self, item: InboxId) -> DeliveryId | None:
        """Find the reply that went back in the platform's own request."""
        ...

    def on_the_way(self, subject: str) -> list[Delivery]:
        """List the messages about a subject that are still to be sent, changes left out."""
        ...

    def held_of(self, contact: ContactId) -> list[Notice]:
        """List what a contact is still to be told, oldest first.

        Locks the contact if there is anything, so that it is let go, told by hand or added to by
        one unit of work at a time.
        """
        ...

    def notices_of(self, contact: ContactId, limit: int) -> list[Notice]:
        """List a contact's last notices with what became of them, newest first."""
        ...

    def carried_by(self, delivery: DeliveryId) -> list[Delivery]:
        """List the notices that went out inside a message, oldest first."""
        ...

    def answers_waiting(self, channel: ChannelId, external_id: str) -> int:
        """Count the answers still to be sent to an account."""
        ...

    def reroute(
        self,
        delivery: DeliveryId,
        account: tuple[ChannelId, str],
        *,
        next_at: datetime,
        now: datetime,
    ) -> None:
        """Queue a notice for an account, with all its tries; its history goes along."""
        ...

    def unsent_of(self, contact: ContactId) -> list[Delivery]:
        """List the notices for a contact that are held or still to be sent, oldest first."""
        ...

    def withhold(self, delivery: DeliveryId, reason: str, now: datetime) -> bool:
        """Give up a notice that is held or still to be sent; False when it has gone already."""
        ...

    def set_state(
        self,
        delivery: DeliveryId,
        state: DeliveryState,
        *,
        reason: str | None,
        now: datetime,
        told_by: MemberId | None = None,
    ) -> None:
        """Move a delivery to a state outside the sending loop, and note that in its history."""
        ...


class Inbox(Protocol):
    """Incoming callbacks."""

    def receive(self, item: InboxItem) -> InboxItem | None:
        """Store a new item; None when it was new, else the item that is already there."""
        ...

    def lock(self, item: InboxId) -> InboxItem | None:
        """Read an item for handling; None when another worker holds it (PostgreSQL SKIP LOCKED)."""
        ...

    def finish(
        self,
        item: InboxId,
        state: InboxState,
        *,
        now: datetime,
        answer: dict[str, Any] | None = None,
        reference: str | None = None,
    ) -> None:
        """Close an item (or park it), keeping the in-band answer for repeats."""
        ...

    def count_attempt(self, item: InboxId, *, next_at: datetime) -> int:
        """Note a failed try; give how many there have been."""
        ...

    def parked(self, channel: ChannelId, sender: str) -> list[InboxItem]:
        """List what an account wrote before it was bound, oldest first."""
        ...

    def reopen(self, item: InboxId) -> None:
        """Make a parked item new again."""
        ...

    def recent(
        self, channel: ChannelId, sender: str, *, since: datetime, limit: int
    ) -> list[Exchange]:
        """List the newest items an account sent after `since` with their answers, oldest first.

        What was answered, if only by a failure, or is still to be handled; not what was no
        business of ours, parked, or too old when it was read.
        """
        ...

    def last_answer(self, channel: ChannelId, sender: str, *, since: datetime) -> str | None:
        """Give the view that answered the newest item an account sent after `since`, if any was.

        Items still to be handled are passed over: many may come at once.
        """
        ...

    def last_of(
        self, channel: ChannelId, sender: str, views: tuple[str, str], *, since: datetime
    ) -> str | None:
        """Give which of two views something an account sent after `since` was answered by last.

        The one that was said later, whatever came first: what was parked is answered afterwards.
        """
        ...

    def due(self, now: datetime, limit: int) -> list[InboxId]:
        """List new items that nobody is handling: received over 5 s ago, or due for another try."""
        ...


class Audit(Protocol):
    """The append-only record of changes."""

    def write(self, note: AuditNote) -> None:
        """Append a note."""
        ...
