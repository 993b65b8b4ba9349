"""Tiers follow from what was earned per month: at once upwards, after the grace downwards."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from domain.tiers import (
    Outlook,
    Tier,
    TierPolicy,
    first_day,
    in_window,
    level,
    month_of,
    outlook,
    reached,
    tier_at,
)

SILVER, GOLD = Tier("silver", "银卡", 100), Tier("gold", "金卡", 300)
POLICY = TierPolicy((SILVER, GOLD), window_months=3, grace_months=1)
NOV = month_of(date(2026, 11, 22))


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 1, 31), date(2026, 1, 1)),
        (date(2026, 12, 31), date(2026, 12, 1)),
        (date(2027, 1, 1), date(2027, 1, 1)),
    ],
)
def test_months_are_numbered_through_the_years(day: date, first: date) -> None:
    assert first_day(month_of(day)) == first
    assert month_of(date(2027, 1, 1)) - month_of(date(2026, 12, 31)) == 1


@pytest.mark.parametrize(
    ("points", "at"), [(0, 0), (99, 0), (100, 1), (299, 1), (300, 2), (10**9, 2)]
)
def test_a_tier_is_reached_at_its_threshold(points: int, at: int) -> None:
    assert reached(POLICY, points) == at


def test_the_window_is_whole_months_back_from_this_one() -> None:
    earned = {NOV - 3: 1000, NOV - 2: 1, NOV - 1: 10, NOV: 100, NOV + 1: 5000}
    assert in_window(POLICY, earned, NOV) == 111


@pytest.mark.parametrize(
    ("earned", "levels"),
    [
        ({}, [0, 0, 0, 0, 0, 0]),
        # Promoted in its month, kept for the window and the month of grace, then lost.
        ({NOV: 100}, [1, 1, 1, 1, 0, 0]),
        ({NOV: 300}, [2, 2, 2, 2, 0, 0]),
        # Step by step down: gold goes with the window, silver is still earned.
        ({NOV: 200, NOV + 2: 100}, [1, 1, 2, 2, 1, 1]),
        ({NOV - 1: 50, NOV: 50}, [1, 1, 1, 0, 0, 0]),
    ],
)
def test_up_at_once_and_down_after_window_and_grace(
    earned: dict[int, int], levels: list[int]
) -> None:
    assert [level(POLICY, earned, NOV + n) for n in range(6)] == levels


def test_without_tiers_or_below_the_first_there_is_none() -> None:
    assert tier_at(None, {NOV: 1000}, NOV) is None
    assert tier_at(POLICY, {NOV: 99}, NOV) is None
    assert tier_at(POLICY, {NOV: 100}, NOV) == SILVER


@pytest.mark.parametrize(
    ("earned", "expected"),
    [
        ({}, Outlook(None, 0, SILVER, 100, None, None)),
        ({NOV: 60}, Outlook(None, 60, SILVER, 40, None, None)),
        ({NOV: 120}, Outlook(SILVER, 120, GOLD, 180, date(2027, 3, 1), None)),
        ({NOV: 300}, Outlook(GOLD, 300, None, 0, date(2027, 3, 1), None)),
        # What is left of the window keeps silver when gold goes.
        (
            {NOV - 2: 250, NOV: 100},
            Outlook(GOLD, 350, None, 0, date(2027, 1, 1), SILVER),
        ),
        # Held by grace alone: already more than earned now.
        ({NOV - 3: 100}, Outlook(SILVER, 0, GOLD, 300, date(2026, 12, 1), None)),
        # Points are in the wallet for a month that is still to come: the tier rises first.
        ({NOV: 100, NOV + 1: 250}, Outlook(SILVER, 100, GOLD, 200, date(2027, 4, 1), None)),
    ],
)
def test_the_outlook_says_what_is_missing_and_when_the_tier_goes(
    earned: dict[int, int], expected: Outlook
) -> None:
    assert outlook(POLICY, earned, NOV) == expected


@pytest.mark.parametrize("threshold", [0, -5])
def test_a_tier_for_everybody_is_never_lost(threshold: int) -> None:
    basic = Tier("basic", "会员", threshold)
    policy = TierPolicy((basic, GOLD), window_months=3, grace_months=1)
    assert outlook(policy, {}, NOV) == Outlook(basic, 0, GOLD, 300, None, None)
    assert outlook(policy, {NOV: 300}, NOV) == Outlook(GOLD, 300, None, 0, date(2027, 3, 1), basic)


EARNED = st.dictionaries(st.integers(NOV - 8, NOV), st.integers(0, 400), max_size=6)


@given(EARNED, st.integers(1, 6), st.integers(0, 4))
def test_the_outlook_comes_true_if_nothing_changes(
    earned: dict[int, int], window: int, grace: int
) -> None:
    policy = TierPolicy((SILVER, GOLD), window_months=window, grace_months=grace)
    seen = outlook(policy, earned, NOV)
    assert seen.tier == tier_at(policy, earned, NOV)
    month = NOV
    while seen.tier is not None and tier_at(policy, earned, month) == seen.tier:
        month += 1
    assert seen.falls_on == (None if seen.tier is None else first_day(month))
    assert seen.falls_to == (None if seen.tier is None else tier_at(policy, earned, month))


@given(EARNED, st.integers(NOV - 8, NOV), st.integers(1, 300))
def test_earning_more_never_lowers_a_level(earned: dict[int, int], month: int, more: int) -> None:
    richer = earned | {month: earned.get(month, 0) + more}
    assert all(
        level(POLICY, richer, m) >= level(POLICY, earned, m) for m in range(NOV - 8, NOV + 8)
    )
