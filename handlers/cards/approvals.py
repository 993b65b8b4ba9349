"""Buttons of approval cards: approve, decline; and withdraw for who has asked."""

from domain.approvals import Approval, Verdict
from domain.ids import ApprovalId
from domain.tickets import TicketKind, fresh
from handlers.actors import member_of
from handlers.approval_views import approval_view
from handlers.contract import Context, Press, Reply
from handlers.permissions import Permission
from handlers.routing import router
from handlers.usecases.decisions import decide, take_back


@router.press(TicketKind.APPROVAL, *Verdict, needs=Permission.APPROVE)
def press_approval(press: Press, ctx: Context) -> Reply:
    """Approve or decline; the card then shows the state it has."""
    fresh(press.ticket, ctx.now)
    asked = ApprovalId(press.ticket.payload["approval"])
    return _shown(ctx, decide(ctx, asked, Verdict(press.choice), press.form.get("note", "")))


@router.press(TicketKind.REQUEST, "withdraw", needs=Permission.ANYBODY)
def press_request(press: Press, ctx: Context) -> Reply:
    """Take back what one has asked for."""
    fresh(press.ticket, ctx.now)
    return _shown(ctx, take_back(ctx, ApprovalId(press.ticket.payload["approval"])))


def _shown(ctx: Context, approval: Approval) -> Reply:
    view = approval_view(ctx, approval, member_of(ctx))
    return Reply(view, replaces_card=True, subject=f"approval:{approval.id}")
