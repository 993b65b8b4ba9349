"""What has happened, in the past tense.

Use cases emit these; handlers/reactions turns them into messages.
"""

from dataclasses import dataclass
from typing import Any

from domain.alerts import Alert
from domain.customers import Contact, Customer
from domain.events import BusinessEvent
from domain.ids import ChannelId, ContactId, CustomerId, DeliveryId, MemberId
from domain.ledger import Entry, Wallet
from domain.reviews import Review


@dataclass(frozen=True, slots=True)
class ContactBound:
    """A customer's contact has tied a chat account to the file."""

    contact: Contact
    customer: Customer
    invited_by: MemberId | None


@dataclass(frozen=True, slots=True)
class PointsMoved:
    """An event (or its undo) has changed a customer's points."""

    customer: CustomerId
    event: BusinessEvent
    entries: tuple[Entry, ...]
    wallet: Wallet
    is_undo: bool = False


@dataclass(frozen=True, slots=True)
class ReviewGiven:
    """A customer has reviewed a project."""

    review: Review


@dataclass(frozen=True, slots=True)
class AlertChanged:
    """An alert is new, taken, resolved, repeated or open again."""

    alert: Alert
    before: Alert | None


@dataclass(frozen=True, slots=True)
class PersonWanted:
    """A customer asks for a human."""

    customer: CustomerId
    contact: ContactId


@dataclass(frozen=True, slots=True)
class NoticeHeld:
    """A notice could not be pushed to a customer; somebody must tell them by hand."""

    delivery: DeliveryId | None
    """None when the contact has no account to hold anything for."""
    customer: CustomerId
    contact: ContactId
    obstacle: str
    about_view: str
    about_data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NoticeReleased:
    """A held notice is on its way after all, because the customer has written."""

    delivery: DeliveryId
    customer: CustomerId
    contact: ContactId


@dataclass(frozen=True, slots=True)
class CustomerTold:
    """A member has told a customer by hand what could not be pushed."""

    delivery: DeliveryId
    contact: ContactId
    member: MemberId


@dataclass(frozen=True, slots=True)
class DeliveryDied:
    """A message could not be delivered and won't be tried again."""

    delivery: DeliveryId
    channel: ChannelId
    recipient: str
    code: str


Fact = (
    ContactBound
    | PointsMoved
    | ReviewGiven
    | AlertChanged
    | PersonWanted
    | NoticeHeld
    | NoticeReleased
    | CustomerTold
    | DeliveryDied
)
