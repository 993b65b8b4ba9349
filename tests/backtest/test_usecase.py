"""Planning, splitting, keeping and asking for what was kept."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.backtest_orders import LEASE, BacktestOrder, OrderState
from domain.events import EventType
from domain.ids import BacktestId, CustomerId, MemberId
from domain.members import Member, Role
from domain.programme import Programme
from domain.replay.drafts import Draft, Period
from domain.replay.report import report
from domain.rules.codec import canonical, content_hash
from domain.rules.model import Cap, Fixed, Scope, Window
from handlers.contract import Context, MemberActor
from handlers.usecases import backtests
from handlers.usecases.backtest_orders import OrderLost
from handlers.usecases.backtests import ENTRIES_AT_ONCE, Layout, Part
from tests.support.history import EVER, History
from tests.support.make import a_rule, an_api_key
from tests.support.stores import MAIN

VISIT = a_rule("visit", trigger=EventType.CHECK_IN, formula=Fixed(10), effective_from=EVER)
ZHANG = Member(MemberId("m-zhang"), "张敏", frozenset({Role.SUPERVISOR}))
DRAFT = Draft((replace(VISIT, version=2, formula=Fixed(12)),))


def begun(history: History) -> History:
    history.publish(VISIT)
    history.customer("C1")
    history.happens("C1", EventType.CHECK_IN)
    return history


def test_a_result_is_kept_with_what_was_tested_and_by_whom(history: History) -> None:
    begun(history)
    history.act(lambda ctx: ctx.work.members.add(ZHANG))
    period = Period(history.clock.now().date(), None)
    plan = history.plan(DRAFT, period)
    replayed = history.replay(plan)
    history.pass_by(seconds=9)
    kept, found = history.act(
        lambda ctx: backtests.keep(replace(ctx, actor=MemberActor(ZHANG)), plan, replayed)
    )
    assert found == report(plan, replayed)
    with history.store.reading(MAIN) as work:
        assert work.backtests.get(kept.id) == kept
    assert json.loads(kept.result) == json.loads(json.dumps(found))
    assert (kept.first, kept.last, kept.by) == (period.first, None, ZHANG.id)
    assert kept.finished_at - kept.started_at == timedelta(seconds=9)
    assert kept.content_hash == content_hash(canonical(DRAFT.rules[0]))
    assert kept.is_exact


def test_exactly_this_content_has_to_be_tested(history: History) -> None:
    begun(history)
    since = history.clock.now()
    plan = history.plan(DRAFT)
    replayed = history.replay(plan)
    assert not history.act(lambda ctx: backtests.is_tested(ctx, DRAFT, since))
    history.act(lambda ctx: backtests.keep(ctx, plan, replayed))
    assert history.act(lambda ctx: backtests.is_tested(ctx, DRAFT, since))
    other = Draft((replace(DRAFT.rules[0], formula=Fixed(13)),))
    assert not history.act(lambda ctx: backtests.is_tested(ctx, other, since))
    later = since + timedelta(days=1)
    assert not history.act(lambda ctx: backtests.is_tested(ctx, DRAFT, later))
    unchecked = replace(plan, checks=False)
    history.pass_by(seconds=1)
    history.act(lambda ctx: backtests.keep(ctx, unchecked, replayed))
    assert not history.act(lambda ctx: backtests.is_tested(ctx, DRAFT, since))


def ordered(history: History) -> BacktestOrder:
    """Let somebody order a back-test, and a process claim it."""
    key = an_api_key(member=ZHANG.id)
    order = BacktestOrder(
        BacktestId("ordered"), 1, "5" * 64, Period(), ZHANG.id, key.id, history.clock.now()
    )

    def act(ctx: Context) -> None:
        ctx.work.members.add(ZHANG)
        ctx.work.api_keys.add(key)
        ctx.work.backtest_orders.add(order)

    history.act(act)
    return claimed(history)


def claimed(history: History) -> BacktestOrder:
    now = history.clock.now()
    found = history.store.backtest_queue.claim(now, now + LEASE)
    assert found is not None
    return found[1]


def test_a_result_goes_by_its_order_which_is_done_with_it(history: History) -> None:
    begun(history)
    plan = history.plan(DRAFT)
    replayed, order = history.replay(plan), ordered(history)
    kept, _ = history.act(lambda ctx: backtests.keep(ctx, plan, replayed, order))
    assert kept.id == order.id
    with history.store.reading(MAIN) as work:
        assert work.backtests.get(order.id) == kept
        stands = work.backtest_orders.get(order.id)
    assert stands == replace(order, state=OrderState.DONE, finished_at=history.clock.now())


def test_a_result_whose_order_was_claimed_anew_is_not_kept(history: History) -> None:
    begun(history)
    plan = history.plan(DRAFT)
    replayed, lost = history.replay(plan), ordered(history)
    history.pass_by(seconds=LEASE.total_seconds())
    held = claimed(history)
    with pytest.raises(OrderLost):
        history.act(lambda ctx: backtests.keep(ctx, plan, replayed, lost))
    with history.store.reading(MAIN) as work:
        assert work.backtests.get(lost.id) is None
        assert work.backtest_orders.get(lost.id) == held


def test_a_replay_of_the_past_alone_is_kept_too(history: History) -> None:
    begun(history)
    plan = history.plan()
    replayed = history.replay(plan)
    kept, found = history.act(lambda ctx: backtests.keep(ctx, plan, replayed))
    assert (kept.content_hash, kept.by, kept.is_exact) == ("", None, True)
    assert "draft" not in found["total"]
    assert (found["tiers"], found["unpaid"]["count"]) == ([], 0)


def test_the_past_alone_can_be_split_too(history: History) -> None:
    begun(history)
    history.customer("C2")
    history.happens("C2", EventType.CHECK_IN)
    plan = history.plan()
    parts = tuple(Part(customer, customer, count) for customer, count in history.customers())
    with history.store.reading(MAIN) as work:
        first, second = [
            backtests.play(work.recordings, plan, share, lambda _: None)
            for share in Layout(2, parts).shares(2)
        ]
    first.add(second)
    assert first == history.replay(plan)
    assert first.steps == 2


def test_what_is_recorded_after_the_plan_is_left_out(history: History) -> None:
    begun(history)
    plan = history.plan(DRAFT)
    history.pass_by(seconds=1)
    history.publish(replace(VISIT, version=2, formula=Fixed(99)))
    history.happens("C1", EventType.CHECK_IN)
    found = history.replay(plan)
    assert (found.steps, found.different_steps) == (1, 0)


@pytest.mark.parametrize("scope", Scope)
def test_a_cap_over_customers_needs_all_of_them_together(history: History, scope: Scope) -> None:
    begun(history)
    cap = Cap(scope, Window.MONTH, points=15)
    across = scope not in {Scope.CUSTOMER, Scope.CONTACT}
    drafts = (
        Draft((replace(DRAFT.rules[0], caps=(cap,)),)),
        Draft(programme=Programme(1, EVER, caps=(cap,))),
    )
    with history.store.reading(MAIN) as work:
        for draft in drafts:
            layout = backtests.layout(work, history.plan(draft))
            assert (layout.parts is None) is across
            if across:
                assert layout.shares(4) == [layout]
    found = history.backtest(drafts[0])
    assert found["exact"]


def test_a_tenants_cap_is_shared_in_the_order_of_time(history: History) -> None:
    begun(history)
    history.customer("C2")
    for who in ("C2", "C1", "C2"):
        history.pass_by(days=1)
        history.happens(who, EventType.CHECK_IN)
    cap = Cap(Scope.TENANT, Window.EVER, points=25)
    found = history.backtest(Draft(programme=Programme(1, EVER, caps=(cap,))))
    assert {row["customer"]: row["draft"]["given"] for row in found["customers"]} == {
        "C1": 15,
        "C2": 10,
    }


def test_customers_are_read_so_many_at_a_time_and_split_by_their_entries() -> None:
    half = ENTRIES_AT_ONCE // 2
    counts = [("C1", half), ("C2", half), ("C3", ENTRIES_AT_ONCE + 1), ("C4", 7)]
    parts = tuple(backtests.parts_of([(CustomerId(who), count) for who, count in counts]))
    layout = Layout(2 * ENTRIES_AT_ONCE + 8, parts)
    assert layout.parts == (
        Part(CustomerId("C1"), CustomerId("C2"), ENTRIES_AT_ONCE),
        Part(CustomerId("C3"), CustomerId("C3"), ENTRIES_AT_ONCE + 1),
        Part(CustomerId("C4"), CustomerId("C4"), 7),
    )
    assert [share.entries for share in layout.shares(2)] == [
        ENTRIES_AT_ONCE,
        ENTRIES_AT_ONCE + 8,
    ]
    assert len(layout.shares(9)) == 3
    assert Layout(0, ()).shares(2) == [Layout(0, ())]


def test_the_hash_is_of_all_parts_in_any_order() -> None:
    survey = a_rule("survey", trigger=EventType.SURVEY_COMPLETED)
    programme = Programme(1, EVER)
    assert Draft((VISIT, survey)).hash == Draft((survey, VISIT)).hash
    assert Draft((VISIT,), programme).hash != Draft((VISIT,)).hash
    assert Draft(programme=programme).hash == content_hash(canonical(programme))
