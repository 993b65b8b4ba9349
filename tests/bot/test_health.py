"""Readiness: every probe counts, none hides another; being alive needs nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.app import create_app
from bot.settings import Settings
from bot.web.health import Probes, readiness
from bot.wiring import Parts
from tests.support.fakes import START, FakeClock
from tests.support.servers import Listener, LoopThread

GOOD = Probes(
    database=lambda: True,
    migrations=lambda: True,
    queue=lambda: True,
    oldest_due_seconds=lambda _: 0.0,
    oldest_backtest_seconds=lambda _: 0.0,
    last_beat=lambda: START,
)


def broken(*_: object) -> Any:
    raise ConnectionError("sesame")


def false() -> Any:
    return False


def test_an_installation_with_everything_is_ready() -> None:
    is_ready, checks = readiness(GOOD, FakeClock())

    assert is_ready
    assert checks == {
        "database": True,
        "migrations": True,
        "queue": True,
        "oldest_delivery_seconds": 0.0,
        "oldest_backtest_seconds": 0.0,
        "scheduler_beat": START.isoformat(),
    }


@pytest.mark.parametrize(
    ("probe", "field"),
    [
        ("database", "database"),
        ("migrations", "migrations"),
        ("queue", "queue"),
        ("oldest_due_seconds", "oldest_delivery_seconds"),
        ("last_beat", "scheduler_beat"),
    ],
)
def test_a_probe_that_breaks_is_named_and_the_others_are_asked_all_the_same(
    probe: str, field: str
) -> None:
    _, good = readiness(GOOD, FakeClock())
    is_ready, checks = readiness(replace(GOOD, **{probe: broken}), FakeClock())

    assert not is_ready
    assert checks == {**good, field: "failed"}


@pytest.mark.parametrize("probe", ["database", "migrations", "queue"])
def test_a_probe_that_says_no_is_named(probe: str) -> None:
    changes: dict[str, Any] = {probe: false}
    is_ready, checks = readiness(replace(GOOD, **changes), FakeClock())

    assert not is_ready
    assert [name for name, found in checks.items() if found is False] == [probe]


def test_the_scheduler_must_have_beaten_in_the_last_fifteen_seconds() -> None:
    clock = FakeClock()
    clock.forward(timedelta(seconds=15))
    assert readiness(GOOD, clock)[0]

    clock.forward(timedelta(milliseconds=1))
    assert not readiness(GOOD, clock)[0]
    assert not readiness(replace(GOOD, last_beat=lambda: None), FakeClock())[0]


def test_a_delivery_that_waits_for_more_than_two_minutes_means_that_nobody_sends() -> None:
    seen: list[datetime] = []

    def age(now: datetime) -> float:
        seen.append(now)
        return 120.0

    assert readiness(replace(GOOD, oldest_due_seconds=age), FakeClock())[0]
    assert seen == [START]
    assert not readiness(replace(GOOD, oldest_due_seconds=lambda _: 120.5), FakeClock())[0]


@pytest.mark.parametrize(("probe", "shown"), [(lambda _: 9000.0, 9000.0), (broken, "failed")])
def test_back_tests_that_nobody_runs_are_shown_and_hold_no_message(
    probe: Callable[[datetime], float], shown: object
) -> None:
    is_ready, checks = readiness(replace(GOOD, oldest_backtest_seconds=probe), FakeClock())

    assert is_ready
    assert checks["oldest_backtest_seconds"] == shown


@dataclass
class Site:
    """The web application on a port."""

    http: httpx2.Client
    probes: Probes

    def ready(self) -> tuple[int, dict[str, Any]]:
        answer = self.http.get("/readyz")
        return answer.status_code, answer.json()


class SwitchedProbes:
    """Probes a test can exchange while the application runs."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __getattr__(self, name: str) -> Any:
        return getattr(self._site.probes, name)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    parts = Parts(Settings(_env_file=None, data_dir=tmp_path, redis_url="redis://127.0.0.1:1"))
    loop, listener = LoopThread(), Listener()
    site = Site(httpx2.Client(base_url=listener.url, timeout=10, trust_env=False), GOOD)
    probes: Any = SwitchedProbes(site)
    web = replace(parts.web, probes=probes, clock=FakeClock())
    listener.serve(create_app(web), loop)
    yield site
    site.http.close()
    listener.close()
    loop.close()
    parts.close()


def test_readiness_is_200_or_503_with_what_is_missing(site: Site) -> None:
    assert site.ready()[0] == 200
    assert site.ready()[1]["ready"] is True

    site.probes = replace(GOOD, queue=broken)
    status, body = site.ready()
    assert (status, body["ready"], body["checks"]["queue"]) == (503, False, "failed")
    assert "sesame" not in str(body)

    site.probes = GOOD
    assert site.ready()[0] == 200


def test_being_alive_needs_no_database_and_no_queue(site: Site) -> None:
    site.probes = Probes(broken, broken, broken, broken, broken, broken)

    assert site.ready()[0] == 503
    answer = site.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
