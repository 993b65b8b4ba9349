"""Notices that could not be pushed: holding, telling by hand, sending when the customer writes."""

from domain.channels import reach
from domain.customers import Contact
from domain.deliveries import Delivery, DeliveryState, Withheld
from domain.facts import CustomerTold, NoticeHeld, NoticeReleased, NoticeWithheld
from domain.ids import ContactId, DeliveryId
from domain.members import Member
from domain.tickets import Ticket
from handlers.audit import write_note
from handlers.contract import Context
from handlers.covering import why_withheld
from handlers.usecases.tickets import use_ticket

RELEASED_AT_ONCE = 3
"""A customer's message allows 5 messages; the answer itself and one more keep their place."""


def hold(ctx: Context, delivery: Delivery, contact: Contact, obstacle: str) -> None:
    """Keep a notice back and ask a person to tell the customer, if it is still for that person."""
    reason = why_withheld(contact, delivery.view)
    if reason is not None:
        ctx.work.deliveries.set_state(delivery.id, DeliveryState.DEAD, reason=reason, now=ctx.now)
        _note_withheld(ctx, delivery, contact, reason)
        return
    ctx.work.deliveries.set_state(delivery.id, DeliveryState.HELD, reason=obstacle, now=ctx.now)
    ctx.work.emit(
        NoticeHeld(
            delivery.id, contact.customer, contact.id, obstacle, delivery.view, delivery.data
        )
    )


def release(ctx: Context, contact: Contact) -> list[DeliveryId]:
    """Queue what was held for the account that has just written; give the deliveries' ids.

    An account that wrote and still can't be pushed to (a person holds the conversation) keeps
    waiting. What is no longer for this contact is given up.
    """
    withhold_unsent(ctx, contact)
    released: list[DeliveryId] = []
    identity = ctx.work.identities.find(ctx.channel, ctx.sender)
    if identity is None or not reach(identity, ctx.now).is_open:
        return released
    for delivery in ctx.work.deliveries.held_for(ctx.channel, ctx.sender)[:RELEASED_AT_ONCE]:
        ctx.work.deliveries.set_state(delivery.id, DeliveryState.QUEUED, reason=None, now=ctx.now)
        ctx.work.emit(NoticeReleased(delivery.id, contact.customer, contact.id))
        released.append(delivery.id)
    return released


def count_unsent(ctx: Context, contact: Contact) -> int:
    """Count the notices that wait for a contact."""
    return len(_unsent(ctx, contact))


def withhold_unsent(ctx: Context, contact: Contact) -> int:
    """Give up what waits for a contact and is not covered by the rights of now; give how many."""
    withheld = 0
    for delivery in _unsent(ctx, contact):
        reason = why_withheld(contact, delivery.view)
        if reason is not None and ctx.work.deliveries.withhold(delivery.id, reason):
            _note_withheld(ctx, delivery, contact, reason)
            withheld += 1
    return withheld


def _unsent(ctx: Context, contact: Contact) -> list[Delivery]:
    return [
        delivery
        for identity in ctx.work.identities.of_contact(contact.id)
        for delivery in ctx.work.deliveries.unsent_to(identity.channel, identity.external_id)
    ]


def _note_withheld(ctx: Context, delivery: Delivery, contact: Contact, reason: Withheld) -> None:
    after = {"view": delivery.view, "reason": reason}
    write_note(ctx, "notice_withheld", f"delivery:{delivery.id}", after=after)
    ctx.work.emit(NoticeWithheld(delivery.id, contact.id, reason))


def told_by_hand(ctx: Context, ticket: Ticket, member: Member) -> Contact:
    """Note that a member has told the customer; a notice that is still held won't go out any more.

    Raises:
        TicketUsed: it has been noted.
    """
    use_ticket(ctx, ticket)
    contact = ctx.work.customers.contact(ContactId(ticket.payload["contact"]))
    held = ticket.payload["delivery"]
    if held:
        delivery = ctx.work.deliveries.get(DeliveryId(held))
        if delivery.state is DeliveryState.HELD:
            ctx.work.deliveries.set_state(
                delivery.id, DeliveryState.BY_HAND, reason=delivery.reason, now=ctx.now
            )
            ctx.work.emit(CustomerTold(delivery.id, contact.id, member.id))
    write_note(ctx, "customer_told_by_hand", f"contact:{contact.id}", after={"delivery": held})
    return contact
