"""Checks of a rule beside the other versions: what counts together, what is never reached."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from domain.rules.checks_conditions import can_hold_together
from domain.rules.evaluation import RuleSet
from domain.rules.findings import Finding, FindingCode, error, warning
from domain.rules.model import Multiplier, RuleVersion


def check_beside(
    rule: RuleVersion, others: Sequence[RuleVersion], now: datetime
) -> Iterator[Finding]:
    """Find what a rule does together with the others while both are in force."""
    for other in _in_force_together(rule, others):
        if rule.group and rule.group == other.group:
            if rule.stacking is not other.stacking:
                yield error(
                    FindingCode.MIXED_STACKING,
                    "stacking",
                    group=rule.group,
                    rule=other.code,
                    found=rule.stacking,
                    theirs=other.stacking,
                )
        elif _count_alike(rule, other) and can_hold_together(
            rule.trigger, rule.conditions + other.conditions
        ):
            yield warning(
                FindingCode.BOTH_COUNT,
                "conditions",
                rule=other.code,
                version=other.version,
                name=other.name,
            )
    family = [other for other in others if other.code == rule.code]
    for other in family:
        if (
            other.effective_from > now
            and _reigns(other, family)
            and not _reigns(other, [*family, rule])
        ):
            yield warning(
                FindingCode.VERSION_SHADOWED,
                "effective_from",
                version=other.version,
                start=other.effective_from,
            )


def _count_alike(rule: RuleVersion, other: RuleVersion) -> bool:
    """Tell whether two rules give the same kind of thing, so that both counting may surprise."""
    if rule.direction is not other.direction:
        return False
    if isinstance(rule.formula, Multiplier) and isinstance(other.formula, Multiplier):
        ours, theirs = set(rule.formula.of), set(other.formula.of)
        return not ours or not theirs or bool(ours & theirs)
    return not rule.multiplies and not other.multiplies


def _in_force_together(rule: RuleVersion, others: Sequence[RuleVersion]) -> Iterator[RuleVersion]:
    """Give every version that at some instant is in force beside the rule, by code."""
    rules = RuleSet([*others, rule])
    found: dict[tuple[str, int], RuleVersion] = {}
    for at in _edges([*others, rule]):
        valid = rules.in_force(rule.trigger, at)
        if any(one is rule for one in valid):
            found |= {(one.code, one.version): one for one in valid if one is not rule}
    yield from (found[key] for key in sorted(found))


def _reigns(version: RuleVersion, family: Sequence[RuleVersion]) -> bool:
    """Tell whether a version is at some instant the newest valid one of its rule."""
    return any(
        version.is_valid_at(at)
        and not any(one.is_valid_at(at) for one in family if one.version > version.version)
        for at in _edges(family)
    )


def _edges(versions: Sequence[RuleVersion]) -> set[datetime]:
    """Give the instants between which nothing begins or ends."""
    ends = {version.effective_to for version in versions if version.effective_to is not None}
    return {version.effective_from for version in versions} | ends
