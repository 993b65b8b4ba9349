"""Checks of a draft beside the published versions: what counts twice, what never counts."""

from typing import Any

import pytest

from domain.events import EventType
from domain.rules.checks import check_rule
from domain.rules.findings import Finding, FindingCode, Severity
from domain.rules.model import (
    Direction,
    Multiplier,
    RuleVersion,
    Stacking,
)
from tests.domain.rules.making import DAY, START, a_rule, found_in, only_finding, where

SIGNED = EventType.CONTRACT_SIGNED
DEDUCT = Direction.DEDUCT


def later(code: str = "a-rule", **changes: Any) -> RuleVersion:
    return a_rule(code, **({"version": 2, "effective_from": START + DAY} | changes))


def test_a_rule_that_counts_beside_another_is_pointed_out() -> None:
    finding = only_finding(a_rule(), a_rule("b", name="乙"))
    assert finding == Finding(
        Severity.WARNING,
        FindingCode.BOTH_COUNT,
        "conditions",
        {"rule": "b", "version": 1, "name": "乙"},
    )


@pytest.mark.parametrize(
    "other",
    [
        a_rule("b", trigger=SIGNED),
        a_rule("b", direction=DEDUCT),
        a_rule("b", conditions=(where("days_late", "gt", 0),)),
        a_rule("b", conditions=(where("amount", "gt", 0),)),
        a_rule("b", effective_from=START - DAY, effective_to=START),
        a_rule("b", effective_from=START + 9 * DAY),
        a_rule("b", is_off=True),
        a_rule("b", formula=Multiplier(200)),
        a_rule("b", group="g", stacking=Stacking.HIGHEST),
    ],
)
def test_rules_that_never_count_together_are_not(other: RuleVersion) -> None:
    rule = a_rule(
        conditions=(where("days_late", "le", 0),),
        effective_to=START + 9 * DAY,
        group="g",
        stacking=Stacking.HIGHEST,
    )
    assert check_rule(rule, [other], now=START) == []


def test_a_version_that_another_replaces_in_time_counts_with_nobody() -> None:
    replaced = a_rule("b"), a_rule("b", version=2, is_off=True)
    assert check_rule(a_rule(), replaced, now=START) == []
    assert found_in(a_rule(), a_rule("b"), later("b", is_off=True)) == [
        ("both_count", "conditions")
    ]


def test_a_rule_that_is_off_counts_with_nobody() -> None:
    assert check_rule(a_rule(is_off=True), [a_rule("b")], now=START) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ((), (), True),
        (("b",), (), True),
        (("b",), ("b",), True),
        (("b",), ("c",), False),
    ],
)
def test_multipliers_of_the_same_points_are_pointed_out(
    ours: tuple[str, ...], theirs: tuple[str, ...], *, found: bool
) -> None:
    base = [
        a_rule("b", conditions=(where("days_late", "gt", 0),)),
        a_rule("c", conditions=(where("days_late", "le", 0),)),
    ]
    rule = a_rule(formula=Multiplier(200, ours))
    expected = [("both_count", "conditions")] if found else []
    assert found_in(rule, *base, a_rule("d", formula=Multiplier(300, theirs))) == expected


@pytest.mark.parametrize(
    "other",
    [
        a_rule("b", direction=DEDUCT),
        a_rule("b", formula=Multiplier(200)),
        a_rule("b", trigger=SIGNED),
    ],
)
def test_a_multiplier_raises_only_what_earns_for_the_same_event(other: RuleVersion) -> None:
    rule = a_rule(formula=Multiplier(200, ("b",)))
    assert ("not_raisable", "formula.of[0]") in found_in(rule, other)


def test_rules_of_a_group_are_stacked_in_one_way() -> None:
    rule = a_rule(group="g", stacking=Stacking.HIGHEST)
    assert found_in(rule, a_rule("b", group="g", stacking=Stacking.HIGHEST)) == []
    finding = only_finding(rule, a_rule("b", group="g", stacking=Stacking.FIRST))
    assert (finding.severity, finding.code) == (Severity.ERROR, FindingCode.MIXED_STACKING)


def test_the_next_version_must_be_the_next() -> None:
    assert found_in(later(), a_rule()) == []
    assert found_in(later(version=3), a_rule()) == [("version_not_next", "version")]
    assert found_in(a_rule(), a_rule()) == [("version_not_next", "version")]


def test_a_version_that_will_never_count_is_named() -> None:
    planned = later(effective_from=START + 9 * DAY)
    finding = only_finding(later(version=3), a_rule(), planned)
    assert (finding.code, finding.data["version"]) == ("version_shadowed", 2)
    brief = later(version=3, effective_to=START + 20 * DAY)
    assert found_in(brief, a_rule(), planned) == []
    over = later(effective_from=START + 9 * DAY, effective_to=START + 10 * DAY)
    assert found_in(brief, a_rule(), over) == [("version_shadowed", "effective_from")]
    ended = later(version=4)
    shadowed_before = later(version=3, effective_from=START + 5 * DAY), planned
    assert found_in(ended, a_rule(), *shadowed_before)
