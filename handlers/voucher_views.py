"""Vouchers as people see them."""

from collections.abc import Sequence

from domain.channels import reach
from domain.customers import Contact
from domain.facts import VoucherReturned
from domain.ids import CustomerId, ProjectId
from domain.redemptions import Redemption
from domain.vouchers import Voucher, VoucherState, VoucherUse
from handlers.contract import Context
from handlers.usecases.voucher_codes import link_to_page
from handlers.usecases.voucher_uses import Planned, Used
from handlers.views import (
    DeductionLine,
    VoucherBack,
    VoucherCode,
    VoucherCodes,
    VoucherDone,
    VoucherLine,
    VoucherNotice,
    VoucherPreview,
)

CODES_SHOWN = 3
"""So many codes stand in a message; the page has all."""


def codes_view(
    ctx: Context,
    redemption: Redemption,
    vouchers: Sequence[Voucher],
    contact: Contact,
    *,
    is_again: bool,
) -> VoucherCodes:
    """Show a contact the codes of a purchase, with a link to their page."""
    page = link_to_page(ctx, contact, list(vouchers))
    shown = vouchers[:CODES_SHOWN]
    return VoucherCodes(
        customer=ctx.work.customers.get(redemption.customer).name,
        number=redemption.number,
        name=redemption.name,
        quantity=len(vouchers),
        codes=tuple(
            VoucherCode(code, voucher.tail, voucher.left)
            for voucher, code in zip(shown, ctx.work.vouchers.codes(shown), strict=True)
        ),
        is_partly_usable=redemption.is_partly_usable,
        last_day=_last_day(vouchers[0]),
        link=page.link,
        link_until=page.until.isoformat(timespec="seconds"),
        is_again=is_again,
    )


def preview_view(planned: Planned, ticket: str) -> VoucherPreview:
    """Show a member what using a voucher would do."""
    voucher = planned.voucher
    names = [project.name for project in planned.projects]
    return VoucherPreview(
        ticket=ticket,
        customer=planned.customer.name,
        number=voucher.number,
        name=voucher.name,
        tail=voucher.tail,
        left=voucher.left,
        amount=planned.amount,
        left_after=voucher.left - planned.amount,
        last_day=_last_day(voucher),
        projects=tuple(
            # Of several with one name only the code tells which is meant.
            f"{project.name} {project.code}" if names.count(project.name) > 1 else project.name
            for project in planned.projects
        ),
    )


def done_view(ctx: Context, done: Used) -> VoucherDone:
    """Show a member what was used."""
    return VoucherDone(
        use=done.use.number,
        customer=ctx.work.customers.get(done.use.customer).name,
        name=done.voucher.name,
        tail=done.voucher.tail,
        amount=done.use.amount,
        left=done.voucher.left,
        project=project_name(ctx, done.use.project),
        used_by=ctx.work.members.get(done.use.member).name,
        used_at=done.use.used_at.isoformat(timespec="seconds"),
        notice=_notice(ctx, done.use.customer),
    )


def notice_view(ctx: Context, voucher: Voucher, use: VoucherUse) -> VoucherNotice:
    """Tell a customer what was used."""
    return VoucherNotice(
        customer=ctx.work.customers.get(use.customer).name,
        name=voucher.name,
        tail=voucher.tail,
        amount=use.amount,
        left=voucher.left,
        project=project_name(ctx, use.project),
        last_day=_last_day(voucher),
        use=use.number,
        used_at=use.used_at.isoformat(timespec="seconds"),
    )


def returned_view(ctx: Context, fact: VoucherReturned) -> VoucherBack:
    """Tell a customer that a use was taken back."""
    voucher, use = fact.voucher, fact.use
    return VoucherBack(
        customer=ctx.work.customers.get(use.customer).name,
        name=voucher.name,
        tail=voucher.tail,
        amount=use.amount,
        left=voucher.left,
        project=project_name(ctx, use.project),
        last_day=_last_day(voucher),
        is_over=voucher.state is VoucherState.EXPIRED,
        use=use.number,
        grounds=fact.grounds,
    )


def voucher_line(voucher: Voucher) -> VoucherLine:
    """Show a voucher in a list, without its code."""
    return VoucherLine(
        number=voucher.number,
        name=voucher.name,
        tail=voucher.tail,
        left=voucher.left,
        last_day=_last_day(voucher),
    )


def deduction_line(ctx: Context, use: VoucherUse) -> DeductionLine:
    """Show what waits to be taken off a payment."""
    return DeductionLine(
        use=use.number,
        customer=ctx.work.customers.get(use.customer).name,
        project=project_name(ctx, use.project),
        name=ctx.work.vouchers.get(use.voucher).name,
        amount=use.amount,
        used_by=ctx.work.members.get(use.member).name,
        used_at=use.used_at.isoformat(timespec="seconds"),
    )


def project_name(ctx: Context, project: ProjectId | None) -> str:
    """Name a project; empty for none."""
    return "" if project is None else ctx.work.projects.get(project).name


def _notice(ctx: Context, customer: CustomerId) -> str:
    contacts = [one for one in ctx.work.customers.contacts(customer) if one.may_see]
    accounts = [i for one in contacts for i in ctx.work.identities.of_contact(one.id)]
    if any(reach(identity, ctx.now).is_open for identity in accounts):
        return "pushed"
    return "by_hand" if contacts else "nobody"


def _last_day(voucher: Voucher) -> str:
    return "" if voucher.last_day is None else voucher.last_day.isoformat()
