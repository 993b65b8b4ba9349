"""The run that ends what nobody has agreed to, on the fake store and both engines."""

from datetime import timedelta

import pytest
from redis import Redis

from bot.hints import Hints
from bot.pulls import Puller
from bot.runtime import Runtime
from bot.workers.runs import Runs
from bot.workers.worker import make_queue
from domain.redemptions import RedemptionState
from domain.rewards import Stock
from tests.support.fakes import SequenceIds
from tests.support.mall import Mall
from tests.support.stores import *  # noqa: F403  fixtures must be names of the module
from tests.support.stores import (
    MAIN,
    AnyStore,
    _cluster_stops_at_the_end,  # noqa: F401
)


@pytest.fixture
def mall(any_store: AnyStore, ids: SequenceIds) -> Mall:
    """Give a mall where three things wait for another contact."""
    made = Mall(any_store, ids)
    reward = made.offers(stock=3, needs_contact=True)
    made.earns(30)
    for _ in range(3):
        made.confirms(made.previews(reward))
    return made


def runs_of(mall: Mall, seconds: float = 9.0) -> Runs:
    runtime = Runtime(
        store=mall.store,
        clock=mall.clock,
        ids=mall.ids,
        render=lambda *_: pytest.fail("nothing is sent here"),
        pullers=Puller(mall.store, pytest.fail, pytest.fail),  # type: ignore[arg-type]
    )
    hints = Hints(make_queue(Redis.from_url("redis://127.0.0.1:1", socket_timeout=0.3)))
    return Runs(store=mall.store, clock=mall.clock, runtime=runtime, hints=hints, seconds=seconds)


def states(mall: Mall) -> list[RedemptionState]:
    return [one.state for one in mall.bought()]


def test_what_is_in_time_waits_on(mall: Mall) -> None:
    mall.clock.forward(timedelta(days=3) - timedelta(microseconds=1))
    assert runs_of(mall).expire_redemptions(MAIN) is False
    assert states(mall) == [RedemptionState.HELD] * 3


def test_what_is_out_of_time_ends_and_everything_is_free_again(mall: Mall) -> None:
    mall.clock.forward(timedelta(days=3))
    assert runs_of(mall).expire_redemptions(MAIN) is False
    assert states(mall) == [RedemptionState.EXPIRED] * 3
    assert (mall.wallet().available, mall.wallet().held) == (30, 0)
    assert mall.stock() == Stock(3)


def test_a_run_out_of_time_itself_goes_on_at_the_next_tick(mall: Mall) -> None:
    mall.clock.forward(timedelta(days=3))
    runs = runs_of(mall, seconds=0)
    left = []
    while runs.expire_redemptions(MAIN):
        left.append(states(mall).count(RedemptionState.HELD))
    assert left == [2, 1]
    assert states(mall) == [RedemptionState.EXPIRED] * 3


def test_holds_never_run_out_before_what_they_are_held_for(mall: Mall) -> None:
    mall.clock.forward(timedelta(days=3))
    assert runs_of(mall).release(MAIN) is False
    assert mall.wallet().held == 30
    # A day later the run over holds frees them too, and ending what they were held for still works.
    mall.clock.forward(timedelta(days=2))
    assert runs_of(mall).release(MAIN) is False
    assert mall.wallet().held == 0
    runs_of(mall).expire_redemptions(MAIN)
    assert states(mall) == [RedemptionState.EXPIRED] * 3
    assert (mall.wallet().available, mall.stock()) == (30, Stock(3))
