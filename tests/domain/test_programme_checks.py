"""The check of the programme: tiers, general caps, the cost of a point, the next version."""

from dataclasses import replace
from typing import Any

import pytest

from domain.programme import Programme
from domain.programme_checks import check_programme
from domain.rules.findings import FindingCode, Severity
from domain.rules.model import POINTS_MAX, Cap, Scope, Window
from domain.tiers import Tier, TierPolicy
from tests.domain.rules.making import DAY, START

SILVER = Tier("silver", "银卡", 100)
GOLD = Tier("gold", "金卡", 300, percent=1_000, gift=POINTS_MAX, privileges=("专属经理",))
POLICY = TierPolicy((SILVER, GOLD), window_months=36, grace_months=12, gift_months=120)
GOOD = Programme(1, START, (Cap(Scope.CUSTOMER, Window.YEAR, 1),), POLICY, 80)


def found(programme: Programme, *others: Programme) -> list[tuple[str, str]]:
    findings = check_programme(programme, others, now=START)
    assert all(one.severity is Severity.ERROR for one in findings)
    return [(one.code.value, one.place) for one in findings]


def test_a_good_one_passes() -> None:
    assert found(GOOD) == []
    assert found(replace(GOOD, tiers=None, caps=())) == []
    assert found(replace(GOOD, version=2), GOOD) == []


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"version": 2}, FindingCode.VERSION_NOT_NEXT, "version"),
        ({"effective_from": START - DAY}, FindingCode.STARTS_IN_THE_PAST, "effective_from"),
        ({"point_fen": 0}, FindingCode.NUMBER_OUT_OF_RANGE, "point_fen"),
        ({"point_fen": 1_000_001}, FindingCode.NUMBER_OUT_OF_RANGE, "point_fen"),
        (
            {"caps": (Cap(Scope.CUSTOMER, Window.YEAR),)},
            FindingCode.CAP_WITHOUT_LIMIT,
            "caps[0]",
        ),
        (
            {"caps": (Cap(Scope.CUSTOMER, Window.YEAR, 1),) * 2},
            FindingCode.CAP_TWICE,
            "caps[1]",
        ),
        (
            {"caps": (Cap(Scope.CUSTOMER, Window.YEAR, 0),)},
            FindingCode.NOT_POSITIVE,
            "caps[0].points",
        ),
    ],
)
def test_what_is_wrong_is_found(changes: dict[str, Any], code: FindingCode, place: str) -> None:
    assert found(replace(GOOD, **changes)) == [(code.value, place)]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"window_months": 0}, "window_months"),
        ({"window_months": 37}, "window_months"),
        ({"grace_months": -1}, "grace_months"),
        ({"grace_months": 13}, "grace_months"),
        ({"gift_months": 0}, "gift_months"),
        ({"gift_months": 121}, "gift_months"),
        ({"tiers": ()}, "tiers"),
    ],
)
def test_bounds_of_the_tiers_are_kept(changes: dict[str, Any], place: str) -> None:
    programme = replace(GOOD, tiers=replace(POLICY, **changes))
    assert found(programme) == [("number_out_of_range", f"tiers.{place}")]


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"threshold": 100}, "steps_not_rising", "threshold"),
        ({"threshold": POINTS_MAX + 1}, "too_many_points", "threshold"),
        ({"code": "silver"}, "bad_code", "code"),
        ({"code": "金"}, "bad_code", "code"),
        ({"percent": 99}, "number_out_of_range", "percent"),
        ({"percent": 1_001}, "number_out_of_range", "percent"),
        ({"gift": -1}, "number_out_of_range", "gift"),
        ({"gift": POINTS_MAX + 1}, "number_out_of_range", "gift"),
        ({"name": ""}, "number_out_of_range", "name"),
        ({"name": "金" * 41}, "number_out_of_range", "name"),
        ({"privileges": ("好",) * 11}, "number_out_of_range", "privileges"),
        ({"privileges": ("",)}, "number_out_of_range", "privileges[0]"),
    ],
)
def test_each_tier_is_checked(changes: dict[str, Any], code: str, place: str) -> None:
    policy = replace(POLICY, tiers=(SILVER, replace(GOLD, **changes)))
    assert found(replace(GOOD, tiers=policy)) == [(code, f"tiers.tiers[1].{place}")]


def test_the_first_threshold_is_above_zero() -> None:
    policy = replace(POLICY, tiers=(replace(SILVER, threshold=0), GOLD))
    assert found(replace(GOOD, tiers=policy)) == [("steps_not_rising", "tiers.tiers[0].threshold")]
