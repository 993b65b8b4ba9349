"""The starter rules are what the public contract says."""

from datetime import timedelta
from typing import Any

import pytest

from domain.events import EventType
from domain.rules.evaluation import RuleSet
from domain.rules.model import Direction
from domain.starter import starter_rules
from tests.support.fakes import START

RULES = starter_rules(START)


@pytest.mark.parametrize(
    ("trigger", "facts", "expected"),
    [
        (EventType.CONTRACT_SIGNED, {"amount": 999_999}, {}),
        (EventType.CONTRACT_SIGNED, {"amount": 1_000_000}, {"contract-amount": 10}),
        (EventType.CONTRACT_SIGNED, {"amount": 120_000_000}, {"contract-amount": 1200}),
        (EventType.MILESTONE_ACCEPTED, {"days_late": -3}, {"milestone-on-time": 50}),
        (EventType.MILESTONE_ACCEPTED, {"days_late": 0}, {"milestone-on-time": 50}),
        (EventType.MILESTONE_ACCEPTED, {"days_late": 1}, {"milestone-late": -20}),
        (EventType.MILESTONE_ACCEPTED, {}, {}),
        (EventType.SUGGESTION_ADOPTED, {}, {"suggestion-adopted": 30}),
        (EventType.REFERRAL_SIGNED, {"referred": "城南建设"}, {"referral-signed": 30}),
        (EventType.COMPLAINT_CLOSED, {"satisfied": False}, {"complaint-unsatisfied": -50}),
        (EventType.COMPLAINT_CLOSED, {"satisfied": True}, {}),
        (EventType.PAYMENT_RECEIVED, {"amount": 1_000_000}, {}),
        (EventType.REVIEW_SUBMITTED, {"stars": 5}, {}),
        (EventType.CHECK_IN, {}, {}),
        (EventType.SURVEY_COMPLETED, {}, {}),
    ],
)
def test_what_an_event_is_worth(
    trigger: EventType, facts: dict[str, Any], expected: dict[str, int]
) -> None:
    signs = {Direction.EARN: 1, Direction.DEDUCT: -1}
    found = RuleSet(RULES).fired(trigger, facts, START)
    assert {o.rule.code: signs[o.rule.direction] * o.points for o in found} == expected


def test_starter_rules_hold_from_the_given_instant_and_points_live_24_months() -> None:
    assert {rule.effective_from for rule in RULES} == {START}
    assert {(rule.version, rule.valid_months, rule.effective_to) for rule in RULES} == {
        (1, 24, None)
    }
    before = START - timedelta(microseconds=1)
    assert RuleSet(RULES).fired(EventType.SUGGESTION_ADOPTED, {}, before) == []
