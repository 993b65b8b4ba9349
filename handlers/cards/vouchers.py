"""Buttons of a voucher's preview: use it for a project, or drop it."""

from domain.tickets import TicketKind
from handlers.contract import Context, Press, Reply
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.voucher_uses import CHOICES, drop_use, use_voucher
from handlers.views import VoucherDropped
from handlers.voucher_views import done_view


@router.press(TicketKind.VOUCHER, *CHOICES, needs=Permission.USE_VOUCHERS)
def press_voucher(press: Press, ctx: Context) -> Reply:
    """Use the voucher as shown, or forget it; pressed again it shows what was done."""
    if press.choice == "cancel":
        voucher = drop_use(ctx, press.ticket)
        return Reply(VoucherDropped(voucher.name, voucher.tail), replaces_card=True)
    done = use_voucher(ctx, press.ticket, press.choice)
    return Reply(done_view(ctx, done), replaces_card=True)
