"""Notices that could not be pushed: another way, holding, telling by hand, letting go."""

from datetime import timedelta

from domain.channels import Unreachable, reach
from domain.customers import Contact
from domain.deliveries import Delivery, DeliveryState, Notice, Withheld
from domain.facts import CustomerTold, NoticeHeld, NoticesReleased, NoticeWithheld
from domain.ids import ChannelId, ContactId, DeliveryId
from domain.members import Member
from domain.reachability import best_road, let_go
from domain.tickets import Ticket
from handlers.audit import write_note
from handlers.contract import Context
from handlers.covering import why_withheld
from handlers.usecases.reachability import roads_of
from handlers.usecases.tickets import use_ticket

AFTER_THE_ANSWER = timedelta(seconds=2)
"""What was held lets the answer to what the customer has written go first."""


def keep_notice(
    ctx: Context, delivery: Delivery, contact: Contact, obstacle: Unreachable | Withheld
) -> None:
    """Send a notice that can't go by its account by another; else hold it and ask a person.

    What is no longer for this contact is given up. Which accounts can take it is looked at afresh;
    the one that has just failed is left out. What was refused for a reason of its own would be
    refused elsewhere: it goes round no circle.
    """
    reason = why_withheld(contact, delivery.view)
    if reason is not None:
        ctx.work.deliveries.set_state(delivery.id, DeliveryState.DEAD, reason=reason, now=ctx.now)
        _note_withheld(ctx, delivery, contact, reason)
        return
    account = _next_account(ctx, delivery, contact, obstacle)
    if account is not None:
        ctx.work.deliveries.reroute(delivery.id, account, next_at=ctx.now, now=ctx.now)
        return
    ctx.work.deliveries.set_state(delivery.id, DeliveryState.HELD, reason=obstacle, now=ctx.now)
    ctx.work.emit(NoticeHeld(delivery.id, contact.id))


def release(ctx: Context, contact: Contact) -> list[DeliveryId]:
    """Queue for the account that has just written what was held for its contact anywhere.

    Gives the deliveries' ids; each is let go once, whoever else writes at the same moment. An
    account that wrote and still can't be pushed to (a person holds the conversation) lets nothing
    go. What is no longer for this contact is given up.
    """
    withhold_unsent(ctx, contact)
    identity = ctx.work.identities.find(ctx.channel, ctx.sender)
    if identity is None or identity.contact != contact.id:
        return []
    able = reach(identity, ctx.now)
    if not able.is_open:
        return []
    held = [notice.delivery for notice in ctx.work.deliveries.held_of(contact.id)]
    released = [delivery.id for delivery in let_go(held, able.messages_left)]
    for delivery in released:
        ctx.work.deliveries.reroute(
            delivery, identity.account, next_at=ctx.now + AFTER_THE_ANSWER, now=ctx.now
        )
    if released:
        ctx.work.emit(NoticesReleased(contact.id, tuple(released)))
    return released


def count_unsent(ctx: Context, contact: Contact) -> int:
    """Count the notices that wait for a contact."""
    return len(ctx.work.deliveries.unsent_of(contact.id))


def withhold_unsent(ctx: Context, contact: Contact) -> int:
    """Give up what waits for a contact and is not covered by the rights of now; give how many."""
    deliveries, withheld = ctx.work.deliveries, 0
    for delivery in deliveries.unsent_of(contact.id):
        reason = why_withheld(contact, delivery.view)
        if reason is not None and deliveries.withhold(delivery.id, reason, ctx.now):
            _note_withheld(ctx, delivery, contact, reason)
            for carried in deliveries.carried_by(delivery.id):
                keep_notice(ctx, carried, contact, reason)
            withheld += 1
    return withheld


def _note_withheld(ctx: Context, delivery: Delivery, contact: Contact, reason: Withheld) -> None:
    after = {"view": delivery.view, "reason": reason}
    write_note(ctx, "notice_withheld", f"delivery:{delivery.id}", after=after)
    if delivery.state is DeliveryState.HELD:
        ctx.work.emit(NoticeWithheld(delivery.id, contact.id, reason))


def told_by_hand(ctx: Context, ticket: Ticket, member: Member) -> tuple[Contact, list[Notice]]:
    """Note that a member has told what the card showed; what is still held won't go out any more.

    Gives the contact and what is still to be told, held since the card was made.

    Raises:
        TicketUsed: it has been noted.
    """
    use_ticket(ctx, ticket)
    contact = ctx.work.customers.contact(ContactId(ticket.payload["contact"]))
    shown = ticket.payload["delivery"].split()
    held = ctx.work.deliveries.held_of(contact.id)
    told = [notice.delivery for notice in held if notice.delivery.id in shown]
    for delivery in told:
        ctx.work.deliveries.set_state(
            delivery.id,
            DeliveryState.BY_HAND,
            reason=delivery.reason,
            now=ctx.now,
            told_by=member.id,
        )
    if told:
        deliveries = tuple(delivery.id for delivery in told)
        ctx.work.emit(CustomerTold(deliveries, contact.id, member.id))
    write_note(ctx, "customer_told_by_hand", f"contact:{contact.id}", after={"deliveries": shown})
    return contact, [notice for notice in held if notice.delivery not in told]


def _next_account(
    ctx: Context, delivery: Delivery, contact: Contact, obstacle: Unreachable | Withheld
) -> tuple[ChannelId, str] | None:
    account = (delivery.channel, delivery.external_id)
    if isinstance(obstacle, Withheld):
        # Nothing is wrong with the account: something else in the same message is not to be said.
        return account
    if obstacle is Unreachable.REFUSED:
        return None
    others = [road for road in roads_of(ctx, contact.id) if road.identity.account != account]
    road = best_road(others)
    return None if road is None else road.identity.account
