"""Buttons of what is asked about the catalogue: do it, or leave it."""

from domain.tickets import TicketKind
from handlers.contract import Context, Press, Reply
from handlers.permissions import Permission
from handlers.reward_views import shelf_done
from handlers.routing import router
from handlers.usecases.shelf import asked_of, do_move
from handlers.usecases.tickets import use_ticket


@router.press(TicketKind.SHELF, "confirm", "cancel", needs=Permission.EDIT_REWARDS)
def press_shelf(press: Press, ctx: Context) -> Reply:
    """Do what the preview has shown, or forget it."""
    if press.choice == "cancel":
        use_ticket(ctx, press.ticket)
        shelved, _, _ = asked_of(ctx, press.ticket)
        return Reply(shelf_done(shelved, "dropped"), replaces_card=True)
    do_move(ctx, press.ticket)
    shelved, what, quantity = asked_of(ctx, press.ticket)
    return Reply(shelf_done(shelved, what, quantity), replaces_card=True)
