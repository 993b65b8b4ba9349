"""The process that runs ordered back-tests: tries, refusals, stops, leases; on the fake store."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event, Thread

from typing_extensions import override

from bot.backtesting import Watch
from bot.workers.backtests import BacktestWorker
from domain.backtest_orders import LEASE, PAUSE, TRIES_MAX, BacktestOrder, OrderState
from domain.errors import DraftUntested
from domain.ids import BacktestId, TenantId
from domain.ports import Conflict
from handlers.usecases.backtest_orders import OrderLost
from tests.contracts.rows import LI
from tests.contracts.test_backtest_orders import KEY, LATER, ORDER
from tests.support.fake_backtest_orders import FakeBacktestQueue
from tests.support.fakes import START, FakeClock, FakeStore
from tests.support.stores import MAIN

Deed = Callable[[Watch], None]
WITHIN = 10.0


class Bench:
    """A worker whose replays are what a test makes of them."""

    def __init__(self, deed: Deed = lambda _: None) -> None:
        self.store, self.clock, self.stop = FakeStore(), FakeClock(), Event()
        self.deed = deed
        self.begun: list[BacktestId] = []
        self.queue: FakeBacktestQueue = self.store.backtest_queue
        with self.store.work(MAIN) as work:
            work.members.add(LI)
            work.api_keys.add(KEY)
            work.backtest_orders.add(ORDER)
            work.commit()

    @property
    def worker(self) -> BacktestWorker:
        return BacktestWorker(queue=self.queue, clock=self.clock, run=self._run, beat_seconds=0.005)

    def works(self) -> bool:
        return self.worker.work(self.stop)

    def get(self) -> BacktestOrder:
        return self.store.committed(MAIN).backtest_orders[ORDER.id].order

    def shows(self, holds: Callable[[BacktestOrder], bool]) -> None:
        """Wait until the stored order is as it should be."""
        until = time.monotonic() + WITHIN
        while not holds(self.get()):
            assert time.monotonic() < until, self.get()
            time.sleep(0.002)

    def _run(self, tenant: TenantId, claimed: BacktestOrder, watch: Watch) -> bool:
        self.begun.append(claimed.id)
        self.deed(watch)
        with self.store.work(tenant) as work:
            if not work.backtest_orders.finish(claimed, self.clock.now()):
                raise OrderLost(claimed.id)
            work.commit()
        return True


def broken(_: Watch) -> None:
    raise RuntimeError("sesame")


def test_orders_are_run_one_after_another_oldest_first() -> None:
    bench = Bench()
    with bench.store.work(MAIN) as work:
        work.backtest_orders.add(replace(LATER, ordered_at=START - timedelta(seconds=1)))
        work.commit()

    assert [bench.works() for _ in range(3)] == [True, True, False]
    assert bench.begun == [LATER.id, ORDER.id]
    assert bench.get().state is OrderState.DONE


def test_a_refused_order_has_failed_with_the_refusals_code() -> None:
    def refuse(_: Watch) -> None:
        raise DraftUntested(7)

    bench = Bench(refuse)
    assert bench.works()
    failed = bench.get()
    assert (failed.state, failed.reason) == (OrderState.FAILED, "draft_untested")
    assert not bench.works()


def test_a_try_that_breaks_is_made_again_after_a_pause_until_there_were_enough() -> None:
    bench = Bench(broken)
    for number in range(1, TRIES_MAX):
        assert bench.works()
        assert (bench.get().state, bench.get().tries) == (OrderState.WAITING, number)
        assert not bench.works()
        bench.clock.forward(PAUSE)
    assert bench.works()
    failed = bench.get()
    assert (failed.state, failed.reason) == (OrderState.FAILED, "bug")
    assert not bench.works()
    assert len(bench.begun) == TRIES_MAX


def test_an_order_in_which_the_process_died_every_time_is_given_up() -> None:
    bench = Bench()
    for _ in range(TRIES_MAX):
        now = bench.clock.now()
        assert bench.queue.claim(now, now + LEASE)
        bench.clock.forward(LEASE)
    assert bench.works()
    failed = bench.get()
    assert (failed.state, failed.reason) == (OrderState.FAILED, "abandoned")
    assert bench.begun == []


def test_who_is_told_to_stop_puts_the_order_back_and_no_try_is_used_up() -> None:
    def stopped(watch: Watch) -> None:
        watch.begin(9)
        watch.advance(5)
        bench.stop.set()
        watch.advance(4)

    bench = Bench(stopped)
    assert bench.works()
    assert bench.get() == ORDER
    bench.deed = lambda _: None
    bench.stop.clear()
    assert bench.works()
    assert (bench.get().state, bench.get().tries) == (OrderState.DONE, 1)


def test_a_claim_is_held_and_shows_how_far_it_is_for_as_long_as_it_takes() -> None:
    def long(watch: Watch) -> None:
        watch.begin(9)
        bench.shows(lambda order: order.entries == 9)
        for played in (4, 9):
            watch.advance(5 if played == 9 else 4)
            bench.clock.forward(LEASE - timedelta(seconds=1))
            held_until = bench.clock.now() + LEASE
            bench.shows(lambda order, played=played: order.played == played)  # type: ignore[misc]
            rows = bench.store.committed(MAIN).backtest_orders
            until = time.monotonic() + WITHIN
            while rows[ORDER.id].due_at < held_until:
                assert time.monotonic() < until
            assert bench.queue.claim(bench.clock.now(), bench.clock.now()) is None

    bench = Bench(long)
    assert bench.works()
    assert (bench.get().state, bench.get().tries) == (OrderState.DONE, 1)


def test_who_has_lost_the_claim_notices_and_gives_up() -> None:
    seen: list[BacktestOrder] = []

    def lose(watch: Watch) -> None:
        bench.clock.forward(timedelta(days=1))
        now = bench.clock.now()
        # Slept too long: somebody has taken it up before the next beat, or after one.
        while (found := bench.queue.claim(now + timedelta(days=1), now)) is None:
            time.sleep(0.001)
        seen.append(found[1])
        until = time.monotonic() + WITHIN
        while time.monotonic() < until:
            watch.advance(0)
            time.sleep(0.002)

    bench = Bench(lose)
    assert bench.works()
    assert seen == [bench.get()]


def test_a_claim_that_can_not_be_prolonged_for_a_moment_is_prolonged_at_the_next_beat() -> None:
    class Busy(FakeBacktestQueue):
        tries = 0

        @override
        def prolong(self, tenant: TenantId, claimed: BacktestOrder, lease_until: datetime) -> bool:
            self.tries += 1
            if self.tries < 3:
                raise Conflict("busy")
            return super().prolong(tenant, claimed, lease_until)

    def long(watch: Watch) -> None:
        watch.begin(9)
        bench.shows(lambda order: order.entries == 9)

    bench = Bench(long)
    bench.queue = Busy(bench.queue._tenants)
    assert bench.works()
    assert bench.get().state is OrderState.DONE


def test_the_process_goes_on_whatever_fails_and_ends_when_it_is_told_to() -> None:
    class Away(FakeBacktestQueue):
        claims = 0

        @override
        def claim(
            self, now: datetime, lease_until: datetime
        ) -> tuple[TenantId, BacktestOrder] | None:
            self.claims += 1
            if self.claims == 1:
                raise Conflict("away")
            return super().claim(now, lease_until)

    bench = Bench()
    bench.queue = Away(bench.queue._tenants)
    thread = Thread(target=bench.worker.run, args=(bench.stop,))
    thread.start()
    bench.shows(lambda order: order.state is OrderState.DONE)
    bench.stop.set()
    thread.join(WITHIN)
    assert not thread.is_alive()
