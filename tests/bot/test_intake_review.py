"""What comes late, unasked or all at once: nothing is lost, nothing grows, nobody is bothered."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from starlette.requests import Request

from bot.bounded_pool import BoundedPool
from bot.dingtalk_stream import WAITING_MAX, Busy, StreamIntake
from bot.hints import Hints
from bot.intake import Intake
from bot.platform import Deadlines, DeliveryError, HttpAnswer, Rendered
from bot.pulls import Puller, own_ring
from bot.runtime import Done, Runtime
from bot.together import Together
from bot.web import callbacks as web
from bot.web.batches import Batches
from bot.web.callbacks import Callbacks
from bot.workers.worker import make_queue
from domain.channels import Channel
from domain.inbox import InboxState
from handlers.incoming import Entered, Incoming, MediaKind, PullWanted, Said, SentMedia
from storage.channels import ChannelConfig
from tests.support.fakes import FakeClock, FakeStore, SequenceIds
from tests.support.stores import APP, KF, KINDS, MAIN

PATIENCE = 10.0


@dataclass
class Page:
    items: list[Incoming]
    next_cursor: str


@dataclass
class Account:
    """A customer service account's log, one message a page, that may fail at a place."""

    said: list[Incoming] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    fails_at: int | None = None

    def pages(self, cursor: str | None, token: str | None) -> Iterator[Page]:
        self.tokens.append(token)
        at = int(cursor or 0)
        while True:
            if at == self.fails_at:
                raise DeliveryError("45009", permanent=False)
            yield Page(self.said[at : at + 1], str(min(at + 1, len(self.said))))
            at += 1
            if at >= len(self.said):
                return


class Desk:
    """Intake and runtime over one account's log."""

    def __init__(self, store: FakeStore, clock: FakeClock, ids: SequenceIds) -> None:
        self.store, self.clock, self.ids = store, clock, ids
        self.account = Account()
        self.intake = Intake(store, clock, ids)
        puller = Puller(store, self.intake, lambda _, __: self.account)
        self.runtime = Runtime(store=store, clock=clock, ids=ids, render=_render, pullers=puller)

    def hears(self, content: Any, *, minutes_ago: float, who: str = "wm-wang") -> None:
        sent_at = self.clock.now() - timedelta(minutes=minutes_ago)
        is_stale = minutes_ago > 10
        message = Incoming(KF, self.ids.new(), who, sent_at, content, is_stale=is_stale)
        self.account.said.append(message)

    def looks(self) -> InboxState:
        """Look at the log without a ring; give what became of that."""
        received = self.intake.receive(MAIN, own_ring(KF, self.clock.now()))
        assert received.is_new
        return self.handles(received.item)

    def rung(self) -> InboxState:
        ring = Incoming(KF, self.ids.new(), "", self.clock.now(), PullWanted("token"))
        return self.handles(self.intake.receive(MAIN, ring).item)

    def handles(self, item: Any) -> InboxState:
        self.runtime.handle(MAIN, item)
        with self.store.work(MAIN) as work:
            found = work.inbox.lock(item)
        assert found is not None
        return found.state

    def told(self) -> list[tuple[str, str]]:
        rows = self.store.committed(MAIN).deliveries.values()
        return [(row.delivery.external_id, row.delivery.view) for row in rows]

    def stale(self) -> int:
        rows = self.store.committed(MAIN).inbox.values()
        return sum(row.item.state is InboxState.STALE for row in rows)

    def cursor(self) -> str | None:
        with self.store.reading(MAIN) as work:
            return work.channels.cursor(KF)


def _render(view: str, data: dict[str, Any], kind: Any) -> Rendered:
    del data, kind
    return Rendered(view, view)


@pytest.fixture
def desk() -> Desk:
    store = FakeStore()
    for channel in (APP, KF):
        config = ChannelConfig(Channel(channel, KINDS[channel]), f"account-{channel}")
        store.save_channel(MAIN, config)
    return Desk(store, FakeClock(), SequenceIds())


@pytest.fixture
def listening(desk: Desk) -> Desk:
    """Give a desk that has read its log to the end once."""
    desk.looks()
    desk.clock.forward(timedelta(minutes=10))
    return desk


def test_a_look_is_made_once_in_five_minutes(desk: Desk) -> None:
    now = desk.clock.now()
    start = now - timedelta(seconds=now.timestamp() % 300)
    first = own_ring(KF, start)

    assert own_ring(KF, start + timedelta(seconds=299)).source_id == first.source_id
    assert own_ring(KF, start + timedelta(seconds=300)).source_id != first.source_id
    assert own_ring(APP, start).source_id != first.source_id


def test_a_look_needs_no_token_and_brings_what_nobody_rang_for(listening: Desk) -> None:
    listening.hears(Said("你好"), minutes_ago=3)

    assert listening.looks() is InboxState.DONE
    assert listening.account.tokens == [None, None]
    assert listening.told() == [("wm-wang", "bind_ask")]


def test_a_look_that_fails_leaves_it_to_the_next_but_a_ring_is_tried_again(desk: Desk) -> None:
    desk.account.fails_at = 0

    assert desk.looks() is InboxState.FAILED
    assert desk.rung() is InboxState.NEW


def test_what_was_read_too_late_is_not_acted_on_but_asked_for_once_an_hour(
    listening: Desk,
) -> None:
    listening.hears(Said("余额"), minutes_ago=40)
    listening.hears(SentMedia(MediaKind.IMAGE), minutes_ago=30)
    listening.hears(Said("余额"), minutes_ago=20, who="wm-liu")
    listening.looks()

    assert listening.stale() == 3
    assert listening.told() == [("wm-wang", "stale_notice"), ("wm-liu", "stale_notice")]

    listening.clock.forward(timedelta(minutes=60))
    listening.hears(Said("余额"), minutes_ago=11)
    listening.looks()
    assert listening.told()[2:] == [("wm-wang", "stale_notice")]


def test_nobody_is_asked_about_an_event_or_when_nothing_can_be_sent(listening: Desk) -> None:
    listening.hears(Entered(), minutes_ago=30)
    listening.hears(Said("余额"), minutes_ago=48 * 60)
    listening.looks()

    assert listening.stale() == 2
    assert listening.told() == []


def test_the_first_reading_replays_history_and_asks_nobody(desk: Desk) -> None:
    for minutes in (90, 60, 30):
        desk.hears(Said("余额"), minutes_ago=minutes)
    desk.account.fails_at = 2
    desk.rung()
    assert desk.stale() == 2

    desk.account.fails_at = None
    desk.rung()
    assert desk.stale() == 3
    assert desk.told() == []
    assert desk.cursor() == "3"


def test_a_batch_is_refused_while_too_much_is_in_hand_and_taken_again_afterwards() -> None:
    go = threading.Event()

    def work(_: list[int]) -> None:
        go.wait(PATIENCE)

    batches = Batches(work, threads=1, size_max=2, most=3, name="t")
    assert [batches.put(number) for number in range(5)] == [True] * 3 + [False] * 2

    go.set()
    _until(lambda: batches.put(9))
    batches.close()


def test_a_pool_refuses_what_would_wait_behind_too_much() -> None:
    go = threading.Event()
    pool = BoundedPool(1, 2, "t")
    first = pool.submit(go.wait, PATIENCE)
    assert pool.submit(go.wait, PATIENCE) is not None
    assert pool.is_full
    assert pool.submit(go.wait, PATIENCE) is None

    go.set()
    assert first is not None
    assert first.result(PATIENCE)
    _until(lambda: not pool.is_full)
    pool.close()


@dataclass
class SlowReader:
    """A platform's callbacks that take their time to be read."""

    go: threading.Event
    timing: Deadlines = field(
        default_factory=lambda: Deadlines(timedelta(seconds=0), timedelta(milliseconds=20))
    )

    def read(
        self, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> tuple[tuple[Incoming, ...], HttpAnswer]:
        del query, headers, body
        self.go.wait(PATIENCE)
        return (), HttpAnswer()

    def carry(self, *_: Any, **__: Any) -> HttpAnswer | None:
        return None


@pytest.mark.parametrize("is_quicker", [True, False])
@pytest.mark.anyio
async def test_requests_that_have_given_up_still_count_until_their_work_has_ended(
    desk: Desk, is_quicker: bool
) -> None:
    with Redis.from_url("redis://127.0.0.1:1", socket_timeout=0.3) as redis:
        callbacks = Callbacks(
            intake=desk.intake,
            runtime=desk.runtime,
            together=Together(desk.store, desk.runtime, is_quicker=is_quicker),
            hints=Hints(make_queue(redis)),
            clock=desk.clock,
        )
        reader = SlowReader(threading.Event())
        late = [callbacks.take(MAIN, reader, _request()) for _ in range(web.WAITING_MAX)]
        assert {answer.status_code for answer in await asyncio.gather(*late)} == {503}

        patient = replace(reader, timing=Deadlines(timedelta(0), timedelta(seconds=PATIENCE)))
        refused = await asyncio.wait_for(callbacks.take(MAIN, patient, _request()), 1.0)
        assert refused.status_code == 503

        reader.go.set()
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while (await callbacks.take(MAIN, patient, _request())).status_code != 200:
            assert asyncio.get_running_loop().time() < deadline
        await asyncio.to_thread(callbacks.close)


class StuckParts:
    """The parts the stream's intake works with, of which nothing gets done until it may."""

    def __init__(self, desk: Desk, go: threading.Event) -> None:
        self.intake, self.clock, self.store = desk.intake, desk.clock, desk.store
        self.runtime, self.hints = self, self
        self._go = go

    def handle(self, *_: object) -> Done:
        self._go.wait(PATIENCE)
        return Done()

    def after(self, *_: object) -> None:
        pass


def test_the_stream_takes_no_more_than_can_be_handled(desk: Desk) -> None:
    go = threading.Event()
    parts: Any = StuckParts(desk, go)
    intake = StreamIntake(parts, MAIN)
    for _ in range(WAITING_MAX):
        intake.deliver(Incoming(APP, desk.ids.new(), "li", desk.clock.now(), Said("余额")))

    before = desk.store.committed(MAIN).copy()
    with pytest.raises(Busy):
        intake.deliver(Incoming(APP, desk.ids.new(), "li", desk.clock.now(), Said("余额")))
    assert desk.store.committed(MAIN) == before

    go.set()
    intake.close()


def _request() -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    return Request(scope, receive)


def _until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    pause = threading.Event()
    for _ in range(int(PATIENCE * 100)):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError("it never came to hold")
