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
from domain.ids import ContactId, InvitationId, MemberId
from domain.members import Member
from domain.repositories import AuditNote
from handlers.contract import Context, MemberActor


@dataclass(frozen=True, slots=True)
class Invited:
    """A fresh one-time code; the only place where it stands in the clear."""

    invitation: Invitation
    customer: Customer
    contact: Contact
    code: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Bound:
    """Whose account it is now, and whether something asked before waits for an answer."""

    member: Member | None
    contact: Contact | None
    customer: Customer | None
    has_parked: bool


def invite_contact(ctx: Context, customer: Customer, name: str, phone: str | None) -> Invited:
    """Make a one-time code for a contact, adding the contact when the customer has none of that name."""
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
    _note(ctx, "contact_invited", f"contact:{contact.id}")
    channel = ctx.work.channels.customer_channel()
    link = None
    if channel is not None and channel.contact_url is not None:
        joint = "&" if "?" in channel.contact_url else "?"
        link = f"{channel.contact_url}{joint}scene_param={code}"
    return Invited(invitation, customer, contact, code, link)


def bind(ctx: Context, code: str) -> Bound | CodeRefused | BindingLocked:
    """Tie the speaking account to the person the code was made for.

    A member's code doesn't work on the customers' channel. What the account had asked before is
    opened again. Wrong, used and expired codes look the same; the refusal is given back instead of
    raised, because the count of wrong codes has to be kept.
    """
    tries = ctx.work.identities.tries(ctx.channel, ctx.sender)
    if tries.is_locked(ctx.now) and tries.locked_until is not None:
        return BindingLocked(tries.locked_until)
    invitation = ctx.work.customers.find_invitation(hash_code(ctx.work.tenant, code))
    kind = ctx.work.channels.get(ctx.channel).kind
    if (
        invitation is None
        or not is_usable(invitation, ctx.now)
        or (invitation.contact is None and kind is ChannelKind.WECOM_KF)
        or not ctx.work.customers.use_invitation(invitation, ctx.now)
    ):
        return _refused(ctx, tries.after_failure(ctx.now))
    found = ctx.work.identities.find(ctx.channel, ctx.sender)
    identity = found or Identity(ctx.channel, kind, ctx.sender)
    ctx.work.identities.save(
        replace(identity, contact=invitation.contact, member=invitation.member)
    )
    _note(ctx, "account_bound", f"account:{ctx.channel}:{ctx.sender}")
    parked = ctx.work.inbox.parked(ctx.channel, ctx.sender)
    for item in parked:
        ctx.work.inbox.reopen(item.id)
        ctx.wake.append(item.id)
    return _bound(ctx, invitation, has_parked=bool(parked))


def _refused(ctx: Context, tries: BindingTries) -> CodeRefused | BindingLocked:
    ctx.work.identities.set_tries(ctx.channel, ctx.sender, tries)
    if tries.locked_until is not None:
        return BindingLocked(tries.locked_until)
    return CodeRefused(tries_left=tries.left)


def _bound(ctx: Context, invitation: Invitation, *, has_parked: bool) -> Bound:
    if invitation.contact is None:
        member = ctx.work.members.get(_required(invitation.member))
        return Bound(member, None, None, has_parked)
    contact = ctx.work.customers.contact(invitation.contact)
    customer = ctx.work.customers.get(contact.customer)
    ctx.work.emit(ContactBound(contact, customer, invitation.created_by))
    return Bound(None, contact, customer, has_parked)


def _required(member: MemberId | None) -> MemberId:
    if member is None:
        raise LookupError("invitation without a person")
    return member


def _contact_named(ctx: Context, customer: Customer, name: str, phone: str | None) -> Contact:
    for contact in ctx.work.customers.contacts(customer.id):
        if contact.name == name:
            return contact
    contact = Contact(ContactId(ctx.ids.new()), customer.id, name, phone)
    ctx.work.customers.add_contact(contact)
    return contact


def _member_id(ctx: Context) -> MemberId | None:
    return ctx.actor.member.id if isinstance(ctx.actor, MemberActor) else None


def _note(ctx: Context, action: str, subject: str) -> None:
    ctx.work.audit.write(
        AuditNote(
            at=ctx.now,
            actor=ctx.actor_name,
            channel=ctx.channel,
            action=action,
            subject=subject,
            inbox=ctx.inbox,
        )
    )
