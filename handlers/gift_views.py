"""A gift as the giver sees it once it is confirmed."""

from domain.gifts import Gift
from domain.tickets import TicketKind
from handlers.actors import contact_of
from handlers.contract import Context
from handlers.usecases.gifts import receipt_of
from handlers.usecases.tickets import open_ticket
from handlers.views import GiftDone


def gift_done(ctx: Context, gift: Gift) -> GiftDone:
    """Show the receipt of a gift, with the button that takes back one that waits."""
    receipt = receipt_of(ctx, gift)
    approval = None
    if gift.ended_at is None and gift.approval is not None:
        approval = ctx.work.approvals.find(gift.approval)
    return GiftDone(
        ticket="" if approval is None else _ticket(ctx, gift, approval.id),
        number=gift.number,
        state=gift.state,
        receiver=receipt.receiver.name,
        points=gift.points,
        available_after=receipt.available,
        given_by=ctx.work.customers.contact(gift.contact).name,
        given_at=gift.asked_at.isoformat(timespec="seconds"),
        expires_at="" if approval is None else approval.expires_at.isoformat(timespec="seconds"),
    )


def _ticket(ctx: Context, gift: Gift, approval: str) -> str:
    contact, _ = contact_of(ctx)
    payload: dict[str, str] = {"gift": gift.id, "approval": approval}
    return open_ticket(
        ctx.work, ctx.ids, TicketKind.GIFT_REQUEST, payload, now=ctx.now, contact=contact.id
    )
