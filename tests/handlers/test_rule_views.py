"""What a rule says, as facts for wording: every kind of formula, and no more than cards show."""

import pytest

from domain.events import EventType
from domain.rules.fields import FieldKind
from domain.rules.model import (
    DecisionTable,
    Fixed,
    Formula,
    Multiplier,
    PerDay,
    PerUnit,
    Step,
    Steps,
    TableRow,
)
from handlers.rule_views import STEPS_SHOWN, rule_said
from handlers.views import RuleFormula, RuleStep
from tests.domain.rules.making import a_rule

AMOUNT, NUMBER = FieldKind.AMOUNT.value, FieldKind.NUMBER.value
NAMES = {"contract-amount": "签约积分"}


@pytest.mark.parametrize(
    ("trigger", "formula", "said"),
    [
        (EventType.CHECK_IN, Fixed(7), RuleFormula("fixed", points=7)),
        (
            EventType.CONTRACT_SIGNED,
            PerUnit("amount", 100, 3),
            RuleFormula("per_unit", points=3, field="amount", field_kind=AMOUNT, unit=100),
        ),
        (
            EventType.REVIEW_SUBMITTED,
            Steps("stars", (Step(4, 20), Step(5, 50))),
            RuleFormula(
                "steps",
                field="stars",
                field_kind=NUMBER,
                steps=(RuleStep(4, 20), RuleStep(5, 50)),
                step_count=2,
            ),
        ),
        (
            EventType.MILESTONE_ACCEPTED,
            PerDay(2, is_early=True, free=3, most=40),
            RuleFormula("per_day", points=2, is_early=True, free=3, most=40),
        ),
        (
            EventType.CONTRACT_SIGNED,
            Multiplier(150, ("contract-amount", "own-rule")),
            RuleFormula("multiplier", percent=150, raised=("签约积分", "own-rule")),
        ),
        (
            EventType.REVIEW_SUBMITTED,
            DecisionTable(("stars",), (TableRow((None,), 5), TableRow((None,), 9))),
            RuleFormula("table", columns=("stars",), rows=2, low=5, high=9),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_formula_is_said(trigger: EventType, formula: Formula, said: RuleFormula) -> None:
    assert rule_said(a_rule(trigger=trigger, formula=formula), NAMES).formula == said


def test_only_the_steps_that_cards_show_are_handed_over_with_their_number() -> None:
    steps = Steps("stars", tuple(Step(stars, stars * 10) for stars in range(30)))
    said = rule_said(a_rule(trigger=EventType.REVIEW_SUBMITTED, formula=steps)).formula
    assert [step.at_least for step in said.steps] == list(range(STEPS_SHOWN))
    assert said.step_count == 30
