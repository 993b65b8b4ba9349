"""Vouchers from the purchase to their end: issued, given back, lapsed, and reminded of before.

Everything about a voucher is done under the lock of its redemption.
"""

from datetime import date, timedelta

from domain.errors import VoucherNotReturnable
from domain.expiry import is_time_for_notices
from domain.facts import VouchersEnding, VouchersIssued
from domain.ids import CustomerId, RedemptionId, VoucherId
from domain.ports import Work
from domain.redemptions import Redemption, hand_over
from domain.rewards import RewardKind, StockMove, last_day_of_use
from domain.voucher_codes import complete, tail_of
from domain.vouchers import REMINDERS, Voucher, expire, is_lapsed, returnable
from domain.vouchers import void as voided
from handlers.audit import write_note
from handlers.contract import Context
from handlers.usecases.redemption_moves import locked, move_stock, note

LISTED_MAX = 20
"""Vouchers of a customer that are listed at once."""


def issue(ctx: Context, redemption: Redemption) -> list[Voucher]:
    """Give every unit of a voucher that was just PLACED a code of its own; once.

    Nothing for any other reward. The redemption is locked by the caller.
    """
    if redemption.kind is not RewardKind.VOUCHER:
        return []
    issued = ctx.work.vouchers.of_redemption(redemption.id)
    if issued:
        return issued
    for place in range(1, redemption.quantity + 1):
        code = complete(ctx.ids.voucher_code())
        voucher = Voucher(
            id=VoucherId(ctx.ids.new()),
            redemption=redemption.id,
            number=redemption.number,
            place=place,
            customer=redemption.customer,
            name=redemption.name,
            value=redemption.value_each,
            is_partly_usable=redemption.is_partly_usable,
            last_day=last_day_of_use(redemption.valid_days, redemption.placed_at or ctx.now),
            issued_at=ctx.now,
            tail=tail_of(code),
        )
        ctx.work.vouchers.add(voucher, code)
        issued.append(voucher)
    write_note(
        ctx,
        "vouchers_issued",
        f"redemption:{redemption.id}",
        after={"tails": [voucher.tail for voucher in issued]},
    )
    ctx.work.emit(VouchersIssued(redemption, tuple(issued), is_again=False))
    return issued


def void(ctx: Context, redemption: Redemption, quantity: int) -> None:
    """Make so many vouchers of a redemption void, because their points are given back.

    Only wholly unused ones, the last first; nothing for any other reward. The redemption is locked
    by the caller.

    Raises:
        VoucherNotReturnable: there are not as many.
    """
    if redemption.kind is not RewardKind.VOUCHER:
        return
    unused = returnable(ctx.work.vouchers.of_redemption(redemption.id))
    if len(unused) < quantity:
        raise VoucherNotReturnable(redemption.number, redemption.name, len(unused), quantity)
    for voucher in unused[:quantity]:
        ctx.work.vouchers.save(voided(voucher, ctx.now))
    write_note(
        ctx,
        "vouchers_void",
        f"redemption:{redemption.id}",
        after={"tails": [voucher.tail for voucher in unused[:quantity]]},
    )


def open_vouchers(ctx: Context, customer: CustomerId) -> list[Voucher]:
    """List what a customer can use today, those that end first before the others."""
    found = ctx.work.vouchers.open_of(customer, LISTED_MAX)
    return [voucher for voucher in found if not is_lapsed(voucher, ctx.today)]


def lapse(ctx: Context, redemption: RedemptionId) -> None:
    """End the vouchers of a redemption whose last day is over; points are not given back.

    To the redemption they count as handed over. Doing so again changes nothing. Locks the
    redemption, then the stock.
    """
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
    finish_units(ctx, before, len(over))


def finish_units(ctx: Context, before: Redemption, quantity: int) -> None:
    """Note that so many vouchers of a locked redemption are done with, used up or lapsed."""
    after = hand_over(before, quantity, ctx.now)
    ctx.work.redemptions.save(after)
    note(ctx, after, before)
    move_stock(ctx, before, StockMove.HAND_OVER, quantity)


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
