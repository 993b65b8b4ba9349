"""Offers: whether one customer may have a reward now, and why not."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.errors import (
    LimitReached,
    NotForYou,
    RewardNotOpen,
    RewardOver,
    SoldOut,
    TierTooLow,
)
from domain.offers import Offer, Shopper, offer
from domain.rewards import Limit, LimitPeriod, Stock
from domain.tiers import Tier, TierPolicy, month_of, outlook
from tests.support.fakes import START
from tests.support.make import a_reward

TODAY = date(2026, 11, 22)
POLICY = TierPolicy((Tier("silver", "银牌", 1_000), Tier("gold", "金牌", 3_000)))
ANYBODY = Shopper(frozenset(), None, None)


def shopper(earned: int, *segments: str) -> Shopper:
    month = month_of(TODAY)
    return Shopper(frozenset(segments), POLICY, outlook(POLICY, {month: earned}, month))


def judged(
    who: Shopper = ANYBODY,
    *,
    stock: Stock | None = None,
    taken: int = 0,
    quantity: int = 1,
    **terms: Any,
) -> Offer:
    reward = a_reward(**terms)
    return offer(reward, stock, taken, who, quantity=quantity, now=START, today=TODAY)


def test_without_terms_everybody_may_have_any_number() -> None:
    found = judged(quantity=999)
    assert (found.obstacle, found.left, found.allowed, found.most) == (None, None, None, None)


def test_an_offer_has_its_time() -> None:
    early = START + timedelta(microseconds=1)
    found = judged(opens_at=early).obstacle
    assert isinstance(found, RewardNotOpen)
    assert found.opens_at == early
    assert judged(opens_at=START, closes_at=early).obstacle is None
    found = judged(closes_at=START).obstacle
    assert isinstance(found, RewardOver)
    assert found.closed_at == START
    found = judged(is_active=False, closes_at=START).obstacle
    assert isinstance(found, RewardOver)
    assert found.closed_at is None


def test_a_segment_of_several_suffices() -> None:
    assert isinstance(judged(segments=frozenset({"vip", "old"})).obstacle, NotForYou)
    assert judged(shopper(0, "old", "new"), segments=frozenset({"vip", "old"})).obstacle is None


@pytest.mark.parametrize(
    ("earned", "has", "missing"), [(0, "", 3_000), (1_000, "银牌", 2_000), (2_999, "银牌", 1)]
)
def test_a_tier_has_to_be_reached(earned: int, has: str, missing: int) -> None:
    found = judged(shopper(earned), tier="gold").obstacle
    assert isinstance(found, TierTooLow)
    assert (found.needed, found.tier, found.missing) == ("金牌", has, missing)
    assert judged(shopper(3_000), tier="gold").obstacle is None
    assert judged(shopper(3_000), tier="silver").obstacle is None


def test_a_tier_nobody_can_have_bars_nobody() -> None:
    assert judged(ANYBODY, tier="gold").obstacle is None
    assert judged(shopper(0), tier="platinum").obstacle is None


def test_there_are_only_as_many_as_there_are() -> None:
    found = judged(stock=Stock(2, 5, 9), quantity=3)
    assert isinstance(found.obstacle, SoldOut)
    assert (found.obstacle.left, found.obstacle.wanted, found.most) == (2, 3, 2)
    assert judged(stock=Stock(2), quantity=2).obstacle is None


def test_a_limit_counts_what_was_taken() -> None:
    limit = Limit(5, LimitPeriod.QUARTER)
    found = judged(limit=limit, taken=3, quantity=3)
    assert isinstance(found.obstacle, LimitReached)
    assert found.obstacle.details() == {
        "reward": "空调保养",
        "limit": 5,
        "period": LimitPeriod.QUARTER,
        "left": 2,
        "wanted": 3,
        "again_on": date(2027, 1, 1),
    }
    assert judged(limit=limit, taken=3, quantity=2).obstacle is None
    # A limit may be lowered below what was taken.
    assert judged(limit=limit, taken=9).allowed == 0
    ever = judged(limit=replace(limit, period=LimitPeriod.EVER), taken=5).obstacle
    assert isinstance(ever, LimitReached)
    assert ever.again_on is None


def test_what_nobody_can_have_is_said_first() -> None:
    none = Stock()
    limit = Limit(1, LimitPeriod.EVER)
    closed = judged(stock=none, limit=limit, taken=1, closes_at=START, tier="gold")
    assert isinstance(closed.obstacle, RewardOver)
    assert isinstance(judged(shopper(0), stock=none, tier="gold").obstacle, TierTooLow)
    assert isinstance(judged(stock=none, limit=limit, taken=1).obstacle, SoldOut)
    assert judged(stock=Stock(9), limit=limit).most == 1
