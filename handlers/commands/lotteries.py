"""lottery: what can be drawn, and with which odds."""

from handlers.contract import Context, Reply
from handlers.lottery_views import lottery_card, lottery_list
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.draws import find_published, lotteries_on


@router.command("lottery", needs=Permission.SEE_POINTS, is_private=True)
def lottery(words: str, ctx: Context) -> Reply:
    """Show the lottery there is, the one that was named, or which there are."""
    if words:
        return Reply(lottery_card(ctx, find_published(ctx.work, words)))
    found = lotteries_on(ctx)
    if len(found) == 1:
        return Reply(lottery_card(ctx, found[0]))
    return Reply(lottery_list(found))
