"""The people of a customer: who is added, what each may do, and what ends when one leaves."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.channels import ChannelKind
from domain.customers import Contact, Customer, is_first_to_redeem, permit, same_phone
from domain.errors import ContactLeft
from domain.facts import RightGiven
from domain.ids import ContactId
from handlers.audit import write_note
from handlers.contract import Context
from handlers.usecases.notices import count_unsent, withhold_unsent


@dataclass(frozen=True, slots=True)
class NewContact:
    """A person to be added; a right that isn't said is given as usual."""

    name: str
    phone: str | None = None
    see: bool | None = None
    redeem: bool | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """What ends when a contact leaves, or has ended, and who stays; points stay with the unit."""

    contact: Contact
    customer: Customer
    accounts: tuple[tuple[ChannelKind, int], ...]
    notices: int
    """Waiting for the contact, and not sent any more."""
    staying: tuple[Contact, ...]


def new_contact(
    ctx: Context,
    customer: Customer,
    name: str,
    phone: str | None,
    *,
    see: bool | None = None,
    redeem: bool | None = None,
) -> Contact:
    """Store a person of a customer.

    Sees the points unless it is said otherwise; redeems only if nobody else of the customer does.
    """
    contact = Contact(ContactId(ctx.ids.new()), customer.id, name, phone)
    contact = _with_first_rights(ctx, contact, see=see, redeem=redeem)
    ctx.work.customers.add_contact(contact)
    return contact


def come_back(ctx: Context, customer: Customer, name: str, phone: str | None) -> Contact | None:
    """Take a contact on again who has left; None unless it is certainly one of those.

    The rights are a new contact's, and every account has to be bound anew.
    """
    gone = [one for one in ctx.work.customers.past_contacts(customer.id) if one.name == name]
    if phone is not None:
        gone = [one for one in gone if one.phone is None or same_phone(one.phone, phone)]
    if len(gone) != 1:
        return None
    before = ctx.work.customers.lock_contact(gone[0].id)
    contact = _with_first_rights(ctx, replace(before, is_active=True, may_see=True))
    ctx.work.customers.change_contact(contact)
    _note(ctx, "contact_returned", before, contact)
    return contact


def set_rights(
    ctx: Context, contact: ContactId, *, see: bool | None = None, redeem: bool | None = None
) -> Contact:
    """Change what a contact may do, None leaving a right; give the contact as it is now.

    Nothing happens when it is so already. What waits for the contact and may not be seen any more
    is given up; of a new right the contact is told, and who redeems for the unit of another one.

    Raises:
        ContactLeft: the contact is not there any more.
    """
    before = _lock(ctx, contact)
    after = permit(before, see=see, redeem=redeem)
    if after == before:
        return after
    ctx.work.customers.change_contact(after)
    _note(ctx, "contact_rights_changed", before, after)
    withhold_unsent(ctx, after)
    if after.may_see > before.may_see or after.may_redeem > before.may_redeem:
        ctx.work.emit(RightGiven(after))
    return after


def look_at_leaving(ctx: Context, contact: Contact) -> Leaving:
    """Say what would end if a contact left now."""
    return _leaving(ctx, contact, count_unsent(ctx, contact))


def leave(ctx: Context, contact: ContactId) -> Leaving:
    """Take a contact off the file: a stranger from now on, on every platform.

    Accounts are unbound, tickets and invitations dead, notices given up, all in this transaction.
    The record stays, and so does everything the unit owns.

    Raises:
        ContactLeft: that has been done.
    """
    before = _lock(ctx, contact)
    after = replace(before, is_active=False)
    ctx.work.customers.change_contact(after)
    # Before the accounts are let go: they are counted.
    left = _leaving(ctx, after, withhold_unsent(ctx, after))
    for identity in ctx.work.identities.of_contact(contact):
        ctx.work.identities.save(replace(identity, contact=None))
        write_note(ctx, "account_unbound", f"account:{identity.channel}:{identity.external_id}")
    ctx.work.tickets.void(contact, ctx.now)
    invitations = ctx.work.customers.void_invitations(contact, ctx.now)
    _note(ctx, "contact_left", before, after, invitations=invitations, notices=left.notices)
    return left


def _lock(ctx: Context, contact: ContactId) -> Contact:
    found = ctx.work.customers.lock_contact(contact)
    if not found.is_active:
        raise ContactLeft(found.name, ctx.work.customers.get(found.customer).name)
    return found


def _with_first_rights(
    ctx: Context, contact: Contact, *, see: bool | None = None, redeem: bool | None = None
) -> Contact:
    others = ctx.work.customers.contacts(contact.customer)
    first = is_first_to_redeem(others)
    return permit(contact, see=see, redeem=first if redeem is None else redeem)


def _leaving(ctx: Context, contact: Contact, notices: int) -> Leaving:
    accounts = Counter(one.kind for one in ctx.work.identities.of_contact(contact.id))
    others: Sequence[Contact] = ctx.work.customers.contacts(contact.customer)
    return Leaving(
        contact=contact,
        customer=ctx.work.customers.get(contact.customer),
        accounts=tuple(sorted(accounts.items())),
        notices=notices,
        staying=tuple(one for one in others if one.id != contact.id),
    )


def _note(ctx: Context, action: str, before: Contact, after: Contact, **more: Any) -> None:
    said_before, said_after = _rights(before), _rights(after) | more
    write_note(ctx, action, f"contact:{after.id}", before=said_before, after=said_after)


def _rights(contact: Contact) -> dict[str, Any]:
    return {
        "is_active": contact.is_active,
        "may_see": contact.may_see,
        "may_redeem": contact.may_redeem,
    }
