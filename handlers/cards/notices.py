"""The button of "please tell the customer" cards."""

from domain.tickets import TicketKind
from handlers.actors import member_of
from handlers.contract import Context, Press, Reply
from handlers.notice_reactions import task_card
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.notices import told_by_hand
from handlers.views import TellCustomerDone


@router.press(TicketKind.TOLD, "told", needs=Permission.ANYBODY)
def told(press: Press, ctx: Context) -> Reply:
    """Note that the member has told the customer; what came to it meanwhile is shown next."""
    member = member_of(ctx)
    contact, left = told_by_hand(ctx, press.ticket, member)
    if left:
        return Reply(task_card(ctx, contact, left, member), replaces_card=True)
    return Reply(
        TellCustomerDone(
            customer=ctx.work.customers.get(contact.customer).name,
            contact=contact.name,
            told_by=member.name,
            told_at=ctx.now.isoformat(timespec="seconds"),
        ),
        replaces_card=True,
    )
