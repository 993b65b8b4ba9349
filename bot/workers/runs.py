"""What runs by itself over everybody's points: maturity, ends, holds out of time, notices, nights.

Each run works in short transactions of its own, as many as fit into its time, and goes on at the
next tick; what it finds is found anew by whoever comes next, so several schedulers do no harm.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

import structlog

from bot.hints import Hints
from bot.runtime import Runtime
from domain.calendar import BUSINESS_ZONE, business_date
from domain.expiry import is_time_for_notices
from domain.ids import CustomerId, TenantId
from domain.ports import Clock, Store, Work
from domain.posting import month_text
from domain.reconciling import Finding
from handlers.contract import Context
from handlers.usecases.downgrades import DOWNGRADES_RUN, downgrade
from handlers.usecases.expiry import NOTICES_RUN, bring_up_to_date, notify
from handlers.usecases.holds import release_overdue
from handlers.usecases.lotteries import close_overdue
from handlers.usecases.redemption_ends import expire_overdue
from handlers.usecases.voucher_ends import has_reminders, lapse as lapse_vouchers, remind
from handlers.usecases.watching import report_drift

log = structlog.get_logger(__name__)

T = TypeVar("T")

RUN_SECONDS = 1.0
"""How long one run works per tick: deliveries and the beat must not wait for long."""
FOUND_MAX = 1_000
"""Wallets or holds looked up at once."""
WALLETS = 5
"""Wallets that are read and written together."""
HELD_SECONDS = 0.005
"""How long a transaction takes up more wallets: then it commits, and no writer waits noticeably."""
TOLD = 5
"""Customers told of ends per transaction: each has deliveries as well."""
COMPARED = 100
"""Customers whose tiers are compared per transaction."""
RECONCILE_RUN = "reconcile"
RECONCILE_FROM = (2, 30)
"""Hour and minute of the business night."""
FINDINGS_MAX = 1_000


class Run(Protocol):
    """Works for a tenant for a while; True when there is more to do at the next tick."""

    def __call__(self, tenant: TenantId) -> bool:
        """Do a bounded amount of work."""
        ...


class Runs:
    """All runs of one scheduler."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        runtime: Runtime,
        hints: Hints,
        seconds: float = RUN_SECONDS,
        held_seconds: float = HELD_SECONDS,
    ) -> None:
        """Keep what every run needs, how long one works at a time, and in one transaction."""
        self._store = store
        self._clock = clock
        self._runtime = runtime
        self._hints = hints
        self._seconds = seconds
        self._held_seconds = held_seconds

    def all(self) -> tuple[Run, ...]:
        """Give every run; the order in which they work on one tenant."""
        return (
            self.mature,
            self.lapse,
            self.expire_redemptions,
            self.release,
            self.downgrade,
            self.notify,
            self.end_vouchers,
            self.remind_of_vouchers,
            self.close_lotteries,
            self.reconcile,
        )

    def mature(self, tenant: TenantId) -> bool:
        """Let pending points be spent whose time has come."""
        return self._wallets(tenant, lambda work, now: work.wallets.ripe(now, FOUND_MAX))

    def lapse(self, tenant: TenantId) -> bool:
        """Book points that have ended, all of a wallet in one entry."""
        return self._wallets(tenant, lambda work, now: work.wallets.lapsing(now, FOUND_MAX))

    def expire_redemptions(self, tenant: TenantId) -> bool:
        """End redemptions that nobody has agreed to in time; points and stock are free again."""
        found = self._find(tenant, lambda work, now: work.redemptions.overdue(now, FOUND_MAX))
        return self._one_by_one(
            tenant, [partial(expire_overdue, redemption=redemption) for redemption in found]
        )

    def release(self, tenant: TenantId) -> bool:
        """Give back points that are held for too long."""
        found = self._find(tenant, lambda work, now: work.holds.overdue(now, FOUND_MAX))
        return self._one_by_one(tenant, [partial(release_overdue, hold_id=hold) for hold in found])

    def end_vouchers(self, tenant: TenantId) -> bool:
        """End vouchers whose last day is over, those of a purchase at once."""
        over = self._find(
            tenant, lambda work, now: work.vouchers.lapsed(business_date(now), FOUND_MAX)
        )
        return self._one_by_one(
            tenant, [partial(lapse_vouchers, redemption=redemption) for redemption in over]
        )

    def remind_of_vouchers(self, tenant: TenantId) -> bool:
        """Tell customers of vouchers that end soon, from 09:00 on."""
        if not is_time_for_notices(self._clock.now()):
            return False
        if not self._find(tenant, lambda work, now: has_reminders(work, business_date(now))):
            return False
        return self._in_sets(tenant, lambda ctx: remind(ctx, TOLD))

    def close_lotteries(self, tenant: TenantId) -> bool:
        """Close lotteries whose time is over: their seeds are to be known, whoever would not."""
        found = self._find(tenant, lambda work, now: work.lotteries.overdue(now))
        for lottery in found:
            self._act(tenant, partial(close_overdue, lottery_id=lottery))
        return False

    def downgrade(self, tenant: TenantId) -> bool:
        """Tell customers whose tier the new month has taken."""
        this = month_text(self._clock.now())
        if self._find(tenant, lambda work, _: work.runs.place(DOWNGRADES_RUN)) == this:
            return False
        return self._in_sets(tenant, lambda ctx: downgrade(ctx, COMPARED))

    def notify(self, tenant: TenantId) -> bool:
        """Tell customers of points that end soon, from 09:00 on."""
        now = self._clock.now()
        if not is_time_for_notices(now):
            return False
        today = business_date(now).isoformat()
        if self._find(tenant, lambda work, _: work.runs.place(NOTICES_RUN)) == today:
            return False
        return self._in_sets(tenant, lambda ctx: notify(ctx, TOLD))

    def reconcile(self, tenant: TenantId) -> bool:
        """Compare all records once a night, from 02:30 on, and warn of what doesn't agree."""
        now = self._clock.now()
        local, tonight = now.astimezone(BUSINESS_ZONE), business_date(now).isoformat()
        if (local.hour, local.minute) < RECONCILE_FROM:
            return False
        with self._store.reading(tenant) as work:
            if work.runs.place(RECONCILE_RUN) == tonight:
                return False
            findings = work.reconciliation.findings(FINDINGS_MAX)
        log.info("reconciled", findings=len(findings))
        self._act(tenant, lambda ctx: _night_over(ctx, tonight, findings))
        return False

    def _one_by_one(self, tenant: TenantId, acts: Sequence[Callable[[Context], object]]) -> bool:
        """Do each in a transaction of its own, as many as there is time for."""
        until = time.monotonic() + self._seconds
        for number, act in enumerate(acts, 1):
            self._act(tenant, act)
            if time.monotonic() >= until:
                return number < len(acts)
        return len(acts) == FOUND_MAX

    def _wallets(
        self, tenant: TenantId, find: Callable[[Work, datetime], list[CustomerId]]
    ) -> bool:
        found = self._find(tenant, find)
        # Sorted, for a transaction locks several sets of them one after the other.
        sets = [*_sets(sorted(found), WALLETS)]
        until, done = time.monotonic() + self._seconds, 0
        while done < len(sets):
            done += self._several(tenant, sets[done:], until)
            if time.monotonic() >= until:
                break
        return done < len(sets) or len(found) == FOUND_MAX

    def _several(self, tenant: TenantId, sets: Sequence[Sequence[CustomerId]], until: float) -> int:
        """Bring sets of wallets up to date in one transaction that is short; give how many."""
        done = 0

        def act(ctx: Context) -> None:
            nonlocal done
            bring_up_to_date(ctx, sets[0])
            # Waiting for the first wallets held up nobody else.
            end = min(until, time.monotonic() + self._held_seconds)
            done = 1
            while done < len(sets) and time.monotonic() < end:
                bring_up_to_date(ctx, sets[done])
                done += 1

        self._act(tenant, act)
        self._store.write_back()
        return done

    def _in_sets(self, tenant: TenantId, act: Callable[[Context], bool]) -> bool:
        until = time.monotonic() + self._seconds
        has_more = True

        def go_on(ctx: Context) -> None:
            nonlocal has_more
            has_more = act(ctx)

        while has_more:
            self._act(tenant, go_on)
            if time.monotonic() >= until:
                break
        return has_more

    def _find(self, tenant: TenantId, find: Callable[[Work, datetime], T]) -> T:
        with self._store.reading(tenant) as work:
            return find(work, self._clock.now())

    def _act(self, tenant: TenantId, act: Callable[[Context], object]) -> None:
        def acting(ctx: Context) -> None:
            act(ctx)

        self._hints.after(tenant, self._runtime.act(tenant, acting))


def _night_over(ctx: Context, night: str, findings: Sequence[Finding]) -> None:
    ctx.work.runs.reach(RECONCILE_RUN, night, ctx.now)
    report_drift(ctx, findings)


def _sets(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
