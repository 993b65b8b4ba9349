"""Several workers at once: nothing twice, nothing lost; each test says on which engines."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest

from domain.alerts import take
from domain.calendar import business_date
from domain.deliveries import DeliveryState
from domain.errors import AlertTaken
from domain.ids import DeliveryId
from domain.members import Member
from domain.ports import Attempt, Conflict, UnitOfWork
from handlers.contract import Context, Machine
from handlers.usecases.points import book
from storage.work import SqlStore
from tests.contracts.booking import award, counted
from tests.contracts.rows import (
    ACME,
    BETA,
    LI,
    WANG,
    a_delivery,
    an_alert,
    an_event,
    an_item,
    people,
)
from tests.support.fakes import START, SequenceIds
from tests.support.stores import APP, MAIN

WORKERS = 2
NOW = START + timedelta(hours=1)
LEASE = NOW + timedelta(minutes=1)


T = TypeVar("T")


def at_once(*jobs: Callable[[], T]) -> list[T]:
    """Run jobs in threads that begin together."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        barrier.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def machine_context(work: UnitOfWork) -> Context:
    return Context(
        work=work,
        now=START,
        today=business_date(START),
        ids=SequenceIds(),
        actor=Machine(),
        channel=APP,
        sender="",
        inbox=None,
        sent_at=START,
    )


def again(job: Callable[[], None]) -> None:
    """Do a job again while it meets conflicts, as the runtime does."""
    for _ in range(50):
        try:
            job()
        except Conflict:
            continue
        return
    raise AssertionError


def test_workers_on_one_queue_send_everything_once_and_in_order(store: SqlStore) -> None:
    deliveries = [a_delivery(n, external_id=f"u{n % 5}") for n in range(40)]
    with store.work(MAIN) as work:
        for delivery in deliveries:
            work.deliveries.add(delivery)
        work.commit()
    sent: list[DeliveryId] = []

    def worker() -> None:
        while due := store.queue.due(NOW, 10):
            for tenant, delivery in due:
                claimed = store.queue.claim(tenant, delivery, NOW, LEASE)
                if claimed is not None:
                    sent.append(claimed.id)
                    attempt = Attempt(claimed.id, NOW, "sent")
                    store.queue.finish(tenant, claimed, DeliveryState.SENT, attempt)

    at_once(*[worker] * WORKERS)

    assert sorted(sent) == [delivery.id for delivery in deliveries]
    for account in range(5):
        of_account = [id_ for id_ in sent if int(id_[2:]) % 5 == account]
        assert of_account == sorted(of_account)


def test_one_of_two_takes_of_an_alert_wins(store: SqlStore) -> None:
    with store.work(MAIN) as work:
        people(work)
        work.alerts.add(an_alert(1))
        work.commit()

    def taking(member: Member) -> Callable[[], str]:
        def job() -> str:
            with store.work(MAIN) as work:
                alert = work.alerts.get(an_alert(1).id)
                try:
                    work.alerts.save(take(alert, member.id, "somebody", NOW))
                except AlertTaken:
                    return "late"
                work.commit()
                return member.id

        return job

    results = at_once(taking(LI), taking(WANG))
    with store.reading(MAIN) as work:
        alert = work.alerts.get(an_alert(1).id)
    assert set(results) == {"late", alert.taken_by}
    assert alert.version == 2


def test_awards_to_one_wallet_wait_for_each_other(store: SqlStore) -> None:
    times = 15
    with store.work(MAIN) as work:
        people(work)
        work.commit()

    def worker(name: str) -> Callable[[], None]:
        def job() -> None:
            for number in range(times):
                with store.work(MAIN) as work:
                    work.wallets.lock(ACME.id)
                    award(work, 10, f"{name}-{number}")
                    work.commit()

        return job

    at_once(*[worker(f"w{number}") for number in range(WORKERS)])

    with store.reading(MAIN) as work:
        wallet = work.wallets.read(ACME.id)
        entries = work.wallets.latest(ACME.id, 100)
        assert wallet.available == 10 * times * WORKERS
        assert sum(lot.remaining for lot in work.wallets.open_lots(ACME.id)) == wallet.available
        assert [entry.seq for entry in entries] == list(range(times * WORKERS, 0, -1))
        assert [entry.previous for entry in entries[:-1]] == [entry.hash for entry in entries[1:]]


def test_the_first_two_entries_of_a_wallet_do_not_collide(store: SqlStore) -> None:
    with store.work(MAIN) as work:
        people(work)
        work.commit()

    def first(key: str) -> Callable[[], None]:
        def job() -> None:
            with store.work(MAIN) as work:
                award(work, 10, key)
                work.commit()

        return lambda: again(job)

    at_once(first("a"), first("b"))
    with store.reading(MAIN) as work:
        assert work.wallets.read(ACME.id).seq == 2


def test_an_event_that_comes_twice_at_once_is_stored_once(store: SqlStore) -> None:
    with store.work(MAIN) as work:
        people(work)
        work.commit()

    def adding(number: int) -> Callable[[], bool]:
        def job() -> bool:
            with store.work(MAIN) as work:
                added = bool(work.events.add([counted(an_event(number, source_id="same"))]))
                work.commit()
                return added

        return job

    assert sorted(at_once(adding(1), adding(2))) == [False, True]


def test_an_event_id_that_somebody_else_is_storing_is_tried_again(postgres_store: SqlStore) -> None:
    """Two customers' events under one id: no wallet's lock stands between the two."""
    with postgres_store.work(MAIN) as work:
        people(work)
        work.commit()
    theirs = an_event(1, source_id="same", customer=BETA.id, project=None)
    ours = an_event(2, source_id="same")
    waits = threading.Event()

    def booking() -> str:
        with postgres_store.work(MAIN) as work:
            ctx = machine_context(work)
            assert work.events.find(ours.source, ours.source_id) is None
            waits.set()
            try:
                book(ctx, ours)
            except Conflict:
                work.rollback()
                assert work.wallets.read(ACME.id).seq == 0
                return "conflict"
        return "booked"

    with ThreadPoolExecutor(1) as pool, postgres_store.work(MAIN) as work:
        assert work.events.add([counted(theirs)]) == {theirs.id}
        answer = pool.submit(booking)
        assert waits.wait(10)
        # The other one has begun; it waits for this transaction's end.
        time.sleep(0.2)
        work.commit()
        assert answer.result(10) == "conflict"


def test_a_callback_that_comes_twice_at_once_is_received_once(store: SqlStore) -> None:
    def receiving(number: int) -> Callable[[], bool]:
        def job() -> bool:
            with store.work(MAIN) as work:
                is_new = work.inbox.receive(an_item(number, source_id="same")) is None
                work.commit()
                return is_new

        return job

    assert sorted(at_once(receiving(1), receiving(2))) == [False, True]


def test_alert_numbers_are_given_out_once(store: SqlStore) -> None:
    numbers: list[int] = []

    def numbering() -> None:
        for _ in range(10):
            with store.work(MAIN) as work:
                number = work.alerts.next_number()
                work.commit()
            numbers.append(number)

    at_once(*[numbering] * WORKERS)
    assert sorted(numbers) == list(range(1, 10 * WORKERS + 1))


def test_an_item_another_worker_holds_is_skipped(postgres_store: SqlStore) -> None:
    with postgres_store.work(MAIN) as work:
        work.inbox.receive(an_item(1))
        work.inbox.receive(an_item(2))
        work.commit()

    with postgres_store.work(MAIN) as first, postgres_store.work(MAIN) as second:
        assert first.inbox.lock(an_item(1).id) == an_item(1)
        assert second.inbox.lock(an_item(1).id) is None
        assert second.inbox.due(NOW, 10) == [an_item(2).id]
        assert second.inbox.lock(an_item(2).id) == an_item(2)


def test_two_that_wait_for_each_other_end_in_a_conflict(postgres_store: SqlStore) -> None:
    with postgres_store.work(MAIN) as work:
        people(work)
        for number in (1, 2):
            work.alerts.add(an_alert(number))
        work.commit()
    both_hold_one = threading.Barrier(2)

    def crossing(first: int, second: int) -> Callable[[], str]:
        def job() -> str:
            with postgres_store.work(MAIN) as work:
                work.alerts.get(an_alert(first).id)
                both_hold_one.wait()
                try:
                    work.alerts.get(an_alert(second).id)
                except Conflict:
                    return "conflict"
                return "locked"

        return job

    assert sorted(at_once(crossing(1, 2), crossing(2, 1))) == ["conflict", "locked"]


def test_a_writer_does_not_block_a_reader(store: SqlStore) -> None:
    with store.work(MAIN) as work:
        people(work)
        work.commit()
        work.wallets.lock(ACME.id)
        work.identities.heard_from(APP, "a", START)
        with store.reading(MAIN) as reading:
            assert reading.wallets.read(ACME.id).seq == 0
            assert reading.alerts.open() == []


def test_what_a_reader_sees_does_not_move(store: SqlStore) -> None:
    with store.reading(MAIN) as reading:
        assert reading.members.all() == []
        with store.work(MAIN) as work:
            work.members.add(LI)
            work.commit()
        assert reading.members.all() == []
        with pytest.raises(LookupError):
            reading.members.get(LI.id)
