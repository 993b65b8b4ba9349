"""Rules for tests: one with plain values, a test names only what it is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.events import EventType
from domain.rules.checks import check_rule
from domain.rules.findings import Finding
from domain.rules.model import (
    Comparison,
    Condition,
    DecisionTable,
    Direction,
    Fixed,
    RuleVersion,
    TableRow,
)

START = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def a_rule(code: str = "a-rule", **changes: Any) -> RuleVersion:
    """Make a rule that gives 50 points for an accepted milestone, from the start on."""
    fields: dict[str, Any] = {
        "version": 1,
        "trigger": EventType.MILESTONE_ACCEPTED,
        "conditions": (),
        "formula": Fixed(50),
        "direction": Direction.EARN,
        "effective_from": START,
    }
    return RuleVersion(code=code, **(fields | changes))


def where(field: str, comparison: str, value: Any) -> Condition:
    """Make a condition such as stars, ge, 4."""
    return Condition(field, Comparison(comparison), value)


def a_table(columns: str, *rows: tuple[Any, ...]) -> DecisionTable:
    """Make a table from its columns' names and rows of cells and points."""
    return DecisionTable(
        tuple(columns.split()), tuple(TableRow(tuple(row[:-1]), row[-1]) for row in rows)
    )


def found_in(rule: RuleVersion, *others: RuleVersion) -> list[tuple[str, str]]:
    """Check a draft and give the codes and places of what is found."""
    return [(f.code.value, f.place) for f in check_rule(rule, others, now=START)]


def only_finding(rule: RuleVersion, *others: RuleVersion) -> Finding:
    """Check a draft that has one thing to find."""
    (finding,) = check_rule(rule, others, now=START)
    return finding
