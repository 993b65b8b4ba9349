"""Inviting a customer's contact or a member, and tying a chat account to the person."""

from dataclasses import dataclass, replace

from domain.channels import ChannelKind, Identity
from domain.customers import (
    INVITATION_VALID,
    BindingTries,
    Contact,
    Customer,
    Invitation,
    hash_code,
    is_usable,
)
from domain.errors import BindingLocked, CodeRefused
from domain.facts import ContactBound
from domain.ids import InvitationId, MemberId
from domain.members import Member
from handlers.audit import write_note
from handlers.contract import Context, MemberActor
from handlers.usecases.contacts import come_back, new_contact
from handlers.usecases.notices import release


@dataclass(frozen=True, slots=True)
class Invited:
    """A fresh one-time code; the only place where it stands in the clear."""

    invitation: Invitation
    customer: Customer
    contact: Contact
    code: str
    link: str | None


@dataclass(frozen=True, slots=True)
class BoundToContact:
    """The account is a contact's now; something asked before may be waiting for an answer."""

    contact: Contact
    customer: Customer
    has_parked: bool


@dataclass(frozen=True, slots=True)
class BoundToMember:
    """The account is a member's now."""

    member: Member


def invite_contact(ctx: Context, customer: Customer, name: str, phone: str | None) -> Invited:
    """Make a one-time code for a contact, who is added if the customer has none of that name.

    One who has left is taken on again.
    """
    contact = _contact_named(ctx, customer, name, phone)
    code = ctx.ids.code()
    invitation = Invitation(
        id=InvitationId(ctx.ids.new()),
        code_hash=hash_code(ctx.work.tenant, code),
        contact=contact.id,
        member=None,
        created_by=_member_id(ctx),
        created_at=ctx.now,
        expires_at=ctx.now + INVITATION_VALID,
    )
    ctx.work.customers.add_invitation(invitation)
    write_note(ctx, "contact_invited", f"contact:{contact.id}")
    channel = ctx.work.channels.customer_channel()
    link = None
    if channel is not None and channel.contact_url is not None:
        joint = "&" if "?" in channel.contact_url else "?"
        link = f"{channel.contact_url}{joint}scene_param={code}"
    return Invited(invitation, customer, contact, code, link)


def bind(ctx: Context, code: str) -> BoundToContact | BoundToMember | CodeRefused | BindingLocked:
    """Tie the speaking account to the person the code was made for.

    A member's code doesn't work on the customers' channel, a contact's not on a member's account.
    What the account had asked before is opened again, and what waited for the contact goes out.
    Wrong, used and expired codes look the same; the refusal is given back instead of raised,
    because the count of wrong codes has to be kept.
    """
    tries = ctx.work.identities.tries(ctx.channel, ctx.sender)
    if tries.is_locked(ctx.now) and tries.locked_until is not None:
        return BindingLocked(tries.locked_until)
    invitation = ctx.work.customers.find_invitation(hash_code(ctx.work.tenant, code))
    person = _person(ctx, invitation)
    if (
        invitation is None
        or person is None
        or not ctx.work.customers.use_invitation(invitation, ctx.now)
    ):
        return _refused(ctx, tries.after_failure(ctx.now))
    if tries.failed:
        ctx.work.identities.set_tries(ctx.channel, ctx.sender, BindingTries())
    kind = ctx.work.channels.get(ctx.channel).kind
    found = ctx.work.identities.find(ctx.channel, ctx.sender)
    identity = found or Identity(ctx.channel, kind, ctx.sender)
    ctx.work.identities.save(
        replace(identity, contact=invitation.contact, member=invitation.member)
    )
    write_note(ctx, "account_bound", f"account:{ctx.channel}:{ctx.sender}")
    parked = ctx.work.inbox.parked(ctx.channel, ctx.sender)
    for item in parked:
        ctx.work.inbox.reopen(item.id)
        ctx.wake.append(item.id)
    if isinstance(person, Member):
        return BoundToMember(person)
    release(ctx, person)
    customer = ctx.work.customers.get(person.customer)
    ctx.work.emit(ContactBound(person, customer, invitation.created_by))
    return BoundToContact(person, customer, has_parked=bool(parked))


def _person(ctx: Context, invitation: Invitation | None) -> Contact | Member | None:
    """Give whom the code may tie this account to; nobody if it can't be used here and now."""
    if invitation is None or not is_usable(invitation, ctx.now):
        return None
    person: Contact | Member | None = None
    # Customers are outsiders: only their own channel can bring a notice to them.
    is_customers = ctx.work.channels.get(ctx.channel).kind is ChannelKind.WECOM_KF
    if invitation.contact is not None and is_customers:
        person = ctx.work.customers.contact(invitation.contact)
    elif invitation.member is not None and not is_customers:
        person = ctx.work.members.get(invitation.member)
    return person if person is not None and person.is_active else None


def _refused(ctx: Context, tries: BindingTries) -> CodeRefused | BindingLocked:
    ctx.work.identities.set_tries(ctx.channel, ctx.sender, tries)
    if tries.locked_until is not None:
        return BindingLocked(tries.locked_until)
    return CodeRefused(tries_left=tries.left)


def _contact_named(ctx: Context, customer: Customer, name: str, phone: str | None) -> Contact:
    for contact in ctx.work.customers.contacts(customer.id):
        if contact.name == name:
            return contact
    return come_back(ctx, customer, name, phone) or new_contact(ctx, customer, name, phone)


def _member_id(ctx: Context) -> MemberId | None:
    return ctx.actor.member.id if isinstance(ctx.actor, MemberActor) else None
