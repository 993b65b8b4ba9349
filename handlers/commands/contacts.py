"""rights, leave: what a customer's contacts may do, and one who has left."""

from collections import Counter
from collections.abc import Sequence

from domain.customers import Contact
from domain.errors import UnknownContact
from domain.ids import ContactId, CustomerId
from domain.tickets import TicketKind
from handlers.actors import member_of, redeeming
from handlers.begun import asks
from handlers.contact_views import contact_lines, leave_preview
from handlers.contract import Context, Reply
from handlers.parsing.contacts import ContactFound, ContactUnclear, parse_contact
from handlers.parsing.gaps import Gap, Part, Why
from handlers.parsing.names import Match, Named, NameIndex, Reason
from handlers.parsing.normalise import normalise
from handlers.parsing.rights import read_wish
from handlers.permissions import Permission
from handlers.routing import router
from handlers.unclear import ask
from handlers.usecases.contacts import look_at_leaving, set_rights
from handlers.usecases.tickets import open_ticket
from handlers.views import RightList, RightSet
from handlers.vocabulary import first_word

CONTACTS_SHOWN = 10
_PHONE_TAIL = 4


@router.command("rights", needs=Permission.INVITE, is_private=True)
def rights(words: str, ctx: Context) -> Reply:
    """Let a contact see or redeem, or not any more; without a right show who may do what."""
    wish, whom = read_wish(normalise(words))
    asked = _asked(ctx, whom)
    if isinstance(asked, ContactUnclear):
        if asked.customer_id is not None and not asked.typed and wish.is_empty:
            return _list(ctx, asked.customer_id)
        return _ask(ctx, "rights", words, asked)
    if wish.is_empty:
        return _list(ctx, asked.customer_id)
    before = ctx.work.customers.contact(asked.contact_id)
    after = set_rights(ctx, asked.contact_id, see=wish.see, redeem=wish.redeem)
    return Reply(
        RightSet(
            customer=ctx.work.customers.get(after.customer).name,
            contact=after.name,
            may_see=after.may_see,
            may_redeem=after.may_redeem,
            is_changed=after != before,
            redeemers=tuple(one.name for one in redeeming(ctx, after.customer)),
        )
    )


@router.command("leave", needs=Permission.INVITE, is_private=True)
def leave(words: str, ctx: Context) -> Reply:
    """Show what ends when a contact leaves, on a card that confirms it."""
    asked = _asked(ctx, words)
    if isinstance(asked, ContactUnclear):
        return _ask(ctx, "leave", words, asked)
    leaving = look_at_leaving(ctx, ctx.work.customers.contact(asked.contact_id))
    payload: dict[str, str] = {"contact": asked.contact_id}
    member = member_of(ctx).id
    ticket = open_ticket(ctx.work, ctx.ids, TicketKind.LEAVE, payload, now=ctx.now, member=member)
    return asks(leave_preview(ticket, leaving))


def _asked(ctx: Context, words: str) -> ContactFound | ContactUnclear:
    customers = NameIndex(Named(c.id, c.name, c.code) for c in ctx.work.customers.all())
    return parse_contact(words, customers, lambda customer: _named(ctx, customer))


def _named(ctx: Context, customer: CustomerId) -> list[Named[ContactId]]:
    """Name a customer's contacts; two of one name by the ends of their phones, or else by id."""
    contacts = ctx.work.customers.contacts(customer)
    times = Counter(contact.name for contact in contacts)
    labels = {c.id: _told_apart(c) if times[c.name] > 1 else c.name for c in contacts}
    of_label = Counter(labels.values())
    return [Named(id_, label, id_ if of_label[label] > 1 else "") for id_, label in labels.items()]


def _told_apart(contact: Contact) -> str:
    return f"{contact.name} {(contact.phone or '')[-_PHONE_TAIL:]}".strip()


def _ask(ctx: Context, command: str, words: str, asked: ContactUnclear) -> Reply:
    """Offer the choices, all contacts when nobody was named; or refuse with the names there are.

    Raises:
        UnknownContact: nobody of the customer is called like that.
        DomainError: naming what else is missing.
    """
    gap, customer, typed = asked.gap, asked.customer_id, asked.typed
    if customer is not None and gap.why is Why.MISSING:
        named = _named(ctx, customer)
        if typed or not named:
            name = ctx.work.customers.get(customer).name
            raise UnknownContact(name, typed, tuple(one.name for one in named))
        gap = Gap(Part.CONTACT, Why.AMBIGUOUS, choices=_all(named))
    return ask(ctx, first_word(command), words, [gap], typed)


def _all(named: Sequence[Named[ContactId]]) -> tuple[Match[str], ...]:
    return tuple(Match(one, 0, Reason.CONTAINS) for one in named)


def _list(ctx: Context, customer: CustomerId) -> Reply:
    contacts = ctx.work.customers.contacts(customer)
    return Reply(
        RightList(
            customer=ctx.work.customers.get(customer).name,
            lines=contact_lines(contacts[:CONTACTS_SHOWN]),
            count=len(contacts),
        )
    )
