"""Back-tests over the API: ordered by a request, run by their worker, followed and read."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest

from bot.backtesting import Order, Watch, run, run_order
from bot.wiring import MAIN
from bot.workers.backtests import BacktestWorker
from domain.apikeys import Scope
from domain.backtest_orders import LEASE, BacktestOrder
from domain.ids import TenantId
from domain.replay.drafts import Period
from handlers.usecases.backtest_orders import OrderLost
from tests.bot.api.conftest import Site, System
from tests.bot.api.test_openapi import fields_of
from tests.bot.api.test_rules import DRAFTS, RULE, draft, refused, submitted
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


def work_off(site: Site) -> None:
    """Run everything that was ordered."""
    queue, run_one = site.parts.store.backtest_queue, partial(run_order, site.parts)
    worker = BacktestWorker(queue=queue, clock=site.clock, run=run_one)
    while worker.work(Event()):
        pass


def standing(system: System, order: dict[str, Any]) -> dict[str, Any]:
    """Ask what has become of an order."""
    answer = system.get(f"/api/v1/backtests/{order['backtest']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


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


def test_a_draft_is_tested_and_may_then_be_submitted(site: Site) -> None:
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
    waiting = standing(maker, order)
    at = waiting["ordered_at"]
    assert waiting == {
        "backtest": order["backtest"],
        "state": "waiting",
        "draft": 1,
        "first": "2020-01-01",
        "last": "2099-12-31",
        "by": "周涛",
        "ordered_at": at,
        "started_at": None,
        "finished_at": None,
        "progress": None,
        "reason": None,
        "exact": None,
        "report": None,
    }
    assert maker.get(f"{DRAFTS}/1").json()["backtest"] is None

    work_off(site)

    done = standing(maker, order)
    report = done["report"]
    ended = {"state": "done", "started_at": at, "finished_at": at, "exact": True}
    assert done == waiting | ended | {"report": report}
    assert (report["first"], report["last"], report["entries"]) == ("2020-01-01", "2099-12-31", 1)
    assert report["total"]["past"]["net"] > 0
    with site.parts.store.reading(MAIN) as work:
        [zhou] = [member.id for member in work.members.all() if member.name == "周涛"]
        result = work.backtests.get(order["backtest"])
    assert result is not None
    assert result.by == zhou
    assert maker.get(f"{DRAFTS}/1").json()["backtest"] == order["backtest"]
    assert maker.post(f"{DRAFTS}/1/submit", {}).status_code == 200


def test_orders_and_standings_are_as_they_are_described(quick_site: Site) -> None:
    order = ordered(maker_with_a_past(quick_site))
    described = quick_site.ask("GET", "/openapi.json").json()
    for method, address, status, shown in (
        ("post", "/api/v1/rules/drafts/{number}/backtest", "202", order),
        ("get", "/api/v1/backtests/{backtest}", "200", standing(quick_site.system(), order)),
    ):
        assert set(shown) == fields_of(described, described["paths"][address][method], status)


def test_a_running_back_test_shows_how_far_it_is(quick_site: Site) -> None:
    maker = maker_with_a_past(quick_site)
    order = ordered(maker)
    queue, now = quick_site.parts.store.backtest_queue, quick_site.clock.now()
    found = queue.claim(now, now + LEASE)
    assert found is not None
    tenant, claimed = found
    running = standing(maker, order)
    assert (running["state"], running["progress"]) == ("running", None)
    assert queue.prolong(tenant, replace(claimed, entries=9, played=4), now + LEASE)
    assert standing(maker, order) == running | {"progress": {"played": 4, "entries": 9}}


def test_a_back_test_that_nobody_has_ordered_is_shown_as_well(quick_site: Site) -> None:
    maker_with_a_past(quick_site)
    typed = Order(MAIN, None, Period())
    done = run(quick_site.parts, typed, Watch(lambda _: None, lambda _: None))
    shown = standing(quick_site.system(), {"backtest": done.backtest.id})
    assert (shown["state"], shown["exact"], shown["by"]) == ("done", True, None)
    assert (shown["draft"], shown["ordered_at"], shown["progress"]) == (None, None, None)
    assert shown["report"] == done.report


def test_without_a_period_everything_up_to_today_counts(quick_site: Site) -> None:
    maker = maker_with_a_past(quick_site)
    order = ordered(maker)
    assert (order["first"], order["last"]) == (None, None)
    work_off(quick_site)
    report = maker.get(f"/api/v1/backtests/{order['backtest']}").json()["report"]
    assert (report["first"], report["exact"]) == (None, True)


def test_the_same_request_again_orders_nothing_more(quick_site: Site) -> None:
    maker = maker_with_a_past(quick_site)
    first = maker.post(ORDER, {}, again="k")
    before = quick_site.everything()
    again = maker.post(ORDER, {}, again="k")
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert quick_site.everything() == before
    assert maker.post(ORDER, {"from": "2026-01-01"}, again="k").status_code == 409
    assert quick_site.everything() == before
    work_off(quick_site)
    after = quick_site.everything()
    third = maker.post(ORDER, {}, again="k")
    assert (third.status_code, third.json()) == (202, first.json())
    assert quick_site.everything() == after
    assert [len(after[name]) for name in ("backtest_orders", "backtests")] == [1, 1]


@pytest.mark.parametrize(
    ("number", "code", "status"),
    [(99, "unknown_draft", 404), (0, "invalid", 422), (2, "draft_closed", 409)],
)
def test_what_cannot_be_tested_is_a_problem(
    quick_site: Site, number: int, code: str, status: int
) -> None:
    maker = quick_site.system(member="周涛")
    draft(maker)
    assert submitted(maker, code="visit", trigger="check_in", formula=FIXED) == 2
    refused(maker, f"{DRAFTS}/{number}/backtest", {}, code=code, status=status)
    assert not quick_site.everything()["backtest_orders"]


@pytest.mark.parametrize(
    ("body", "at", "why"),
    [
        ({"from": "2026-02-01", "to": "2026-01-01"}, "", "period"),
        ({"from": "1.2.2026"}, "/from", "day"),
        ({"first": "2026-02-01"}, "/first", "extra_forbidden"),
    ],
)
def test_a_period_that_cannot_be_is_named(quick_site: Site, body: Any, at: str, why: str) -> None:
    maker = quick_site.system(member="周涛")
    draft(maker)
    problem = refused(maker, ORDER, body, code="invalid", status=422)
    assert problem["errors"] == [{"at": at, "code": why}]
    assert not quick_site.everything()["backtest_orders"]


def test_who_may_not_edit_rules_orders_nothing(quick_site: Site) -> None:
    maker_with_a_past(quick_site)
    for system in (quick_site.system(), quick_site.system(member="李强")):
        refused(system, ORDER, {}, code="not_permitted", status=403)
    reads = quick_site.system(Scope.READ, Scope.RULES_APPROVE, member="周涛")
    refused(reads, ORDER, {}, code="scope_missing", status=403)
    assert not quick_site.everything()["backtest_orders"]


def test_an_order_needs_no_queue_server(quick_site: Site) -> None:
    maker = maker_with_a_past(quick_site)
    # The application's queue server is nowhere.
    order = ordered(maker)
    work_off(quick_site)
    assert standing(maker, order)["state"] == "done"


def changed(maker: System) -> None:
    formula = RULE["formula"] | {"points": 13}
    assert maker.put(f"{DRAFTS}/1", {"rule": RULE | {"formula": formula}}).status_code == 200


def dropped(maker: System) -> None:
    assert maker.post(f"{DRAFTS}/1/drop", {}).status_code == 200


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [(changed, "draft_untested"), (dropped, "draft_closed")],
)
@pytest.mark.parametrize("is_late", [False, True])
def test_a_draft_that_says_something_else_by_then_keeps_nothing_and_the_order_says_why(
    quick_site: Site, meanwhile: Callable[[System], None], reason: str, *, is_late: bool
) -> None:
    maker = maker_with_a_past(quick_site)
    order = ordered(maker)

    def run_it(tenant: TenantId, claimed: BacktestOrder, watch: Watch) -> bool:
        def begin(entries: int) -> None:
            # What it is to play has been read.
            if is_late:
                meanwhile(maker)
            watch.begin(entries)

        return run_order(quick_site.parts, tenant, claimed, Watch(begin, watch.advance))

    if not is_late:
        meanwhile(maker)
    queue, clock = quick_site.parts.store.backtest_queue, quick_site.clock
    assert BacktestWorker(queue=queue, clock=clock, run=run_it).work(Event())
    failed = standing(maker, order)
    assert (failed["state"], failed["reason"], failed["report"]) == ("failed", reason, None)
    assert failed["finished_at"] is not None
    assert quick_site.everything()["backtests"] == []
    assert maker.get(f"{DRAFTS}/1").json()["backtest"] is None


def test_after_a_change_the_draft_can_be_tested_again(quick_site: Site) -> None:
    maker = maker_with_a_past(quick_site)
    ordered(maker)
    changed(maker)
    order = ordered(maker)
    work_off(quick_site)
    assert maker.get(f"{DRAFTS}/1").json()["backtest"] == order["backtest"]


def test_who_has_lost_the_order_keeps_nothing(quick_site: Site) -> None:
    maker = maker_with_a_past(quick_site)
    order = ordered(maker)
    queue, clock = quick_site.parts.store.backtest_queue, quick_site.clock
    found = queue.claim(clock.now(), clock.now() + LEASE)
    assert found is not None
    clock.forward(LEASE)
    work_off(quick_site)
    before = quick_site.everything()
    with pytest.raises(OrderLost):
        run_order(quick_site.parts, *found, Watch(lambda _: None, lambda _: None))
    assert quick_site.everything() == before
    assert [len(before[name]) for name in ("backtest_orders", "backtests")] == [1, 1]
    assert standing(maker, order)["state"] == "done"


def test_another_firm_sees_and_orders_nothing(site: Site) -> None:
    maker = maker_with_a_past(site)
    stranger = site.system(member="周涛", tenant=OTHER)
    refused(stranger, ORDER, {}, code="unknown_draft", status=404)
    order = ordered(maker)
    path = f"/api/v1/backtests/{order['backtest']}"
    for _ in range(2):
        assert maker.get(path).status_code == 200
        problem = stranger.get(path)
        assert (problem.status_code, problem.json()["code"]) == (404, "unknown_backtest")
        work_off(site)


def test_what_is_not_there_is_a_problem_of_its_own(quick_site: Site) -> None:
    problem = quick_site.system().get("/api/v1/backtests/nothing")
    assert (problem.status_code, problem.json()["code"]) == (404, "unknown_backtest")
    assert problem.json()["fields"] == {"asked": "nothing"}
    assert "nothing" in problem.json()["detail"]
