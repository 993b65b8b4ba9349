"""The chore that closes days: shortly after midnight, once, cheaply, whoever else does it."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from redis import Redis

from bot.day_heads import DayHeads
from bot.hints import Hints
from bot.intake import Intake
from bot.platform import Rendered
from bot.pulls import Puller
from bot.runtime import Runtime
from bot.workers.worker import make_queue
from domain.channels import ChannelKind, Identity
from domain.ids import TenantId
from domain.members import Role
from handlers.usecases.proof import check_heads
from handlers.views import DayHeadNotice
from tests.contracts.rows import ACME, people
from tests.contracts.test_proofs import award
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.make import a_member
from tests.support.stores import APP, MAIN, OTHER, AnyStore

NIGHT = datetime(2026, 11, 22, 16, 5, tzinfo=UTC)


class CountingStore:
    """Counts how often a tenant is read."""

    def __init__(self, store: AnyStore) -> None:
        self._store = store
        self.looks: list[TenantId] = []

    def reading(self, tenant: TenantId) -> Any:
        self.looks.append(tenant)
        return self._store.reading(tenant)


@dataclass
class Office:
    """A store with one wallet and a supervisor, and schedulers' chores on it."""

    store: AnyStore
    clock: FakeClock = field(default_factory=lambda: FakeClock(NIGHT))
    ids: SequenceIds = field(default_factory=SequenceIds)

    def __post_init__(self) -> None:
        with self.store.work(MAIN) as work:
            people(work)
            work.members.add(a_member("zhang", Role.SUPERVISOR))
            account = Identity(APP, ChannelKind.WECOM_APP, "zhang", member=a_member("zhang").id)
            work.identities.save(account)
            award(work, 50, "one")
            work.commit()

    def chore(self, store: Any = None) -> DayHeads:
        runtime = Runtime(
            store=self.store,
            clock=self.clock,
            ids=self.ids,
            render=lambda view, _, __: Rendered(view, "text"),
            pullers=Puller(self.store, Intake(self.store, self.clock, self.ids), lambda *_: None),
        )
        hints = Hints(make_queue(Redis.from_url("redis://127.0.0.1:1", socket_timeout=0.1)))
        return DayHeads(store=store or self.store, runtime=runtime, clock=self.clock, hints=hints)

    def days(self) -> list[date]:
        with self.store.reading(MAIN) as work:
            assert check_heads(work) == []
            return [head.day for head in work.proofs.heads()]

    def notices(self) -> int:
        due = self.store.queue.due(self.clock.now() + timedelta(days=400), 100)
        with self.store.reading(MAIN) as work:
            views = [work.deliveries.get(delivery).view for _, delivery in due]
        return views.count(DayHeadNotice.view_name)


def test_a_day_is_closed_at_night_and_looked_at_once(any_store: AnyStore) -> None:
    office = Office(any_store)
    counting = CountingStore(any_store)
    chore = office.chore(counting)
    office.clock.at = NIGHT - timedelta(seconds=1)
    chore.close_day(MAIN)
    assert office.days() == []
    office.clock.at = NIGHT
    for _ in range(3):
        chore.close_day(MAIN)
        chore.close_day(OTHER)
    assert office.days() == [date(2026, 11, 22)]
    assert counting.looks == [MAIN, MAIN, OTHER]
    assert office.notices() == 1
    office.clock.forward(timedelta(days=1))
    chore.close_day(MAIN)
    assert office.days() == [date(2026, 11, 22), date(2026, 11, 23)]
    assert office.notices() == 2


def test_a_second_scheduler_and_a_restarted_one_make_no_second_head(any_store: AnyStore) -> None:
    office = Office(any_store)
    for _ in range(3):
        office.chore().close_day(MAIN)
    assert office.days() == [date(2026, 11, 22)]
    assert office.notices() == 1


def test_days_that_were_missed_are_closed_by_one_head(any_store: AnyStore) -> None:
    office = Office(any_store)
    office.clock.at = NIGHT + timedelta(days=30, hours=9)
    office.chore().close_day(MAIN)
    assert office.days() == [date(2026, 12, 22)]


def test_schedulers_at_the_same_moment_make_one_head(store: Any) -> None:
    office = Office(store)
    start = threading.Barrier(4)
    failures: list[BaseException] = []

    def close() -> None:
        chore = office.chore()
        start.wait()
        try:
            chore.close_day(MAIN)
        except BaseException as error:  # noqa: BLE001  a thread's failure must be seen
            failures.append(error)

    threads = [threading.Thread(target=close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert office.days() == [date(2026, 11, 22)]
    assert office.notices() == 1


def test_writers_go_on_while_wallets_are_read(sqlite_store: Any) -> None:
    """The wallets are read in a transaction that holds nobody up and sees one moment."""
    office = Office(sqlite_store)

    class Busy:
        """Lets somebody write when the snapshot has been taken."""

        def reading(self, tenant: TenantId) -> Any:
            reading = sqlite_store.reading(tenant)
            assert len(reading.proofs.wallets()[0]) == 1
            with sqlite_store.work(MAIN) as work:
                award(work, 30, "two")
                work.commit()
            return reading

    office.chore(Busy()).close_day(MAIN)
    with sqlite_store.reading(MAIN) as work:
        [head] = work.proofs.heads()
        assert (head.entries, head.totals.available) == (1, 50)
        assert work.wallets.read(ACME.id).seq == 2
        assert check_heads(work) == []
