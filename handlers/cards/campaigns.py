"""Buttons of a campaign's preview: hand it to a second person, or drop it."""

from domain.tickets import TicketKind
from handlers.actors import member_of
from handlers.approval_views import approval_view
from handlers.contract import Context, Press, Reply
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.campaigns import NAMED, ask_campaign
from handlers.usecases.tickets import use_ticket
from handlers.views import CampaignDropped


@router.press(TicketKind.CAMPAIGN, "confirm", "cancel", needs=Permission.EDIT_RULES)
def press_campaign(press: Press, ctx: Context) -> Reply:
    """Ask a second person for what the preview has shown, or forget it."""
    if press.choice == "cancel":
        use_ticket(ctx, press.ticket)
        return Reply(CampaignDropped(press.ticket.payload[NAMED]), replaces_card=True)
    approval = ask_campaign(ctx, press.ticket)
    view = approval_view(ctx, approval, member_of(ctx))
    return Reply(view, replaces_card=True, subject=f"approval:{approval.id}")
