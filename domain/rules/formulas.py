"""Conditions and formulas made ready to be asked: each becomes a function once, not per event."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import assert_never

from domain.events import EventValue, Facts, FactValue
from domain.rules.fields import DAYS_LATE
from domain.rules.model import (
    Comparison,
    Condition,
    ConditionValue,
    DecisionTable,
    Fixed,
    Formula,
    Multiplier,
    PerDay,
    PerUnit,
    Rounding,
    Steps,
)
from domain.rules.tables import columns_of

Test = Callable[[FactValue | None], bool]
Points = Callable[[Facts], int]

# Reading a member of an enumeration takes longer than calling a function.
_DOWN = Rounding.DOWN


def test_of(condition: Condition) -> Test:
    """Give the test that a condition makes of its field; a missing value never passes."""
    wanted = condition.value
    match condition.comparison:
        case Comparison.EQUALS:
            return _one_of((wanted,))
        case Comparison.DIFFERS:
            return _none_of((wanted,))
        case Comparison.ONE_OF:
            return _one_of(_several(wanted))
        case Comparison.NONE_OF:
            return _none_of(_several(wanted))
        case _:
            return _number_test(condition.comparison, wanted)


def points_of(formula: Formula, rounding: Rounding) -> Points:
    """Give the function from facts to a formula's points; 0 where its field is missing."""
    match formula:
        case Fixed(points):
            return lambda _: points
        case PerUnit(field, unit, points):
            return _per_unit(field, unit, points, rounding)
        case Steps():
            return _by_steps(formula)
        case PerDay():
            return _per_day(formula)
        case DecisionTable():
            return _by_table(formula)
        case Multiplier():
            return lambda _: 0
        case _ as never:
            assert_never(never)


def divided(amount: int, unit: int, rounding: Rounding) -> int:
    """Divide whole numbers as the rounding says."""
    if rounding is _DOWN:
        return amount // unit
    if rounding is Rounding.UP:
        return -(-amount // unit)
    return (2 * amount + unit) // (2 * unit)


def _one_of(wanted: Sequence[ConditionValue]) -> Test:
    values = _by_kind(wanted)
    texts = values.get(str, frozenset())

    def passes(actual: FactValue | None) -> bool:
        if isinstance(actual, tuple):
            return not texts.isdisjoint(actual)
        return actual in values.get(type(actual), ())

    return passes


def _none_of(wanted: Sequence[ConditionValue]) -> Test:
    values = _by_kind(wanted)

    def passes(actual: FactValue | None) -> bool:
        if isinstance(actual, tuple):
            return str in values and values[str].isdisjoint(actual)
        kind = type(actual)
        return kind in values and actual not in values[kind]

    return passes


def _by_kind(wanted: Sequence[ConditionValue]) -> dict[type, frozenset[object]]:
    """Keep numbers and flags apart: in Python 1 equals True."""
    kinds = {type(one) for one in wanted}
    return {kind: frozenset(one for one in wanted if type(one) is kind) for kind in kinds}


def _number_test(comparison: Comparison, wanted: ConditionValue) -> Test:
    if type(wanted) is not int:
        return lambda _: False
    match comparison:
        case Comparison.LESS_THAN:
            return lambda actual: type(actual) is int and actual < wanted
        case Comparison.AT_MOST:
            return lambda actual: type(actual) is int and actual <= wanted
        case Comparison.MORE_THAN:
            return lambda actual: type(actual) is int and actual > wanted
        case _:
            return lambda actual: type(actual) is int and actual >= wanted


def _several(wanted: ConditionValue) -> tuple[EventValue, ...]:
    return wanted if isinstance(wanted, tuple) else (wanted,)


def _number(facts: Facts, field: str) -> int | None:
    value = facts.get(field)
    return value if type(value) is int else None


def _per_unit(field: str, unit: int, points: int, rounding: Rounding) -> Points:
    if unit <= 0:
        return lambda _: 0
    return lambda facts: divided(max(0, _number(facts, field) or 0), unit, rounding) * points


def _by_steps(formula: Steps) -> Points:
    field = formula.field
    edges = [step.at_least for step in formula.steps]
    points = [0, *(step.points for step in formula.steps)]

    def by_steps(facts: Facts) -> int:
        value = _number(facts, field)
        return 0 if value is None else points[bisect_right(edges, value)]

    return by_steps


def _per_day(formula: PerDay) -> Points:
    sign = -1 if formula.is_early else 1
    points, free, most = formula.points, formula.free, formula.most

    def per_day(facts: Facts) -> int:
        late = _number(facts, DAYS_LATE)
        if late is None:
            return 0
        given = points * max(0, sign * late - free)
        return given if most is None else min(given, most)

    return per_day


def _by_table(table: DecisionTable) -> Points:
    columns = list(zip(table.columns, columns_of(table), strict=True))
    every = (1 << len(table.rows)) - 1
    points = [0, *(row.points for row in table.rows)]

    def by_table(facts: Facts) -> int:
        rows = every
        for field, column in columns:
            rows &= column.rows_for(facts.get(field))
        return points[(rows & -rows).bit_length()]

    return by_table
