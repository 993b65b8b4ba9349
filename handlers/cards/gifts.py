"""Buttons of a gift: give it, drop it, take back one that waits."""

from domain.ids import CustomerId
from domain.tickets import TicketKind
from handlers.contract import Context, Press, Reply
from handlers.gift_views import gift_done
from handlers.permissions import Permission
from handlers.rights import require_still
from handlers.routing import router
from handlers.usecases.gift_withdrawal import withdraw_gift
from handlers.usecases.gifts import give_gift
from handlers.usecases.tickets import use_ticket
from handlers.views import GiftDropped


@router.press(TicketKind.GIFT, "confirm", "cancel", needs=Permission.REDEEM)
def press_gift(press: Press, ctx: Context) -> Reply:
    """Give what the preview showed, or drop it."""
    if press.choice == "cancel":
        use_ticket(ctx, press.ticket)
        receiver = ctx.work.customers.get(CustomerId(press.ticket.payload["receiver"]))
        return Reply(GiftDropped(receiver.name), replaces_card=True)
    require_still(ctx, Permission.REDEEM)
    return Reply(gift_done(ctx, give_gift(ctx, press.ticket)), replaces_card=True)


@router.press(TicketKind.GIFT_REQUEST, "withdraw", needs=Permission.REDEEM)
def press_gift_request(press: Press, ctx: Context) -> Reply:
    """Take a gift back that waits for somebody in the firm."""
    return Reply(gift_done(ctx, withdraw_gift(ctx, press.ticket)), replaces_card=True)
