"""The scheduler: finds what hints have missed, and shows that it is alive.

Several schedulers do no harm: what they find is claimed by conditional update, and a hint for the
same row in the same ten seconds is only queued once.
"""

import time
from collections.abc import Callable
from datetime import datetime
from threading import Event
from typing import Protocol

import structlog

from bot.deliveries import Sender
from bot.hints import Hints
from bot.runtime import Runtime
from bot.workers.runs import Run
from domain.ids import TenantId
from domain.ports import Clock, Conflict, DeliveryQueue, Store

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
BATCH = 200
DIRECT_SECONDS = 5.0
"""How long one tick works on rows itself when the queue is down; the beat must not stop."""
BEAT = "scheduler"
STAMP_SECONDS = 10
SOON = frozenset({0, 1, 2, 3, 4, 6, 9, 12, 20})
"""Early ticks with chores: a platform that is not reachable at once may be a moment later."""
CHORE_TICKS = 30


class Beats(Protocol):
    """Where the scheduler shows that it is alive."""

    def beat(self, name: str, at: datetime) -> None:
        """Note that something that runs regularly has run."""
        ...


Chore = Callable[[TenantId], None]
"""Something small to look after for a tenant now and then; must not raise for outside trouble."""


class Scheduler:
    """Ticks once a second."""

    def __init__(
        self,
        *,
        store: Store,
        beats: Beats,
        queue: DeliveryQueue,
        clock: Clock,
        hints: Hints,
        runtime: Runtime,
        sender: Sender,
        chores: tuple[Chore, ...] = (),
        runs: tuple[Run, ...] = (),
    ) -> None:
        """Keep what every tick needs."""
        self._store = store
        self._beats = beats
        self._queue = queue
        self._clock = clock
        self._hints = hints
        self._runtime = runtime
        self._sender = sender
        self._chores = chores
        self._runs = runs
        self._unfinished: set[tuple[TenantId, int]] = set()
        self._ticks = 0

    def run(self, stop: Event) -> None:
        """Tick until stopped; a tick that fails is logged and the next one tries again."""
        while not stop.is_set():
            try:
                self.tick()
            except Conflict:
                log.warning("tick_conflict")
            except Exception as error:  # noqa: BLE001  the edge of the process: log, go on
                log.error("tick_failed", exc=error)  # noqa: TRY400  frames only, no texts
            stop.wait(TICK_SECONDS)

    def tick(self) -> None:
        """Beat, hint at what is due, and look after the chores every half minute; runs go on."""
        now = self._clock.now()
        self._beats.beat(BEAT, now)
        stamp = str(int(now.timestamp()) // STAMP_SECONDS)
        until = time.monotonic() + DIRECT_SECONDS
        self._sweep_deliveries(now, stamp, until)
        for tenant in self._store.tenants():
            self._sweep_inbox(tenant, now, stamp, until)
            if self._ticks in SOON or self._ticks % CHORE_TICKS == 0:
                self._look_after(tenant)
                self._unfinished.update((tenant, number) for number in range(len(self._runs)))
            self._go_on(tenant)
        self._ticks += 1

    def _sweep_deliveries(self, now: datetime, stamp: str, until: float) -> None:
        for tenant, delivery in self._queue.due(now, BATCH):
            is_queued = self._hints.deliver(tenant, [delivery], stamp=stamp)
            if not is_queued and time.monotonic() < until:
                self._sender.deliver(tenant, delivery)

    def _sweep_inbox(self, tenant: TenantId, now: datetime, stamp: str, until: float) -> None:
        with self._store.reading(tenant) as work:
            due = work.inbox.due(now, BATCH)
        for item in due:
            is_queued = self._hints.handle(tenant, [item], stamp=stamp)
            if not is_queued and time.monotonic() < until:
                done = self._runtime.handle(tenant, item)
                for delivery in done.deliveries:
                    self._sender.deliver(tenant, delivery)

    def _go_on(self, tenant: TenantId) -> None:
        """Let each run that has something left work for a while."""
        for number, run in enumerate(self._runs):
            if (tenant, number) not in self._unfinished:
                continue
            self._unfinished.discard((tenant, number))
            try:
                if run(tenant):
                    self._unfinished.add((tenant, number))
            except Exception as error:  # noqa: BLE001  one tenant's trouble is not the others'
                log.error("run_failed", tenant=tenant, exc=error)  # noqa: TRY400  frames only

    def _look_after(self, tenant: TenantId) -> None:
        for chore in self._chores:
            try:
                chore(tenant)
            except Exception as error:  # noqa: BLE001  one tenant's trouble is not the others'
                log.error("chore_failed", tenant=tenant, exc=error)  # noqa: TRY400  frames only
