"""Who learns of a contact's rights: the contact, and who of the same unit may redeem."""

from collections.abc import Iterable
from dataclasses import replace

from domain.facts import RightGiven
from handlers.actors import redeeming
from handlers.addressing import Push, ToContact
from handlers.contract import Context
from handlers.views import RightNotice


def right_given(ctx: Context, fact: RightGiven) -> Iterable[Push]:
    """Tell the contact what is allowed now; a unit's redeemers learn who else spends its points."""
    contact = fact.contact
    redeemers = redeeming(ctx, contact.customer)
    notice = RightNotice(
        customer=ctx.work.customers.get(contact.customer).name,
        contact=contact.name,
        is_own=True,
        may_redeem=contact.may_redeem,
        redeemers=tuple(one.name for one in redeemers),
    )
    key = f"right:{contact.id}:{ctx.ids.new()}"
    yield ToContact(contact, notice, key)
    if contact.may_redeem:
        for other in redeemers:
            if other.id != contact.id:
                yield ToContact(other, replace(notice, is_own=False), key)
