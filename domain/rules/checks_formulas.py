"""Checks of a rule's formula: its numbers and fields; decision tables stand in checks_tables."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import assert_never

from domain.rules.checks_tables import check_table
from domain.rules.fields import DAYS_LATE, FieldKind, fields_of
from domain.rules.findings import Finding, FindingCode, Severity, error, warning
from domain.rules.model import (
    POINTS_MAX,
    DecisionTable,
    Direction,
    Fixed,
    Multiplier,
    PerDay,
    PerUnit,
    Rounding,
    RuleVersion,
    Steps,
)

PERCENT_MIN, PERCENT_MAX = 101, 10_000
EVENT_POINTS_PLAUSIBLE = 1_000_000
"""A rule that can give more for one event is pointed out."""

_AMOUNT_PLAUSIBLE = 10_000_000_000
"""A contract of a hundred million yuan, in fen."""
_NUMBER_PLAUSIBLE = 365
_NUMBERS = frozenset({FieldKind.AMOUNT, FieldKind.NUMBER})


def check_formula(rule: RuleVersion, others: Sequence[RuleVersion]) -> Iterator[Finding]:
    """Find what is wrong with a rule's formula."""
    found = list(_wrong(rule, others))
    yield from found
    most = min(_potential(rule), rule.event_points_max or POINTS_MAX)
    if most > EVENT_POINTS_PLAUSIBLE and not any(one.severity is Severity.ERROR for one in found):
        yield warning(
            FindingCode.MUCH_FOR_ONE_EVENT, "formula", points=most, limit=EVENT_POINTS_PLAUSIBLE
        )


def _wrong(rule: RuleVersion, others: Sequence[RuleVersion]) -> Iterator[Finding]:
    formula = rule.formula
    match formula:
        case Fixed(points):
            yield from _points(points, "formula.points")
        case PerUnit():
            yield from _per_unit(rule, formula)
        case Steps():
            yield from _steps(rule, formula)
        case PerDay():
            yield from _per_day(rule, formula)
        case Multiplier():
            yield from _multiplier(rule, formula, others)
        case DecisionTable():
            yield from check_table(formula, rule.trigger, rule.conditions)
        case _ as never:
            assert_never(never)


def _points(points: int, place: str) -> Iterator[Finding]:
    if points <= 0:
        yield error(FindingCode.NOT_POSITIVE, place, found=points)
    elif points > POINTS_MAX:
        yield error(FindingCode.TOO_MANY_POINTS, place, found=points, limit=POINTS_MAX)


def _number_field(rule: RuleVersion, field: str) -> Iterator[Finding]:
    kind = fields_of(rule.trigger).get(field)
    if kind is None:
        yield error(FindingCode.UNKNOWN_FIELD, "formula.field", field=field)
    elif kind not in _NUMBERS:
        yield error(FindingCode.NOT_A_NUMBER_FIELD, "formula.field", field=field)


def _per_unit(rule: RuleVersion, formula: PerUnit) -> Iterator[Finding]:
    yield from _number_field(rule, formula.field)
    yield from _points(formula.points, "formula.points")
    if formula.unit <= 0:
        yield error(FindingCode.NOT_POSITIVE, "formula.unit", found=formula.unit)
    elif (
        formula.unit > 1 and rule.rounding is not Rounding.DOWN and rule.direction is Direction.EARN
    ):
        # What is cut into parts is rounded up once for each part.
        yield warning(
            FindingCode.SPLITTING_EARNS_MORE,
            "rounding",
            rounding=rule.rounding,
            field=formula.field,
            unit=formula.unit,
            points=formula.points,
        )


def _steps(rule: RuleVersion, formula: Steps) -> Iterator[Finding]:
    yield from _number_field(rule, formula.field)
    if not formula.steps:
        yield error(FindingCode.NO_STEPS, "formula.steps")
        return
    for n, step in enumerate(formula.steps):
        yield from _points_or_none(step.points, f"formula.steps[{n}].points")
    for n, (lower, higher) in enumerate(pairwise(formula.steps), 1):
        if lower.at_least >= higher.at_least:
            yield error(
                FindingCode.STEPS_NOT_RISING,
                f"formula.steps[{n}].at_least",
                field=formula.field,
                before=lower.at_least,
                found=higher.at_least,
            )
    if all(step.points == 0 for step in formula.steps):
        yield error(FindingCode.GIVES_NOTHING, "formula.steps")


def _points_or_none(points: int, place: str) -> Iterator[Finding]:
    if points < 0:
        yield error(FindingCode.NEGATIVE, place, found=points)
    elif points > POINTS_MAX:
        yield error(FindingCode.TOO_MANY_POINTS, place, found=points, limit=POINTS_MAX)


def _per_day(rule: RuleVersion, formula: PerDay) -> Iterator[Finding]:
    if DAYS_LATE not in fields_of(rule.trigger):
        yield error(FindingCode.NO_DAYS_LATE, "formula", trigger=rule.trigger)
    yield from _points(formula.points, "formula.points")
    if formula.free < 0:
        yield error(FindingCode.NEGATIVE, "formula.free", found=formula.free)
    if formula.most is not None:
        yield from _points(formula.most, "formula.most")


def _multiplier(
    rule: RuleVersion, formula: Multiplier, others: Sequence[RuleVersion]
) -> Iterator[Finding]:
    if not PERCENT_MIN <= formula.percent <= PERCENT_MAX:
        yield error(
            FindingCode.NUMBER_OUT_OF_RANGE,
            "formula.percent",
            low=PERCENT_MIN,
            high=PERCENT_MAX,
            found=formula.percent,
        )
    if rule.direction is not Direction.EARN:
        yield error(FindingCode.MULTIPLIER_DEDUCTS, "direction")
    known = {other.code for other in others}
    raisable = {
        other.code
        for other in others
        if other.trigger is rule.trigger
        and other.direction is Direction.EARN
        and not other.multiplies
    }
    for n, code in enumerate(formula.of):
        if code not in known:
            yield error(FindingCode.UNKNOWN_RULE, f"formula.of[{n}]", rule=code)
        elif code not in raisable:
            yield error(FindingCode.NOT_RAISABLE, f"formula.of[{n}]", rule=code)


def _potential(rule: RuleVersion) -> int:
    """Give the most points one event of a great but thinkable size brings."""
    formula = rule.formula
    match formula:
        case Fixed(points):
            return points
        case PerUnit(field, unit, points):
            is_amount = fields_of(rule.trigger).get(field) is FieldKind.AMOUNT
            size = _AMOUNT_PLAUSIBLE if is_amount else _NUMBER_PLAUSIBLE
            return size // max(unit, 1) * points
        case Steps(_, steps):
            return max((step.points for step in steps), default=0)
        case PerDay(points, most=most):
            return points * _NUMBER_PLAUSIBLE if most is None else most
        case DecisionTable(_, rows):
            return max((row.points for row in rows), default=0)
        case Multiplier():
            return 0
        case _ as never:
            assert_never(never)
