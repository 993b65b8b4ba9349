"""Tiers that are lost when a month begins: nothing is booked, the customer learns of it."""

from domain.facts import TierChanged
from domain.ids import CustomerId
from domain.months import number_of
from domain.posting import month_text
from domain.tiers import TierPolicy, first_day, level, month_of
from handlers.contract import Context

DOWNGRADES_RUN = "downgrades"


def downgrade(ctx: Context, limit: int) -> bool:
    """Find whose tier the new month has taken, among so many customers; True when more are left.

    The first run ever only notes the month; after an outage the months are compared that were
    missed. Locks how far the run has come.
    """
    this = month_text(ctx.now)
    place = ctx.work.runs.place(DOWNGRADES_RUN)
    if place == this:
        return False
    before, _, after = place.partition("|")
    policy = ctx.work.rules.programmes().at(ctx.now).tiers
    if not before or policy is None:
        ctx.work.runs.reach(DOWNGRADES_RUN, this, ctx.now)
        return False
    customers = ctx.work.earned.customers(after, limit)
    for customer in customers:
        _compare(ctx, customer, policy, number_of(before))
    reached = f"{before}|{customers[-1]}" if customers else this
    ctx.work.runs.reach(DOWNGRADES_RUN, reached, ctx.now)
    return bool(customers)


def _compare(ctx: Context, customer: CustomerId, policy: TierPolicy, month: int) -> None:
    earned, this = ctx.work.earned.of(customer), month_of(ctx.today)
    was, now = level(policy, earned, month), level(policy, earned, this)
    if now >= was:
        return
    since = month + 1
    while level(policy, earned, since) >= was:
        since += 1
    ctx.work.emit(
        TierChanged(
            customer,
            before=policy.tiers[was - 1],
            after=policy.tiers[now - 1] if now else None,
            gift=0,
            cause=f"month:{first_day(since).isoformat()}",
        )
    )
