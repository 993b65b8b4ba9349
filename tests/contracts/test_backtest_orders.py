"""Orders of back-tests and their queue of leases, on the fake store and both engines."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from domain.backtest_orders import LEASE, BacktestOrder, OrderState
from domain.ids import BacktestId, TenantId
from domain.ports import Conflict
from domain.replay.drafts import Period
from tests.contracts.rows import LI
from tests.support.fakes import START
from tests.support.make import an_api_key
from tests.support.stores import MAIN, OTHER, AnyStore

SECOND = timedelta(seconds=1)
KEY = an_api_key(member=LI.id)
ORDER = BacktestOrder(
    id=BacktestId("b-1"),
    draft=7,
    says="5" * 64,
    period=Period(date(2026, 1, 1), date(2026, 6, 30)),
    by=LI.id,
    api_key=KEY.id,
    ordered_at=START,
)
LATER = replace(ORDER, id=BacktestId("b-2"), period=Period(), ordered_at=START + SECOND)


@pytest.fixture
def furnished(any_store: AnyStore) -> AnyStore:
    for tenant in (MAIN, OTHER):
        with any_store.work(tenant) as work:
            work.members.add(LI)
            work.api_keys.add(KEY)
            work.commit()
    return any_store


def order(store: AnyStore, *orders: BacktestOrder, tenant: TenantId = MAIN) -> None:
    with store.work(tenant) as work:
        for one in orders:
            work.backtest_orders.add(one)
        work.commit()


def get(
    store: AnyStore, backtest: BacktestId = ORDER.id, tenant: TenantId = MAIN
) -> BacktestOrder | None:
    with store.reading(tenant) as work:
        return work.backtest_orders.get(backtest)


def claim(store: AnyStore, at: datetime = START) -> BacktestOrder:
    found = store.backtest_queue.claim(at, at + LEASE)
    assert found is not None
    return found[1]


def finish(store: AnyStore, claimed: BacktestOrder, at: datetime) -> bool:
    with store.work(MAIN) as work:
        is_held = work.backtest_orders.finish(claimed, at)
        work.commit()
    return is_held


def test_an_order_is_found_as_it_was_stored_by_its_own_tenant(furnished: AnyStore) -> None:
    order(furnished, ORDER, LATER)

    assert get(furnished) == ORDER
    assert get(furnished, LATER.id) == LATER
    assert get(furnished, BacktestId("b-3")) is None
    assert get(furnished, tenant=OTHER) is None


def test_an_id_is_ordered_once(furnished: AnyStore) -> None:
    order(furnished, ORDER)

    with furnished.work(MAIN) as work, pytest.raises(Conflict):
        work.backtest_orders.add(replace(ORDER, draft=8))
    assert get(furnished) == ORDER


def test_the_oldest_order_of_all_tenants_is_claimed_once(furnished: AnyStore) -> None:
    order(furnished, LATER)
    order(furnished, ORDER, tenant=OTHER)
    queue = furnished.backtest_queue
    at = START + 2 * SECOND

    assert queue.claim(START - SECOND, START) is None
    running = replace(ORDER, state=OrderState.RUNNING, tries=1, started_at=at)
    assert queue.claim(at, at + LEASE) == (OTHER, running)
    assert get(furnished, tenant=OTHER) == running
    assert queue.claim(at, at + LEASE) == (
        MAIN,
        replace(LATER, state=OrderState.RUNNING, tries=1, started_at=at),
    )
    assert queue.claim(at, at + LEASE) is None


def test_a_claim_that_is_prolonged_is_held_and_shows_how_far_it_is(furnished: AnyStore) -> None:
    order(furnished, ORDER)
    claimed = replace(claim(furnished), entries=6_000_000_000, played=5_000_000_000)
    queue = furnished.backtest_queue

    assert queue.prolong(MAIN, claimed, START + 2 * LEASE)
    assert get(furnished) == claimed
    assert queue.claim(START + 2 * LEASE - SECOND, START + 3 * LEASE) is None


def test_when_its_lease_has_lapsed_an_order_is_claimed_anew(furnished: AnyStore) -> None:
    order(furnished, ORDER)
    first = replace(claim(furnished), entries=9, played=5)
    assert furnished.backtest_queue.prolong(MAIN, first, START + LEASE)

    assert furnished.backtest_queue.claim(START + LEASE - SECOND, START) is None
    second = claim(furnished, START + LEASE)
    assert second == replace(first, tries=2, started_at=START + LEASE, entries=None, played=0)
    assert get(furnished) == second


def test_who_has_lost_a_claim_moves_nothing(furnished: AnyStore) -> None:
    order(furnished, ORDER)
    lost = claim(furnished)
    held = claim(furnished, START + LEASE)
    at, queue = START + LEASE + SECOND, furnished.backtest_queue

    assert not queue.prolong(MAIN, lost, at + LEASE)
    assert not finish(furnished, lost, at)
    queue.fail(MAIN, lost, "bug", at)
    queue.put_back(MAIN, lost, at, is_counted=True)
    assert get(furnished) == held
    assert queue.claim(START + 2 * LEASE - SECOND, at) is None
    assert finish(furnished, held, at)


def test_what_is_done_or_has_failed_is_over(furnished: AnyStore) -> None:
    order(furnished, ORDER, LATER)
    at, queue = START + SECOND, furnished.backtest_queue
    first, second = claim(furnished, at), claim(furnished, at)
    assert finish(furnished, first, at)
    queue.fail(MAIN, second, "draft_untested", at)

    done = replace(first, state=OrderState.DONE, finished_at=at)
    failed = replace(second, state=OrderState.FAILED, finished_at=at, reason="draft_untested")
    assert queue.claim(START + timedelta(days=1), START + timedelta(days=2)) is None
    for claimed in (first, second):
        assert not finish(furnished, claimed, at + SECOND)
        assert not queue.prolong(MAIN, claimed, at + LEASE)
        queue.fail(MAIN, claimed, "bug", at + SECOND)
        queue.put_back(MAIN, claimed, at, is_counted=False)
    assert [get(furnished), get(furnished, LATER.id)] == [done, failed]


def test_nothing_is_finished_without_a_commit(furnished: AnyStore) -> None:
    order(furnished, ORDER)
    claimed = claim(furnished)

    with furnished.work(MAIN) as work:
        assert work.backtest_orders.finish(claimed, START)
    assert get(furnished) == claimed


def test_what_is_put_back_waits_and_its_try_counts_or_not(furnished: AnyStore) -> None:
    order(furnished, ORDER)
    queue = furnished.backtest_queue
    claimed = replace(claim(furnished), entries=9, played=5)
    assert queue.prolong(MAIN, claimed, START + LEASE)

    queue.put_back(MAIN, claimed, START + 5 * SECOND, is_counted=True)
    assert get(furnished) == replace(ORDER, tries=1)
    assert queue.claim(START + 4 * SECOND, START) is None
    again = claim(furnished, START + 5 * SECOND)
    assert again.tries == 2
    queue.put_back(MAIN, again, START + 6 * SECOND, is_counted=False)
    assert get(furnished) == replace(ORDER, tries=1)


def test_how_long_orders_wait_while_nobody_works_is_known(furnished: AnyStore) -> None:
    queue = furnished.backtest_queue
    assert queue.oldest_due_seconds(START) == 0
    order(furnished, LATER)
    order(furnished, ORDER, tenant=OTHER)

    assert queue.oldest_due_seconds(START) == 0
    assert queue.oldest_due_seconds(START + 90 * SECOND) == 90
    claim(furnished, START + 90 * SECOND)
    assert queue.oldest_due_seconds(START + 100 * SECOND) == 0
    # Its process has died, and nobody has taken it up.
    assert queue.oldest_due_seconds(START + 90 * SECOND + LEASE) == 89 + LEASE.seconds
