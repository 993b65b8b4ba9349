"""Gifts: points one customer gives to another, and how far that may go.

    ------------> GIVEN                      up to ALONE_MAX, by the contact alone
    PENDING --approve--> GIVEN               above it; the points are held meanwhile
            --decline--> DECLINED
            --withdraw (a contact of the giver)--> WITHDRAWN
            --expire (nobody decided in time)--> EXPIRED

A gift is final: to take one back would be to take from the receiver.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.errors import GiftLimitReached, GiftTooLarge
from domain.ids import ApprovalId, ContactId, CustomerId, GiftId

GIFT_MAX = 5_000
"""Points of one gift: a slip of a finger must not empty a wallet, and nobody can take it back."""
MONTH_MAX = 10_000
"""Points one customer gives away in a month, so that many small gifts are no way around it."""
ALONE_MAX = 1_000
"""Points a contact gives without anybody in the firm: a point is worth about a yuan, and gifts
above a thousand are what an audit for favours asks about."""


class GiftState(StrEnum):
    """Where a gift is in its life; all but PENDING are final."""

    PENDING = "pending"
    GIVEN = "given"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Gift:
    """Points of one customer for another."""

    id: GiftId
    """The same as of the ticket that confirmed it, and of the hold while it is pending."""
    number: int
    """What people call it by."""
    giver: CustomerId
    contact: ContactId
    """Who of the giver has confirmed it."""
    receiver: CustomerId
    points: int
    month: str
    """The firm's month it counts in ("2026-11"): of the day it was confirmed."""
    asked_at: datetime
    state: GiftState
    approval: ApprovalId | None = None
    ended_at: datetime | None = None


def check_limits(points: int, given: int) -> None:
    """Let a gift pass that is within the limits; `given` is what the month has seen already.

    Raises:
        GiftTooLarge: it is more than a gift may be.
        GiftLimitReached: with it the month would have seen too much.
    """
    if points > GIFT_MAX:
        raise GiftTooLarge(points, GIFT_MAX)
    if given + points > MONTH_MAX:
        raise GiftLimitReached(points, MONTH_MAX - given, MONTH_MAX)


def needs_approval(points: int) -> bool:
    """Tell whether somebody in the firm has to agree."""
    return points > ALONE_MAX


def ended(gift: Gift, state: GiftState, now: datetime) -> Gift:
    """End a pending gift; one that has ended before is a bug."""
    if gift.state is not GiftState.PENDING:
        raise ValueError(gift.number)
    return replace(gift, state=state, ended_at=now)
