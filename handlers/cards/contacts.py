"""Buttons of the card that says what ends when a contact leaves: confirm, cancel."""

from domain.ids import ContactId
from domain.tickets import TicketKind
from handlers.actors import member_of
from handlers.contact_views import leave_done
from handlers.contract import Context, Press, Reply
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases import contacts as usecase
from handlers.usecases.tickets import use_ticket
from handlers.views import LeaveDropped


@router.press(TicketKind.LEAVE, "confirm", "cancel", needs=Permission.INVITE)
def press_leave(press: Press, ctx: Context) -> Reply:
    """Take the contact off the file, or leave everything as it is."""
    use_ticket(ctx, press.ticket)
    asked = ContactId(press.ticket.payload["contact"])
    if press.choice == "cancel":
        contact = ctx.work.customers.contact(asked)
        customer = ctx.work.customers.get(contact.customer)
        return Reply(LeaveDropped(customer.name, contact.name), replaces_card=True)
    left = usecase.leave(ctx, asked)
    return Reply(leave_done(ctx, left, member_of(ctx).name), replaces_card=True)
