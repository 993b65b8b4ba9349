"""The button of "please tell the customer" cards."""

from domain.tickets import TicketKind
from handlers.actors import member_of
from handlers.contract import Context, Press, Reply
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.notices import told_by_hand
from handlers.views import TellCustomerDone


@router.press(TicketKind.TOLD, "told", needs=Permission.ANYBODY)
def told(press: Press, ctx: Context) -> Reply:
    """Note that the member has told the customer."""
    member = member_of(ctx)
    contact = told_by_hand(ctx, press.ticket, member)
    return Reply(
        TellCustomerDone(
            customer=ctx.work.customers.get(contact.customer).name,
            contact=contact.name,
            told_by=member.name,
            told_at=ctx.now.isoformat(timespec="seconds"),
        ),
        replaces_card=True,
    )
