"""The process that runs ordered back-tests: one after another, with nothing else to do.

The orders' table is its queue: it looks there every second, so nothing gets lost with a hint, and
no message waits behind a replay. Several processes share the orders by claims with a lease.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread

import structlog

from bot.backtesting import Watch
from domain.backtest_orders import LEASE, BacktestOrder, OrderFailure
from domain.errors import DomainError
from domain.ids import TenantId
from domain.ports import BacktestQueue, Clock
from handlers.usecases.backtest_orders import OrderLost

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
BEAT_SECONDS = 2.0
"""How often a claim is prolonged; many times before its lease would lapse."""

Run = Callable[[TenantId, BacktestOrder, Watch], bool]
"""Runs a claimed order and finishes it with its result; tells whether the replay was exact."""


class Stopped(Exception):
    """The process is to end: the order is left to the next one."""


class BacktestWorker:
    """Claims orders and runs them."""

    def __init__(
        self,
        *,
        queue: BacktestQueue,
        clock: Clock,
        run: Run,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        """Keep what every order needs."""
        self._queue = queue
        self._clock = clock
        self._run = run
        self._beat_seconds = beat_seconds

    def run(self, stop: Event) -> None:
        """Work until stopped; what is being run then is put back within its next second or so."""
        while not stop.is_set():
            has_worked = False
            try:
                has_worked = self.work(stop)
            except Exception as error:  # noqa: BLE001  the edge of the process: log, go on
                log.error("backtests_failed", exc=error)  # noqa: TRY400  frames only, no texts
            if not has_worked:
                stop.wait(LOOK_SECONDS)

    def work(self, stop: Event) -> bool:
        """Run the oldest order that is due; False when there is none.

        Raises:
            Exception: the database was busy or away; a claim is then left to its lease.
        """
        now = self._clock.now()
        found = self._queue.claim(now, now + LEASE)
        if found is None:
            return False
        tenant, claimed = found
        with structlog.contextvars.bound_contextvars(tenant=tenant, backtest=claimed.id):
            if claimed.is_exhausted:
                self._fail(tenant, claimed, OrderFailure.ABANDONED)
            else:
                self._try(tenant, claimed, stop)
        return True

    def _try(self, tenant: TenantId, claimed: BacktestOrder, stop: Event) -> None:
        try:
            with self._holding(tenant, claimed, stop) as progress:
                watch = Watch(progress.begin, progress.advance)
                is_exact = self._run(tenant, claimed, watch)
        except Stopped:
            self._queue.put_back(tenant, claimed, self._clock.now(), is_counted=False)
            log.info("backtest_put_back")
        except OrderLost:
            log.warning("backtest_lost")
        except DomainError as refusal:
            self._fail(tenant, claimed, refusal.code)
        except Exception as error:  # noqa: BLE001  the edge of an order's life: log and decide
            log.error("backtest_broken", tries=claimed.tries, exc=error)  # noqa: TRY400  frames
            again_at = claimed.tries_again_at(self._clock.now())
            if again_at is None:
                self._fail(tenant, claimed, OrderFailure.BUG)
            else:
                self._queue.put_back(tenant, claimed, again_at, is_counted=True)
        else:
            log.info("backtest_run", is_exact=is_exact)

    def _fail(self, tenant: TenantId, claimed: BacktestOrder, reason: str) -> None:
        self._queue.fail(tenant, claimed, reason, self._clock.now())
        log.info("backtest_failed", reason=reason)

    @contextmanager
    def _holding(
        self, tenant: TenantId, claimed: BacktestOrder, stop: Event
    ) -> Iterator["_Progress"]:
        """Hold a claim from a thread: a replay may be at one thing for longer than a lease."""
        progress, over = _Progress(claimed, stop), Event()
        thread = Thread(target=self._prolong, args=(tenant, progress, over), daemon=True)
        thread.start()
        try:
            yield progress
        finally:
            over.set()
            thread.join()

    def _prolong(self, tenant: TenantId, progress: "_Progress", over: Event) -> None:
        while not progress.is_lost and not over.wait(self._beat_seconds):
            lease_until = self._clock.now() + LEASE
            try:
                is_held = self._queue.prolong(tenant, progress.claimed, lease_until)
            except Exception as error:  # noqa: BLE001  busy or away; the next beat tries again
                log.warning("lease_not_prolonged", exc=error)
            else:
                progress.is_lost = not is_held


class _Progress:
    """How far a claimed order is; tells who runs it when to give up."""

    def __init__(self, claimed: BacktestOrder, stop: Event) -> None:
        self.claimed = claimed
        self.is_lost = False
        self._stop = stop

    def begin(self, entries: int) -> None:
        """Note how much there is to play."""
        self.claimed = replace(self.claimed, entries=entries)

    def advance(self, entries: int) -> None:
        """Note that more has been played.

        Raises:
            OrderLost: somebody else has claimed it.
            Stopped: the process is to end.
        """
        if self.is_lost:
            raise OrderLost(self.claimed.id)
        if self._stop.is_set():
            raise Stopped
        self.claimed = replace(self.claimed, played=self.claimed.played + entries)
