"""Customers learn of their vouchers: the codes, what was used of them or given back, what ends."""

from collections.abc import Iterable

from domain.facts import VoucherReturned, VouchersEnding, VouchersIssued, VoucherTaken
from handlers.addressing import Push, ToContact
from handlers.contract import Context
from handlers.usecases.voucher_codes import readers
from handlers.views import VoucherEnding
from handlers.voucher_views import codes_view, notice_view, returned_view, voucher_line


def vouchers_issued(ctx: Context, fact: VouchersIssued) -> Iterable[Push]:
    """Give the codes to who has bought the vouchers, else to all who may redeem."""
    redemption, vouchers = fact.redemption, fact.vouchers
    key = f"vouchers:{redemption.id}:{vouchers[0].issue}"
    for contact in readers(ctx, redemption):
        view = codes_view(ctx, redemption, vouchers, contact, is_again=fact.is_again)
        yield ToContact(contact, view, key)


def voucher_taken(ctx: Context, fact: VoucherTaken) -> Iterable[Push]:
    """Tell a customer's contacts who may see it that a voucher was used."""
    notice = notice_view(ctx, fact.voucher, fact.use)
    for contact in ctx.work.customers.contacts(fact.use.customer):
        if contact.may_see:
            yield ToContact(contact, notice, f"voucher_use:{fact.use.id}")


def voucher_returned(ctx: Context, fact: VoucherReturned) -> Iterable[Push]:
    """Tell a customer's contacts who may see it that a use was taken back, and why."""
    notice = returned_view(ctx, fact)
    for contact in ctx.work.customers.contacts(fact.use.customer):
        if contact.may_see:
            yield ToContact(contact, notice, f"voucher_returned:{fact.use.id}")


def vouchers_ending(ctx: Context, fact: VouchersEnding) -> Iterable[Push]:
    """Tell a customer's contacts who may see them which vouchers end soon."""
    notice = VoucherEnding(
        customer=ctx.work.customers.get(fact.customer).name,
        days=fact.days,
        lines=tuple(voucher_line(voucher) for voucher in fact.vouchers),
        left=sum(voucher.left for voucher in fact.vouchers),
    )
    key = f"voucher_ending:{fact.customer}:{ctx.today.isoformat()}:{fact.days}"
    for contact in ctx.work.customers.contacts(fact.customer):
        if contact.may_see:
            yield ToContact(contact, notice, key)
