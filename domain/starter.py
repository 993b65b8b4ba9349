"""The rules every new tenant starts with, as the public contract names them."""

from datetime import datetime

from domain.events import EventType, EventValue
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

POINTS_LIVE_MONTHS = 24
FEN_PER_TEN_THOUSAND_YUAN = 1_000_000


def starter_rules(effective_from: datetime) -> list[RuleVersion]:
    """Give version 1 of every starter rule, in force from an instant on."""

    def rule(
        code: str,
        trigger: EventType,
        formula: Formula,
        *conditions: tuple[str, Comparison, EventValue],
        direction: Direction = Direction.EARN,
    ) -> RuleVersion:
        return RuleVersion(
            code=code,
            version=1,
            trigger=trigger,
            conditions=tuple(Condition(*condition) for condition in conditions),
            formula=formula,
            direction=direction,
            valid_months=POINTS_LIVE_MONTHS,
            debt_policy=DebtPolicy.TAKE_AND_OWE,
            effective_from=effective_from,
        )

    return [
        rule(
            "contract-amount",
            EventType.CONTRACT_SIGNED,
            PerFullUnit("amount", FEN_PER_TEN_THOUSAND_YUAN, 10),
        ),
        rule(
            "milestone-on-time",
            EventType.MILESTONE_ACCEPTED,
            Fixed(50),
            ("days_late", Comparison.AT_MOST, 0),
        ),
        rule(
            "milestone-late",
            EventType.MILESTONE_ACCEPTED,
            Fixed(20),
            ("days_late", Comparison.MORE_THAN, 0),
            direction=Direction.DEDUCT,
        ),
        rule("suggestion-adopted", EventType.SUGGESTION_ADOPTED, Fixed(30)),
        rule("referral-signed", EventType.REFERRAL_SIGNED, Fixed(30)),
        rule(
            "complaint-unsatisfied",
            EventType.COMPLAINT_CLOSED,
            Fixed(50),
            ("satisfied", Comparison.EQUALS, False),
            direction=Direction.DEDUCT,
        ),
    ]
