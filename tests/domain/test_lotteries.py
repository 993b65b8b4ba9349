"""Lotteries: their life, who may draw when, and what may be a prize."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.errors import (
    DrawLimit,
    LotteryNotOpen,
    LotteryOver,
    LotteryStands,
    PrizeTooDear,
    UrnEmpty,
)
from domain.ids import RewardId
from domain.lotteries import (
    WORTH_MAX,
    LotteryState,
    Prize,
    PrizeKind,
    check_draw,
    closed,
    draws_left,
    opened,
    refuse_too_dear,
    start_of_today,
)
from tests.domain.test_draws import NOW, a_lottery, with_prize

SECOND = timedelta(seconds=1)
DRAFT = replace(a_lottery(), state=LotteryState.DRAFT, commitment="")
NONE: dict[str, Any] = {"today": 0, "ever": 0}


def test_a_lottery_is_opened_once_and_closed_once() -> None:
    first = opened(DRAFT, "c" * 64, NOW)
    assert (first.state, first.commitment, first.published_at) == ("open", "c" * 64, NOW)
    with pytest.raises(LotteryStands):
        opened(first, "d" * 64, NOW)
    last = closed(first, NOW + SECOND)
    assert (last.state, last.closed_at, last.seed) == ("closed", NOW + SECOND, None)
    assert (DRAFT.version, first.version, last.version) == (1, 2, 3)
    for lottery in (DRAFT, last):
        with pytest.raises(LotteryStands):
            closed(lottery, NOW)


def test_a_lottery_is_not_opened_when_its_time_is_over() -> None:
    with pytest.raises(LotteryOver):
        opened(DRAFT, "c" * 64, DRAFT.closes_at)


@pytest.mark.parametrize(
    ("at", "refusal"),
    [
        (NOW - SECOND, LotteryNotOpen),
        (NOW, None),
        (NOW + timedelta(days=30) - SECOND, None),
        (NOW + timedelta(days=30), LotteryOver),
    ],
)
def test_one_draws_while_it_is_on(at: datetime, refusal: type[Exception] | None) -> None:
    if refusal is None:
        check_draw(a_lottery(), **NONE, now=at)
    else:
        with pytest.raises(refusal):
            check_draw(a_lottery(), **NONE, now=at)


@pytest.mark.parametrize("state", [LotteryState.DRAFT, LotteryState.CLOSED])
def test_one_draws_only_from_an_open_one(state: LotteryState) -> None:
    with pytest.raises(LotteryOver) as caught:
        check_draw(replace(a_lottery(), state=state, closed_at=NOW), **NONE, now=NOW)
    assert caught.value.closed_at == NOW


def test_an_empty_urn_has_nothing() -> None:
    with pytest.raises(UrnEmpty):
        check_draw(with_prize(a_lottery([1]), left=0), **NONE, now=NOW)


def test_limits_say_when_one_may_draw_again() -> None:
    lottery = a_lottery(per_day=2, per_customer=5)
    check_draw(lottery, today=1, ever=4, now=NOW)
    with pytest.raises(DrawLimit) as caught:
        check_draw(lottery, today=2, ever=4, now=NOW)
    assert (caught.value.limit, caught.value.again_on) == (2, date(2026, 11, 23))
    with pytest.raises(DrawLimit) as caught:
        check_draw(lottery, today=2, ever=5, now=NOW)
    assert (caught.value.limit, caught.value.again_on) == (5, None)
    last_day = replace(lottery, closes_at=NOW + timedelta(hours=14))
    with pytest.raises(DrawLimit) as caught:
        check_draw(last_day, today=2, ever=4, now=NOW)
    assert caught.value.again_on is None


@pytest.mark.parametrize(
    ("per_day", "per_customer", "today", "ever", "left"),
    [
        (None, None, 3, 9, None),
        (3, None, 1, 9, 2),
        (None, 10, 3, 9, 1),
        (3, 10, 0, 9, 1),
        (3, 10, 2, 3, 1),
        (3, 10, 4, 11, 0),
    ],
)
def test_what_is_left_of_the_limits(
    per_day: int | None, per_customer: int | None, today: int, ever: int, left: int | None
) -> None:
    lottery = a_lottery(per_day=per_day, per_customer=per_customer)
    assert draws_left(lottery, today=today, ever=ever) == left


def test_today_begins_at_midnight_in_the_firms_zone() -> None:
    assert start_of_today(NOW) == datetime(2026, 11, 21, 16, tzinfo=UTC)


def test_tickets_of_one_reward_are_counted_together() -> None:
    prizes = tuple(
        Prize(
            place,
            PrizeKind.REWARD,
            str(place),
            3,
            1,
            reward=RewardId(reward),
            has_stock=reward != "book",
        )
        for place, reward in enumerate(("tea", "care", "tea", "book"), 1)
    )
    lottery = replace(a_lottery(), prizes=(*prizes, *a_lottery().prizes))
    assert list(lottery.stocked().items()) == [("care", 1), ("tea", 2)]


def test_the_law_bounds_a_single_prize() -> None:
    prize = Prize(1, PrizeKind.POINTS, "分", 9, 9, points=50_000, months=1)
    refuse_too_dear([prize, replace(prize, worth=WORTH_MAX)], 100)
    with pytest.raises(PrizeTooDear) as caught:
        refuse_too_dear([prize], 101)
    assert (caught.value.worth, caught.value.most) == (5_050_000, WORTH_MAX)
    with pytest.raises(PrizeTooDear):
        refuse_too_dear([replace(prize, worth=WORTH_MAX + 1)], 1)
