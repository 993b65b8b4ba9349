"""The repositories use cases work through, one Protocol per noun, and the small records they
exchange.

All methods belong to one open unit of work of one tenant: they see nothing of any other tenant,
and nothing is kept
unless the unit of work commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from domain.alerts import Alert
from domain.channels import Channel, Identity, SessionState
from domain.customers import BindingTries, Contact, Customer, Invitation
from domain.deliveries import Delivery, DeliveryState
from domain.events import BusinessEvent, EventType
from domain.ids import (
    AlertId,
    CardKey,
    ChannelId,
    ContactId,
    CustomerId,
    DeliveryId,
    EntryId,
    EventId,
    InboxId,
    LotId,
    MemberId,
    MilestoneId,
    ProjectId,
    ReviewId,
    TicketId,
)
from domain.inbox import InboxItem, InboxState
from domain.ledger import Entry, Wallet
from domain.lots import Lot, LotUse
from domain.members import Member, Role
from domain.projects import Milestone, Project
from domain.reviews import Review
from domain.rules import RuleVersion
from domain.tickets import Ticket


@dataclass(frozen=True, slots=True)
class AuditNote:
    """Who did what to what; written with every change, never changed."""

    at: datetime
    actor: str
    """"member:<id>", "contact:<id>" or "system"."""
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


class Channels(Protocol):
    """Configured connections."""

    def get(self, channel: ChannelId) -> Channel:
        """Read one by its id; a missing one is a bug."""
        ...

    def all(self) -> list[Channel]:
        """List all of the tenant."""
        ...

    def customer_channel(self) -> Channel | None:
        """Find the channel customers use (the first 微信客服 account)."""
        ...

    def set_contact_url(self, channel: ChannelId, url: str) -> None:
        """Keep the link the platform has given."""
        ...

    def cursor(self, channel: ChannelId) -> str | None:
        """Read how far the channel's message log has been pulled."""
        ...

    def set_cursor(self, channel: ChannelId, cursor: str, *, after: str | None) -> bool:
        """Move the cursor on; False when it no longer stands at `after` (another puller was faster)."""
        ...


class Identities(Protocol):
    """Accounts on channels."""

    def find(self, channel: ChannelId, external_id: str) -> Identity | None:
        """Find one, or None."""
        ...

    def of_member(self, member: MemberId) -> list[Identity]:
        """List a member's accounts."""
        ...

    def of_contact(self, contact: ContactId) -> list[Identity]:
        """List a contact's accounts."""
        ...

    def save(self, identity: Identity) -> None:
        """Insert or replace who the account belongs to and where alerts go; counters are left alone."""
        ...

    def heard_from(self, channel: ChannelId, external_id: str, at: datetime) -> None:
        """Note that the account wrote, making the identity if it is new.

        Opens the window and the allowance, lifts a block and begins an ended conversation again. An
        older message than the last one changes nothing.
        """
        ...

    def count_send(self, channel: ChannelId, external_id: str) -> None:
        """Use one message of the allowance."""
        ...

    def use_up_allowance(self, channel: ChannelId, external_id: str) -> None:
        """Believe the platform that the allowance is used up (95001, fail_type 6)."""
        ...

    def close_window(self, channel: ChannelId, external_id: str) -> None:
        """Believe the platform that the window is shut (95002, fail_type 4)."""
        ...

    def set_session(self, channel: ChannelId, external_id: str, session: SessionState) -> None:
        """Note who holds the conversation."""
        ...

    def block(self, channel: ChannelId, external_id: str, reason: str | None) -> None:
        """Note that the platform refuses the account for good; None lifts it."""
        ...

    def tries(self, channel: ChannelId, external_id: str) -> BindingTries:
        """Read the wrong codes typed so far."""
        ...

    def set_tries(self, channel: ChannelId, external_id: str, tries: BindingTries) -> None:
        """Keep the count of wrong codes."""
        ...


class Members(Protocol):
    """The firm's people."""

    def get(self, member: MemberId) -> Member:
        """Read one by its id; a missing one is a bug."""
        ...

    def with_role(self, role: Role) -> list[Member]:
        """List active members that have the role."""
        ...

    def add(self, member: Member) -> None:
        """Store a new one."""
        ...

    def all(self) -> list[Member]:
        """List all of the tenant."""
        ...


class Customers(Protocol):
    """Customers and their contacts."""

    def get(self, customer: CustomerId) -> Customer:
        """Read one by its id; a missing one is a bug."""
        ...

    def find_by_code(self, code: str) -> Customer | None:
        """Find one by the code people use."""
        ...

    def all(self) -> list[Customer]:
        """List all of the tenant."""
        ...

    def add(self, customer: Customer) -> None:
        """Store a new one."""
        ...

    def contact(self, contact: ContactId) -> Contact:
        """Read one contact."""
        ...

    def contacts(self, customer: CustomerId) -> list[Contact]:
        """List active contacts by name."""
        ...

    def add_contact(self, contact: Contact) -> None:
        """Store a new contact."""
        ...

    def add_invitation(self, invitation: Invitation) -> None:
        """Store a fresh invitation."""
        ...

    def find_invitation(self, code_hash: str) -> Invitation | None:
        """Find and lock an invitation."""
        ...

    def use_invitation(self, invitation: Invitation, now: datetime) -> bool:
        """Mark it used; False when somebody was faster."""
        ...


class Projects(Protocol):
    """Projects and milestones."""

    def get(self, project: ProjectId) -> Project:
        """Read one by its id; a missing one is a bug."""
        ...

    def find_by_code(self, code: str) -> Project | None:
        """Find one by the code people use."""
        ...

    def all(self) -> list[Project]:
        """List all of the tenant."""
        ...

    def of_customer(self, customer: CustomerId) -> list[Project]:
        """List a customer's projects."""
        ...

    def managed_by(self, member: MemberId) -> list[Project]:
        """List the projects a member manages."""
        ...

    def add(self, project: Project) -> None:
        """Store a new one."""
        ...

    def milestone(self, milestone: MilestoneId) -> Milestone:
        """Read and lock one milestone."""
        ...

    def milestones(self, project: ProjectId) -> list[Milestone]:
        """List milestones by planned date."""
        ...

    def add_milestone(self, milestone: Milestone) -> None:
        """Store a new milestone."""
        ...

    def set_accepted(self, milestone: MilestoneId, accepted_on: date | None) -> None:
        """Set the day of acceptance, or clear it."""
        ...


class Events(Protocol):
    """Business events, unique on (source, source id)."""

    def add(self, event: BusinessEvent, content_hash: str) -> bool:
        """Store a new event; False when (source, source id) is there already."""
        ...

    def get(self, event: EventId) -> BusinessEvent:
        """Read one by its id; a missing one is a bug."""
        ...

    def find(self, source: str, source_id: str) -> tuple[BusinessEvent, str] | None:
        """Find an event and its content hash."""
        ...

    def latest_by(self, member: MemberId, event_type: EventType) -> list[BusinessEvent]:
        """List the member's last 20 events of a type, newest first."""
        ...


class Rules(Protocol):
    """Rule versions."""

    def published(self) -> list[RuleVersion]:
        """List every version that has been published."""
        ...

    def add(self, rule: RuleVersion) -> None:
        """Store a new one."""
        ...


class Wallets(Protocol):
    """Wallets, entries and lots. Entries are append-only in the database too."""

    def lock(self, customer: CustomerId) -> Wallet:
        """Read the wallet for writing, making an empty one if there is none; held until commit."""
        ...

    def read(self, customer: CustomerId) -> Wallet:
        """Read it without locking; an empty one if there is none."""
        ...

    def lots(self, customer: CustomerId) -> list[Lot]:
        """List lots with something left, soonest expiry first."""
        ...

    def append(
        self,
        wallet: Wallet,
        entries: Sequence[tuple[Entry, Lot | None, Sequence[LotUse], Sequence[LotUse]]],
    ) -> None:
        """Write entries with the lot each opens, what it takes and gives back, and the wallet
        after them.

        Raises:
            Conflict: the wallet has moved on since it was locked (its seq is not the one before).
        """
        ...

    def latest(self, customer: CustomerId, limit: int) -> list[Entry]:
        """List entries, newest first."""
        ...

    def of_event(self, event: EventId) -> list[Entry]:
        """List an event's entries by seq (reversals of them are not among them)."""
        ...

    def is_reversed(self, entry: EntryId) -> bool:
        """Tell whether an entry has been undone."""
        ...

    def uses(self, entry: EntryId) -> list[LotUse]:
        """List what an entry took from lots."""
        ...

    def opened_by(self, entry: EntryId) -> LotId | None:
        """Give the lot an entry opened."""
        ...


class Reviews(Protocol):
    """Reviews."""

    def add(self, review: Review) -> None:
        """Store a new one."""
        ...

    def get(self, review: ReviewId) -> Review:
        """Read one by its id; a missing one is a bug."""
        ...


class Alerts(Protocol):
    """Alerts; at most one open per dedupe key, in the database too."""

    def next_number(self) -> int:
        """Give the next number people call an alert by."""
        ...

    def add(self, alert: Alert) -> None:
        """Store a new one."""
        ...

    def get(self, alert: AlertId) -> Alert:
        """Read and lock one alert."""
        ...

    def find_number(self, number: int) -> Alert | None:
        """Find an alert by its number."""
        ...

    def find_open(self, dedupe_key: str) -> Alert | None:
        """Find and lock the open alert of a cause."""
        ...

    def open(self) -> list[Alert]:
        """List alerts that are not resolved, oldest first."""
        ...

    def save(self, alert: Alert) -> None:
        """Replace the version before this one.

        Raises:
            Conflict: the stored version is not the one before.
        """
        ...


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
    """Outgoing messages as use cases and the runtime see them; the sender's view is `DeliveryQueue`."""

    def add(self, delivery: Delivery) -> bool:
        """Queue a delivery; False when the account has one with this dedupe key."""
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

    def held_for(self, channel: ChannelId, external_id: str) -> list[Delivery]:
        """List what waits until this account writes, oldest first."""
        ...

    def set_state(
        self, delivery: DeliveryId, state: DeliveryState, *, reason: str | None, now: datetime
    ) -> None:
        """Move a delivery to a state outside the sending loop."""
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

    def due(self, now: datetime, limit: int) -> list[InboxId]:
        """List new items that nobody is handling: received over 5 s ago, or due for another try."""
        ...


class Audit(Protocol):
    """The append-only record of changes."""

    def write(self, note: AuditNote) -> None:
        """Append a note."""
        ...
