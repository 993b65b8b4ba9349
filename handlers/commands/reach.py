"""reach: how a customer can be reached, and what notices have really arrived."""

from domain.errors import UsageError
from domain.ids import CustomerId
from handlers.contract import Context, Reply
from handlers.parsing.gaps import Gap, Part, Why
from handlers.parsing.names import Named, NameIndex, Nothing, One, decide
from handlers.permissions import Permission
from handlers.reach_views import delivery_lines, reach_lines
from handlers.routing import router
from handlers.unclear import ask
from handlers.views import ReachReport
from handlers.vocabulary import first_word


@router.command("reach", needs=Permission.SEE_CUSTOMERS, is_private=True)
def show_reach(words: str, ctx: Context) -> Reply:
    """Show per contact and account what can be pushed, and the last notices with their state."""
    if not words:
        raise UsageError("reach", "customer_missing")
    customers = ctx.work.customers
    match decide(NameIndex(Named(c.id, c.name, c.code) for c in customers.all()).rank(words)):
        case One(match):
            customer = customers.get(CustomerId(match.named.id))
        case Nothing():
            return ask(ctx, first_word("reach"), words, [Gap(Part.CUSTOMER, Why.MISSING)], words)
        case several:
            gap = Gap(Part.CUSTOMER, Why.AMBIGUOUS, several.matches)
            return ask(ctx, first_word("reach"), words, [gap], words)
    return Reply(
        ReachReport(
            customer=customer.name,
            reach=reach_lines(ctx, customer.id),
            notices=delivery_lines(ctx, customer.id),
            as_of=ctx.now.isoformat(timespec="seconds"),
        )
    )
