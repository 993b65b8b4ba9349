"""What the rules in force make of an event: one pure function for every use of rules.

Posting, preview, back-test and "why?" all ask `RuleSet.fired`. It knows nothing of wallets, caps or
debts; those are domain/counting.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.events import EventType, Facts, FactValue
from domain.rules.fields import fields_asked
from domain.rules.formulas import divided, points_of, test_of
from domain.rules.model import (
    POINTS_MAX,
    Condition,
    Direction,
    Formula,
    Multiplier,
    Rounding,
    RuleVersion,
    Stacking,
)
from domain.rules.tables import fits
from domain.values import value_type

__all__ = [
    "FactValue",
    "Facts",
    "Fired",
    "RuleSet",
    "divided",
    "fits",
    "holds",
    "points_for",
    "stacked",
]


@value_type
class Fired:
    """A rule that fired, and the points its formula gives before any cap."""

    rule: RuleVersion
    points: int
    """Always positive; the rule's direction says which way."""
    base: int = 0
    """What a multiplier was applied to."""
    asked: Sequence[str] = field(default=(), compare=False)
    """The fields the rule looks at, in order."""


class _Ready:
    """A version made ready to be asked."""

    __slots__ = ("asked", "most", "multiplier", "points", "rule", "tests")

    def __init__(self, rule: RuleVersion) -> None:
        self.rule = rule
        self.asked = fields_asked(rule)
        self.tests = [(condition.field, test_of(condition)) for condition in rule.conditions]
        self.points = points_of(rule.formula, rule.rounding)
        self.multiplier = rule.formula if isinstance(rule.formula, Multiplier) else None
        most = rule.event_points_max
        self.most = POINTS_MAX if most is None else min(most, POINTS_MAX)

    def is_met(self, facts: Facts) -> bool:
        """Tell whether all conditions hold."""
        for name, passes in self.tests:  # noqa: SIM110 -- all() with a generator is twice as slow
            if not passes(facts.get(name)):
                return False
        return True


@dataclass(frozen=True, slots=True)
class _Season:
    """A time in which the same versions are in force."""

    start: datetime
    end: datetime
    rules: Sequence[_Ready]


class RuleSet:
    """All published versions, ready to be asked."""

    __slots__ = ("_by_trigger", "_last", "_ready")

    def __init__(self, versions: Iterable[RuleVersion]) -> None:
        """Sort the versions of each rule, newest first."""
        by_code: dict[str, list[RuleVersion]] = {}
        for version in sorted(versions, key=lambda v: (v.code, -v.version)):
            by_code.setdefault(version.code, []).append(version)
        self._by_trigger: dict[EventType, list[list[RuleVersion]]] = {}
        for family in by_code.values():
            for trigger in {version.trigger for version in family}:
                self._by_trigger.setdefault(trigger, []).append(family)
        self._ready: dict[tuple[str, int], _Ready] = {}
        self._last: dict[EventType, _Season] = {}
        """Events come by time: most meet the season of the one before."""

    def in_force(self, trigger: EventType, at: datetime) -> list[RuleVersion]:
        """Give the version of each rule that an event of this kind meets at an instant, by code.

        Published versions never change, so an open-ended one is replaced by publishing the next:
        where several are valid, the highest version counts alone.
        """
        newest = (
            next((version for version in family if version.is_valid_at(at)), None)
            for family in self._by_trigger.get(trigger, ())
        )
        return [v for v in newest if v is not None and v.trigger is trigger and not v.is_off]

    def fired(self, trigger: EventType, facts: Facts, at: datetime) -> list[Fired]:
        """Give what the rules in force make of an event, stacked, by code; pure and total."""
        base, multipliers = [], []
        for ready in self._season(trigger, at).rules:
            if not ready.is_met(facts):
                continue
            if ready.multiplier is not None:
                multipliers.append((ready, ready.multiplier))
                continue
            points = min(ready.points(facts), ready.most)
            if points > 0:
                base.append(Fired(ready.rule, points, 0, ready.asked))
        base = stacked(base)
        raised = stacked(list(_raised(multipliers, base))) if multipliers else []
        return sorted(base + raised, key=lambda fired: fired.rule.code) if raised else base

    def _season(self, trigger: EventType, at: datetime) -> _Season:
        season = self._last.get(trigger)
        if season is None or not season.start <= at < season.end:
            season = self._last[trigger] = self._season_at(trigger, at)
        return season

    def _season_at(self, trigger: EventType, at: datetime) -> _Season:
        edges = {
            edge
            for family in self._by_trigger.get(trigger, ())
            for version in family
            for edge in (version.effective_from, version.effective_to)
            if edge is not None
        }
        return _Season(
            max((edge for edge in edges if edge <= at), default=_ALWAYS),
            min((edge for edge in edges if edge > at), default=_NEVER),
            [self._made(version) for version in self.in_force(trigger, at)],
        )

    def _made(self, version: RuleVersion) -> _Ready:
        key = version.code, version.version
        if key not in self._ready:
            self._ready[key] = _Ready(version)
        return self._ready[key]


_ALWAYS = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


def stacked(fired: list[Fired]) -> list[Fired]:
    """Let the rules of each group settle which of them count."""
    best: dict[tuple[str, Direction], Fired] = {}
    for one in fired:
        rule = one.rule
        if not rule.group or rule.stacking is Stacking.ADD:
            continue
        key = (rule.group, rule.direction)
        if key not in best or _rank(one) < _rank(best[key]):
            best[key] = one
    if not best:
        return fired
    return [
        one
        for one in fired
        if not one.rule.group
        or one.rule.stacking is Stacking.ADD
        or best[one.rule.group, one.rule.direction] is one
    ]


def _rank(fired: Fired) -> tuple[int, str]:
    rule = fired.rule
    first = rule.priority if rule.stacking is Stacking.FIRST else -fired.points
    return first, rule.code


def _raised(
    multipliers: Sequence[tuple[_Ready, Multiplier]], base: Sequence[Fired]
) -> Iterator[Fired]:
    for ready, formula in multipliers:
        raises = sum(
            one.points
            for one in base
            if one.rule.direction is Direction.EARN
            and (not formula.of or one.rule.code in formula.of)
        )
        points = divided(raises * (formula.percent - 100), 100, ready.rule.rounding)
        points = min(points, ready.most)
        if points > 0:
            yield Fired(ready.rule, points, raises, ready.asked)


def points_for(formula: Formula, rounding: Rounding, facts: Facts) -> int:
    """Give the points of a formula; 0 where its field is missing, and for a multiplier."""
    return points_of(formula, rounding)(facts)


def holds(condition: Condition, actual: FactValue | None) -> bool:
    """Tell whether a field's value satisfies a condition; a value of another kind never does."""
    return test_of(condition)(actual)
