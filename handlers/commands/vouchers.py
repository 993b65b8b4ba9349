"""use_voucher, take_back_use, deductions: for who takes vouchers; vouchers, reissue: for owners."""

from domain.errors import DomainError, UnknownProject, UsageError
from handlers.actors import contact_of, member_of, project_index
from handlers.approval_views import approval_view
from handlers.begun import asks
from handlers.contract import ContactActor, Context, Reply
from handlers.menu import rights
from handlers.parsing.names import One, Several, decide
from handlers.parsing.problems import ParseProblem
from handlers.parsing.vouchers import parse_use
from handlers.permissions import Permission
from handlers.refusals import refusal_of
from handlers.routing import router
from handlers.usecases.voucher_codes import readers, reissue_codes
from handlers.usecases.voucher_take_back import ask_take_back
from handlers.usecases.voucher_uses import (
    find_voucher,
    offer_use,
    plan_use,
    waiting_deductions,
)
from handlers.usecases.vouchers import open_vouchers
from handlers.views import CodesReissued, DeductionList, VoucherList
from handlers.voucher_views import codes_view, deduction_line, preview_view, voucher_line


@router.command("use_voucher", needs=Permission.USE_VOUCHERS, is_private=True)
def use_voucher(words: str, ctx: Context) -> Reply:
    """Show what using a voucher would do, on a card that does it."""
    try:
        asked = parse_use(words)
    except ParseProblem:
        raise UsageError("use_voucher", "amount_refused") from None
    found = find_voucher(ctx, asked.code)
    if isinstance(found, DomainError):
        # Raised it would take the count of wrong codes back.
        return Reply(refusal_of(found))
    planned = plan_use(ctx, found, asked.amount, asked.project)
    return asks(preview_view(planned, offer_use(ctx, planned)))


@router.command("take_back_use", needs=Permission.USE_VOUCHERS, is_private=True)
def take_back_use(words: str, ctx: Context) -> Reply:
    """Ask for a wrong use to be taken back: its number and why."""
    if not words:
        raise UsageError("take_back_use", "use_number_missing")
    number, _, reason = words.partition(" ")
    approval = ask_take_back(ctx, number, reason)
    return Reply(approval_view(ctx, approval, member_of(ctx)), subject=f"approval:{approval.id}")


@router.command("deductions", needs=Permission.USE_VOUCHERS, is_private=True)
def deductions(words: str, ctx: Context) -> Reply:
    """List what waits to be taken off a project's next payment, or off any."""
    project, name = None, ""
    if words:
        match decide(project_index(ctx).rank(words)):
            case One(match):
                project, name = match.named.id, match.named.name
            case Several(matches):
                raise UnknownProject(words, tuple(match.named.name for match in matches))
            case _:
                raise UnknownProject(words)
    waiting = waiting_deductions(ctx, project)
    return Reply(
        DeductionList(
            project=name,
            lines=tuple(deduction_line(ctx, use) for use in waiting.uses),
            count=waiting.count,
            amount=waiting.amount,
            as_of=ctx.now.isoformat(timespec="seconds"),
        )
    )


@router.command("vouchers", needs=Permission.SEE_POINTS, is_private=True)
def vouchers(words: str, ctx: Context) -> Reply:
    """List the vouchers a customer can use, without their codes."""
    del words
    _, customer = contact_of(ctx)
    found = open_vouchers(ctx, customer.id)
    return Reply(
        VoucherList(
            customer=customer.name,
            lines=tuple(voucher_line(voucher) for voucher in found),
            may_reissue=Permission.REDEEM in rights(ctx),
            as_of=ctx.now.isoformat(timespec="seconds"),
        )
    )


@router.command("reissue", needs=Permission.REPLACE_CODES, is_private=True)
def reissue(words: str, ctx: Context) -> Reply:
    """Replace the codes of a purchase: a contact sees the new ones, a member who gets them."""
    redemption, issued = reissue_codes(ctx, words)
    if isinstance(ctx.actor, ContactActor):
        contact = ctx.actor.contact
        return Reply(codes_view(ctx, redemption, issued, contact, is_again=True))
    return Reply(
        CodesReissued(
            number=redemption.number,
            name=redemption.name,
            customer=ctx.work.customers.get(redemption.customer).name,
            quantity=len(issued),
            told=tuple(contact.name for contact in readers(ctx, redemption)),
        )
    )
