"""Rules are data; evaluating them is pure and total."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import EventType, EventValue
from domain.rules import (
    Comparison,
    Condition,
    Direction,
    Fixed,
    Formula,
    PerFullUnit,
    RuleVersion,
    evaluate,
    in_force,
)
from tests.support.fakes import START
from tests.support.make import a_rule

DAY = timedelta(days=1)
ACCEPTED = EventType.MILESTONE_ACCEPTED
LE, GT, EQ = Comparison.AT_MOST, Comparison.MORE_THAN, Comparison.EQUALS


@pytest.mark.parametrize(
    ("comparison", "value", "actual", "holds"),
    [
        (EQ, 3, 3, True),
        (EQ, 3, 4, False),
        (EQ, "a", "a", True),
        (EQ, "3", 3, False),
        (EQ, False, False, True),
        (EQ, False, True, False),
        (EQ, False, 0, False),
        (EQ, 0, False, False),
        (LE, 0, 0, True),
        (LE, 0, -1, True),
        (LE, 0, 1, False),
        (GT, 0, 1, True),
        (GT, 0, 0, False),
        (LE, 0, "0", False),
        (GT, "0", 1, False),
        (GT, 0, True, False),
    ],
)
def test_a_condition_compares_values_of_one_kind(
    comparison: Comparison, value: EventValue, actual: EventValue, *, holds: bool
) -> None:
    assert Condition("x", comparison, value).holds({"x": actual}) is holds


@pytest.mark.parametrize("comparison", list(Comparison))
def test_a_missing_field_satisfies_no_condition(comparison: Comparison) -> None:
    assert not Condition("x", comparison, 0).holds({"y": 0})


@pytest.mark.parametrize(
    ("formula", "facts", "points"),
    [
        (Fixed(50), {}, 50),
        (PerFullUnit("amount", 1_000_000, 10), {"amount": 999_999}, 0),
        (PerFullUnit("amount", 1_000_000, 10), {"amount": 1_000_000}, 10),
        (PerFullUnit("amount", 1_000_000, 10), {"amount": 120_999_999}, 1200),
        (PerFullUnit("amount", 1_000_000, 10), {"amount": -1_000_000}, 0),
        (PerFullUnit("amount", 1, 10), {"amount": True}, 0),
        (PerFullUnit("amount", 1, 10), {"amount": "100"}, 0),
        (PerFullUnit("amount", 1, 10), {}, 0),
    ],
)
def test_a_formula_gives_points(formula: Formula, facts: dict[str, Any], points: int) -> None:
    assert formula.points_for(facts) == points


@given(st.lists(st.integers(0, 10**12), max_size=5))
def test_splitting_a_contract_never_earns_more_than_the_whole(amounts: list[int]) -> None:
    formula = PerFullUnit("amount", 1_000_000, 10)
    parts = sum(formula.points_for({"amount": amount}) for amount in amounts)
    assert parts <= formula.points_for({"amount": sum(amounts)})


@pytest.mark.parametrize(
    ("at", "versions"),
    [
        (START - timedelta(microseconds=1), []),
        (START, [1]),
        (START + DAY - timedelta(microseconds=1), [1]),
        (START + DAY, [2]),
        (START + 2 * DAY, [3]),
        (START + 3 * DAY, [2]),
    ],
)
def test_at_any_instant_the_newest_valid_version_counts_alone(at: Any, versions: list[int]) -> None:
    rules = [
        a_rule(version=3, effective_from=START + 2 * DAY, effective_to=START + 3 * DAY),
        a_rule(version=1),
        a_rule(version=2, effective_from=START + DAY),
    ]
    assert [rule.version for rule in in_force(rules, at)] == versions


def test_a_version_that_has_ended_leaves_nothing() -> None:
    rules = [a_rule(effective_to=START + DAY)]
    assert in_force(rules, START) == rules
    assert in_force(rules, START + DAY) == []


def test_every_matching_rule_counts_in_the_order_of_codes() -> None:
    rules = [a_rule("b", formula=Fixed(2)), a_rule("a", formula=Fixed(1))]
    found = evaluate(rules, ACCEPTED, {}, START)
    assert [(outcome.rule.code, outcome.points) for outcome in found] == [("a", 1), ("b", 2)]


@pytest.mark.parametrize(
    "rule",
    [
        a_rule(trigger=EventType.CHECK_IN),
        a_rule(conditions=(Condition("x", EQ, 1), Condition("x", EQ, 2))),
        a_rule(formula=Fixed(0)),
        a_rule(formula=Fixed(-5)),
        a_rule(effective_from=START + DAY),
    ],
    ids=["other event", "a condition fails", "zero points", "negative points", "not yet"],
)
def test_a_rule_that_does_not_match_has_no_outcome(rule: RuleVersion) -> None:
    assert evaluate([rule], ACCEPTED, {"x": 1}, START) == []


VALUES = st.one_of(st.integers(), st.text(max_size=3), st.booleans())
FIELDS = st.sampled_from(["x", "y"])
CONDITIONS = st.builds(Condition, FIELDS, st.sampled_from(Comparison), VALUES)
FORMULAS = st.one_of(
    st.builds(Fixed, st.integers(-5, 5)),
    st.builds(PerFullUnit, FIELDS, st.integers(1, 100), st.integers(-5, 5)),
)


@given(
    st.lists(st.tuples(st.lists(CONDITIONS, max_size=2), FORMULAS), max_size=4),
    st.dictionaries(FIELDS, VALUES),
    st.sampled_from(EventType),
)
def test_evaluation_never_fails_and_outcomes_are_positive(
    made: list[tuple[list[Condition], Formula]], facts: dict[str, Any], trigger: EventType
) -> None:
    rules = [
        a_rule(f"r{n}", conditions=tuple(conditions), formula=formula, direction=direction)
        for n, (conditions, formula) in enumerate(made)
        for direction in [Direction.EARN if n % 2 else Direction.DEDUCT]
    ]
    found = evaluate(rules, trigger, facts, START)
    assert all(outcome.points > 0 and outcome.rule in rules for outcome in found)
    assert evaluate(list(reversed(rules)), trigger, facts, START) == found
