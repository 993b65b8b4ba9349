"""What a change of a redemption does to points, stock and the records, in one transaction.

Whether it may change is for others to decide: redeeming, agreeing, redemption_ends, handing_over.
Locks are taken in the order redemption, hold, wallet, stock. A voucher's code comes with what is
PLACED and goes with what is given back (usecases/vouchers).
"""

from dataclasses import replace

from domain.errors import SoldOut, UnknownRedemption
from domain.facts import RedemptionChanged
from domain.ids import RedemptionId
from domain.redemptions import Redemption, RedemptionState, drop, refund, take_back
from domain.repositories import Moved
from domain.rewards import StockMove
from handlers.audit import write_note
from handlers.contract import Context
from handlers.parsing.numbers import parse_number
from handlers.usecases.holds import refund_hold, release_hold, settle_hold
from handlers.usecases.vouchers import issue, void


def locked(ctx: Context, redemption: RedemptionId) -> Redemption:
    """Find and lock a redemption by its id.

    Raises:
        UnknownRedemption: there is none.
    """
    found = ctx.work.redemptions.find(redemption)
    if found is None:
        raise UnknownRedemption(redemption)
    return found


def find_redemption(ctx: Context, typed: str) -> Redemption:
    """Find a redemption by the number people type; locks nothing.

    Raises:
        UnknownRedemption: no such number.
    """
    number = parse_number(typed)
    found = None if number is None else ctx.work.redemptions.find_number(number)
    if found is None:
        raise UnknownRedemption(typed)
    return found


def move_stock(ctx: Context, redemption: Redemption, move: StockMove, quantity: int) -> None:
    """Move what is there of a redemption's reward; nothing where there is no stock.

    Raises:
        SoldOut: there are not as many.
    """
    if not redemption.has_stock:
        return
    moved = Moved(
        id=ctx.ids.new(),
        reward=redemption.reward,
        move=move,
        quantity=quantity,
        redemption=redemption.id,
        actor=ctx.actor_name,
        at=ctx.now,
    )
    if not ctx.work.stocks.move(moved):
        left = ctx.work.stocks.of(redemption.reward).available
        raise SoldOut(redemption.name, left, quantity)


def keep(ctx: Context, before: Redemption, after: Redemption) -> Redemption:
    """Store a redemption's next version, and let those learn of it who should."""
    ctx.work.redemptions.save(after)
    _tell(ctx, after, before)
    return after


def begin(ctx: Context, new: Redemption) -> Redemption:
    """Store a new one, whose points are held; gives it with its number.

    Everybody shares the counter of numbers, so it is asked last.

    Raises:
        SoldOut: there are not as many.
    """
    move_stock(ctx, new, StockMove.HOLD, new.quantity)
    begun = replace(new, number=ctx.work.redemptions.next_number())
    ctx.work.redemptions.add(begun)
    if begun.state is RedemptionState.PLACED:
        _placed(ctx, begun)
    _tell(ctx, begun, None)
    if begun.state is RedemptionState.PLACED:
        issue(ctx, begun)
    return begun


def place(ctx: Context, before: Redemption, after: Redemption) -> Redemption:
    """Store what has been agreed to; once all have agreed its points are spent."""
    ctx.work.redemptions.save(after)
    if after.state is RedemptionState.PLACED:
        _placed(ctx, after)
    _tell(ctx, after, before)
    if after.state is RedemptionState.PLACED:
        issue(ctx, after)
    return after


def end_held(
    ctx: Context, before: Redemption, state: RedemptionState, grounds: str = ""
) -> Redemption:
    """End one that is HELD: its points and its stock are free again.

    Raises:
        RedemptionClosed: it is HELD no longer.
    """
    after = drop(before, state, grounds, ctx.now)
    release_hold(ctx, before.hold)
    move_stock(ctx, before, StockMove.RELEASE, before.quantity)
    return keep(ctx, before, after)


def give_back(
    ctx: Context, before: Redemption, quantity: int, grounds: str, *, part: str
) -> Redemption:
    """Give so many back that were bought and not handed over: points to their lots, and stock.

    Each `part` ("undo", "approval:<id>") gives points back once. A prize has cost no points.

    Raises:
        RedemptionClosed: it is not PLACED.
        VoucherNotReturnable: fewer of its vouchers are unused.
        ValueError: more than is outstanding; the caller's to see.
    """
    after = refund(before, quantity, grounds, ctx.now)
    void(ctx, before, quantity)
    if before.points:
        refund_hold(ctx, before.hold, before.points_each * quantity, part=part)
    move_stock(ctx, before, StockMove.RELEASE, quantity)
    return keep(ctx, before, after)


def _placed(ctx: Context, redemption: Redemption) -> None:
    """Spend the points of what all have agreed to; a prize has cost none."""
    if redemption.points:
        settle_hold(ctx, redemption.hold)


def reopen_unit(ctx: Context, before: Redemption) -> None:
    """Note that one voucher of a locked redemption can be used again, which was used up."""
    after = take_back(before, 1)
    ctx.work.redemptions.save(after)
    note(ctx, after, before)
    move_stock(ctx, before, StockMove.TAKE_BACK, 1)


def note(ctx: Context, after: Redemption, before: Redemption | None) -> None:
    """Write down what has become of a redemption."""
    write_note(
        ctx,
        f"redemption_{after.state}",
        f"redemption:{after.id}",
        before=None if before is None else _told(before),
        after=_told(after) | {"number": after.number, "points": after.points},
    )


def _tell(ctx: Context, after: Redemption, before: Redemption | None) -> None:
    """Write down what has become of a redemption, and let those learn of it who should."""
    note(ctx, after, before)
    ctx.work.emit(RedemptionChanged(after, before))


def _told(redemption: Redemption) -> dict[str, object]:
    return {
        "state": redemption.state.value,
        "waits": redemption.is_waiting,
        "fulfilled": redemption.fulfilled,
        "refunded": redemption.refunded,
    }
