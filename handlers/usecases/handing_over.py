"""What was bought is handed over, bit by bit; giving points back is in usecases/refunds."""

from domain.errors import UsedByCode
from domain.ids import RedemptionId
from domain.redemptions import Redemption, check_outstanding, hand_over
from domain.rewards import RewardKind, StockMove
from handlers.contract import Context
from handlers.menu import rights
from handlers.permissions import Permission, check
from handlers.usecases.redemption_ends import lock_refund, stop_refund
from handlers.usecases.redemption_moves import keep, locked, move_stock

LISTED_MAX = 50
"""What waits to be handed over, at most so many at once."""


def to_hand_over(ctx: Context) -> list[Redemption]:
    """List what was bought and waits to be handed over, oldest first."""
    return ctx.work.redemptions.to_hand_over(LISTED_MAX)


def hand_over_bought(
    ctx: Context, redemption: RedemptionId, quantity: int | None, remark: str
) -> Redemption:
    """Note that so many, or all that is outstanding, were handed over.

    Once nothing is outstanding, a refund that waits is called off. Locks that refund, then the
    redemption and the stock.

    Raises:
        NotPermitted: the actor may not.
        UnknownRedemption: there is none of this id.
        UsedByCode: it is a voucher.
        RedemptionClosed: it is not PLACED.
        MoreThanOutstanding: there are not as many.
    """
    check(Permission.HAND_OVER, rights(ctx))
    pending = lock_refund(ctx, redemption)
    before = locked(ctx, redemption)
    if before.kind is RewardKind.VOUCHER:
        raise UsedByCode(before.number, before.name)
    count = check_outstanding(before, quantity)
    after = hand_over(before, count, ctx.now, remark=remark.strip())
    move_stock(ctx, before, StockMove.HAND_OVER, count)
    kept = keep(ctx, before, after)
    stop_refund(ctx, pending, kept)
    return kept
