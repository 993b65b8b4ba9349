"""The second person of a redemption: who could be it, asking, agreeing.

Declining ends a redemption and stands with the other ends.
"""

from dataclasses import dataclass

from domain.approvals import Approval, ApprovalKind, ApprovalState
from domain.customers import Contact, same_person
from domain.errors import NobodyToAgree, SamePerson, UnknownRedemption
from domain.ids import CustomerId, RedemptionId
from domain.members import Member
from domain.redemptions import COUNTED, Redemption, RedemptionState, agree, approve, confirm
from domain.rewards import Reward
from handlers.actors import contact_of
from handlers.contract import ContactActor, Context, MemberActor
from handlers.usecases.approvals import approvers, ask
from handlers.usecases.redemption_moves import end_held, locked, place

_ENDS = {
    ApprovalState.DECLINED: RedemptionState.DECLINED,
    ApprovalState.WITHDRAWN: RedemptionState.CANCELLED,
    ApprovalState.EXPIRED: RedemptionState.EXPIRED,
}
"""How a redemption ends whose approval has ended otherwise than by a yes."""


@dataclass(frozen=True, slots=True)
class Second:
    """Who could be the second person."""

    contacts: tuple[Contact, ...] = ()
    """One of these has to agree; empty when none has to."""
    approvers: tuple[Member, ...] = ()
    """One of these has to; empty when none has to."""


def seconds(ctx: Context, reward: Reward, customer: CustomerId) -> Second:
    """List who could agree to a reward that the actor wants for a customer.

    Raises:
        NobodyToAgree: somebody has to, and nobody could.
    """
    contacts: list[Contact] = []
    members: list[Member] = []
    if reward.needs_contact:
        asker = ctx.actor.contact if isinstance(ctx.actor, ContactActor) else None
        contacts = other_contacts(ctx, customer, asker)
        if not contacts:
            raise NobodyToAgree(reward.name, is_inside=False)
    if reward.needs_approver:
        by = ctx.actor.member.id if isinstance(ctx.actor, MemberActor) else None
        members = approvers(ctx, by)
        if not members:
            raise NobodyToAgree(reward.name, is_inside=True)
    return Second(tuple(contacts), tuple(members))


def other_contacts(ctx: Context, customer: CustomerId, asker: Contact | None) -> list[Contact]:
    """List who could agree beside the one who has asked.

    Other persons who may redeem and have an account to be asked on.
    """
    return [
        contact
        for contact in ctx.work.customers.contacts(customer)
        if contact.may_redeem
        and (asker is None or not same_person(asker, contact))
        and ctx.work.identities.of_contact(contact.id)
    ]


def ask_approver(ctx: Context, redemption: Redemption) -> None:
    """Ask somebody of the firm where somebody has to agree, once the asking side is sure.

    Raises:
        NoApprover: there is nobody who may decide.
    """
    if redemption.waits_for_confirmation or not redemption.waits_for_approver:
        return
    asker = redemption.contact
    contact = ctx.work.customers.contact(asker).name if asker else ""
    ask(
        ctx,
        ApprovalKind.REDEMPTION,
        redemption.purpose,
        {"redemption": redemption.id},
        {
            "name": bought(redemption),
            "points": -redemption.points,
            "contact": contact,
            "cost": redemption.cost_each * redemption.quantity,
        },
        customer=redemption.customer,
        until=redemption.expires_at,
    )


def bought(redemption: Redemption) -> str:
    """Name what is bought, and how many where there are several."""
    return (
        f"{redemption.name} ×{redemption.quantity}" if redemption.quantity > 1 else redemption.name
    )


def confirm_reserved(ctx: Context, redemption: RedemptionId) -> Redemption:
    """Confirm what was set aside, once; a second time gives how it stands.

    Locks the redemption, then its hold and the wallet.

    Raises:
        UnknownRedemption: there is none of this id.
        RedemptionClosed: it has ended.
    """
    before = locked(ctx, redemption)
    if not before.waits_for_confirmation and before.state in COUNTED:
        return before
    after = place(ctx, before, confirm(before, ctx.now))
    ask_approver(ctx, after)
    return after


def agree_to(ctx: Context, redemption: RedemptionId) -> Redemption:
    """Agree, as another contact of the customer, once; the same one again gets how it stands.

    Locks the redemption, then its hold and the wallet.

    Raises:
        UnknownRedemption: there is none of this id for this customer.
        SamePerson: the actor has asked for it, by this record or another one.
        RedemptionClosed: it has ended, or another has agreed before.
    """
    before = locked(ctx, redemption)
    contact, customer = contact_of(ctx)
    if before.customer != customer.id:
        raise UnknownRedemption(str(before.number))
    if before.agreed_by == contact.id:
        return before
    if before.contact and same_person(ctx.work.customers.contact(before.contact), contact):
        raise SamePerson(before.number)
    return place(ctx, before, agree(before, contact.id, ctx.now))


def decide_redemption(ctx: Context, approval: Approval) -> None:
    """Take over how an approval of a redemption has ended; what is over stays as it is.

    Locks the redemption, then its hold, the wallet and the stock.

    Raises:
        RedemptionClosed: it was approved when the redemption had ended.
    """
    before = locked(ctx, RedemptionId(str(approval.payload["redemption"])))
    if approval.state is ApprovalState.APPROVED and approval.decided_by is not None:
        place(ctx, before, approve(before, approval.decided_by, ctx.now))
    elif before.state is RedemptionState.HELD:
        end_held(ctx, before, _ENDS[approval.state], approval.note)
