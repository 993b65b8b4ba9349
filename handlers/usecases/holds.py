"""Setting points aside for something, spending them for it, giving them back. Each once."""

from collections.abc import Sequence
from datetime import datetime

from domain.errors import HoldClosed, RefundTooLarge
from domain.holds import Hold, HoldState
from domain.ids import CustomerId, HoldId
from domain.ledger import Entry, Reason, Wallet
from domain.refunding import Spent
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


def refund_hold(ctx: Context, hold: HoldId, points: int, *, part: str) -> Wallet:
    """Give points of a settled hold back to the lots it took, the latest-ending ones first.

    A debt is paid first, and what has ended meanwhile expires at once. Each `part` gives back once:
    asked for again it changes nothing. Gives the wallet as it is then. Locks the hold, then the
    wallet.

    Raises:
        HoldClosed: the hold has not been settled, or was for a gift: that is another's now.
        RefundTooLarge: all parts together would give back more than was spent.
        ValueError: the part stands for other points; that is a bug.
    """
    found, wallets = ctx.work.holds.get(hold), ctx.work.wallets
    settled = wallets.of_key(f"settle:{hold}#0")
    if settled is None or settled.reason is not Reason.REDEMPTION:
        raise HoldClosed(found.state)
    key = f"refund:{hold}:{part}"
    refunds = wallets.reversals(settled.id)
    given = sum(one.points for one in refunds if one.cause.key == key)
    if given:
        if given != points:
            raise ValueError(key)
        return wallets.read(found.customer)
    spent = _still_spent(ctx, found, settled, refunds)
    if points > spent.points:
        raise RefundTooLarge(asked=points, left=spent.points, spent=found.points)
    book = open_book(ctx, found.customer)
    for use in spent.missing:
        book.shelf.learn(wallets.lot(use.lot))
    book.refund(spent, points, machine_cause(ctx, key, ctx.now, note=found.purpose))
    [(wallet, _)] = store_books(ctx, [book], {})
    return wallet


def _still_spent(ctx: Context, hold: Hold, settled: Entry, refunds: Sequence[Entry]) -> Spent:
    """Find out what is still spent from what the entries did to lots."""
    spent = Spent(settled.id, settled.points, tuple(ctx.work.wallets.uses(hold.entry)))
    for refund in refunds:
        spent = spent.after(refund.points, ctx.work.wallets.given_back(refund.id))
    return spent


def _close(ctx: Context, hold: Hold, state: HoldState) -> bool:
    if hold.state not in (HoldState.OPEN, state):
        raise HoldClosed(hold.state)
    return ctx.work.holds.close(hold.id, state, ctx.now)
