"""Who is asked to tell a customer what no account could take: one card per contact, kept up.

While a card is young, what is held for the same contact is added to it; an older one has been seen
or forgotten, so that a new card asks again for everything.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import sha256

from domain.customers import Contact
from domain.deliveries import Notice
from domain.facts import CustomerTold, NoticeHeld, NoticesReleased, NoticeWithheld
from domain.ids import ContactId
from domain.members import Member
from domain.tickets import TicketKind
from handlers.actors import account_managers
from handlers.addressing import Push, ToCards, ToMember
from handlers.contract import Context
from handlers.usecases.tickets import open_ticket
from handlers.views import NoticeDigest, TellCustomer, TellCustomerDone

ADDED_FOR = timedelta(hours=1)
"""So long after a card was sent more is added to it."""
SHOWN_MAX = 2
"""So many notices one card shows, so that each can be read and copied; the rest comes after."""
CHARACTERS_MAX = 90
"""So much of each of several: more than a usual notice has, and as much as a card takes."""


def notice_held(ctx: Context, fact: NoticeHeld) -> Iterable[Push]:
    """Ask who looks after the customer to tell what is held, on one card for the contact."""
    contact = ctx.work.customers.contact(fact.contact)
    held = ctx.work.deliveries.held_of(contact.id)
    subject, key = _subject(contact.id), _key(contact.id, held)
    if _is_asked(ctx, subject, held):
        yield ToCards(subject, lambda member: task_card(ctx, contact, held, member), key)
        return
    for member_id in account_managers(ctx, contact.customer):
        yield ToMember(
            member_id,
            lambda member: task_card(ctx, contact, held, member),
            key,
            subject=subject,
        )


def notices_released(ctx: Context, fact: NoticesReleased) -> Iterable[Push]:
    """Show on the card that the chat tells it after all."""
    return _changed(ctx, fact.contact, told_by="")


def notice_withheld(ctx: Context, fact: NoticeWithheld) -> Iterable[Push]:
    """Show on the card that nobody needs to tell it any more."""
    return _changed(ctx, fact.contact, told_by="", withheld=fact.reason)


def customer_told(ctx: Context, fact: CustomerTold) -> Iterable[Push]:
    """Show on everybody's card who has told it."""
    return _changed(ctx, fact.contact, told_by=ctx.work.members.get(fact.member).name)


def task_card(
    ctx: Context, contact: Contact, held: Sequence[Notice], member: Member
) -> TellCustomer:
    """Make a member's card of what is to be told; its button stands for what it shows."""
    shown = [notice.delivery for notice in held[:SHOWN_MAX]]
    ticket = open_ticket(
        ctx.work,
        ctx.ids,
        TicketKind.TOLD,
        {"delivery": " ".join(delivery.id for delivery in shown), "contact": contact.id},
        now=ctx.now,
        member=member.id,
    )
    about = [{"view": delivery.view, "data": delivery.data} for delivery in shown]
    is_one = len(about) == 1
    return TellCustomer(
        ticket=ticket,
        customer=ctx.work.customers.get(contact.customer).name,
        contact=contact.name,
        phone=contact.phone or "",
        obstacle=max(held, key=lambda notice: notice.since).delivery.reason or "",
        about_view=shown[0].view if is_one else NoticeDigest.view_name,
        about_data=shown[0].data if is_one else {"notices": about, "most": CHARACTERS_MAX},
        more=len(held) - len(shown),
    )


def _changed(
    ctx: Context, contact_id: ContactId, *, told_by: str, withheld: str = ""
) -> Iterable[Push]:
    contact = ctx.work.customers.contact(contact_id)
    held = ctx.work.deliveries.held_of(contact_id)
    done = TellCustomerDone(
        customer=ctx.work.customers.get(contact.customer).name,
        contact=contact.name,
        told_by=told_by,
        told_at=ctx.now.isoformat(timespec="seconds"),
        withheld=withheld,
    )

    def card(member: Member) -> TellCustomer | TellCustomerDone:
        return task_card(ctx, contact, held, member) if held else done

    yield ToCards(_subject(contact_id), card, f"{_key(contact_id, held)}:{ctx.inbox}")


def _is_asked(ctx: Context, subject: str, held: Sequence[Notice]) -> bool:
    """Tell whether a young card asks for some of it already."""
    if all(notice.since >= ctx.now for notice in held):
        return False
    since = ctx.now - ADDED_FOR
    standing = ctx.work.cards.of_subject(subject)
    coming = ctx.work.deliveries.on_the_way(subject)
    return any(card.sent_at > since for card in standing) or any(
        since < delivery.created_at < ctx.now for delivery in coming
    )


def _subject(contact: ContactId) -> str:
    return f"tell:{contact}"


def _key(contact: ContactId, held: Sequence[Notice]) -> str:
    """Name a card by what it asks for: two facts of one unit of work make one card."""
    says = "\n".join(
        f"{notice.delivery.message_key} {notice.delivery.reason} {notice.since.isoformat()}"
        for notice in held
    )
    return f"tell:{contact}:{sha256(says.encode()).hexdigest()[:16]}"
