"""Setting points aside for something, spending them for it, or giving them back. Each once."""

from datetime import datetime

from domain.errors import HoldClosed
from domain.holds import Hold, HoldState
from domain.ids import CustomerId, HoldId
from handlers.contract import Context
from handlers.usecases.books import machine_cause, open_book, store_books


def hold_points(
    ctx: Context,
    hold_id: HoldId,
    customer: CustomerId,
    points: int,
    *,
    purpose: str,
    expires_at: datetime,
) -> Hold:
    """Set points aside, soonest expiry first, until they are spent, given back or out of time.

    The same hold asked for again gives what there is. Locks the wallet.

    Raises:
        ShortOfPoints: fewer can be spent; holding never makes a debt.
        ValueError: the id stands for another hold; that is a bug.
    """
    book = open_book(ctx, customer)
    found = ctx.work.holds.find(hold_id)
    if found is not None:
        if (found.customer, found.points, found.purpose) != (customer, points, purpose):
            raise ValueError(hold_id)
        return found
    book.hold(points, machine_cause(ctx, f"hold:{hold_id}", ctx.now, note=purpose))
    hold = Hold(
        id=hold_id,
        customer=customer,
        entry=book.moves[-1].id,
        points=points,
        purpose=purpose,
        held_at=ctx.now,
        expires_at=expires_at,
    )
    store_books(ctx, [book], {})
    ctx.work.holds.add(hold)
    return hold


def settle_hold(ctx: Context, hold_id: HoldId) -> bool:
    """Spend held points; False when they were spent before. Locks the hold, then the wallet.

    Raises:
        HoldClosed: they were given back.
    """
    hold = ctx.work.holds.get(hold_id)
    if not _close(ctx, hold, HoldState.SETTLED):
        return False
    book = open_book(ctx, hold.customer)
    book.settle(hold.points, machine_cause(ctx, f"settle:{hold.id}", ctx.now, note=hold.purpose))
    store_books(ctx, [book], {})
    return True


def release_hold(ctx: Context, hold_id: HoldId) -> bool:
    """Give held points back to their lots; False when they were before.

    What has ended meanwhile expires at once. Locks the hold, then the wallet.

    Raises:
        HoldClosed: they were spent.
    """
    hold = ctx.work.holds.get(hold_id)
    if not _close(ctx, hold, HoldState.RELEASED):
        return False
    book = open_book(ctx, hold.customer)
    taken = ctx.work.wallets.uses(hold.entry)
    for use in taken:
        book.shelf.learn(ctx.work.wallets.lot(use.lot))
    cause = machine_cause(ctx, f"release:{hold.id}", ctx.now, note=hold.purpose)
    book.release(taken, cause)
    store_books(ctx, [book], {})
    return True


def release_overdue(ctx: Context, hold_id: HoldId) -> bool:
    """Give back what is held for too long; False when it was settled or released meanwhile."""
    hold = ctx.work.holds.get(hold_id)
    return hold.state is HoldState.OPEN and release_hold(ctx, hold_id)


def _close(ctx: Context, hold: Hold, state: HoldState) -> bool:
    if hold.state not in (HoldState.OPEN, state):
        raise HoldClosed(hold.state)
    return ctx.work.holds.close(hold.id, state, ctx.now)
