"""Checks of a rule's conditions: fields, comparisons, kinds of values, contradictions.

Whether conditions can hold together is decided exactly: the truth of each changes only at the
values it names, so trying those, their neighbours and one value nobody names is enough.
"""

from collections.abc import Iterator, Sequence

from domain.events import EventType, EventValue, FactValue
from domain.rules.fields import COMPARISONS, PLAUSIBLE, FieldKind, fields_of
from domain.rules.findings import Finding, FindingCode, error, warning
from domain.rules.formulas import test_of
from domain.rules.model import Comparison, Condition, Range

ANYTHING_ELSE = "\0"
"""Stands for every text that no rule names; unprintable, so that none can."""

FORBIDDING = frozenset({Comparison.DIFFERS, Comparison.NONE_OF})
ANY_NUMBER = Range()
_SEVERAL = frozenset({Comparison.ONE_OF, Comparison.NONE_OF})
_TYPES: dict[FieldKind, type] = {
    FieldKind.AMOUNT: int,
    FieldKind.NUMBER: int,
    FieldKind.TEXT: str,
    FieldKind.FLAG: bool,
    FieldKind.TEXTS: str,
}


def is_of_kind(value: object, kind: FieldKind) -> bool:
    """Tell whether one value of a rule is what a field of this kind can be asked for."""
    return type(value) is _TYPES[kind]


def values_of(condition: Condition) -> tuple[EventValue, ...]:
    """Give the values a condition names."""
    return condition.value if isinstance(condition.value, tuple) else (condition.value,)


def check_conditions(trigger: EventType, conditions: Sequence[Condition]) -> Iterator[Finding]:
    """Find what is wrong with each condition and with all of them together."""
    fields = fields_of(trigger)
    sound: dict[str, list[int]] = {}
    for n, condition in enumerate(conditions):
        found = _wrong(fields, condition, f"conditions[{n}]")
        if found is None:
            sound.setdefault(condition.field, []).append(n)
        else:
            yield found
    for field, places in sound.items():
        together = [conditions[n] for n in places]
        at = f"conditions[{places[-1]}]"
        others = tuple(n + 1 for n in places[:-1])
        if not can_hold(fields[field], together):
            yield error(FindingCode.CONTRADICTION, at, field=field, with_conditions=others)
        elif not can_hold(fields[field], together, PLAUSIBLE.get(field, ANY_NUMBER)):
            bounds = PLAUSIBLE[field]
            yield warning(
                FindingCode.IMPLAUSIBLE, at, field=field, low=bounds.low, high=bounds.high
            )


def _wrong(fields: dict[str, FieldKind], condition: Condition, place: str) -> Finding | None:
    kind = fields.get(condition.field)
    if kind is None:
        return error(FindingCode.UNKNOWN_FIELD, place, field=condition.field)
    if condition.comparison not in COMPARISONS[kind]:
        return error(
            FindingCode.COMPARISON_NOT_ALLOWED,
            place,
            field=condition.field,
            comparison=condition.comparison,
        )
    values = values_of(condition)
    if not values:
        return error(FindingCode.NO_VALUES, place, field=condition.field)
    is_list = isinstance(condition.value, tuple)
    if is_list is not (condition.comparison in _SEVERAL) or not all(
        is_of_kind(value, kind) for value in values
    ):
        return error(FindingCode.WRONG_VALUE, place, field=condition.field, kind=kind)
    return None


def can_hold_together(trigger: EventType, conditions: Sequence[Condition]) -> bool:
    """Tell whether some event satisfies all of these conditions, each sound for the trigger."""
    fields = fields_of(trigger)
    by_field: dict[str, list[Condition]] = {}
    for condition in conditions:
        by_field.setdefault(condition.field, []).append(condition)
    return all(
        field in fields and can_hold(fields[field], together)
        for field, together in by_field.items()
    )


def can_hold(kind: FieldKind, conditions: Sequence[Condition], bounds: Range = ANY_NUMBER) -> bool:
    """Tell whether some value of one field satisfies all of these conditions on it."""
    tests = [test_of(condition) for condition in conditions]
    named = {value for condition in conditions for value in values_of(condition)}
    return any(
        all(passes(value) for passes in tests)
        for value in _worth_trying(kind, conditions, named, bounds)
    )


def _worth_trying(
    kind: FieldKind, conditions: Sequence[Condition], named: set[EventValue], bounds: Range
) -> Iterator[FactValue]:
    if kind is FieldKind.FLAG:
        yield from (True, False)
    elif kind is FieldKind.TEXT:
        yield from (*named, ANYTHING_ELSE)
    elif kind is FieldKind.TEXTS:
        unwanted = {
            value
            for condition in conditions
            if condition.comparison in FORBIDDING
            for value in values_of(condition)
        }
        # The more texts there are, the more conditions hold, but for those that forbid some.
        yield tuple(value for value in named if isinstance(value, str) and value not in unwanted)
    else:
        edges = {0, *named, *(edge for edge in (bounds.low, bounds.high) if edge is not None)}
        for value in {edge + step for edge in edges for step in (-1, 0, 1)}:  # type: ignore[operator]
            if (bounds.low is None or bounds.low <= value) and (
                bounds.high is None or value <= bounds.high
            ):
                yield value
