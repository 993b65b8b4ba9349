"""The scheduler's tick and the worker's jobs, on a store in memory and a real queue."""

import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Callback
from rq.serializers import JSONSerializer
from typing_extensions import override

from bot.connections import NO_LIMITS
from bot.deliveries import Line, Sender
from bot.embedded import redis_url, start_server
from bot.hints import DELIVER, HANDLE, Hints
from bot.intake import Intake
from bot.platform import CardUpdate, Outgoing, Rendered, Sent
from bot.pulls import Puller
from bot.runtime import Runtime
from bot.workers.jobs import Bench, install
from bot.workers.runs import Run
from bot.workers.scheduler import BEAT, CHORE_TICKS, SOON, Chore, Scheduler
from bot.workers.worker import OurJob, make_queue
from domain.channels import Channel, ChannelKind
from domain.deliveries import Delivery, DeliveryState
from domain.ids import DeliveryId, InboxId, TenantId
from domain.inbox import InboxState
from domain.ports import Conflict
from handlers.incoming import Incoming, Said
from storage.channels import ChannelConfig
from tests.support.fakes import START, FakeClock, FakeStore, SequenceIds
from tests.support.make import a_delivery
from tests.support.pump import ThreadWorker
from tests.support.stores import APP, MAIN, OTHER

NOWHERE = "redis://127.0.0.1:1"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="zf-") as folder:
        process = start_server(Path(folder))
        yield redis_url(Path(folder))
        process.terminate()
        process.wait(10)


@dataclass
class Phone:
    """Where everything sent arrives."""

    got: list[str] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> Sent:
        self.got.append(outgoing.delivery)
        return Sent()

    def update(self, change: CardUpdate) -> Sent:
        raise AssertionError(change)


class Works:
    """A scheduler and all it needs."""

    def __init__(self, address: str, *chores: Chore) -> None:
        self.store, self.clock, self.ids = FakeStore("main", "other"), FakeClock(), SequenceIds()
        for tenant in (MAIN, OTHER):
            channel = Channel(APP, ChannelKind.WECOM_APP)
            self.store.save_channel(tenant, ChannelConfig(channel, "account"))
        self.phone = Phone()
        self.redis = Redis.from_url(address, socket_timeout=0.3)
        self.queue = make_queue(self.redis)
        self._intake = Intake(self.store, self.clock, self.ids)
        line = Line(ChannelKind.WECOM_APP, self.phone, NO_LIMITS)
        runtime = Runtime(
            store=self.store,
            clock=self.clock,
            ids=self.ids,
            render=self._render,
            pullers=Puller(self.store, self._intake, lambda *_: None),
        )
        sender = Sender(
            store=self.store,
            queue=self.store.queue,
            clock=self.clock,
            ids=self.ids,
            render=self._render,
            lines=lambda *_: line,
            runtime=runtime,
        )
        self.bench = Bench(runtime, sender, Hints(self.queue))
        self.chores = chores
        self.runs: tuple[Run, ...] = ()

    def scheduler(self) -> Scheduler:
        """Make one more scheduler on the same rows."""
        return Scheduler(
            store=self.store,
            beats=self.store,
            queue=self.store.queue,
            clock=self.clock,
            hints=Hints(self.queue),
            runtime=self.bench.runtime,
            sender=self.bench.sender,
            chores=self.chores,
            runs=self.runs,
        )

    def put(self, number: int, tenant: TenantId = MAIN) -> DeliveryId:
        delivery: Delivery = a_delivery(
            id=DeliveryId(f"delivery-{number}"),
            channel=APP,
            external_id=f"user{number}",
            dedupe_key=f"notice:{number}",
        )
        with self.store.work(tenant) as work:
            work.deliveries.add(delivery)
            work.commit()
        return delivery.id

    def receive(self, source: str, tenant: TenantId = MAIN) -> InboxId:
        """Store a message that its request has left to the sweep."""
        incoming = Incoming(APP, source, "chenxiao", START, Said("帮助"))
        return self._intake.receive(tenant, incoming).item

    def state(self, delivery: DeliveryId, tenant: TenantId = MAIN) -> DeliveryState:
        return self.store.committed(tenant).deliveries[delivery].delivery.state

    def inbox(self, item: InboxId, tenant: TenantId = MAIN) -> InboxState:
        return self.store.committed(tenant).inbox[item].item.state

    def jobs(self) -> list[tuple[Any, ...]]:
        found = [self.queue.fetch_job(job) for job in self.queue.job_ids]
        return [(job.func_name, *job.args) for job in found if job is not None]

    @staticmethod
    def _render(view: str, _: dict[str, object], __: ChannelKind) -> Rendered:
        return Rendered(view, "text")


@pytest.fixture
def works(server: str) -> Iterator[Works]:
    works = Works(server)
    works.redis.flushall()
    yield works
    works.redis.close()


@pytest.fixture
def alone() -> Iterator[Works]:
    """Give a scheduler whose queue is down."""
    works = Works(NOWHERE)
    yield works
    works.redis.close()


def test_every_tick_beats(works: Works) -> None:
    scheduler = works.scheduler()
    for _ in range(2):
        scheduler.tick()
        beat = works.store.last_beat(BEAT)
        assert beat is not None
        assert beat.at == works.clock.now()
        works.clock.forward(timedelta(seconds=1))


def test_what_is_due_is_hinted_at_once_in_ten_seconds(works: Works) -> None:
    mine, other = works.put(1), works.put(2, OTHER)
    item = works.receive("msg1")
    works.clock.forward(timedelta(minutes=1))
    scheduler = works.scheduler()
    for _ in range(3):
        scheduler.tick()

    expected = [(DELIVER, "main", mine), (DELIVER, "other", other), (HANDLE, "main", item)]
    assert sorted(works.jobs()) == sorted(expected)
    assert not works.phone.got
    assert works.state(mine) is DeliveryState.QUEUED

    works.clock.forward(timedelta(seconds=10))
    scheduler.tick()
    assert sorted(works.jobs()) == sorted(expected * 2)


def test_what_is_not_due_is_left_alone(works: Works) -> None:
    later = works.put(1)
    sent = works.put(2)
    works.bench.sender.deliver(MAIN, sent)
    with works.store.work(MAIN) as work:
        work.deliveries.add(
            a_delivery(
                id=DeliveryId("later"),
                channel=APP,
                external_id="userx",
                dedupe_key="later",
                next_at=START + timedelta(hours=1),
            )
        )
        work.commit()
    works.scheduler().tick()

    assert works.jobs() == [(DELIVER, "main", later)]


def test_two_schedulers_hint_once(works: Works) -> None:
    delivery = works.put(1)
    one, two = works.scheduler(), works.scheduler()
    one.tick()
    two.tick()

    assert works.jobs() == [(DELIVER, "main", delivery)]


def test_without_a_queue_the_scheduler_works_itself_and_two_do_no_harm(alone: Works) -> None:
    deliveries = [alone.put(1), alone.put(2, OTHER)]
    item = alone.receive("msg1")
    alone.clock.forward(timedelta(minutes=1))
    for scheduler in (alone.scheduler(), alone.scheduler()):
        scheduler.tick()

    assert alone.phone.got[:2] == deliveries
    assert alone.state(deliveries[0]) is DeliveryState.SENT
    assert alone.state(deliveries[1], OTHER) is DeliveryState.SENT
    assert alone.inbox(item) is InboxState.DONE
    # The third is the reply to the message; nothing went out twice.
    assert len(alone.phone.got) == len(set(alone.phone.got)) == 3


def test_chores_run_soon_and_then_every_half_minute_for_every_tenant_whatever_fails(
    server: str,
) -> None:
    done: list[TenantId] = []

    def broken(_: TenantId) -> None:
        raise RuntimeError("trouble")

    works = Works(server, broken, done.append)
    scheduler = works.scheduler()
    ran = []
    for tick in range(2 * CHORE_TICKS + 1):
        done.clear()
        scheduler.tick()
        if done:
            assert done == [MAIN, OTHER]
            ran.append(tick)
    works.redis.close()

    assert ran == sorted({0, *SOON, CHORE_TICKS, 2 * CHORE_TICKS})


class Faltering(FakeStore):
    """A store whose first looks fail."""

    def __init__(self) -> None:
        super().__init__("main")
        self.failures: list[Exception] = [Conflict("busy"), RuntimeError("sesame")]
        self.beaten = threading.Event()

    @override
    def beat(self, name: str, at: Any, detail: dict[str, Any] | None = None) -> None:
        if self.failures:
            raise self.failures.pop(0)
        super().beat(name, at, detail)
        self.beaten.set()


def test_a_tick_that_fails_does_not_end_the_scheduler(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.workers.scheduler.TICK_SECONDS", 0.01)
    store = works.store = Faltering()
    stop = threading.Event()
    thread = threading.Thread(target=works.scheduler().run, args=(stop,))
    thread.start()

    assert store.beaten.wait(10)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def work_off(works: Works) -> None:
    """Work until the queue is empty."""
    install(works.bench)
    worker = ThreadWorker(
        [works.queue], connection=works.redis, serializer=JSONSerializer, job_class=OurJob
    )
    worker.work(burst=True, logging_level="CRITICAL")


def test_a_worker_does_what_was_hinted_at(works: Works) -> None:
    delivery, item = works.put(1), works.receive("msg1")
    works.clock.forward(timedelta(minutes=1))
    works.scheduler().tick()
    work_off(works)

    assert works.state(delivery) is DeliveryState.SENT
    assert works.inbox(item) is InboxState.DONE
    # The reply was hinted at by the job that made it.
    assert len(works.phone.got) == 2
    assert not works.jobs()


def test_a_worker_runs_no_code_that_somebody_else_puts_on_the_queue(
    works: Works, tmp_path: Path
) -> None:
    delivery = works.put(1)
    works.queue.enqueue("os.mkdir", str(tmp_path / "made"))
    works.queue.enqueue(DELIVER, "main", delivery, on_success=Callback("os.mkdir"))
    works.queue.enqueue("bot.workers.jobs.install", "x")
    work_off(works)

    assert not list(tmp_path.iterdir())
    assert works.state(delivery) is DeliveryState.SENT
    assert not works.jobs()


def test_runs_go_on_every_tick_while_they_have_more_to_do_whatever_fails(server: str) -> None:
    left, worked = {MAIN: 3, OTHER: 1}, []

    def run(tenant: TenantId) -> bool:
        worked.append(tenant)
        left[tenant] -= 1
        return left[tenant] > 0

    def broken(tenant: TenantId) -> bool:
        raise RuntimeError("sesame", tenant)

    works = Works(server)
    chores: tuple[Run, ...] = (broken, run)
    works.runs = chores
    scheduler = works.scheduler()
    scheduler.tick()
    assert worked == [MAIN, OTHER]
    scheduler._ticks = max(SOON) + 1
    scheduler.tick()
    assert worked == [MAIN, OTHER, MAIN]
    scheduler.tick()
    assert worked == [MAIN, OTHER, MAIN, MAIN]
    scheduler.tick()
    works.redis.close()
    assert worked == [MAIN, OTHER, MAIN, MAIN]
