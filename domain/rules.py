"""Points rules as typed, versioned data, and the one function that evaluates them.

There is no expression language: a condition compares one field of the event with a value, a
formula is one of the shapes below. The same function serves posting, preview, back-test and "why?".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.events import EventType, EventValue


class Comparison(StrEnum):
    """How a condition compares an event's field with its value."""

    EQUALS = "eq"
    AT_MOST = "le"
    MORE_THAN = "gt"


class Direction(StrEnum):
    """Whether a rule gives or takes points."""

    EARN = "earn"
    DEDUCT = "deduct"


class DebtPolicy(StrEnum):
    """What a deduction does when the wallet is short."""

    TAKE_AND_OWE = "take_and_owe"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; a missing field never satisfies it."""

    field: str
    comparison: Comparison
    value: EventValue

    def holds(self, facts: Mapping[str, EventValue]) -> bool:
        """Tell whether the facts satisfy the condition."""
        actual = facts.get(self.field)
        if actual is None or isinstance(actual, bool) is not isinstance(self.value, bool):
            return False
        if self.comparison is Comparison.EQUALS:
            return actual == self.value
        if isinstance(actual, str) or isinstance(self.value, str):
            return False
        if self.comparison is Comparison.AT_MOST:
            return actual <= self.value
        return actual > self.value


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same number of points every time."""

    points: int

    def points_for(self, facts: Mapping[str, EventValue]) -> int:
        """Give the points."""
        del facts
        return self.points


@dataclass(frozen=True, slots=True)
class PerFullUnit:
    """Points for every full unit of an amount; a started unit counts nothing."""

    field: str
    unit: int
    """In the field's own unit: fen for amounts."""
    points: int

    def points_for(self, facts: Mapping[str, EventValue]) -> int:
        """Give the points; a missing or negative amount gives none."""
        amount = facts.get(self.field)
        if not isinstance(amount, int) or isinstance(amount, bool) or amount < 0:
            return 0
        return amount // self.unit * self.points


Formula = Fixed | PerFullUnit


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of a rule, valid for events that happened in [effective_from, effective_to)."""

    code: str
    version: int
    trigger: EventType
    conditions: tuple[Condition, ...]
    formula: Formula
    direction: Direction
    valid_months: int
    """Points live this many months, to the month's end."""
    debt_policy: DebtPolicy
    effective_from: datetime
    effective_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule makes of an event."""

    rule: RuleVersion
    points: int
    """Always positive; the rule's direction says which way."""


def in_force(rules: Sequence[RuleVersion], at: datetime) -> list[RuleVersion]:
    """Give the version of each rule that is valid at an instant, by rule code.

    Published versions never change, so an open-ended one is replaced by publishing the next: where
    several are valid, the highest version counts alone.
    """
    newest: dict[str, RuleVersion] = {}
    for rule in sorted(rules, key=lambda rule: (rule.code, rule.version)):
        if rule.effective_from <= at and (rule.effective_to is None or at < rule.effective_to):
            newest[rule.code] = rule
    return list(newest.values())


def evaluate(
    rules: Sequence[RuleVersion], trigger: EventType, facts: Mapping[str, EventValue], at: datetime
) -> list[Outcome]:
    """Give what the rules in force at `at` make of an event, by rule code; pure and total."""
    outcomes = []
    for rule in in_force(rules, at):
        if rule.trigger is not trigger:
            continue
        if not all(condition.holds(facts) for condition in rule.conditions):
            continue
        points = rule.formula.points_for(facts)
        if points > 0:
            outcomes.append(Outcome(rule, points))
    return outcomes
