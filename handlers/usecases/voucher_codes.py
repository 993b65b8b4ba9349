"""Who gets to see a voucher's code: the page behind a link, and another code when one was lost."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from domain.customers import Contact
from domain.errors import NoCodeToReplace, TicketNotYours, UnknownRedemption
from domain.facts import VouchersIssued
from domain.ids import RedemptionId, TicketId
from domain.ports import Work
from domain.redemptions import Redemption
from domain.tickets import Ticket, TicketKind, fresh
from domain.voucher_codes import complete, tail_of
from domain.vouchers import Concealed, Voucher, VoucherState, is_lapsed, reissue
from handlers.audit import write_note
from handlers.contract import ContactActor, Context
from handlers.usecases.redemption_moves import find_redemption, locked
from handlers.usecases.tickets import VALID


@dataclass(frozen=True, slots=True)
class PageLink:
    """The end of the address of a page with codes, hidden like them."""

    link: Concealed
    until: datetime


@dataclass(frozen=True, slots=True)
class PageVoucher:
    """A voucher on its page."""

    voucher: Voucher
    code: Concealed | None
    """None when it can't be used any more, or has another code than when the link was made."""


def readers(ctx: Context, redemption: Redemption) -> list[Contact]:
    """List who is given the codes: who has bought them, else all who may redeem."""
    contacts = ctx.work.customers.contacts(redemption.customer)
    able = [contact for contact in contacts if contact.may_redeem]
    return [contact for contact in able if contact.id == redemption.contact] or able


def link_to_page(ctx: Context, contact: Contact, vouchers: list[Voucher]) -> PageLink:
    """Open a link to the page of a purchase's codes, for one contact and for a week.

    The link is a secret of its own and only its hash is kept: who reads the records can't open it.
    """
    secret = ctx.ids.secret()
    until = ctx.now + VALID[TicketKind.VOUCHER_PAGE]
    payload: dict[str, str] = {"redemption": vouchers[0].redemption}
    payload |= {voucher.id: voucher.issue for voucher in vouchers}
    ticket = Ticket(
        id=_ticket_of(secret),
        kind=TicketKind.VOUCHER_PAGE,
        member=None,
        contact=contact.id,
        payload=payload,
        created_at=ctx.now,
        expires_at=until,
    )
    ctx.work.tickets.add(ticket)
    link = ctx.work.vouchers.conceal(f"{ctx.work.tenant}.{secret}", "voucher_page")
    return PageLink(link, until)


def page_by_link(work: Work, secret: str, now: datetime) -> list[PageVoucher]:
    """Give the vouchers a link leads to, as long as it lasts and its contact may redeem.

    Raises:
        TicketNotYours: there is no such link, or its contact may redeem no longer.
        TicketExpired: it is too old.
    """
    found = work.tickets.find(_ticket_of(secret))
    if found is None or found.kind is not TicketKind.VOUCHER_PAGE or found.contact is None:
        raise TicketNotYours
    payload = fresh(found, now).payload
    contact = work.customers.contact(found.contact)
    if not (contact.is_active and contact.may_redeem):
        raise TicketNotYours
    vouchers = work.vouchers.of_redemption(RedemptionId(payload["redemption"]))
    return [
        PageVoucher(
            voucher,
            code
            if voucher.state is VoucherState.OPEN and payload.get(voucher.id) == voucher.issue
            else None,
        )
        for voucher, code in zip(vouchers, work.vouchers.codes(vouchers), strict=True)
    ]


def reissue_codes(ctx: Context, typed: str) -> tuple[Redemption, list[Voucher]]:
    """Give every voucher of a purchase that can still be used another code; the old ones are void.

    A contact replaces the own customer's, a member anybody's, and the customer is sent them then.
    Locks the redemption.

    Raises:
        UnknownRedemption: there is none of this number that the actor may see.
        NoCodeToReplace: nothing of it can be used any more.
        ReissueLimit: it was done as often as it may be today.
    """
    own = ctx.actor.customer.id if isinstance(ctx.actor, ContactActor) else None
    redemption = locked(ctx, find_redemption(ctx, typed).id)
    if own is not None and redemption.customer != own:
        raise UnknownRedemption(typed)
    after = []
    for voucher in ctx.work.vouchers.of_redemption(redemption.id):
        if voucher.state is VoucherState.OPEN and not is_lapsed(voucher, ctx.today):
            code = complete(ctx.ids.voucher_code())
            changed = reissue(voucher, tail_of(code), ctx.today)
            ctx.work.vouchers.save(changed, code)
            after.append(changed)
    if not after:
        raise NoCodeToReplace(redemption.number, redemption.name)
    write_note(
        ctx,
        "voucher_codes_replaced",
        f"redemption:{redemption.id}",
        after={"tails": [voucher.tail for voucher in after]},
    )
    if own is None:
        ctx.work.emit(VouchersIssued(redemption, tuple(after), is_again=True))
    return redemption, after


def _ticket_of(secret: str) -> TicketId:
    return TicketId(hashlib.sha256(secret.encode()).hexdigest())
