"""Rewards: where stock is, how limits count, until when what was bought can be used."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.ids import RewardId
from domain.rewards import (
    LimitPeriod,
    Reward,
    RewardKind,
    Stock,
    StockMove,
    is_low,
    is_over,
    last_day_of_use,
    limit_again_on,
    limit_since,
    stock_legs,
)

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SERVICE = Reward(RewardId("r-1"), 1, "空调保养", RewardKind.SERVICE, 800)


def test_stock_is_in_one_of_three_places() -> None:
    assert Stock(3, 2, 1).received == 6
    assert Stock().received == 0


@pytest.mark.parametrize("move", StockMove)
def test_only_coming_in_and_taking_out_change_what_there_is(move: StockMove) -> None:
    legs = stock_legs(move, 5)
    changes = {StockMove.RECEIVE: 5, StockMove.REMOVE: -5}
    assert legs.received == changes.get(move, 0)
    assert {abs(legs.available), abs(legs.held), abs(legs.gone)} <= {0, 5}


def test_a_hold_and_its_release_cancel_out() -> None:
    held, released = stock_legs(StockMove.HOLD, 2), stock_legs(StockMove.RELEASE, 2)
    assert (held.available, held.held, held.gone) == (-2, 2, 0)
    assert (released.available, released.held, released.gone) == (2, -2, 0)
    assert stock_legs(StockMove.HAND_OVER, 2) == Stock(0, -2, 2)
    assert stock_legs(StockMove.TAKE_BACK, 2) == Stock(0, 2, -2)


@pytest.mark.parametrize(
    ("period", "today", "since", "again"),
    [
        (
            LimitPeriod.MONTH,
            date(2026, 11, 22),
            datetime(2026, 10, 31, 16, tzinfo=UTC),
            date(2026, 12, 1),
        ),
        (
            LimitPeriod.MONTH,
            date(2026, 12, 31),
            datetime(2026, 11, 30, 16, tzinfo=UTC),
            date(2027, 1, 1),
        ),
        (
            LimitPeriod.QUARTER,
            date(2026, 11, 22),
            datetime(2026, 9, 30, 16, tzinfo=UTC),
            date(2027, 1, 1),
        ),
        (
            LimitPeriod.QUARTER,
            date(2026, 3, 31),
            datetime(2025, 12, 31, 16, tzinfo=UTC),
            date(2026, 4, 1),
        ),
        (
            LimitPeriod.YEAR,
            date(2026, 1, 1),
            datetime(2025, 12, 31, 16, tzinfo=UTC),
            date(2027, 1, 1),
        ),
    ],
)
def test_a_limit_counts_over_the_firms_calendar(
    period: LimitPeriod, today: date, since: datetime, again: date
) -> None:
    assert limit_since(period, today) == since
    assert limit_again_on(period, today) == again


def test_a_limit_for_ever_never_ends() -> None:
    assert limit_since(LimitPeriod.EVER, date(2026, 11, 22)) is None
    assert limit_again_on(LimitPeriod.EVER, date(2026, 11, 22)) is None


def test_an_offer_is_over_at_its_end_or_when_it_is_taken_off() -> None:
    assert not is_over(SERVICE, NOW)
    assert is_over(replace(SERVICE, is_active=False), NOW)
    ending = replace(SERVICE, closes_at=NOW)
    assert is_over(ending, NOW)
    assert not is_over(ending, NOW - timedelta(microseconds=1))


def test_what_is_bought_can_be_used_to_the_end_of_a_day() -> None:
    late = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # the 23rd in Shanghai
    assert last_day_of_use(None, NOW) is None
    assert last_day_of_use(0, NOW) == date(2026, 11, 22)
    assert last_day_of_use(30, late) == date(2026, 12, 23)


def test_a_second_person_may_be_of_either_side() -> None:
    assert not SERVICE.needs_second
    assert replace(SERVICE, needs_contact=True).needs_second
    assert replace(SERVICE, needs_approver=True).needs_second


@pytest.mark.parametrize(
    ("stock", "low"),
    [
        (Stock(), True),
        (Stock(2, 0, 8), True),
        (Stock(3, 0, 8), False),
        (Stock(2, 3, 4), False),
        (Stock(1, 4, 0), True),
    ],
)
def test_stock_is_low_when_a_fifth_or_less_is_left(stock: Stock, *, low: bool) -> None:
    assert is_low(stock) is low
