"""Points that mature and end by themselves, and telling customers beforehand."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import dropwhile

from domain.calendar import business_date
from domain.expiry import Window, is_time_for_notices, windows
from domain.facts import PointsExpiring
from domain.ids import CustomerId
from domain.repositories import Source
from handlers.contract import Context
from handlers.usecases.books import open_ended, store_books
from handlers.usecases.statement import Ending

NOTICES_RUN = "expiry_notices"
ENDS_SHOWN = 6
SOURCES_SHOWN = 3
INSTANT = timedelta(microseconds=1)


def bring_up_to_date(ctx: Context, customers: Sequence[CustomerId]) -> int:
    """Book what has matured and ended by now in several wallets; give how many changed.

    All ended lots of a wallet are one entry. Locks the wallets in the order of their customers;
    doing so again changes nothing.
    """
    return len(store_books(ctx, open_ended(ctx, customers), {}))


def notify(ctx: Context, limit: int) -> bool:
    """Tell up to so many customers of points that end soon; True when there are more to tell.

    One notice per customer and level, from 09:00 on; what was told is not told again, and what was
    spent meanwhile is not told at all. Locks how far the day's run has come.
    """
    if not is_time_for_notices(ctx.now):
        return False
    today = ctx.today.isoformat()
    place = ctx.work.runs.place(NOTICES_RUN)
    if place == today:
        return False
    day, _, rest = place.partition("|")
    level, _, after = rest.partition("|") if day == today else ("", "", "")
    left = dropwhile(lambda one: level not in ("", str(one.level)), windows(ctx.now))
    for window in left:
        customers = ctx.work.endings.due(window, after, limit)
        for customer in customers:
            _notify_of(ctx, customer, window)
        if customers:
            reached = f"{today}|{window.level}|{customers[-1]}"
            ctx.work.runs.reach(NOTICES_RUN, reached, ctx.now)
            return True
        after = ""
    ctx.work.runs.reach(NOTICES_RUN, today, ctx.now)
    return False


def _notify_of(ctx: Context, customer: CustomerId, window: Window) -> None:
    ends = ctx.work.endings.unnoticed(customer, window)
    ctx.work.endings.note(customer, window.level, ends, ctx.now)
    ctx.work.emit(PointsExpiring(customer, window, tuple(ends)))


def read_endings(ctx: Context, customer: CustomerId) -> list[tuple[Ending, list[Source]]]:
    """Read when a customer's points end, soonest first, each with what earned most of them."""
    found = []
    for expires_at, points in ctx.work.wallets.endings(customer, ctx.now, ENDS_SHOWN):
        ending = Ending(points, business_date(expires_at - INSTANT))
        before = expires_at - INSTANT
        sources = ctx.work.endings.sources(customer, before, expires_at, SOURCES_SHOWN)
        found.append((ending, sources))
    return found
