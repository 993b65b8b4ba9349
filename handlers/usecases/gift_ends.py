"""How a gift ends that somebody in the firm had to decide: handed over, or given back."""

from domain.approvals import Approval, ApprovalState
from domain.errors import HoldClosed
from domain.gifts import Gift, GiftState, ended
from domain.giving import give_held, parts_of, receive
from domain.holds import HoldState
from domain.ids import GiftId, HoldId
from handlers.contract import Context
from handlers.usecases.books import open_book, store_books
from handlers.usecases.gifts import cause_of, note_gift
from handlers.usecases.holds import release_hold

_ENDS = {
    ApprovalState.APPROVED: GiftState.GIVEN,
    ApprovalState.DECLINED: GiftState.DECLINED,
    ApprovalState.WITHDRAWN: GiftState.WITHDRAWN,
    ApprovalState.EXPIRED: GiftState.EXPIRED,
}


def end_gift(ctx: Context, approval: Approval) -> None:
    """Hand an approved gift over; give the points of any other back.

    Locks the hold, then the wallets in the order of their customers.

    Raises:
        HoldClosed: it is to be handed over and its points are no longer held.
    """
    gift = ctx.work.gifts.get(GiftId(str(approval.payload["gift"])))
    if approval.state is ApprovalState.APPROVED:
        _hand_over(ctx, gift)
    else:
        release_hold(ctx, HoldId(gift.id))
    after = ended(gift, _ENDS[approval.state], ctx.now)
    ctx.work.gifts.save(after)
    note_gift(ctx, after)


def _hand_over(ctx: Context, gift: Gift) -> None:
    hold = ctx.work.holds.get(HoldId(gift.id))
    if not ctx.work.holds.close(hold.id, HoldState.SETTLED, ctx.now):
        raise HoldClosed(hold.state)
    books = {one: open_book(ctx, one) for one in sorted((gift.giver, gift.receiver))}
    giver, uses = books[gift.giver], ctx.work.wallets.uses(hold.entry)
    for use in uses:
        giver.shelf.learn(ctx.work.wallets.lot(use.lot))
    give_held(giver, gift.points, cause_of(ctx, "settle", gift))
    receive(books[gift.receiver], parts_of(giver, uses), cause_of(ctx, "receive", gift))
    store_books(ctx, books.values(), {})
