"""Towns on either database, with a queue server for the whole session."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from redis import Redis

from bot.embedded import redis_url, start_server
from tests.support.servers import Listener
from tests.support.stores import *  # noqa: F403  a fixture must be a name of the conftest
from tests.support.stores import _cluster_stops_at_the_end  # noqa: F401
from tests.support.town import MovingClock, Platforms, Town, TownParts
from tests.support.world import Ding, Places, settings_of


class OpenTown(Protocol):
    """Opens a town that is closed, and looked at for broken rules, at the test's end."""

    def __call__(
        self,
        ding: Ding = ...,
        *,
        database: str = ...,
        extra_members: int = ...,
        extra_customers: int = ...,
        workers: int = ...,
    ) -> Town: ...


@pytest.fixture(scope="session")
def queue_server() -> Iterator[str]:
    """Give the address of a real queue server."""
    with tempfile.TemporaryDirectory(prefix="q-") as folder:
        process = start_server(Path(folder))
        yield redis_url(Path(folder))
        process.terminate()
        process.wait(10)


@pytest.fixture
def clean_queue(queue_server: str) -> str:
    """Give the queue server with nothing in it."""
    with Redis.from_url(queue_server) as redis:
        redis.flushall()
    return queue_server


@pytest.fixture
def open_town(
    clean_queue: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[OpenTown]:
    """Open towns."""
    opened: list[tuple[Town, Platforms]] = []

    def open_one(
        ding: Ding = Ding(),  # noqa: B008  it is frozen
        *,
        database: str = "sqlite",
        extra_members: int = 0,
        extra_customers: int = 0,
        workers: int = 1,
    ) -> Town:
        url = request.getfixturevalue("sqlite_url" if database == "sqlite" else "postgres_url")
        clock, bot = MovingClock(), Listener()
        platforms = Platforms(
            ding, clock, extra_members=extra_members, extra_customers=extra_customers
        )
        places = Places(tmp_path / "data", clean_queue, url, platforms.url, bot.url)
        town = Town(platforms, TownParts(settings_of(places, ding), clock))
        opened.append((town, platforms))
        town.start(bot, stream=ding.mode == "stream", workers=workers)
        return town

    yield open_one
    for town, platforms in opened:
        town.close()
        platforms.close()
        town.has_behaved()


@pytest.fixture
def town(open_town: Any) -> Town:
    """Give a town on SQLite, DingTalk by Stream with cards."""
    found: Town = open_town()
    return found
