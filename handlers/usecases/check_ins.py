"""Checking in: once per customer and business day, whichever contact is first."""

from dataclasses import dataclass
from datetime import timedelta

from domain.calendar import business_date
from domain.events import CHAT_SOURCE, BusinessEvent, EventType
from domain.ids import EventId
from domain.streaks import DAYS_MAX, streak
from handlers.actors import contact_of
from handlers.contract import Context
from handlers.usecases.points import Booked, book, booked_before


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """Today's check-in of a customer."""

    booked: Booked
    is_new: bool
    """It was made just now; otherwise it has been there."""
    by: str
    """The contact who was first."""
    days: int
    """So many days in a row, with today."""


def check_in(ctx: Context) -> CheckedIn:
    """Book today's check-in of the speaker's unit; again, by whomever, gives what there is.

    What it is worth the rules say. Locks the wallet, then the caps' counters.
    """
    contact, customer = contact_of(ctx)
    source_id = f"check-in:{customer.id}:{ctx.today.isoformat()}"
    # Whoever is second waits here, and then finds what the first has done.
    ctx.work.wallets.lock(customer.id)
    found = ctx.work.events.find(CHAT_SOURCE, source_id)
    if found is not None:
        booked = booked_before(ctx, found)
    else:
        event = BusinessEvent(
            id=EventId(ctx.ids.new()),
            source=CHAT_SOURCE,
            source_id=source_id,
            type=EventType.CHECK_IN,
            customer=customer.id,
            project=None,
            occurred_at=ctx.now,
            recorded_at=ctx.now,
            recorded_by=None,
            data={},
            evidence=ctx.inbox,
            contact=contact.id,
        )
        booked = book(ctx, event)
    by = booked.event.contact or contact.id
    since = ctx.now - timedelta(days=DAYS_MAX)
    times = ctx.work.events.times_of(customer.id, EventType.CHECK_IN, since)
    return CheckedIn(
        booked=booked,
        is_new=found is None,
        by=ctx.work.customers.contact(by).name,
        days=streak(map(business_date, times), ctx.today),
    )
