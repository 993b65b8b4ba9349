"""Booking the end of 100,000 lots while another process writes: how long, and how long that waits.

The run is the scheduler's own, without its pauses between ticks.
"""

import multiprocessing
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from redis import Redis

from benchmarks.figures import Results
from benchmarks.load import Generator
from benchmarks.postgres import postgres
from bot.clock import SystemIds
from bot.hints import Hints
from bot.pulls import Puller
from bot.runtime import Runtime
from bot.wiring import MAIN
from bot.workers.runs import Runs
from bot.workers.worker import make_queue
from domain.calendar import business_date
from domain.customers import Customer
from domain.ids import ChannelId, CustomerId
from domain.ports import Work
from domain.posting import lot_end
from handlers.contract import Context, Machine
from handlers.usecases.books import machine_cause, open_book, store_books
from storage.cipher import AesGcmCipher
from storage.migrate import upgrade
from storage.work import SqlStore, open_store

HOW = (
    "10,000 wallets with 10 ended lots each, as many per transaction as 5 ms allow; another process"
    " locks wallets"
)
WALLETS = 10_000
LOTS = 10
FILLED_AT_ONCE = 250
EARNED_AT = datetime.fromisoformat("2024-11-05T02:00:00+00:00")
PAUSE_SECONDS = 0.002
WARM_UP = 20
"""Locks before the run begins, which are not counted: the first ones open connections."""


@dataclass(slots=True)
class StandingClock:
    """A clock that is set."""

    at: datetime

    def now(self) -> datetime:
        """Give the time it stands at."""
        return self.at


def measure(folder: Path, _load: Generator) -> Results:
    """Measure both engines."""
    results = {"": _measured(f"sqlite:///{folder / 'zhufen.db'}")}
    with postgres("expiry") as url:
        results["_postgres"] = _measured(url)
    return {
        f"{name}{engine}": value
        for engine, found in results.items()
        for name, value in found.items()
    }


def _measured(url: str) -> Results:
    upgrade(url)
    clock, key = StandingClock(EARNED_AT), secrets.token_bytes(32)
    store = _open(url, clock, key)
    store.add_tenant(MAIN, MAIN)
    _fill(store, clock)
    clock.at = lot_end(EARNED_AT, 24)
    runs = Runs(
        store=store,
        clock=clock,
        runtime=Runtime(
            store=store,
            clock=clock,
            ids=SystemIds(),
            render=_nothing,
            pullers=Puller(store, _nothing, _nothing),  # type: ignore[arg-type]
        ),
        hints=Hints(make_queue(Redis.from_url("redis://127.0.0.1:1", socket_timeout=0.1))),
    )
    with _another_writer(url, clock.at, key) as waited:
        started = time.monotonic()
        while runs.lapse(MAIN):
            pass
        took = time.monotonic() - started
    _check(store, clock)
    store.close()
    return {"expire_100k_lots_s": took, "expire_writer_wait_max_ms": max(waited) * 1000}


def _fill(store: SqlStore, clock: StandingClock) -> None:
    customers = [CustomerId(f"c{number:05d}") for number in range(WALLETS)]
    for start in range(0, WALLETS, FILLED_AT_ONCE):
        with store.work(MAIN) as work:
            ctx = _context(work, clock)
            books = []
            for customer in customers[start : start + FILLED_AT_ONCE]:
                work.customers.add(Customer(customer, customer.upper(), customer, None))
                book = open_book(ctx, customer)
                for place in range(LOTS):
                    cause = machine_cause(ctx, f"fill:{customer}:{place}", EARNED_AT)
                    book.award(10 + place, cause, expires_at=lot_end(EARNED_AT, 24))
                books.append(book)
            store_books(ctx, books, {})
            work.commit()


def _check(store: SqlStore, clock: StandingClock) -> None:
    """Refuse figures of a run that left anything or put records out of step."""
    with store.reading(MAIN) as work:
        left, found = work.wallets.lapsing(clock.at, 1), work.reconciliation.findings(1)
    if left or found:
        raise AssertionError(left, found)


@contextmanager
def _another_writer(url: str, now: datetime, key: bytes) -> Iterator[list[float]]:
    """Let another process lock wallets in turn; give how long it waited for each, at the end."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=_lock_wallets, args=(url, now, key, WALLETS, there))
    process.start()
    here.recv()
    waited: list[float] = []
    try:
        yield waited
    finally:
        here.send("stop")
        waited += here.recv()
        process.join(10)


def _lock_wallets(url: str, now: datetime, key: bytes, wallets: int, pipe: Connection) -> None:
    store = _open(url, StandingClock(now), key)
    waited, number = [], 0
    while not pipe.poll():
        number = (number + 7919) % wallets
        with store.work(MAIN) as work:
            started = time.monotonic()
            work.wallets.lock(CustomerId(f"c{number:05d}"))
            waited.append(time.monotonic() - started)
        if len(waited) == WARM_UP:
            pipe.send([])
        time.sleep(PAUSE_SECONDS)
    pipe.send(waited[WARM_UP:])
    store.close()


def _open(url: str, clock: StandingClock, key: bytes) -> SqlStore:
    return open_store(url, clock=clock, ids=SystemIds(), cipher=AesGcmCipher(key))


def _context(work: Work, clock: StandingClock) -> Context:
    now = clock.now()
    return Context(
        work=work,
        now=now,
        today=business_date(now),
        ids=SystemIds(),
        actor=Machine(),
        channel=ChannelId(""),
        sender="",
        inbox=None,
        sent_at=now,
    )


def _nothing(*_: Any) -> Any:
    raise AssertionError("nothing is sent here")
