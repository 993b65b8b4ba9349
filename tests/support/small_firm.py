"""A small firm whose rules meet all that the engine can do; tests/domain/auditor.py knows it."""

from datetime import UTC, datetime
from typing import Any

from domain.events import EventType
from domain.programme import Programme
from domain.rules.model import (
    Cap,
    Comparison,
    Condition,
    DebtPolicy,
    Direction,
    Fixed,
    Multiplier,
    PerUnit,
    RuleVersion,
    Scope,
    Window,
)
from domain.tiers import Tier, TierPolicy

BEGAN = datetime(2001, 1, 1, tzinfo=UTC)
WORTH = PerUnit("amount", 1, 1)
KINDS = {
    "signed": EventType.CONTRACT_SIGNED,
    "check_in": EventType.CHECK_IN,
    "suggested": EventType.SUGGESTION_ADOPTED,
    "complained": EventType.COMPLAINT_CLOSED,
    "paid": EventType.PAYMENT_RECEIVED,
    "reviewed": EventType.REVIEW_SUBMITTED,
    "surveyed": EventType.SURVEY_COMPLETED,
}
MONTH_CAP = Cap(Scope.CUSTOMER, Window.MONTH, points=30)
DAY_CAP = Cap(Scope.CUSTOMER, Window.DAY, times=2)
QUARTER_CAP = Cap(Scope.CUSTOMER, Window.QUARTER, points=60)


def _rule(code: str, kind: str, formula: Any, **more: Any) -> RuleVersion:
    fields: dict[str, Any] = {
        "version": 1,
        "trigger": KINDS[kind],
        "conditions": (),
        "formula": formula,
        "direction": Direction.EARN,
        "effective_from": BEGAN,
        "valid_months": 3,
    }
    return RuleVersion(code=code, **(fields | more))


def _taking(code: str, kind: str, policy: DebtPolicy, **more: Any) -> RuleVersion:
    given = {"formula": WORTH, "direction": Direction.DEDUCT, "debt_policy": policy} | more
    return _rule(code, kind, given.pop("formula"), **given)


RULES = (
    _rule("amount", "signed", WORTH, caps=(MONTH_CAP,)),
    _rule(
        "double",
        "signed",
        Multiplier(200),
        conditions=(Condition("amount", Comparison.AT_LEAST, 8),),
        qualifies=False,
    ),
    _rule("check-in", "check_in", Fixed(3), caps=(DAY_CAP,), matures_after_days=5, qualifies=False),
    _rule("give", "suggested", Fixed(5)),
    _taking("take", "suggested", DebtPolicy.TAKE_AND_OWE, formula=Fixed(8)),
    _taking("floor", "complained", DebtPolicy.OWE_TO_FLOOR, debt_floor=10),
    _taking("owe", "paid", DebtPolicy.TAKE_AND_OWE),
    _taking("refuse", "reviewed", DebtPolicy.REFUSE),
    _taking("ask", "surveyed", DebtPolicy.ASK),
)
PROGRAMME = Programme(
    version=1,
    effective_from=BEGAN,
    caps=(QUARTER_CAP,),
    tiers=TierPolicy(
        (
            Tier("silver", "银卡", 20, percent=150, gift=4),
            Tier("gold", "金卡", 45, percent=200, gift=6),
        ),
        window_months=2,
        grace_months=1,
        gift_months=1,
    ),
)
