"""Vouchers come with a purchase and go with what of it is given back; what a customer has of them.

Everything about a voucher is done under the lock of its redemption.
"""

from domain.errors import VoucherNotReturnable
from domain.facts import VouchersIssued
from domain.ids import CustomerId, VoucherId
from domain.redemptions import Redemption
from domain.rewards import RewardKind, last_day_of_use
from domain.voucher_codes import complete, tail_of
from domain.vouchers import Voucher, is_lapsed, returnable, void as voided
from handlers.audit import write_note
from handlers.contract import Context

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


def check_returnable(ctx: Context, redemption: Redemption, quantity: int) -> list[Voucher]:
    """Give so many vouchers of a redemption that are wholly unused, the last first.

    None for any other reward. The redemption is locked by the caller.

    Raises:
        VoucherNotReturnable: there are not as many.
    """
    if redemption.kind is not RewardKind.VOUCHER:
        return []
    unused = returnable(ctx.work.vouchers.of_redemption(redemption.id))
    if len(unused) < quantity:
        raise VoucherNotReturnable(redemption.number, redemption.name, len(unused), quantity)
    return unused[:quantity]


def void(ctx: Context, redemption: Redemption, quantity: int) -> None:
    """Make so many vouchers of a redemption void, because their points are given back.

    Only wholly unused ones, the last first; nothing for any other reward. The redemption is locked
    by the caller.

    Raises:
        VoucherNotReturnable: there are not as many.
    """
    unused = check_returnable(ctx, redemption, quantity)
    if not unused:
        return
    for voucher in unused:
        ctx.work.vouchers.save(voided(voucher, ctx.now))
    write_note(
        ctx,
        "vouchers_void",
        f"redemption:{redemption.id}",
        after={"tails": [voucher.tail for voucher in unused]},
    )


def open_vouchers(ctx: Context, customer: CustomerId) -> list[Voucher]:
    """List what a customer can use today, those that end first before the others."""
    found = ctx.work.vouchers.open_of(customer, LISTED_MAX)
    return [voucher for voucher in found if not is_lapsed(voucher, ctx.today)]
