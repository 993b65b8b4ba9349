"""The checker of rewards: every problem with its field and value, warnings beside errors."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.ids import RewardId
from domain.programme import DEFAULT
from domain.reward_checks import Fault, Setting, check_reward, folded_name, names_of
from domain.rewards import Limit, LimitPeriod, Reward, RewardKind
from domain.rules.findings import Severity
from domain.tiers import Tier, TierPolicy
from tests.support.make import a_reward

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
TIERS = TierPolicy((Tier("silver", "银牌", 500, 110),))
SETTING = Setting(replace(DEFAULT, tiers=TIERS), frozenset({"市政"}), NOW)
GOOD = a_reward(cost=60_000)
VOUCHER = a_reward(kind=RewardKind.VOUCHER, value=60_000)


def found(reward: Reward, *others: Reward, setting: Setting = SETTING) -> list[tuple[Any, ...]]:
    return [
        (one.severity.value, one.fault, one.place, dict(one.data))
        for one in check_reward(reward, names_of(others), setting)
    ]


@pytest.mark.parametrize(
    "reward",
    [
        GOOD,
        VOUCHER,
        replace(VOUCHER, is_partly_usable=True),
        replace(GOOD, tier="silver", segments=frozenset({"市政"})),
        replace(GOOD, opens_at=NOW, closes_at=LATER),
        replace(GOOD, opens_at=LATER),
        replace(GOOD, limit=Limit(2, LimitPeriod.MONTH), valid_days=0),
        replace(GOOD, picture="https://example.com/p.png?x=1", cost=0),
        replace(GOOD, points=5_000, cost=300_000, needs_approver=True),
        replace(GOOD, points=5_000, cost=300_000, needs_contact=True),
        replace(GOOD, points=4_999, cost=300_000),
    ],
)
def test_good_rewards_have_no_findings(reward: Reward) -> None:
    assert found(reward, reward, a_reward(id=RewardId("reward-2"), number=2, name="席位")) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": " "}, ("missing", "name", {})),
        ({"name": "长" * 41}, ("too_long", "name", {"found": 41, "limit": 40})),
        ({"name": "空\u200b调"}, ("hidden_characters", "name", {})),
        ({"description": "说" * 201}, ("too_long", "description", {"found": 201, "limit": 200})),
        ({"points": 0}, ("out_of_range", "points", {"found": 0, "low": 1, "high": 100_000_000})),
        ({"cost": -1}, ("out_of_range", "cost", {"found": -1, "low": 0, "high": 10**12})),
        (
            {"limit": Limit(0, LimitPeriod.EVER)},
            ("out_of_range", "limit", {"found": 0, "low": 1, "high": 999}),
        ),
        (
            {"valid_days": 3651},
            ("out_of_range", "valid_days", {"found": 3651, "low": 0, "high": 3650}),
        ),
        ({"kind": RewardKind.VOUCHER}, ("value_missing", "value", {})),
        ({"value": 5}, ("only_for_vouchers", "value", {"found": 5})),
        ({"is_partly_usable": True}, ("only_for_vouchers", "is_partly_usable", {})),
        (
            {"opens_at": LATER, "closes_at": LATER},
            ("closes_before_opens", "closes_at", {"found": LATER, "start": LATER}),
        ),
        ({"tier": "gold"}, ("unknown_tier", "tier", {"found": "gold", "choices": ("silver",)})),
        ({"picture": "http://a.cn/p"}, ("not_https", "picture", {"found": "http://a.cn/p"})),
        ({"picture": "https://"}, ("not_https", "picture", {"found": "https://"})),
        ({"picture": "https://[a"}, ("not_https", "picture", {"found": "https://[a"})),
        ({"picture": "https://a b"}, ("not_https", "picture", {"found": "https://a b"})),
    ],
)
def test_what_cannot_be_is_an_error(
    changes: dict[str, Any], expected: tuple[str, str, dict[str, Any]]
) -> None:
    assert ("error", *expected) in found(replace(GOOD, **changes))


def test_too_many_points_and_too_long_an_address_are_errors() -> None:
    reward = replace(GOOD, points=100_000_001, picture="https://a.cn/" + "x" * 500)
    faults = {(one.fault, one.place) for one in check_reward(reward, {}, SETTING)}
    assert {(Fault.OUT_OF_RANGE, "points"), (Fault.TOO_LONG, "picture")} <= faults


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"closes_at": NOW}, ("over", "closes_at", {"found": NOW})),
        ({"segments": frozenset({"住宅"})}, ("unknown_segment", "segments", {"found": "住宅"})),
        ({"cost": 80_001}, ("worth_more", "points", {"found": 80_001, "booked": 80_000})),
        ({"cost": 15_999}, ("worth_little", "points", {"found": 15_999, "booked": 80_000})),
        (
            {"points": 5_000, "cost": 400_000},
            ("one_person", "points", {"found": 5_000, "limit": 5_000}),
        ),
    ],
)
def test_what_surprises_is_a_warning(
    changes: dict[str, Any], expected: tuple[str, str, dict[str, Any]]
) -> None:
    assert found(replace(GOOD, **changes)) == [("warning", *expected)]


@pytest.mark.parametrize("cost", [80_000, 16_000])
def test_at_the_bounds_a_price_is_not_surprising(cost: int) -> None:
    assert found(replace(GOOD, cost=cost)) == []


def test_a_name_is_taken_in_any_width_and_with_any_blanks() -> None:
    other = replace(GOOD, id=RewardId("reward-2"), number=7, name="空调 保养Ａ")
    taken = ("error", Fault.NAME_TAKEN, "name", {"found": 7})
    assert found(replace(GOOD, name="空调保养a"), other) == [taken]
    assert folded_name(" 空调 保养Ａ") == "空调保养a"


def test_without_tiers_every_tier_is_unknown() -> None:
    [unknown] = found(replace(GOOD, tier="silver"), setting=replace(SETTING, programme=DEFAULT))
    assert unknown[1:] == (Fault.UNKNOWN_TIER, "tier", {"found": "silver", "choices": ()})


def test_all_problems_of_a_reward_are_found_at_once() -> None:
    bad = replace(GOOD, name="", points=-1, value=5, tier="gold", picture="p")
    errors = [one for one in check_reward(bad, {}, SETTING) if one.severity is Severity.ERROR]
    assert [one.place for one in errors] == ["name", "picture", "points", "value", "tier"]
