"""A past in which everything happens that a ledger knows."""

from domain.events import EventType
from domain.holds import HoldState
from domain.programme import Programme
from domain.rules.model import Cap, Fixed, Scope, Window
from domain.starter import starter_rules
from domain.tiers import Tier, TierPolicy
from tests.support.history import EVER, History
from tests.support.make import a_rule

TIERS = TierPolicy((Tier("silver", "银", 100, 110, 20), Tier("gold", "金", 300, 120, 50)), 3, 1)


def lively(history: History) -> None:
    """Let it all happen to two customers."""
    _publish(history)
    _begin(history)
    _go_on(history)


def _publish(history: History) -> None:
    history.publish(*starter_rules(EVER))
    monthly = Cap(Scope.CUSTOMER, Window.MONTH, points=20, times=4)
    history.publish(
        a_rule(
            "visit",
            trigger=EventType.CHECK_IN,
            formula=Fixed(7),
            effective_from=EVER,
            caps=(monthly,),
            valid_months=2,
        ),
        a_rule(
            "survey",
            trigger=EventType.SURVEY_COMPLETED,
            formula=Fixed(40),
            effective_from=EVER,
            matures_after_days=14,
            valid_months=6,
        ),
    )
    yearly = Cap(Scope.CUSTOMER, Window.YEAR, points=900)
    history.proclaim(Programme(1, EVER, tiers=TIERS, caps=(yearly,)))


def _begin(history: History) -> None:
    for code in ("C1", "C2"):
        history.customer(code)
    for _ in range(5):
        history.happens("C1", EventType.CHECK_IN)
        history.pass_by(days=2)
    history.happens("C1", EventType.SURVEY_COMPLETED)
    history.happens("C2", EventType.COMPLAINT_CLOSED, satisfied=False)
    history.happens("C2", EventType.SURVEY_COMPLETED)
    history.pass_by(days=20)
    history.tick("C1")
    history.tick("C2")
    history.happens("C2", EventType.CONTRACT_SIGNED, amount=12_345_678)
    history.happens("C1", EventType.CONTRACT_SIGNED, amount=32_345_678, days_ago=40)


def _go_on(history: History) -> None:
    assert history.hold("C1", 30, "H1")
    assert history.hold("C2", 10, "H2")
    history.happens("C1", EventType.CHECK_IN, days_ago=90)
    history.pass_by(days=20)
    history.end_hold("H1", HoldState.RELEASED)
    history.end_hold("H2", HoldState.SETTLED)
    assert history.gift("C1", "C2", 12)
    assert history.refund("H2", 3)
    history.pass_by(days=1)
    assert history.refund("H2", 2)
    history.undo(len(history.events) - 2)
    history.pass_by(days=45)
    history.tick("C1")
    assert history.reinstate("C1")
    history.close_month("2026-12")
    history.happens("C1", EventType.CHECK_IN, days_ago=50)
    history.adjust("C1", 15)
    history.adjust("C1", -5)
    history.pass_by(days=40)
    history.undo(0)
    history.publish(
        a_rule(
            "visit",
            version=2,
            trigger=EventType.CHECK_IN,
            formula=Fixed(9),
            effective_from=EVER,
        )
    )
    history.happens("C2", EventType.CHECK_IN)
    history.happens("C2", EventType.REVIEW_SUBMITTED, stars=5)
    history.undo(len(history.events) - 1)
