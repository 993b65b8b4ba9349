"""A history in memory, rules and drafts of them, for the tests of what would have been."""

from collections.abc import Iterable
from dataclasses import replace

from domain.events import EventType
from domain.programme import Programme
from domain.replay.report import Json
from domain.rules.model import (
    Cap,
    Direction,
    Fixed,
    PerUnit,
    RuleVersion,
    Scope,
    Window,
)
from tests.support.fakes import FakeClock, FakeStore, SequenceIds
from tests.support.history import EVER, History
from tests.support.make import a_rule
from tests.support.stores import MAIN

VISIT = a_rule("visit", trigger=EventType.CHECK_IN, formula=Fixed(10), effective_from=EVER)
CONTRACT = a_rule(
    "contract",
    trigger=EventType.CONTRACT_SIGNED,
    formula=PerUnit("amount", 100, 3),
    effective_from=EVER,
    valid_months=4,
)
SURVEY = a_rule(
    "survey",
    trigger=EventType.SURVEY_COMPLETED,
    formula=Fixed(25),
    effective_from=EVER,
    valid_months=4,
)
COMPLAINT = a_rule(
    "complaint",
    trigger=EventType.COMPLAINT_CLOSED,
    formula=Fixed(60),
    direction=Direction.DEDUCT,
    effective_from=EVER,
)
MONTHLY = Programme(1, EVER, caps=(Cap(Scope.CUSTOMER, Window.MONTH, points=100),))


def a_history(*rules: RuleVersion, customers: Iterable[str] = ("C1",)) -> History:
    """Begin a history in memory."""
    store = FakeStore()
    store.add_tenant(MAIN, MAIN)
    made = History(store, FakeClock(), SequenceIds())
    made.publish(*rules)
    for code in customers:
        made.customer(code)
    return made


def second(rule: RuleVersion, **changes: object) -> RuleVersion:
    """Make the next version of a rule."""
    return replace(rule, version=rule.version + 1, **changes)  # type: ignore[arg-type]


def draft_of(found: Json, *names: str) -> tuple[int, ...]:
    return tuple(found["total"]["draft"][name] for name in names)


def customer_of(found: Json, code: str) -> Json:
    (row,) = (one for one in found["customers"] if one["customer"] == code)
    return row  # type: ignore[no-any-return]
