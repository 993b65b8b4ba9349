"""approvals, approve, decline: deciding by words; adjust, reinstate: asking for something."""

from domain.approvals import Verdict
from domain.errors import UsageError
from handlers.actors import customer_index, member_of
from handlers.approval_views import approval_line, approval_view
from handlers.contract import Context, Reply
from handlers.parsing.adjusting import AdjustmentUnclear, parse_adjustment
from handlers.parsing.reinstating import ReinstatementUnclear, parse_reinstatement
from handlers.permissions import Permission
from handlers.routing import router
from handlers.unclear import ask
from handlers.usecases.adjustments import ask_adjustment
from handlers.usecases.approvals import find_approval
from handlers.usecases.decisions import decide
from handlers.usecases.reinstatements import ask_reinstatement
from handlers.views import ApprovalList
from handlers.vocabulary import first_word


@router.command("approvals", needs=Permission.APPROVE, is_private=True)
def list_approvals(words: str, ctx: Context) -> Reply:
    """List what waits for a decision, oldest first."""
    del words
    member = member_of(ctx)
    pending = ctx.work.approvals.pending()
    return Reply(ApprovalList(tuple(approval_line(ctx, one, member) for one in pending)))


@router.command("approve", needs=Permission.APPROVE, is_private=True)
def approve(words: str, ctx: Context) -> Reply:
    """Approve what a number stands for, with a note."""
    number, _, note = words.partition(" ")
    return _decided(ctx, number, Verdict.APPROVE, note)


@router.command("decline", needs=Permission.APPROVE, is_private=True)
def decline(words: str, ctx: Context) -> Reply:
    """Decline what a number stands for; who types says why."""
    number, _, note = words.partition(" ")
    found = find_approval(ctx, number)
    if not note:
        raise UsageError("decline", "reason_missing")
    return _decided(ctx, str(found.number), Verdict.DECLINE, note)


@router.command("adjust", needs=Permission.ADJUST, is_private=True)
def adjust(words: str, ctx: Context) -> Reply:
    """Ask for points to be moved by hand; the card says who will decide."""
    customers = customer_index(ctx)
    asked = parse_adjustment(words, customers)
    if isinstance(asked, AdjustmentUnclear):
        return ask(ctx, first_word("adjust"), words, asked.gaps, asked.typed)
    customer = ctx.work.customers.get(asked.customer_id)
    approval = ask_adjustment(ctx, customer, asked.points, asked.reason)
    return Reply(approval_view(ctx, approval, member_of(ctx)), subject=f"approval:{approval.id}")


@router.command("reinstate", needs=Permission.REINSTATE, is_private=True)
def reinstate(words: str, ctx: Context) -> Reply:
    """Ask for the customer's latest expired points to be given back."""
    customers = customer_index(ctx)
    asked = parse_reinstatement(words, customers)
    if isinstance(asked, ReinstatementUnclear):
        return ask(ctx, first_word("reinstate"), words, asked.gaps, asked.typed)
    customer = ctx.work.customers.get(asked.customer_id)
    approval = ask_reinstatement(ctx, customer, asked.grounds)
    return Reply(approval_view(ctx, approval, member_of(ctx)), subject=f"approval:{approval.id}")


def _decided(ctx: Context, number: str, verdict: Verdict, note: str) -> Reply:
    approval = decide(ctx, find_approval(ctx, number).id, verdict, note)
    return Reply(approval_view(ctx, approval, member_of(ctx)), subject=f"approval:{approval.id}")
