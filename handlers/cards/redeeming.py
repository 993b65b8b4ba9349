"""Buttons of previews and of what was bought."""

from domain.ids import RedemptionId, RewardId
from domain.tickets import TicketKind, fresh
from handlers.actors import contact_of
from handlers.begun import asks
from handlers.contract import Context, Press, Reply
from handlers.permissions import Permission
from handlers.redemption_views import preview_view, redemption_card
from handlers.rights import require_still
from handlers.routing import router
from handlers.usecases.agreeing import agree_to
from handlers.usecases.redeeming import (
    Changed,
    drop_preview,
    offer_redemption,
    preview,
    redeem,
)
from handlers.usecases.redemption_ends import cancel, decline, undo
from handlers.views import RedeemDropped

_ACTS = {"agree": agree_to, "decline": decline, "cancel": cancel, "undo": undo}


@router.press(TicketKind.REDEEM, "confirm", "cancel", needs=Permission.REDEEM)
def press_preview(press: Press, ctx: Context) -> Reply:
    """Buy what the preview has shown, or forget it; pressed again it shows what became of it."""
    require_still(ctx, Permission.REDEEM)
    contact, customer = contact_of(ctx)
    if press.choice == "cancel":
        bought = drop_preview(ctx, press.ticket)
        if bought is None:
            payload = press.ticket.payload
            name = ctx.work.rewards.get(RewardId(payload["reward"])).name
            return Reply(RedeemDropped(name, int(payload["quantity"])), replaces_card=True)
    else:
        found = redeem(ctx, press.ticket, customer.id)
        if isinstance(found, Changed):
            shown = preview(ctx, found.order)
            ticket = offer_redemption(ctx, found.order)
            return asks(preview_view(ctx, shown, ticket, is_changed=True), replaces_card=True)
        bought = found
    return Reply(redemption_card(ctx, bought, contact), replaces_card=True)


@router.press(TicketKind.REDEMPTION, *_ACTS, needs=Permission.REDEEM)
def press_redemption(press: Press, ctx: Context) -> Reply:
    """Agree, decline, cancel or undo; pressed again it shows how it stands."""
    require_still(ctx, Permission.REDEEM)
    fresh(press.ticket, ctx.now)
    contact, _ = contact_of(ctx)
    after = _ACTS[press.choice](ctx, RedemptionId(press.ticket.payload["redemption"]))
    return Reply(redemption_card(ctx, after, contact), replaces_card=True)
