"""What the tests of counting tell: amounts that are worth their points, caps and tiers."""

from datetime import date, timedelta
from typing import Any

from domain.events import BusinessEvent
from domain.programme import Programme
from domain.rules.model import Cap, Direction, PerUnit, Scope, Window
from domain.tiers import Tier, TierPolicy, month_of
from tests.support.counted import CountedLedger
from tests.support.fakes import START
from tests.support.make import a_rule, an_event

DAY = timedelta(days=1)
NOV = month_of(date(2026, 11, 22))
WORTH = PerUnit("amount", 1, 1)
DEDUCT = Direction.DEDUCT
DAILY = Cap(Scope.CUSTOMER, Window.DAY, points=30)
SILVER = Tier("silver", "银卡", 100, percent=150, gift=40)
GOLD = Tier("gold", "金卡", 300, percent=200, gift=60)
TIERS = TierPolicy((SILVER, GOLD), window_months=3, grace_months=0, gift_months=6)
TIERED = Programme(4, START, tiers=TIERS)


def an_amount(amount: int, **changes: Any) -> BusinessEvent:
    return an_event(data={"amount": amount}, **changes)


def worth(code: str = "worth", **changes: Any) -> Any:
    return a_rule(code, **({"formula": WORTH, "effective_from": START - 400 * DAY} | changes))


def told(ledger: CountedLedger, amount: int, **changes: Any) -> list[tuple[str, int, int, str]]:
    """Tell an event; show each outcome's rule, requested and applied points and ending."""
    outcomes = ledger.tells(an_amount(amount, **changes))
    return [(o.rule, o.requested, o.applied, str(o.ending)) for o in outcomes]
