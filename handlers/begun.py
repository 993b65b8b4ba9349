"""What somebody has begun and not confirmed: it stands on a card, and a typed word drops it."""

from typing import Protocol

from domain.errors import PrivateOnly
from domain.tickets import IS_BEGUN, Ticket
from handlers.actors import owner_of
from handlers.contract import ContactActor, Context, Press, Reply, View
from handlers.menu import rights
from handlers.routing import router
from handlers.usecases.tickets import card_of
from handlers.views import Cancelled


class Asking(View, Protocol):
    """A view whose buttons do, or drop, what it shows."""

    @property
    def ticket(self) -> str:
        """Give the ticket behind its buttons."""
        ...


def asks(view: Asking, *, replaces_card: bool = False) -> Reply:
    """Answer with a card that can be found by its ticket, whoever drops it where."""
    return Reply(view, replaces_card=replaces_card, subject=card_of(view.ticket))


def drop_newest(ctx: Context) -> Reply | None:
    """Press the cancel button of what the speaker has begun last; None when there is nothing.

    It may have been begun on another account of the same person. What it was is said where nobody
    else reads, and on its card.

    Raises:
        PrivateOnly: a customer's business is not for a group.
        TicketUsed: it was confirmed at this very moment.
    """
    if ctx.in_group and isinstance(ctx.actor, ContactActor):
        raise PrivateOnly
    ticket = _newest(ctx)
    if ticket is None:
        return None
    pressed = router.presses[ticket.kind].handler(Press(ticket, "cancel", {}), ctx)
    said = Cancelled(had_something=True) if ctx.in_group else pressed.view
    return Reply(said, subject=card_of(ticket.id), on_cards=pressed.view)


def _newest(ctx: Context) -> Ticket | None:
    """Find the newest that the speaker may still cancel: rights may have gone since."""
    member, contact = owner_of(ctx)
    may = rights(ctx)
    found = [
        ctx.work.tickets.newest_open(kind, ctx.now, member=member, contact=contact)
        for kind, is_begun in IS_BEGUN.items()
        if is_begun and router.presses[kind].needs in may
    ]
    return max(
        (ticket for ticket in found if ticket is not None),
        key=lambda ticket: (ticket.created_at, ticket.id),
        default=None,
    )
