"""The one check of what the speaker may do; a contact is told who of the own unit may instead."""

from dataclasses import replace

from domain.errors import RightMissing
from handlers.actors import account_manager, redeeming, seeing
from handlers.contract import ContactActor, Context
from handlers.menu import rights
from handlers.permissions import Permission, check

_OF_CONTACTS = {
    Permission.SEE_POINTS: seeing,
    Permission.REDEEM: redeeming,
    Permission.REPLACE_CODES: redeeming,
}
"""The rights that contacts of one unit differ in, and who has them."""


def require(ctx: Context, needed: Permission) -> None:
    """Let pass who may.

    Raises:
        NotPermitted: with the permission that is missing.
        RightMissing: a contact lacks what others of the same unit may have.
    """
    may = rights(ctx)
    if isinstance(ctx.actor, ContactActor) and needed in _OF_CONTACTS and needed not in may:
        customer = ctx.actor.customer
        manager = account_manager(ctx, customer)
        raise RightMissing(
            right=needed,
            may=tuple(contact.name for contact in _OF_CONTACTS[needed](ctx, customer.id)),
            account_manager=manager.name if manager else "",
        )
    check(needed, may)


def require_still(ctx: Context, needed: Permission) -> None:
    """Let pass who may at this very moment, and go on to until the commit.

    For what spends points: rights may have been taken since the speaker was looked up. Locks the
    contact's record.

    Raises:
        NotPermitted: with the permission that is missing.
        RightMissing: a contact lacks what others of the same unit may have.
    """
    if isinstance(ctx.actor, ContactActor):
        contact = ctx.work.customers.lock_contact(ctx.actor.contact.id)
        ctx = replace(ctx, actor=ContactActor(contact, ctx.actor.customer))
    require(ctx, needed)
