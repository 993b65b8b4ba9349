"""How vouchers end by themselves, what that does to a purchase, and telling customers before."""

from datetime import date, timedelta

from domain.approvals import Approval
from domain.expiry import is_time_for_notices
from domain.facts import VouchersEnding
from domain.ids import RedemptionId
from domain.ports import Work
from domain.redemptions import Redemption, hand_over
from domain.rewards import StockMove
from domain.vouchers import REMINDERS, expire, is_lapsed
from handlers.audit import write_note
from handlers.contract import Context
from handlers.usecases.redemption_ends import lock_refund, stop_refund
from handlers.usecases.redemption_moves import locked, move_stock, note


def lapse(ctx: Context, redemption: RedemptionId) -> None:
    """End the vouchers of a redemption whose last day is over; points are not given back.

    To the redemption they count as handed over. Doing so again changes nothing. Locks the refund
    that waits, the redemption, then the stock.
    """
    pending = lock_refund(ctx, redemption)
    before = locked(ctx, redemption)
    vouchers = ctx.work.vouchers.of_redemption(redemption)
    over = [voucher for voucher in vouchers if is_lapsed(voucher, ctx.today)]
    if not over:
        return
    for voucher in over:
        ctx.work.vouchers.save(expire(voucher, ctx.now))
        write_note(
            ctx,
            "voucher_expired",
            f"voucher:{voucher.id}",
            after={"tail": voucher.tail, "left": voucher.left},
        )
    finish_units(ctx, before, len(over), pending)


def finish_units(ctx: Context, before: Redemption, quantity: int, pending: Approval | None) -> None:
    """Note that so many vouchers of a locked redemption are done with, used up or lapsed.

    With the last of them a refund that waits, locked before the redemption, is called off.
    """
    after = hand_over(before, quantity, ctx.now)
    ctx.work.redemptions.save(after)
    note(ctx, after, before)
    move_stock(ctx, before, StockMove.HAND_OVER, quantity)
    stop_refund(ctx, pending, after)


def has_reminders(work: Work, today: date) -> bool:
    """Tell whether a customer is to be told of vouchers that end soon."""
    return any(
        work.vouchers.to_remind(today, today + timedelta(days=days), days, 1) for days in REMINDERS
    )


def remind(ctx: Context, limit: int) -> bool:
    """Tell up to so many customers of vouchers that end soon; True when there may be more to tell.

    From 09:00 on; once at each distance.
    """
    if not is_time_for_notices(ctx.now):
        return False
    for days in sorted(REMINDERS):
        until = ctx.today + timedelta(days=days)
        customers = ctx.work.vouchers.to_remind(ctx.today, until, days, limit)
        for customer in customers:
            ending = ctx.work.vouchers.remind(customer, ctx.today, until, days)
            ctx.work.emit(VouchersEnding(customer, days, tuple(ending)))
        if customers:
            return True
    return False
