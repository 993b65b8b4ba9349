"""Gifts between customers: what one would do, giving it once, and what its receipt says.

How a gift that had to be approved ends stands in gift_ends.py.
"""

from dataclasses import dataclass, replace

from domain.approvals import APPROVAL_VALID, ApprovalKind
from domain.customers import Customer
from domain.errors import (
    GiftShort,
    GiftToOwnUnit,
    GiftUndecidable,
    NoApprover,
    TicketUsed,
    UnknownReceiver,
)
from domain.facts import GiftChanged
from domain.gifts import (
    ALONE_MAX,
    MONTH_MAX,
    Gift,
    GiftState,
    check_limits,
    ended,
    needs_approval,
)
from domain.giving import Part, give, parts_of, receive
from domain.ids import ApprovalId, CustomerId, GiftId, HoldId
from domain.ledger import Cause, Entry
from domain.posting import Book, month_text
from domain.tickets import Ticket, TicketKind, fresh
from handlers.actors import contact_of
from handlers.audit import write_note
from handlers.contract import Context
from handlers.parsing.names import fold
from handlers.usecases.approvals import ask
from handlers.usecases.books import machine_cause, open_book, peek_book, store_books
from handlers.usecases.holds import hold_points
from handlers.usecases.tickets import open_ticket

NOTE = "gift:"
"""What entries of a gift name it by, and what a hold for one is for."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a gift would do."""

    receiver: Customer
    points: int
    available: int
    """What the giver can spend before it."""
    parts: tuple[Part, ...]
    """Which points go, by their end."""
    month_left: int
    """How many more points may be given in this month after it."""
    ticket: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A gift with what the giver could spend right after it was confirmed."""

    gift: Gift
    receiver: Customer
    available: int


def find_receiver(ctx: Context, typed: str) -> Customer:
    """Find the one customer of exactly this name or code; width, blanks and case don't count.

    Raises:
        UnknownReceiver: there is none, or there are several; near ones are not told.
        GiftToOwnUnit: it is the giver.
    """
    _, giver = contact_of(ctx)
    wanted = fold(typed)
    found = [
        one
        for one in ctx.work.customers.all()
        if wanted and wanted in (fold(one.name), fold(one.code))
    ]
    if len(found) != 1:
        raise UnknownReceiver
    if found[0].id == giver.id:
        raise GiftToOwnUnit
    return found[0]


def foresee_gift(ctx: Context, receiver: Customer, points: int) -> Foreseen:
    """Show what a gift would do; writes nothing but the ticket that can confirm it.

    Raises:
        GiftTooLarge, GiftLimitReached: it is beyond what may be given.
        GiftShort: the giver has fewer points.
    """
    contact, giver = contact_of(ctx)
    given = ctx.work.gifts.given_in(giver.id, month_text(ctx.now))
    book = peek_book(ctx, giver.id)
    available = book.available
    _check(book, points, given)
    ticket = open_ticket(
        ctx.work,
        ctx.ids,
        TicketKind.GIFT,
        {"receiver": receiver.id, "points": str(points)},
        now=ctx.now,
        contact=contact.id,
    )
    parts = parts_of(book, book.take(points))
    return Foreseen(receiver, points, available, parts, MONTH_MAX - given - points, ticket)


def give_gift(ctx: Context, ticket: Ticket) -> Gift:
    """Give what a ticket's preview has shown, or ask for it; the same ticket gives the same gift.

    Locks the ticket, then the wallets in the order of their customers.

    Raises:
        TicketUsed: the preview was dropped.
        TicketExpired: it is too old.
        GiftTooLarge, GiftLimitReached, GiftShort: it is no longer possible.
        GiftUndecidable: somebody in the firm would have to agree, and there is nobody.
    """
    gift_id = GiftId(ticket.id)
    if not ctx.work.tickets.use(ticket.id, ctx.now):
        found = ctx.work.gifts.find(gift_id)
        if found is None:
            raise TicketUsed(ticket.used_at or ctx.now)
        return found
    fresh(replace(ticket, used_at=None), ctx.now)
    contact, giver = contact_of(ctx)
    receiver, points = CustomerId(ticket.payload["receiver"]), int(ticket.payload["points"])
    is_asked = needs_approval(points)
    units = [giver.id] if is_asked else sorted((giver.id, receiver))
    books = {one: open_book(ctx, one) for one in units}
    gift = Gift(
        id=gift_id,
        number=0,
        giver=giver.id,
        contact=contact.id,
        receiver=receiver,
        points=points,
        month=month_text(ctx.now),
        asked_at=ctx.now,
        state=GiftState.PENDING,
    )
    _check(books[giver.id], points, ctx.work.gifts.given_in(giver.id, gift.month))
    if is_asked:
        gift = replace(gift, approval=_ask(ctx, gift, books[giver.id], contact.name))
    else:
        parts = give(books[giver.id], points, cause_of(ctx, "give", gift))
        receive(books[receiver], parts, cause_of(ctx, "receive", gift))
        store_books(ctx, books.values(), {})
        gift = ended(gift, GiftState.GIVEN, ctx.now)
    gift = replace(gift, number=ctx.work.gifts.next_number())
    ctx.work.gifts.add(gift)
    note_gift(ctx, gift)
    return gift


def note_gift(ctx: Context, gift: Gift) -> None:
    """Write down what has become of a gift, and let it be told."""
    after: dict[str, object] = {"gift": gift.id, "to": gift.receiver, "points": gift.points}
    write_note(ctx, f"gift_{gift.state}", f"customer:{gift.giver}", after=after)
    ctx.work.emit(GiftChanged(gift))


def receipt_of(ctx: Context, gift: Gift) -> Receipt:
    """Give the receipt of a gift; the same whenever it is asked for, but for the gift's state.

    Raises:
        LookupError: it has booked nothing; that is a bug.
    """
    # A gift that was asked for has set the points aside first.
    for key in (f"give:{gift.id}#0", f"hold:{gift.id}#0"):
        entry = ctx.work.wallets.of_key(key)
        if entry is not None:
            return Receipt(gift, ctx.work.customers.get(gift.receiver), entry.available_after)
    raise LookupError(gift.number)


def cause_of(ctx: Context, what: str, gift: Gift) -> Cause:
    """Make the cause of one wallet's side of a gift: "give", "settle" what was held, "receive"."""
    return machine_cause(ctx, f"{what}:{gift.id}", ctx.now, note=f"{NOTE}{gift.id}")


def other_side(ctx: Context, entry: Entry) -> str:
    """Name the other customer of the gift an entry belongs to; empty when it belongs to none."""
    note = entry.cause.note or ""
    if not note.startswith(NOTE):
        return ""
    gift = ctx.work.gifts.get(GiftId(note.removeprefix(NOTE)))
    other = gift.receiver if gift.giver == entry.customer else gift.giver
    return ctx.work.customers.get(other).name


def _check(book: Book, points: int, given: int) -> None:
    check_limits(points, given)
    if points > book.available:
        raise GiftShort(points, book.available, book.debt)


def _ask(ctx: Context, gift: Gift, book: Book, asker: str) -> ApprovalId:
    """Set the points aside and ask somebody in the firm, until the first of them would end."""
    first_end = parts_of(book, book.take(gift.points))[0].expires_at
    until = min(ctx.now + APPROVAL_VALID, first_end)
    about = f"{NOTE}{gift.id}"
    hold_points(ctx, HoldId(gift.id), gift.giver, gift.points, purpose=about, expires_at=until)
    receiver = ctx.work.customers.get(gift.receiver).name
    try:
        approval = ask(
            ctx,
            ApprovalKind.GIFT,
            about,
            {"gift": gift.id},
            {"name": receiver, "points": -gift.points, "contact": asker},
            customer=gift.giver,
            until=until,
        )
    except NoApprover:
        raise GiftUndecidable(gift.points, ALONE_MAX) from None
    return approval.id
