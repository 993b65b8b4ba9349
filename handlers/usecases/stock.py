"""What there is of rewards: coming in, being taken out, and telling staff when it runs low."""

from typing import Final

from domain.errors import StockNotKept, StockRefused, StockShort
from domain.facts import StockLow
from domain.repositories import Moved
from domain.rewards import STOCK_MAX, Reward, Stock, StockMove, is_low
from handlers.contract import Context
from handlers.menu import rights
from handlers.permissions import Permission, check

NOTE_MAX: Final = 200


def move_stock(ctx: Context, reward: Reward, quantity: int, note: str) -> Stock:
    """Let so many come in, or (negative) take so many out; give what there is then.

    Not idempotent: who calls sees to it that nothing is done twice. Locks the reward's stock.

    Raises:
        NotPermitted: the actor does not keep rewards.
        StockNotKept: there is any number of it.
        StockRefused: nothing, or more than there may be.
        StockShort: fewer are free than are to be taken out.
    """
    check(Permission.EDIT_REWARDS, rights(ctx))
    if not reward.has_stock:
        raise StockNotKept(reward.number, reward.name)
    if not 0 < abs(quantity) <= STOCK_MAX:
        raise StockRefused(reward.name, quantity, STOCK_MAX)
    move = StockMove.RECEIVE if quantity > 0 else StockMove.REMOVE
    moved = Moved(
        ctx.ids.new(),
        reward.id,
        move,
        abs(quantity),
        None,
        ctx.actor_name,
        ctx.now,
        note.strip()[:NOTE_MAX],
    )
    is_done = ctx.work.stocks.move(moved)
    stock = ctx.work.stocks.of(reward.id)
    if not is_done:
        raise StockShort(reward.name, stock.available, stock.held, -quantity)
    # Only now is the stock locked, so only now is what has come in known for sure.
    if stock.available > STOCK_MAX:
        raise StockRefused(reward.name, quantity, STOCK_MAX)
    return stock


def warn_if_low(ctx: Context, reward: Reward, taken: int) -> None:
    """Tell who keeps rewards when taking so many has just left few of them.

    For who has just moved them out of what is available and still holds the lock of the stock.
    Told once for all that has come in so far: more coming in lets it be told again.
    """
    stock = ctx.work.stocks.of(reward.id)
    before = Stock(stock.available + taken, stock.held - taken, stock.gone)
    if is_low(stock) and not is_low(before):
        ctx.work.emit(StockLow(reward, stock))
