"""Tickets: one-time action ids that a card's buttons carry.

A button holds only a ticket id and a choice. What it is about, for whom and how long stands on the
server; rights, amounts and states are read afresh when it is pressed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import TicketExpired, TicketNotYours, TicketUsed
from domain.ids import ContactId, MemberId, TicketId


class TicketKind(StrEnum):
    """What pressing the buttons of a card does."""

    RECORD = "record"
    ALERT = "alert"
    ALERT_FORM = "alert_form"
    TOLD = "told"
    FOLLOW_UP = "follow_up"
    CHOOSE = "choose"
    UNDO = "undo"
    APPROVAL = "approval"
    """For who may decide."""
    REQUEST = "request"
    """For who has asked."""
    PROOF = "proof"
    """Not a button: whoever has the link may read the customer's proof."""
    CAMPAIGN = "campaign"
    """Starting what a preview has shown: raised points for a time."""
    LEAVE = "leave"
    """Ending what a contact who has left may do."""
    GIFT = "gift"
    """Giving points to another customer, as a preview has shown."""
    GIFT_REQUEST = "gift_request"
    """Taking back a gift that waits for somebody in the firm."""
    REDEEM = "redeem"
    """Buying what a preview has shown."""
    REDEMPTION = "redemption"
    """Something that was bought: agreeing, declining, dropping it."""
    SHELF = "shelf"
    """Putting a reward on offer, taking it off, or noting that more has come in."""
    VOUCHER = "voucher"
    """Using a voucher as its preview has shown."""
    VOUCHER_PAGE = "voucher_page"
    """Not a button: whoever has the link sees the codes of a purchase."""
    LOTTERY = "lottery"
    """Asking what a draw would cost."""
    DRAW = "draw"
    """Drawing once from a lottery."""


IS_BEGUN: Mapping[TicketKind, bool] = {
    TicketKind.RECORD: True,
    TicketKind.ALERT: False,
    TicketKind.ALERT_FORM: False,
    TicketKind.TOLD: False,
    TicketKind.FOLLOW_UP: False,
    TicketKind.CHOOSE: True,
    TicketKind.UNDO: True,
    TicketKind.APPROVAL: False,
    TicketKind.REQUEST: False,
    TicketKind.PROOF: False,
    TicketKind.CAMPAIGN: True,
    TicketKind.LEAVE: True,
    TicketKind.GIFT: True,
    TicketKind.GIFT_REQUEST: False,
    TicketKind.REDEEM: True,
    TicketKind.REDEMPTION: False,
    TicketKind.SHELF: True,
    TicketKind.VOUCHER: True,
    TicketKind.VOUCHER_PAGE: False,
    TicketKind.LOTTERY: False,
    TicketKind.DRAW: True,
}
"""Whether its card waits for a yes of the very person who has begun it: what a typed word drops.

Never an alert or its form, a task, a link, what is asked of somebody or waits for somebody else.
"""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One card's right to act once."""

    id: TicketId
    kind: TicketKind
    member: MemberId | None
    contact: ContactId | None
    payload: dict[str, str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


def owned(ticket: Ticket | None, *, member: MemberId | None, contact: ContactId | None) -> Ticket:
    """Let the owner of a ticket pass.

    Raises:
        TicketNotYours: unknown, or made for somebody else; the two look the same.
    """
    presser = (member, contact)
    if ticket is None or presser == (None, None) or presser != (ticket.member, ticket.contact):
        raise TicketNotYours
    return ticket


def fresh(ticket: Ticket, now: datetime) -> Ticket:
    """Let a ticket pass that can still act.

    Raises:
        TicketUsed: it has been used.
        TicketExpired: it is too old.
    """
    if ticket.used_at is not None:
        raise TicketUsed(ticket.used_at)
    if now >= ticket.expires_at:
        raise TicketExpired(ticket.expires_at)
    return ticket
