"""Rule versions as rows; conditions and formulas as JSON with a kind."""

from functools import lru_cache
from typing import Any, assert_never

from typing_extensions import override

from domain.events import EventType
from domain.repositories import Rules
from domain.rules import (
    Comparison,
    Condition,
    DebtPolicy,
    Direction,
    Fixed,
    Formula,
    PerFullUnit,
    RuleVersion,
)
from storage.db import Db, Row
from storage.values import Json, json_of, time_of, time_or_none

# As texts on both engines, so that a row can be the key of what it was read as.
_PUBLISHED = """
    SELECT code, version, event_type, CAST(conditions AS TEXT), CAST(formula AS TEXT), direction,
           valid_months, debt_policy, effective_from, effective_to
    FROM rule_versions WHERE tenant_id = :tenant ORDER BY code, version
"""
_ADD = """
    INSERT INTO rule_versions (tenant_id, code, version, event_type, conditions, formula, direction,
        valid_months, debt_policy, effective_from, effective_to)
    VALUES (:tenant, :code, :version, :event_type, :conditions, :formula, :direction,
        :valid_months, :debt_policy, :effective_from, :effective_to)
"""


class SqlRules(Rules):
    """Rule versions in the database."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @override
    def published(self) -> list[RuleVersion]:
        return [_rule(row) for row in self._db.all(_PUBLISHED)]

    @override
    def add(self, rule: RuleVersion) -> None:
        self._db.run(
            _ADD,
            code=rule.code,
            version=rule.version,
            event_type=rule.trigger,
            conditions=Json([_condition_as_json(condition) for condition in rule.conditions]),
            formula=Json(_formula_as_json(rule.formula)),
            direction=rule.direction,
            valid_months=rule.valid_months,
            debt_policy=rule.debt_policy,
            effective_from=rule.effective_from,
            effective_to=rule.effective_to,
        )


@lru_cache(maxsize=1024)
def _rule(row: Row) -> RuleVersion:
    """Read a rule; every event reads all of them again, and they hardly ever change."""
    (code, version, event_type, conditions, formula, direction, months, debt_policy, *window) = row
    effective_from, effective_to = window
    return RuleVersion(
        code=code,
        version=version,
        trigger=EventType(event_type),
        conditions=tuple(_condition(stored) for stored in json_of(conditions)),
        formula=_formula(json_of(formula)),
        direction=Direction(direction),
        valid_months=months,
        debt_policy=DebtPolicy(debt_policy),
        effective_from=time_of(effective_from),
        effective_to=time_or_none(effective_to),
    )


def _condition_as_json(condition: Condition) -> dict[str, Any]:
    return {
        "field": condition.field,
        "comparison": condition.comparison.value,
        "value": condition.value,
    }


def _condition(stored: dict[str, Any]) -> Condition:
    return Condition(stored["field"], Comparison(stored["comparison"]), stored["value"])


def _formula_as_json(formula: Formula) -> dict[str, Any]:
    match formula:
        case Fixed(points):
            return {"kind": "fixed", "points": points}
        case PerFullUnit(field, unit, points):
            return {"kind": "per_full_unit", "field": field, "unit": unit, "points": points}
        case _ as never:
            assert_never(never)


def _formula(stored: dict[str, Any]) -> Formula:
    match stored["kind"]:
        case "fixed":
            return Fixed(stored["points"])
        case "per_full_unit":
            return PerFullUnit(stored["field"], stored["unit"], stored["points"])
        case unknown:
            raise ValueError(unknown)
