"""Gifts between customers in tests of any store: by the use cases, as a contact of the giver."""

from dataclasses import replace

from domain.approvals import Verdict
from domain.gifts import Gift
from domain.ids import ContactId, CustomerId, MemberId, TicketId
from domain.members import Role
from handlers.contract import ContactActor, Context, MemberActor
from handlers.usecases.decisions import decide
from handlers.usecases.gifts import foresee_gift, give_gift
from tests.support.make import a_contact, a_member

APPROVER = "approver"


def people_of_gifts(ctx: Context, *customers: str) -> None:
    """Let each customer have a contact, and the firm somebody who may agree."""
    ctx.work.members.add(a_member(APPROVER, Role.SUPERVISOR))
    for customer in customers:
        ctx.work.customers.add_contact(a_contact(f"of-{customer}", customer))


def as_contact(ctx: Context, customer: str) -> Context:
    """Let a customer's contact act."""
    contact = ctx.work.customers.contact(ContactId(f"of-{customer}"))
    unit = ctx.work.customers.get(CustomerId(customer))
    return replace(ctx, actor=ContactActor(contact, unit))


def previews(ctx: Context, giver: str, receiver: str, points: int) -> TicketId:
    """Look at what a gift would do; give the ticket that confirms it."""
    to = ctx.work.customers.get(CustomerId(receiver))
    return TicketId(foresee_gift(as_contact(ctx, giver), to, points).ticket)


def confirms(ctx: Context, giver: str, ticket: TicketId) -> Gift:
    """Confirm what a preview has shown."""
    found = ctx.work.tickets.find(ticket)
    assert found is not None
    return give_gift(as_contact(ctx, giver), found)


def gives(ctx: Context, giver: str, receiver: str, points: int) -> Gift:
    """Preview a gift and confirm it."""
    return confirms(ctx, giver, previews(ctx, giver, receiver, points))


def decides(ctx: Context, gift: Gift, verdict: Verdict) -> None:
    """Let somebody in the firm say yes or no."""
    assert gift.approval is not None
    actor = MemberActor(ctx.work.members.get(MemberId(APPROVER)))
    decide(replace(ctx, actor=actor), gift.approval, verdict, "")
