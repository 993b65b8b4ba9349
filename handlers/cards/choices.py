"""Leaving a card that asks which of several is meant; what is chosen is handled as if typed."""

from domain.tickets import TicketKind
from handlers.contract import Context, Press, Reply
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.tickets import use_ticket
from handlers.views import ChoiceDropped


@router.press(TicketKind.CHOOSE, "cancel", needs=Permission.ANYBODY)
def leave_choice(press: Press, ctx: Context) -> Reply:
    """Choose none of them."""
    use_ticket(ctx, press.ticket)
    # Every choice begins with the command that was typed.
    word, _, _ = press.ticket.payload["0"].partition(" ")
    return Reply(ChoiceDropped(word), replaces_card=True)
