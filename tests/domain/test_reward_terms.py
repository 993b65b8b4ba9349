"""A reward's terms as a whole: differences, when two people are needed, JSON and back."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.ids import RewardId
from domain.reward_terms import (
    TERMS,
    differing,
    needs_second,
    reward_from_json,
    terms_to_json,
    worth,
)
from domain.rewards import Limit, LimitPeriod, Reward, RewardKind
from tests.support.make import a_reward

POINT_FEN = 100
OLD = a_reward(cost=60_000)
FULL = Reward(
    id=RewardId("reward-9"),
    number=9,
    name="抵用券",
    kind=RewardKind.VOUCHER,
    points=2_000,
    cost=100,
    value=200_000,
    description="抵下一笔款",
    picture="https://example.com/p.png",
    is_active=False,
    limit=Limit(2, LimitPeriod.QUARTER),
    tier="silver",
    segments=frozenset({"市政", "住宅"}),
    opens_at=datetime(2026, 12, 1, tzinfo=UTC),
    closes_at=datetime(2027, 1, 1, tzinfo=UTC),
    valid_days=90,
    is_partly_usable=True,
    needs_contact=True,
    needs_approver=True,
    has_stock=True,
    version=4,
)


def test_what_one_gives_away_is_the_greater_of_cost_and_value() -> None:
    assert (worth(FULL), worth(OLD), worth(a_reward())) == (200_000, 60_000, 0)


def test_only_terms_differ() -> None:
    assert differing(OLD, replace(OLD, id=RewardId("x"), number=8, version=9)) == ()
    assert differing(OLD, FULL) == TERMS
    assert differing(OLD, replace(OLD, points=1, has_stock=True)) == ("points", "has_stock")


@pytest.mark.parametrize("reward", [FULL, OLD])
def test_terms_survive_json(reward: Reward) -> None:
    written = json.loads(json.dumps(terms_to_json(reward)))
    assert reward_from_json(reward.id, reward.number, reward.version, written) == reward


@pytest.mark.parametrize(
    ("cost", "is_needed"), [(0, True), (1, False), (80_000, False), (80_001, True)]
)
def test_a_new_one_needs_two_people_when_it_gives_more_than_is_booked_or_nobody_says_what(
    cost: int, *, is_needed: bool
) -> None:
    assert needs_second(None, replace(OLD, cost=cost), POINT_FEN) is is_needed


@pytest.mark.parametrize(
    "changes",
    [
        {"points": 799},
        {"cost": 60_001},
        {"cost": 0},
        {"points": 1_000, "cost": 75_001},
        {"kind": RewardKind.VOUCHER, "value": 60_001},
    ],
)
def test_a_change_that_gives_more_for_a_point_needs_two_people(changes: dict[str, Any]) -> None:
    assert needs_second(OLD, replace(OLD, **changes), POINT_FEN)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"points": 801},
        {"cost": 59_999},
        {"points": 1_000, "cost": 75_000},
        {"name": "另一个名称", "is_active": False},
        {"needs_contact": True, "needs_approver": True},
        {"limit": Limit(1, LimitPeriod.EVER), "tier": "gold"},
    ],
)
def test_any_other_change_needs_one(changes: dict[str, Any]) -> None:
    assert not needs_second(OLD, replace(OLD, **changes), POINT_FEN)


def test_dropping_a_second_person_needs_one_more() -> None:
    for guarded in (replace(OLD, needs_contact=True), replace(OLD, needs_approver=True)):
        assert needs_second(guarded, OLD, POINT_FEN)


def test_where_nobody_says_what_it_costs_a_lower_price_needs_two_people() -> None:
    unknown = a_reward()
    assert needs_second(unknown, replace(unknown, points=799), POINT_FEN)
    assert not needs_second(unknown, replace(unknown, points=801), POINT_FEN)
    assert needs_second(unknown, replace(unknown, cost=1), POINT_FEN)
