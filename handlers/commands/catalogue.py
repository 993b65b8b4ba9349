"""catalogue, put_on, take_off, restock: what points buy, kept from the chat."""

from domain.errors import UsageError
from handlers.begun import asks
from handlers.contract import Context, Reply
from handlers.parsing.amounts import parse_points
from handlers.parsing.problems import NotANumber, NotPositive, NotWhole, TooLarge
from handlers.permissions import Permission
from handlers.reward_views import shelf_list, shelf_preview
from handlers.routing import router
from handlers.usecases.rewards import find_reward, read_catalogue, read_one
from handlers.usecases.shelf import offer_move
from handlers.views import ShelfPreview


@router.command("catalogue", needs=Permission.EDIT_REWARDS, is_private=True)
def catalogue(words: str, ctx: Context) -> Reply:
    """List what there is, what runs low first."""
    del words
    return Reply(shelf_list(ctx, read_catalogue(ctx)))


@router.command("put_on", needs=Permission.EDIT_REWARDS, is_private=True)
def put_on(words: str, ctx: Context) -> Reply:
    """Ask whether a reward is to be put on offer."""
    return asks(_asked(ctx, words, "put_on"))


@router.command("take_off", needs=Permission.EDIT_REWARDS, is_private=True)
def take_off(words: str, ctx: Context) -> Reply:
    """Ask whether a reward is to be taken off."""
    return asks(_asked(ctx, words, "take_off"))


@router.command("restock", needs=Permission.EDIT_REWARDS, is_private=True)
def restock(words: str, ctx: Context) -> Reply:
    """Ask whether so many of a reward have come in."""
    name, _, typed = words.rpartition(" ")
    if not name:
        raise UsageError("restock", "quantity_missing")
    try:
        quantity = parse_points(typed)
    except (NotANumber, NotPositive, NotWhole, TooLarge):
        raise UsageError("restock", "quantity_missing") from None
    return asks(_asked(ctx, name, "restock", quantity))


def _asked(ctx: Context, words: str, what: str, quantity: int = 0) -> ShelfPreview:
    if not words:
        raise UsageError(what, "reward_missing")
    reward = find_reward(ctx, words)
    ticket = offer_move(ctx, reward, what, quantity)
    return shelf_preview(read_one(ctx, reward), what, ticket, quantity)
