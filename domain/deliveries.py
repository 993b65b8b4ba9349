"""Deliveries: one outgoing message to one account, from queued to a final state.

    QUEUED --claimed--> SENDING --ok--> SENT
                        SENDING --temporary--> QUEUED (later)
                        SENDING --for good--> DEAD
                        SENDING --window shut--> HELD --customer writes--> QUEUED
                                                 HELD --told by hand--> BY_HAND
                        HELD, QUEUED --no longer meant for this person--> DEAD (`Withheld`)

A notice for a customer's contact may change its account on the way: when another of the contact's
accounts can take it, or the contact writes from another one. It stays one row with one history.
IN_BAND went back in the platform's own request. MERGED went out inside another delivery, or was the
change of a card that a newer message has overtaken.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.ids import CardKey, ChannelId, ContactId, DeliveryId, InboxId, MemberId


class DeliveryKind(StrEnum):
    """Why a message goes out."""

    REPLY = "reply"
    PUSH = "push"
    UPDATE = "update"
    """Change a card that is already on the person's phone."""


class DeliveryState(StrEnum):
    """Where a delivery is."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    IN_BAND = "in_band"
    HELD = "held"
    MERGED = "merged"
    BY_HAND = "by_hand"
    DEAD = "dead"


class Withheld(StrEnum):
    """Why a notice is not for its person any more: the reason of a DEAD delivery nobody sent."""

    LEFT = "contact_left"
    UNSEEN = "points_unseen"
    UNSPENDABLE = "points_unspendable"


ATTEMPTS_MAX = 8
RETRY_FIRST = timedelta(seconds=2)
RETRY_LONGEST = timedelta(minutes=10)


NOWHERE = ChannelId("")
"""Where a notice is held whose contact has no account yet, under the contact's id."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one account on one channel."""

    id: DeliveryId
    channel: ChannelId
    external_id: str
    kind: DeliveryKind
    view: str
    """The view's name; `data` holds its fields as JSON."""
    data: dict[str, Any]
    dedupe_key: str
    """Unique with the account: the same key is never queued twice."""
    created_at: datetime
    state: DeliveryState = DeliveryState.QUEUED
    subject: str | None = None
    """What the message is about ("alert:<id>"); cards of one subject are updated together."""
    card: CardKey | None = None
    """For an UPDATE: the card to change."""
    inbox: InboxId | None = None
    reply_handle: dict[str, Any] | None = None
    """What the platform gave us to answer with (DingTalk's sessionWebhook and its end)."""
    attempts: int = 0
    next_at: datetime | None = None
    reason: str | None = None
    """Why it is held or dead: an `Unreachable` or a platform error name."""
    contact: ContactId | None = None
    """For a notice: whom it is for, by whichever account; the same key is told them once."""
    let_go: int = 0
    """How often it was let go again: each time it is a new message to the platform."""

    @property
    def message_key(self) -> str:
        """Name the message to the platform, which takes one name for one message only."""
        return f"{self.id}_{self.let_go}" if self.let_go else self.id


def named_by(message_key: str) -> tuple[DeliveryId, int]:
    """Give the delivery that a platform names, and how often it had been let go by then."""
    name, _, number = message_key.partition("_")
    return DeliveryId(name), int(number) if number.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice for a contact, and what has become of it."""

    delivery: Delivery
    since: datetime
    """Since when it is in its state: sent, held, told by hand, given up."""
    told_by: MemberId | None = None
    """Who has told it by hand."""
    carried_by: "Notice | None" = None
    """The message it went out in, when it was merged: what became of that is what became of it."""

    @property
    def outcome(self) -> "Notice":
        """Give the message that says how it stands: the one that carried it, or itself."""
        return self.carried_by or self


def retry_delay(attempts: int, jitter: float) -> timedelta:
    """Give the pause before the next try: doubled each time, capped, and jittered.

    `jitter` is a random number in [0, 1) from the caller.
    """
    doublings: int = 2 ** min(attempts - 1, 16)
    whole = min(RETRY_FIRST * doublings, RETRY_LONGEST)
    return whole * (0.5 + jitter / 2)


def is_exhausted(attempts: int) -> bool:
    """Tell whether a delivery has been tried often enough."""
    return attempts >= ATTEMPTS_MAX
