"""What the firm does with what was bought: handing it over, bit by bit, or giving points back."""

from domain.approvals import REASON_MAX, Approval, ApprovalKind, ApprovalState
from domain.errors import MoreThanOutstanding, RedemptionClosed, UsageError, UsedByCode
from domain.ids import RedemptionId
from domain.redemptions import Redemption, RedemptionState, hand_over
from domain.rewards import RewardKind, StockMove
from handlers.contract import Context
from handlers.menu import rights
from handlers.permissions import Permission, check
from handlers.usecases.agreeing import bought
from handlers.usecases.approvals import ask
from handlers.usecases.redemption_moves import give_back, keep, locked, move_stock
from handlers.usecases.vouchers import check_returnable

LISTED_MAX = 50
"""What waits to be handed over, at most so many at once."""


def to_hand_over(ctx: Context) -> list[Redemption]:
    """List what was bought and waits to be handed over, oldest first."""
    return ctx.work.redemptions.to_hand_over(LISTED_MAX)


def hand_over_bought(
    ctx: Context, redemption: RedemptionId, quantity: int | None, remark: str
) -> Redemption:
    """Note that so many, or all that is outstanding, were handed over.

    Locks the redemption, then the stock.

    Raises:
        NotPermitted: the actor may not.
        UnknownRedemption: there is none of this id.
        UsedByCode: it is a voucher.
        RedemptionClosed: it is not PLACED.
        MoreThanOutstanding: there are not as many.
    """
    check(Permission.HAND_OVER, rights(ctx))
    before = locked(ctx, redemption)
    if before.kind is RewardKind.VOUCHER:
        raise UsedByCode(before.number, before.name)
    count = _outstanding(before, quantity)
    after = hand_over(before, count, ctx.now, remark=remark.strip())
    move_stock(ctx, before, StockMove.HAND_OVER, count)
    return keep(ctx, before, after)


def ask_refund(
    ctx: Context, redemption: RedemptionId, quantity: int | None, reason: str
) -> Approval:
    """Ask for points to be given back for what was not handed over; without a number for all.

    Raises:
        NotPermitted: the actor may not ask.
        UsageError: no reason.
        UnknownRedemption: there is none of this id.
        RedemptionClosed: it is not PLACED.
        MoreThanOutstanding: there are not as many.
        VoucherNotReturnable: fewer of its vouchers are unused.
        ApprovalPending: it waits for a decision already.
        NoApprover: there is nobody else who may decide.
    """
    check(Permission.ADJUST, rights(ctx))
    grounds = reason.strip()[:REASON_MAX]
    if not grounds:
        raise UsageError("refund", "reason_missing")
    found = locked(ctx, redemption)
    count = _outstanding(found, quantity)
    check_returnable(ctx, found, count)
    return ask(
        ctx,
        ApprovalKind.REFUND,
        f"refund:{found.id}",
        {"redemption": found.id, "quantity": count},
        {"name": bought(found), "points": found.points_each * count, "grounds": grounds},
        customer=found.customer,
    )


def refund_bought(ctx: Context, approval: Approval) -> None:
    """Give back what a second person has approved; one that ended otherwise gives nothing back.

    Locks the redemption, then its hold, the wallet and the stock.

    Raises:
        RedemptionClosed: it has come to an end meanwhile.
        MoreThanOutstanding: some was handed over meanwhile.
    """
    if approval.state is not ApprovalState.APPROVED:
        return
    before = locked(ctx, RedemptionId(str(approval.payload["redemption"])))
    count = _outstanding(before, int(approval.payload["quantity"]))
    grounds = approval.summary.get("grounds", "")
    give_back(ctx, before, count, grounds, part=f"approval:{approval.id}")


def _outstanding(redemption: Redemption, quantity: int | None) -> int:
    if redemption.state is not RedemptionState.PLACED:
        at = redemption.ended_at or redemption.held_at
        raise RedemptionClosed(redemption.number, redemption.name, redemption.state, at)
    left = redemption.outstanding
    if quantity is not None and quantity > left:
        raise MoreThanOutstanding(redemption.number, redemption.name, left, quantity)
    return left if quantity is None else quantity
