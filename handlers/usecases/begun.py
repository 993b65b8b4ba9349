"""What somebody has begun in several steps and not confirmed."""

from domain.tickets import TicketKind
from handlers.contract import ContactActor, Context

_BEGUN = (TicketKind.REDEEM, TicketKind.GIFT, TicketKind.DRAW)
"""Previews of what a customer does in several steps."""


def drop_begun(ctx: Context) -> bool:
    """Drop the newest preview the speaker has open; False when there is none."""
    if not isinstance(ctx.actor, ContactActor):
        return False
    contact = ctx.actor.contact.id
    found = [ctx.work.tickets.newest_open(kind, ctx.now, contact=contact) for kind in _BEGUN]
    newest = max((one for one in found if one), key=lambda one: one.created_at, default=None)
    return newest is not None and ctx.work.tickets.use(newest.id, ctx.now)
