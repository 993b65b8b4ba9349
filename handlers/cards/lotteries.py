"""Buttons of a lottery: see what a draw costs, then draw or leave it."""

from domain.ids import LotteryId
from domain.tickets import TicketKind, fresh
from handlers.begun import asks
from handlers.contract import Context, Press, Reply
from handlers.lottery_views import draw_preview, draw_result
from handlers.permissions import Permission
from handlers.rights import require_still
from handlers.routing import router
from handlers.usecases.draws import draw_once, preview_draw
from handlers.usecases.tickets import use_ticket
from handlers.views import DrawDropped


@router.press(TicketKind.LOTTERY, "draw", needs=Permission.REDEEM)
def press_lottery(press: Press, ctx: Context) -> Reply:
    """Ask once more, with the price; nothing is spent yet."""
    fresh(press.ticket, ctx.now)
    lottery = ctx.work.lotteries.get(LotteryId(press.ticket.payload["lottery"]))
    return asks(draw_preview(ctx, lottery, preview_draw(ctx, lottery)))


@router.press(TicketKind.DRAW, "confirm", "cancel", needs=Permission.REDEEM)
def press_draw(press: Press, ctx: Context) -> Reply:
    """Draw once, or leave it."""
    if press.choice == "cancel":
        use_ticket(ctx, press.ticket)
        lottery = ctx.work.lotteries.get(LotteryId(press.ticket.payload["lottery"]))
        return Reply(DrawDropped(lottery.name), replaces_card=True)
    require_still(ctx, Permission.REDEEM)
    return Reply(draw_result(ctx, draw_once(ctx, press.ticket)), replaces_card=True)
