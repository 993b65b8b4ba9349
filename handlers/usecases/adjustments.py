"""Moving a customer's points by hand: one person asks, another approves."""

from domain.adjustments import move_by_hand
from domain.approvals import REASON_MAX, Approval, ApprovalKind, ApprovalState
from domain.customers import Customer
from domain.errors import ShortOfPoints, UsageError
from domain.facts import PointsAdjusted
from domain.ids import CustomerId
from domain.posting import lot_end
from domain.starter import POINTS_LIVE_MONTHS
from handlers.audit import write_note
from handlers.contract import Context
from handlers.menu import rights
from handlers.parsing.amounts import MAX_POINTS
from handlers.permissions import Permission, check
from handlers.usecases.approvals import ask
from handlers.usecases.books import machine_cause, open_book, store_books
from handlers.usecases.statement import read_balance


def ask_adjustment(ctx: Context, customer: Customer, points: int, reason: str) -> Approval:
    """Ask for points to be given (positive) or taken (negative) by hand.

    Raises:
        NotPermitted: the actor may not ask; the machine never may, two people are needed.
        UsageError: no points, too many, or no reason.
        ShortOfPoints: fewer can be spent than are to be taken.
        ApprovalPending: the same points for the same customer wait for a decision already.
        NoApprover: there is nobody else who may decide.
    """
    check(Permission.ADJUST, rights(ctx))
    grounds = reason.strip()[:REASON_MAX]
    if not 0 < abs(points) <= MAX_POINTS:
        raise UsageError("adjust", "points_refused")
    if not grounds:
        raise UsageError("adjust", "reason_missing")
    wallet, _ = read_balance(ctx, customer.id)
    if wallet.available < -points:
        raise ShortOfPoints(wallet.available, -points)
    return ask(
        ctx,
        ApprovalKind.ADJUSTMENT,
        # The same typed twice is asked for once.
        f"adjustment:{customer.id}:{points:+d}",
        {"customer": customer.id, "points": points},
        {"points": points, "grounds": grounds},
        customer=customer.id,
    )


def adjust(ctx: Context, approval: Approval) -> None:
    """Move the points of an approved adjustment; one that ended otherwise moves nothing.

    Locks the wallet.

    Raises:
        ShortOfPoints: fewer can be spent by now than are to be taken.
    """
    if approval.state is not ApprovalState.APPROVED:
        return
    customer, points = (
        CustomerId(str(approval.payload["customer"])),
        int(approval.payload["points"]),
    )
    opened = open_book(ctx, customer)
    key = f"approval:{approval.id}"
    cause = machine_cause(ctx, key, ctx.now, note=key)
    move_by_hand(opened, points, cause, expires_at=lot_end(ctx.now, POINTS_LIVE_MONTHS))
    [(wallet, _)] = store_books(ctx, [opened], {})
    write_note(
        ctx,
        "points_adjusted",
        f"customer:{customer}",
        after={"points": points, "approval": approval.id},
    )
    ctx.work.emit(PointsAdjusted(approval, customer, points, wallet))
