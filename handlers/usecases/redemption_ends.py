"""Ends of redemptions: dropped, declined, undone, out of time.

An approval that waits is locked before the redemption, as deciding it does, and ends with it.
"""

from domain.approvals import Approval
from domain.errors import NotPermitted, RedemptionClosed, UnknownRedemption
from domain.ids import RedemptionId
from domain.redemptions import Redemption, RedemptionState, check_undo
from handlers.contract import ContactActor, Context, MemberActor
from handlers.menu import rights
from handlers.permissions import Permission
from handlers.usecases.decisions import call_off, lock_pending
from handlers.usecases.redemption_moves import end_held, give_back, locked

_STAFF = {Permission.HAND_OVER, Permission.ADJUST}
UNDO = "undo"
"""What the refund of something that was undone is called; there is only one."""


def cancel(ctx: Context, redemption: RedemptionId, grounds: str = "") -> Redemption:
    """Drop what is HELD: points and stock are free again; a second time gives how it stands.

    Any contact of the customer who may redeem can, the firm and other systems too.

    Raises:
        UnknownRedemption: there is none of this id that the actor may touch.
        NotPermitted: a member may not.
        RedemptionClosed: it is HELD no longer.
    """
    pending, before = _locked(ctx, redemption, by_staff=True)
    if before.state is RedemptionState.CANCELLED:
        return before
    return _end(ctx, pending, before, RedemptionState.CANCELLED, grounds)


def decline(ctx: Context, redemption: RedemptionId, grounds: str = "") -> Redemption:
    """Say no, as another contact who was asked; a second time gives how it stands.

    Raises:
        UnknownRedemption: there is none of this id that the actor may touch.
        RedemptionClosed: nobody waits for a contact's answer any more.
    """
    pending, before = _locked(ctx, redemption)
    if before.state is RedemptionState.DECLINED:
        return before
    if before.state is RedemptionState.HELD and not before.waits_for_contact:
        raise RedemptionClosed(before.number, before.name, before.state, before.held_at)
    return _end(ctx, pending, before, RedemptionState.DECLINED, grounds)


def undo(ctx: Context, redemption: RedemptionId) -> Redemption:
    """Give back what was bought a moment ago, or is not handed over; once.

    Points go back to the lots they were taken from. A second time gives how it stands. The firm
    gives back by a second person's yes instead (refunds); one that waits is called off.

    Raises:
        UnknownRedemption: there is none of this id that the actor may touch.
        NotPermitted: a member may not.
        RedemptionClosed: it is not PLACED.
        UndoOver: some of it is handed over or used, or it is too late.
    """
    pending = lock_refund(ctx, redemption)
    before = _own(ctx, redemption)
    if before.state is RedemptionState.REFUNDED and before.refunded == before.quantity:
        return before
    check_undo(before, ctx.now)
    after = give_back(ctx, before, before.outstanding, "", part=UNDO)
    stop_refund(ctx, pending, after)
    return after


def lock_refund(ctx: Context, redemption: RedemptionId) -> Approval | None:
    """Find and lock the refund that waits for a decision; before locking what was bought."""
    return lock_pending(ctx, f"refund:{redemption}")


def stop_refund(ctx: Context, pending: Approval | None, after: Redemption) -> None:
    """Call off a refund that waits, locked by `lock_refund`, once nothing is left to give back."""
    if pending is not None and after.state is not RedemptionState.PLACED:
        call_off(ctx, pending)


def expire_overdue(ctx: Context, redemption: RedemptionId) -> Redemption | None:
    """End what nobody has agreed to in time; None when it has ended meanwhile."""
    pending = lock_pending(ctx, f"redemption:{redemption}")
    before = locked(ctx, redemption)
    if before.state is not RedemptionState.HELD or ctx.now < before.expires_at:
        return None
    return _end(ctx, pending, before, RedemptionState.EXPIRED, "")


def _locked(
    ctx: Context, redemption: RedemptionId, *, by_staff: bool = False
) -> tuple[Approval | None, Redemption]:
    pending = lock_pending(ctx, f"redemption:{redemption}")
    return pending, _own(ctx, redemption, by_staff=by_staff)


def _own(ctx: Context, redemption: RedemptionId, *, by_staff: bool = False) -> Redemption:
    found = locked(ctx, redemption)
    match ctx.actor:
        case ContactActor(_, customer):
            if found.customer != customer.id:
                raise UnknownRedemption(str(found.number))
        case MemberActor(member):
            may = by_staff and bool(_STAFF & rights(ctx))
            if not may and found.member != member.id:
                raise NotPermitted(Permission.REDEEM)
        case _:
            pass
    return found


def _end(
    ctx: Context,
    pending: Approval | None,
    before: Redemption,
    state: RedemptionState,
    grounds: str,
) -> Redemption:
    after = end_held(ctx, before, state, grounds)
    if pending is not None:
        call_off(ctx, pending)
    return after
