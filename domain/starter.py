"""The rules every new tenant starts with, as the public contract names them."""

from datetime import datetime

from domain.events import EventType
from domain.rules.model import (
    Comparison,
    Condition,
    DebtPolicy,
    Direction,
    Fixed,
    Formula,
    PerUnit,
    RuleVersion,
)

POINTS_LIVE_MONTHS = 24
FEN_PER_TEN_THOUSAND_YUAN = 1_000_000


def starter_rules(effective_from: datetime) -> list[RuleVersion]:
    """Give version 1 of every starter rule, in force from an instant on."""
    amounts = PerUnit("amount", FEN_PER_TEN_THOUSAND_YUAN, 10)
    on_time = Condition("days_late", Comparison.AT_MOST, 0)
    late = Condition("days_late", Comparison.MORE_THAN, 0)
    unsatisfied = Condition("satisfied", Comparison.EQUALS, value=False)
    earn, deduct = Direction.EARN, Direction.DEDUCT
    rules: list[tuple[str, EventType, tuple[Condition, ...], Formula, Direction]] = [
        ("contract-amount", EventType.CONTRACT_SIGNED, (), amounts, earn),
        ("milestone-on-time", EventType.MILESTONE_ACCEPTED, (on_time,), Fixed(50), earn),
        ("milestone-late", EventType.MILESTONE_ACCEPTED, (late,), Fixed(20), deduct),
        ("suggestion-adopted", EventType.SUGGESTION_ADOPTED, (), Fixed(30), earn),
        ("referral-signed", EventType.REFERRAL_SIGNED, (), Fixed(30), earn),
        ("complaint-unsatisfied", EventType.COMPLAINT_CLOSED, (unsatisfied,), Fixed(50), deduct),
    ]
    return [
        RuleVersion(
            code=code,
            version=1,
            trigger=trigger,
            conditions=conditions,
            formula=formula,
            direction=direction,
            valid_months=POINTS_LIVE_MONTHS,
            debt_policy=DebtPolicy.TAKE_AND_OWE,
            effective_from=effective_from,
        )
        for code, trigger, conditions, formula, direction in rules
    ]
