"""What an account has said lately, and calling a human to a customer because of it."""

from datetime import timedelta

from domain.channels import SessionState
from domain.facts import CallCause, PersonWanted
from domain.ids import CustomerId
from domain.inbox import Exchange
from domain.members import Member, Role
from handlers.actors import account_manager, contact_of
from handlers.contract import Context
from handlers.views import BoundCustomer, DidYouMean, PersonComing

IN_A_ROW = timedelta(minutes=30)
"""What was not understood longer ago does not count any more."""
CALLED_FOR = timedelta(hours=1)
"""So long nobody is called a second time unless the customer asks."""
TALK_FOR = timedelta(hours=12)
_LOOKED_AT = 12


def recent_talk(ctx: Context) -> list[Exchange]:
    """List what the speaker has said lately and is saying now, oldest first.

    What was said before the account was bound may be somebody else's.
    """
    found = ctx.work.inbox.recent(
        ctx.channel, ctx.sender, since=ctx.now - TALK_FOR, limit=_LOOKED_AT
    )
    since = max(
        (n for n, one in enumerate(found, 1) if one.view == BoundCustomer.view_name), default=0
    )
    said = found[since:]
    if all(one.item != ctx.inbox for one in said):
        # What was parked is older than its binding, perhaps by days, and is being said now.
        said = [*_being_said(ctx), *said]
    return said


def _being_said(ctx: Context) -> list[Exchange]:
    item = ctx.work.inbox.lock(ctx.inbox) if ctx.inbox is not None else None
    return [] if item is None else [Exchange(item.id, item.payload, item.received_at)]


def is_held_by_a_human(ctx: Context) -> bool:
    """Tell whether a human holds the talk: what is said in it is said to them."""
    account = ctx.work.identities.find(ctx.channel, ctx.sender)
    return account is not None and account.session is SessionState.HUMAN


def is_second_miss(ctx: Context) -> bool:
    """Tell whether what the speaker said before, a short time ago, was not understood either."""
    before = ctx.work.inbox.last_answer(ctx.channel, ctx.sender, since=ctx.now - IN_A_ROW)
    return before == DidYouMean.view_name


def was_called(ctx: Context) -> bool:
    """Tell whether a human was called to the speaking contact a short time ago.

    Whoever had the account before it was bound was called one for themselves.
    """
    contact, _ = contact_of(ctx)
    either = PersonComing.view_name, BoundCustomer.view_name
    since = ctx.now - CALLED_FOR
    return any(
        ctx.work.inbox.last_of(account.channel, account.external_id, either, since=since)
        == PersonComing.view_name
        for account in ctx.work.identities.of_contact(contact.id)
    )


def who_takes_over(ctx: Context, customer: CustomerId) -> list[Member]:
    """Give who can be called to a customer now: the account manager, or else the supervisors.

    The admins if none of them has an account that takes messages; nobody if they have none either.
    """
    members = ctx.work.members
    manager = account_manager(ctx, ctx.work.customers.get(customer))
    for asked in (
        [manager] if manager else [],
        members.with_role(Role.SUPERVISOR),
        members.with_role(Role.ADMIN),
    ):
        if reached := [member for member in asked if _is_reached(ctx, member)]:
            return reached
    return []


def call_person(ctx: Context, cause: CallCause) -> list[Member]:
    """Call a human to the speaking contact; give who was called."""
    contact, customer = contact_of(ctx)
    called = who_takes_over(ctx, customer.id)
    if called:
        ctx.work.emit(PersonWanted(customer.id, contact.id, cause))
    return called


def _is_reached(ctx: Context, member: Member) -> bool:
    accounts = ctx.work.identities.of_member(member.id)
    return any(account.blocked_reason is None for account in accounts)
