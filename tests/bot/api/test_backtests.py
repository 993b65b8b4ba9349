"""Back-tests over the API: ordered by a request, run by a real worker job, read again."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from bot.embedded import redis_url, start_server
from bot.hints import BACKTEST, BACKTEST_SECONDS, Hints
from bot.wiring import MAIN
from bot.workers.jobs import backtest, install
from bot.workers.worker import OurJob, make_queue
from domain.apikeys import Scope
from tests.bot.api.conftest import Site, System
from tests.bot.api.test_openapi import fields_of
from tests.bot.api.test_rules import DRAFTS, RULE, draft, refused, submitted
from tests.support.fakes import FakeClock
from tests.support.pump import ThreadWorker
from tests.support.stores import OTHER

ORDER = f"{DRAFTS}/1/backtest"
SIGNED: dict[str, Any] = {
    "source": "erp",
    "id": "HT-1",
    "type": "contract_signed",
    "customer": "C001",
    "data": {"amount": "100000.00"},
}
FIXED = {"kind": "fixed", "points": 5}


@pytest.fixture(autouse=True)
def _in_the_present(clock: FakeClock) -> None:
    """Let the firm live when the worker does: its parts have the real clock."""
    clock.at = datetime.now(UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="zf-") as folder:
        process = start_server(Path(folder))
        yield redis_url(Path(folder))
        process.terminate()
        process.wait(10)


class Yard:
    """The queue of an application, and a worker that works it off when asked."""

    def __init__(self, site: Site, redis: Redis) -> None:
        self._site, self._redis = site, redis
        self.queue: Queue = make_queue(redis)
        site.parts.web.gate.hints = Hints(self.queue)

    def work_off(self) -> None:
        install(self._site.parts.bench)
        worker = ThreadWorker(
            [self.queue], connection=self._redis, serializer=JSONSerializer, job_class=OurJob
        )
        worker.work(burst=True, logging_level="CRITICAL")
        assert not self.queue.job_ids
        assert not self.queue.failed_job_registry.get_job_ids()


@pytest.fixture
def yard(site: Site, server: str) -> Iterator[Yard]:
    yield from opened_yard(site, server)


@pytest.fixture
def quick_yard(quick_site: Site, server: str) -> Iterator[Yard]:
    yield from opened_yard(quick_site, server)


def opened_yard(site: Site, server: str) -> Iterator[Yard]:
    with Redis.from_url(server, socket_timeout=5) as redis:
        redis.flushall()
        yield Yard(site, redis)


def maker_with_a_past(site: Site) -> System:
    """Let something have happened, and somebody have drafted a rule."""
    yesterday = (site.clock.now() - timedelta(days=1)).isoformat()
    event = SIGNED | {"occurred_at": yesterday}
    assert site.system().post("/api/v1/events", event).status_code == 200
    maker = site.system(member="周涛")
    draft(maker)
    return maker


def ordered(maker: System, body: Any = None) -> dict[str, Any]:
    answer = maker.post(ORDER, body or {})
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_draft_is_tested_by_a_worker_and_may_then_be_submitted(site: Site, yard: Yard) -> None:
    maker = maker_with_a_past(site)
    refused(maker, f"{DRAFTS}/1/submit", {}, code="draft_untested", status=409)
    says = maker.get(f"{DRAFTS}/1").json()["says"]
    order = ordered(maker, {"from": "2020-01-01", "to": "2099-12-31"})
    assert order | {"backtest": ""} == {
        "backtest": "",
        "draft": 1,
        "says": says,
        "first": "2020-01-01",
        "last": "2099-12-31",
    }
    path = f"/api/v1/backtests/{order['backtest']}"
    assert maker.get(path).status_code == 404
    assert maker.get(f"{DRAFTS}/1").json()["backtest"] is None
    [job] = yard.queue.jobs
    assert (job.func_name, job.timeout) == (BACKTEST, BACKTEST_SECONDS)
    assert list(job.args) == [MAIN, order["backtest"], "1", says, "2020-01-01/2099-12-31"]

    yard.work_off()

    found = maker.get(path)
    assert (found.status_code, found.json()["exact"]) == (200, True)
    report = found.json()["report"]
    assert (report["first"], report["last"], report["entries"]) == ("2020-01-01", "2099-12-31", 1)
    assert report["total"]["past"]["net"] > 0
    assert maker.get(f"{DRAFTS}/1").json()["backtest"] == order["backtest"]
    assert maker.post(f"{DRAFTS}/1/submit", {}).status_code == 200
    described = site.ask("GET", "/openapi.json").json()
    for method, address, status, shown in (
        ("post", "/api/v1/rules/drafts/{number}/backtest", "202", order),
        ("get", "/api/v1/backtests/{backtest}", "200", found.json()),
    ):
        assert set(shown) == fields_of(described, described["paths"][address][method], status)


def test_without_a_period_everything_up_to_today_counts(quick_site: Site, quick_yard: Yard) -> None:
    maker = maker_with_a_past(quick_site)
    order = ordered(maker)
    assert (order["first"], order["last"]) == (None, None)
    quick_yard.work_off()
    report = maker.get(f"/api/v1/backtests/{order['backtest']}").json()["report"]
    assert (report["first"], report["exact"]) == (None, True)


def test_the_same_request_again_orders_nothing_more(quick_site: Site, quick_yard: Yard) -> None:
    maker = maker_with_a_past(quick_site)
    first = maker.post(ORDER, {}, again="k")
    before = quick_site.everything()
    again = maker.post(ORDER, {}, again="k")
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert len(quick_yard.queue) == 1
    assert maker.post(ORDER, {"from": "2026-01-01"}, again="k").status_code == 409
    quick_yard.work_off()
    third = maker.post(ORDER, {}, again="k")
    assert (third.status_code, third.json(), len(quick_yard.queue)) == (202, first.json(), 0)
    assert len(quick_site.everything()["backtests"]) == len(before["backtests"]) + 1


@pytest.mark.parametrize(
    ("number", "code", "status"),
    [(99, "unknown_draft", 404), (0, "invalid", 422), (2, "draft_closed", 409)],
)
def test_what_cannot_be_tested_is_a_problem(
    quick_site: Site, quick_yard: Yard, number: int, code: str, status: int
) -> None:
    maker = quick_site.system(member="周涛")
    draft(maker)
    assert submitted(maker, code="visit", trigger="check_in", formula=FIXED) == 2
    refused(maker, f"{DRAFTS}/{number}/backtest", {}, code=code, status=status)
    assert not quick_yard.queue.job_ids


@pytest.mark.parametrize(
    ("body", "at", "why"),
    [
        ({"from": "2026-02-01", "to": "2026-01-01"}, "", "period"),
        ({"from": "1.2.2026"}, "/from", "day"),
        ({"first": "2026-02-01"}, "/first", "extra_forbidden"),
    ],
)
def test_a_period_that_cannot_be_is_named(
    quick_site: Site, quick_yard: Yard, body: Any, at: str, why: str
) -> None:
    maker = quick_site.system(member="周涛")
    draft(maker)
    problem = refused(maker, ORDER, body, code="invalid", status=422)
    assert problem["errors"] == [{"at": at, "code": why}]
    assert not quick_yard.queue.job_ids


def test_who_may_not_edit_rules_orders_nothing(quick_site: Site, quick_yard: Yard) -> None:
    maker_with_a_past(quick_site)
    for system in (quick_site.system(), quick_site.system(member="李强")):
        refused(system, ORDER, {}, code="not_permitted", status=403)
    reads = quick_site.system(Scope.READ, Scope.RULES_APPROVE, member="周涛")
    refused(reads, ORDER, {}, code="scope_missing", status=403)
    assert not quick_yard.queue.job_ids


def test_an_order_that_the_queue_does_not_take_is_not_taken(quick_site: Site, server: str) -> None:
    maker = maker_with_a_past(quick_site)
    before = quick_site.everything()
    # The application's own queue is nowhere.
    answer = maker.post(ORDER, {}, again="k")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert quick_site.everything() == before
    with Redis.from_url(server, socket_timeout=5) as redis:
        redis.flushall()
        yard = Yard(quick_site, redis)
        assert maker.post(ORDER, {}, again="k").status_code == 202
        assert len(yard.queue) == 1


def test_a_draft_that_was_changed_meanwhile_keeps_nothing(
    quick_site: Site, quick_yard: Yard
) -> None:
    maker = maker_with_a_past(quick_site)
    order = ordered(maker)
    changed = RULE | {"formula": RULE["formula"] | {"points": 13}}
    assert maker.put(f"{DRAFTS}/1", {"rule": changed}).status_code == 200
    before = quick_site.everything()
    quick_yard.work_off()
    assert quick_site.everything() == before
    assert maker.get(f"/api/v1/backtests/{order['backtest']}").status_code == 404
    # The worker goes on, and what the draft says now can be tested.
    ordered(maker)
    quick_yard.work_off()
    assert maker.get(f"{DRAFTS}/1").json()["backtest"]


def test_a_draft_that_was_dropped_meanwhile_keeps_nothing(
    quick_site: Site, quick_yard: Yard
) -> None:
    maker = maker_with_a_past(quick_site)
    ordered(maker)
    maker.post(f"{DRAFTS}/1/drop", {})
    before = quick_site.everything()
    quick_yard.work_off()
    assert quick_site.everything() == before


def test_an_order_is_only_run_once(quick_site: Site, quick_yard: Yard) -> None:
    maker = maker_with_a_past(quick_site)
    order = ordered(maker)
    quick_yard.work_off()
    before = quick_site.everything()
    backtest(MAIN, order["backtest"], "1", order["says"], "/")
    assert quick_site.everything() == before


def test_another_firm_sees_and_orders_nothing(site: Site, yard: Yard) -> None:
    maker = maker_with_a_past(site)
    stranger = site.system(member="周涛", tenant=OTHER)
    refused(stranger, ORDER, {}, code="unknown_draft", status=404)
    order = ordered(maker)
    yard.work_off()
    path = f"/api/v1/backtests/{order['backtest']}"
    assert maker.get(path).status_code == 200
    problem = stranger.get(path)
    assert (problem.status_code, problem.json()["code"]) == (404, "not_found")


def test_what_is_not_there_is_not_found(quick_site: Site) -> None:
    problem = quick_site.system().get("/api/v1/backtests/nothing")
    assert (problem.status_code, problem.json()["code"]) == (404, "not_found")
