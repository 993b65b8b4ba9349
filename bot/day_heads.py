"""Closing the ledger's days: shortly after midnight, or whenever we are up again."""

from datetime import date
from functools import partial

from bot.hints import Hints
from bot.runtime import Runtime
from domain.ids import TenantId
from domain.ports import Clock, Store
from domain.proof import day_to_close
from handlers.usecases.proof import plan_day, seal_day


class DayHeads:
    """A chore that looks once per business day and tenant, however often it is called."""

    def __init__(self, *, store: Store, runtime: Runtime, clock: Clock, hints: Hints) -> None:
        """Keep what every look needs."""
        self._store = store
        self._runtime = runtime
        self._clock = clock
        self._hints = hints
        self._seen: dict[TenantId, date] = {}

    def close_day(self, tenant: TenantId) -> None:
        """Close the last day that is over, unless that has been done; two at once make one head.

        All wallets are read and hashed in a transaction that only reads, so that writers wait for
        the few rows of the result alone.

        Raises:
            Conflict: the head could not be stored; the next call tries again.
        """
        now = self._clock.now()
        day = day_to_close(now)
        if self._seen.get(tenant) == day:
            return
        with self._store.reading(tenant) as work:
            plan = plan_day(work, now)
        if plan is not None:
            done = self._runtime.act(tenant, partial(seal_day, plan=plan))
            self._hints.after(tenant, done)
        self._seen[tenant] = day
