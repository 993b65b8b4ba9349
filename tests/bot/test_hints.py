"""Hints to the workers: once per stamp, and never in the way when the queue is down."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.embedded import redis_url, start_server
from bot.hints import DELIVER, HANDLE, PAUSE_SECONDS, Hints
from bot.runtime import Done
from bot.wiring import MAIN
from bot.workers.worker import make_queue
from domain.ids import DeliveryId, InboxId

FIRST, SECOND, ITEM = DeliveryId("d-1"), DeliveryId("d-2"), InboxId("i-1")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a queue server."""
    folder = tmp_path_factory.mktemp("q")
    process = start_server(folder)
    yield redis_url(folder)
    process.terminate()
    process.wait(10)


def client(address: str) -> Redis:
    """Connect as the parts do: failing fast and once."""
    return Redis.from_url(
        address, socket_timeout=0.3, socket_connect_timeout=0.3, retry=Retry(NoBackoff(), 0)
    )


@pytest.fixture
def redis(server: str) -> Iterator[Redis]:
    with client(server) as redis:
        redis.flushall()
        yield redis


def test_everything_an_item_led_to_is_hinted_at_in_order(redis: Redis) -> None:
    queue = make_queue(redis)
    done = Done(deliveries=(FIRST, SECOND), wake=(ITEM,))

    assert Hints(queue).after(MAIN, done)

    assert [(job.func_name, list(job.args)) for job in queue.jobs] == [
        (DELIVER, [MAIN, FIRST]),
        (DELIVER, [MAIN, SECOND]),
        (HANDLE, [MAIN, ITEM]),
    ]


def test_the_same_stamp_is_queued_once_and_another_again(redis: Redis) -> None:
    queue = make_queue(redis)
    hints, other = Hints(queue), Hints(make_queue(redis))

    assert hints.deliver(MAIN, [FIRST], stamp="1")
    assert other.deliver(MAIN, [FIRST], stamp="1")
    assert len(queue) == 1
    assert hints.deliver(MAIN, [FIRST], stamp="2")
    assert len(queue) == 2


def test_a_queue_that_is_gone_costs_no_time(tmp_path: Path) -> None:
    hints = Hints(make_queue(client(f"unix://{tmp_path / 'nobody.sock'}")))
    begun = time.monotonic()

    for _ in range(200):
        assert not hints.deliver(MAIN, [FIRST, SECOND])

    assert time.monotonic() - begun < 0.5


def test_a_queue_that_hangs_costs_a_third_of_a_second_once_in_a_while() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"
        hints = Hints(make_queue(client(address)))
        begun = time.monotonic()

        for _ in range(50):
            assert not hints.after(MAIN, Done(deliveries=(FIRST, SECOND)))

        # One time-out, then a rest in which nobody asks.
        assert time.monotonic() - begun < PAUSE_SECONDS


def test_a_queue_that_comes_back_is_used_again(server: str, tmp_path: Path) -> None:
    del server
    address = redis_url(tmp_path)
    hints = Hints(make_queue(client(address)))
    assert not hints.deliver(MAIN, [FIRST])
    process = start_server(tmp_path)
    try:
        deadline = time.monotonic() + PAUSE_SECONDS + 5
        while not hints.deliver(MAIN, [FIRST]):
            assert time.monotonic() < deadline
            threading.Event().wait(0.05)
        with client(address) as redis:
            assert len(make_queue(redis)) == 1
    finally:
        process.terminate()
        process.wait(10)
