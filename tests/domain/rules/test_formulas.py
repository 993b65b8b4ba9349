"""Conditions, cells and formulas one by one: what holds, what fits, what is given."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.events import FactValue
from domain.rules.evaluation import (
    divided,
    fits,
    holds,
    points_for,
)
from domain.rules.model import (
    Cell,
    Comparison,
    Condition,
    DecisionTable,
    Fixed,
    Formula,
    Members,
    Multiplier,
    PerDay,
    PerUnit,
    Range,
    Rounding,
    Step,
    Steps,
    TableRow,
)
from tests.domain.rules.making import a_table, where

UP, DOWN, HALF_UP = Rounding.UP, Rounding.DOWN, Rounding.HALF_UP
SEGMENTS = ("a", "b")


@pytest.mark.parametrize(
    ("comparison", "value", "actual", "expected"),
    [
        ("eq", 3, 3, True),
        ("eq", 3, 4, False),
        ("eq", "a", "a", True),
        ("eq", "3", 3, False),
        ("eq", False, False, True),
        ("eq", False, 0, False),
        ("eq", 0, False, False),
        ("eq", 1, True, False),
        ("eq", "a", SEGMENTS, True),
        ("eq", "c", SEGMENTS, False),
        ("eq", 1, SEGMENTS, False),
        ("eq", ("a",), SEGMENTS, False),
        ("ne", 3, 4, True),
        ("ne", 3, 3, False),
        ("ne", 3, "3", False),
        ("ne", True, False, True),
        ("ne", True, 0, False),
        ("ne", "c", SEGMENTS, True),
        ("ne", "a", SEGMENTS, False),
        ("ne", 1, SEGMENTS, False),
        ("ne", "a", (), True),
        ("in", ("a", "b"), "b", True),
        ("in", ("a", "b"), "c", False),
        ("in", (1, 2), True, False),
        ("in", (True,), 1, False),
        ("in", ("c", "b"), SEGMENTS, True),
        ("in", ("c",), SEGMENTS, False),
        ("in", (1,), SEGMENTS, False),
        ("in", (), "a", False),
        ("in", "a", "a", True),
        ("not_in", ("a", "b"), "c", True),
        ("not_in", ("a", "b"), "a", False),
        ("not_in", ("a", "b"), 5, False),
        ("not_in", (1, 2), True, False),
        ("not_in", ("c",), SEGMENTS, True),
        ("not_in", ("c", "a"), SEGMENTS, False),
        ("not_in", (1,), SEGMENTS, False),
        ("not_in", (), "a", False),
        ("lt", 0, -1, True),
        ("lt", 0, 0, False),
        ("le", 0, 0, True),
        ("le", 0, 1, False),
        ("gt", 0, 1, True),
        ("gt", 0, 0, False),
        ("ge", 0, 0, True),
        ("ge", 0, -1, False),
        ("le", 0, "0", False),
        ("gt", "0", 1, False),
        ("gt", 0, True, False),
        ("ge", True, 1, False),
        ("ge", 0, SEGMENTS, False),
        ("lt", (1,), 0, False),
    ],
)
def test_a_condition_compares_values_of_one_kind(
    comparison: str, value: Any, actual: FactValue, *, expected: bool
) -> None:
    assert holds(where("x", comparison, value), actual) is expected


@pytest.mark.parametrize("comparison", list(Comparison))
def test_a_missing_field_satisfies_no_condition(comparison: Comparison) -> None:
    assert not holds(Condition("x", comparison, 0), None)
    assert not holds(Condition("x", comparison, ("a",)), None)


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        (None, None, True),
        (None, 5, True),
        (None, SEGMENTS, True),
        (Range(1, 3), 1, True),
        (Range(1, 3), 3, True),
        (Range(1, 3), 0, False),
        (Range(1, 3), 4, False),
        (Range(low=1), 10**15, True),
        (Range(low=1), 0, False),
        (Range(high=1), -(10**15), True),
        (Range(high=1), 2, False),
        (Range(), 0, True),
        (Range(), None, False),
        (Range(), "0", False),
        (Range(), True, False),
        (Range(), SEGMENTS, False),
        (Range(3, 1), 2, False),
        (Range(3, 1), 0, False),
        (Range(0, 1), True, False),
        (Members(("a",)), "a", True),
        (Members(("a",)), "b", False),
        (Members(("a",)), None, False),
        (Members(("a",)), 5, False),
        (Members((True,)), True, True),
        (Members((True,)), False, False),
        (Members((True,)), 1, False),
        (Members(("c", "b")), SEGMENTS, True),
        (Members(("c",)), SEGMENTS, False),
        (Members(("c",)), (), False),
        (Members(()), "a", False),
    ],
)
def test_a_cell_fits_values_of_its_kind(
    cell: Cell, value: FactValue | None, *, expected: bool
) -> None:
    assert fits(cell, value) is expected


TABLE = a_table(
    "amount satisfied customer.segments",
    (Range(high=99), None, None, 1),
    (Range(100, 199), Members((True,)), None, 2),
    (Range(100, 199), None, Members(("a", "b")), 3),
    (None, Members((False,)), None, 4),
)
STEPS = Steps("amount", (Step(10, 1), Step(20, 5), Step(30, 0)))


@pytest.mark.parametrize(
    ("formula", "rounding", "facts", "points"),
    [
        (Fixed(50), DOWN, {}, 50),
        (PerUnit("amount", 1_000_000, 10), DOWN, {"amount": 999_999}, 0),
        (PerUnit("amount", 1_000_000, 10), DOWN, {"amount": 1_000_000}, 10),
        (PerUnit("amount", 1_000_000, 10), DOWN, {"amount": 120_999_999}, 1200),
        (PerUnit("amount", 1_000_000, 10), UP, {"amount": 1}, 10),
        (PerUnit("amount", 1_000_000, 10), HALF_UP, {"amount": 499_999}, 0),
        (PerUnit("amount", 1_000_000, 10), HALF_UP, {"amount": 500_000}, 10),
        (PerUnit("amount", 1_000_000, 10), UP, {"amount": -1_000_000}, 0),
        (PerUnit("amount", 1, 10), DOWN, {"amount": True}, 0),
        (PerUnit("amount", 1, 10), DOWN, {"amount": "100"}, 0),
        (PerUnit("amount", 1, 10), DOWN, {}, 0),
        (PerUnit("amount", 0, 10), DOWN, {"amount": 5}, 0),
        (PerUnit("amount", -1, 10), DOWN, {"amount": 5}, 0),
        (STEPS, DOWN, {"amount": 9}, 0),
        (STEPS, DOWN, {"amount": 10}, 1),
        (STEPS, DOWN, {"amount": 29}, 5),
        (STEPS, DOWN, {"amount": 10**15}, 0),
        (STEPS, DOWN, {}, 0),
        (STEPS, DOWN, {"amount": "20"}, 0),
        (Steps("amount", (Step(-5, 7),)), DOWN, {}, 0),
        (Steps("amount", ()), DOWN, {"amount": 5}, 0),
        (PerDay(5), DOWN, {"days_late": 3}, 15),
        (PerDay(5), DOWN, {"days_late": 0}, 0),
        (PerDay(5), DOWN, {"days_late": -3}, 0),
        (PerDay(5), DOWN, {}, 0),
        (PerDay(5, free=2), DOWN, {"days_late": 2}, 0),
        (PerDay(5, free=2), DOWN, {"days_late": 3}, 5),
        (PerDay(5, free=-2), DOWN, {}, 0),
        (PerDay(5, most=12), DOWN, {"days_late": 3}, 12),
        (PerDay(5, is_early=True), DOWN, {"days_late": -3}, 15),
        (PerDay(5, is_early=True), DOWN, {"days_late": 3}, 0),
        (Multiplier(200), DOWN, {}, 0),
        (TABLE, DOWN, {"amount": -5}, 1),
        (TABLE, DOWN, {"amount": 150, "satisfied": True}, 2),
        (TABLE, DOWN, {"amount": 150, "customer.segments": ("x", "b")}, 3),
        (TABLE, DOWN, {"amount": 150, "customer.segments": ("x",)}, 0),
        (TABLE, DOWN, {"amount": 500, "satisfied": False}, 4),
        (TABLE, DOWN, {"satisfied": False}, 4),
        (TABLE, DOWN, {"amount": 500}, 0),
        (TABLE, DOWN, {}, 0),
        (a_table("amount"), DOWN, {"amount": 1}, 0),
        (DecisionTable(("amount", "x"), (TableRow((Range(1, 1),), 9),)), DOWN, {"amount": 1}, 9),
    ],
)
def test_a_formula_gives_points(
    formula: Formula, rounding: Rounding, facts: dict[str, Any], points: int
) -> None:
    assert points_for(formula, rounding, facts) == points


@given(st.integers(0, 10**12), st.integers(1, 10**7))
def test_rounding_is_that_of_exact_fractions(amount: int, unit: int) -> None:
    down, up, half = (divided(amount, unit, rounding) for rounding in (DOWN, UP, HALF_UP))
    assert down * unit <= amount < (down + 1) * unit
    assert (up - 1) * unit < amount <= up * unit
    assert half == (up if 2 * (amount - down * unit) >= unit else down)


@given(st.lists(st.integers(0, 10**12), max_size=5))
def test_splitting_a_contract_never_earns_more_than_the_whole(amounts: list[int]) -> None:
    formula = PerUnit("amount", 1_000_000, 10)
    parts = sum(points_for(formula, DOWN, {"amount": amount}) for amount in amounts)
    assert parts <= points_for(formula, DOWN, {"amount": sum(amounts)})
