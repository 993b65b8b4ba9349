"""The firm gives points back for what was bought and not handed over, by a second person's yes."""

from domain.approvals import REASON_MAX, Approval, ApprovalKind, ApprovalState
from domain.errors import UsageError
from domain.ids import RedemptionId
from domain.redemptions import check_outstanding
from handlers.contract import Context
from handlers.menu import rights
from handlers.permissions import Permission, check
from handlers.usecases.agreeing import bought
from handlers.usecases.approvals import ask
from handlers.usecases.redemption_moves import give_back, locked
from handlers.usecases.vouchers import check_returnable


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
    count = check_outstanding(found, quantity)
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
    count = check_outstanding(before, int(approval.payload["quantity"]))
    grounds = approval.summary.get("grounds", "")
    give_back(ctx, before, count, grounds, part=f"approval:{approval.id}")
