"""What asks before a reward is put on offer, taken off or restocked, and does it once."""

from domain.errors import RewardChanged, StockNotKept, StockRefused
from domain.ids import RewardId
from domain.rewards import STOCK_MAX, Reward
from domain.tickets import Ticket, TicketKind
from handlers.actors import member_of
from handlers.contract import Context
from handlers.usecases.rewards import Shelved, put_on, read_one, take_off
from handlers.usecases.stock import move_stock
from handlers.usecases.tickets import open_ticket, use_ticket


def offer_move(ctx: Context, reward: Reward, what: str, quantity: int) -> str:
    """Make the ticket whose button does it.

    Raises:
        StockNotKept: there is any number of it, so none can come in.
        StockRefused: more than there may be.
    """
    if what == "restock":
        if not reward.has_stock:
            raise StockNotKept(reward.number, reward.name)
        if quantity > STOCK_MAX:
            raise StockRefused(reward.name, quantity, STOCK_MAX)
    payload = {
        "what": what,
        "reward": reward.id,
        "version": str(reward.version),
        "quantity": str(quantity),
    }
    return open_ticket(
        ctx.work, ctx.ids, TicketKind.SHELF, payload, now=ctx.now, member=member_of(ctx).id
    )


def asked_of(ctx: Context, ticket: Ticket) -> tuple[Shelved, str, int]:
    """Give what a ticket is about: the reward as it is now, what is to be done, how many."""
    reward = ctx.work.rewards.get(RewardId(ticket.payload["reward"]))
    return read_one(ctx, reward), ticket.payload["what"], int(ticket.payload["quantity"])


def do_move(ctx: Context, ticket: Ticket) -> None:
    """Do what the preview has shown, once.

    Raises:
        TicketUsed: it was done before.
        TicketExpired: the preview is too old.
        RewardChanged: it would be put on offer on other terms than were shown.
        DomainError: as the use cases have it.
    """
    use_ticket(ctx, ticket)
    shelved, what, quantity = asked_of(ctx, ticket)
    reward, read = shelved.reward, int(ticket.payload["version"])
    if what == "restock":
        move_stock(ctx, reward, quantity, "")
    elif what == "take_off":
        take_off(ctx, reward.number)
    elif reward.version != read:
        raise RewardChanged(reward.number, reward.name, read, reward.version)
    else:
        put_on(ctx, reward.number)
