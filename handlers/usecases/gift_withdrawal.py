"""Taking back a gift that waits for somebody in the firm."""

from domain.gifts import Gift
from domain.ids import ApprovalId, GiftId
from domain.tickets import Ticket, fresh
from handlers.contract import Context
from handlers.usecases.decisions import withdraw_for_contact


def withdraw_gift(ctx: Context, ticket: Ticket) -> Gift:
    """Take a pending gift back, and its points out of the hold; again gives it as it ended.

    Who holds the ticket may. Locks the approval, the hold, then the wallet.

    Raises:
        TicketExpired: the card is too old.
        ApprovalExpired: nobody decided in time.
    """
    fresh(ticket, ctx.now)
    withdraw_for_contact(ctx, ApprovalId(ticket.payload["approval"]))
    return ctx.work.gifts.get(GiftId(ticket.payload["gift"]))
