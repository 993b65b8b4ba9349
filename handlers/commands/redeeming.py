"""redeem, redemptions, redemption, drop_redemption: what a customer buys for points."""

from collections.abc import Iterable

from domain.errors import UnknownRedemption
from domain.offers import Offer
from domain.redemptions import Redemption, RedemptionState
from domain.rewards import Reward
from handlers.actors import contact_of
from handlers.begun import asks
from handlers.contract import Context, Reply
from handlers.menu import rights
from handlers.parsing.redeeming import Wanted, WantUnclear, parse_page, parse_wanted
from handlers.permissions import Permission
from handlers.redemption_views import offer_line, preview_view, redemption_card, redemption_line
from handlers.rights import require
from handlers.routing import router
from handlers.unclear import ask
from handlers.usecases.offers import Offered, find_reward, read_offers, reward_index
from handlers.usecases.redeeming import Order, offer_redemption, preview
from handlers.usecases.redemption_ends import cancel, undo
from handlers.usecases.redemption_moves import find_redemption
from handlers.views import OfferLine, OfferList, RedemptionList
from handlers.vocabulary import first_word

PAGE = 6
"""So many rewards one message shows."""
COMING_SHOWN = 3
BARRED_SHOWN = 2
LINES_SHOWN = 8


@router.command("redeem", needs=Permission.SEE_POINTS, is_private=True)
def redeem(words: str, ctx: Context) -> Reply:
    """Show what the customer can have, or preview one thing."""
    page = parse_page(words)
    if page is not None:
        return Reply(_offers(ctx, page))
    require(ctx, Permission.REDEEM)
    _, customer = contact_of(ctx)
    wanted = parse_wanted(words, reward_index(ctx, customer.id))
    if isinstance(wanted, WantUnclear):
        return ask(ctx, first_word("redeem"), words, wanted.gaps, wanted.typed)
    order = Order(_reward(ctx, wanted), wanted.quantity, customer.id)
    shown = preview(ctx, order)
    return asks(preview_view(ctx, shown, offer_redemption(ctx, order)))


@router.command("redemptions", needs=Permission.SEE_POINTS, is_private=True)
def redemptions(words: str, ctx: Context) -> Reply:
    """List what the customer has bought, each with what can be done."""
    del words
    contact, customer = contact_of(ctx)
    found = ctx.work.redemptions.of_customer(customer.id, LINES_SHOWN)
    return Reply(
        RedemptionList(
            customer.name,
            tuple(redemption_line(ctx, one, contact) for one in found),
            ctx.now.isoformat(timespec="seconds"),
        )
    )


@router.command("redemption", needs=Permission.SEE_POINTS, is_private=True)
def redemption(words: str, ctx: Context) -> Reply:
    """Show one thing the customer has bought."""
    contact, _ = contact_of(ctx)
    return Reply(redemption_card(ctx, _own(ctx, words), contact))


@router.command("drop_redemption", needs=Permission.REDEEM, is_private=True)
def drop_redemption(words: str, ctx: Context) -> Reply:
    """Cancel what waits, or undo what was bought, as long as that is possible."""
    contact, _ = contact_of(ctx)
    found = _own(ctx, words)
    is_held = found.state in {RedemptionState.HELD, RedemptionState.CANCELLED}
    after = cancel(ctx, found.id) if is_held else undo(ctx, found.id)
    return Reply(redemption_card(ctx, after, contact))


def _own(ctx: Context, typed: str) -> Redemption:
    _, customer = contact_of(ctx)
    found = find_redemption(ctx, typed)
    if found.customer != customer.id:
        raise UnknownRedemption(typed)
    return found


def _reward(ctx: Context, wanted: Wanted) -> Reward:
    if wanted.reward is not None:
        return ctx.work.rewards.get(wanted.reward)
    return find_reward(ctx, wanted.number or 0)


def _offers(ctx: Context, page: int) -> OfferList:
    _, customer = contact_of(ctx)
    found = read_offers(ctx, customer.id)
    pages = max(1, -(-len(found.affordable) // PAGE))
    page = min(max(page, 1), pages)
    is_last = page == pages
    return OfferList(
        customer=customer.name,
        available=found.available,
        affordable=_lines(found, found.affordable[(page - 1) * PAGE : page * PAGE]),
        coming=_lines(found, found.coming[:COMING_SHOWN]) if is_last else (),
        barred=_lines(found, found.barred[:BARRED_SHOWN]) if is_last else (),
        page=page,
        pages=pages,
        may_redeem=Permission.REDEEM in rights(ctx),
        as_of=ctx.now.isoformat(timespec="seconds"),
    )


def _lines(found: Offered, offers: Iterable[Offer]) -> tuple[OfferLine, ...]:
    return tuple(offer_line(one, found.available) for one in offers)
