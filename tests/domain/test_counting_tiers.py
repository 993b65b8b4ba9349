"""Tiers while events are counted: what they add, what they give once, what leads to them."""

from dataclasses import replace

import pytest

from domain.counting import Standing
from domain.ids import CustomerId
from domain.ledger import Wallet
from domain.posting import Book, lot_end
from domain.rules.model import (
    Comparison,
    Condition,
    Multiplier,
)
from tests.domain.counting_steps import (
    DAILY,
    DAY,
    DEDUCT,
    NOV,
    SILVER,
    TIERED,
    TIERS,
    an_amount,
    told,
    worth,
)
from tests.support.counted import CountedLedger
from tests.support.fakes import START, SequenceIds
from tests.support.make import a_rule


def test_the_tier_of_the_events_month_raises_what_its_rules_give() -> None:
    ledger = CountedLedger(worth(), programme=TIERED)
    ledger.earned = {NOV - 1: 100}
    outcomes = ledger.tells(an_amount(11))
    assert [(o.rule, o.version, o.name, o.applied, o.percent, o.base) for o in outcomes] == [
        ("worth", 1, "", 11, 0, 0),
        ("tier:silver", 4, "银卡", 5, 150, 11),
    ]
    # Only what the rules gave counts for the next tier.
    assert ledger.earned[NOV] == 11
    extra = ledger.entries[1]
    assert (extra.qualifying, extra.key) == (0, "event:event-1:tier:silver#0")
    # Before it was reached there is no tier to raise anything.
    earlier = ledger.tells(an_amount(11, occurred_at=START - 60 * DAY))
    assert [o.rule for o in earlier] == ["worth"]


def test_rules_can_ask_for_the_tier() -> None:
    rule = a_rule("vip", conditions=(Condition("customer.tier", Comparison.EQUALS, "silver"),))
    ledger = CountedLedger(rule, programme=TIERED)
    assert told(ledger, 0) == []
    ledger.earned = {NOV: 100}
    assert told(ledger, 0)[0] == ("vip", 50, 50, "applied")
    assert ledger.told[1].outcomes[0].inputs == {"customer.tier": "silver"}


@pytest.mark.parametrize(
    ("percent", "amount", "extra"), [(150, 1, 0), (100, 50, 0), (90, 50, 0), (150, 3, 1)]
)
def test_a_tier_that_adds_nothing_has_no_outcome(percent: int, amount: int, extra: int) -> None:
    policy = replace(TIERS, tiers=(replace(SILVER, percent=percent, gift=0),))
    ledger = CountedLedger(worth(), programme=replace(TIERED, tiers=policy))
    ledger.earned = {NOV: 100}
    ledger.tells(an_amount(amount))
    assert ledger.points() == (amount + extra, 0)
    assert len(ledger.told[0].outcomes) == (2 if extra else 1)


def test_a_tier_raises_neither_deductions_nor_multipliers() -> None:
    double = a_rule("double", formula=Multiplier(200))
    take = worth("take", direction=DEDUCT)
    ledger = CountedLedger(worth("base"), double, take, programme=TIERED)
    ledger.earned = {NOV: 100}
    assert [(o.rule, o.applied) for o in ledger.tells(an_amount(10))] == [
        ("base", 10),
        ("double", 10),
        ("take", 10),
        ("tier:silver", 5),
    ]


def test_what_a_cap_has_cut_away_no_tier_gives_back() -> None:
    ledger = CountedLedger(worth(caps=(DAILY,)), programme=TIERED)
    ledger.earned = {NOV: 100}
    assert told(ledger, 50) == [("worth", 50, 30, "capped"), ("tier:silver", 15, 15, "applied")]
    assert told(ledger, 50) == [("worth", 50, 0, "capped")]


def test_the_gift_of_a_tier_comes_with_the_event_that_reaches_it_once() -> None:
    ledger = CountedLedger(worth(), programme=TIERED)
    assert told(ledger, 99) == [("worth", 99, 99, "applied")]
    assert told(ledger, 1) == [("worth", 1, 1, "applied"), ("tier:silver", 40, 40, "applied")]
    gift = ledger.entries[-1]
    assert (gift.key, gift.qualifying) == ("gift:event-2:tier:silver#0", 0)
    assert ledger.lots[next(reversed(ledger.lots))].expires_at == lot_end(START, 6)
    # The tier is lost and reached again: no second gift.
    later = START + 200 * DAY
    ledger.now = later
    assert told(ledger, 100, occurred_at=later) == [("worth", 100, 100, "applied")]


def test_one_event_may_reach_two_tiers() -> None:
    ledger = CountedLedger(worth(), programme=TIERED)
    assert [(o.rule, o.applied) for o in ledger.tells(an_amount(300))] == [
        ("worth", 300),
        ("tier:silver", 40),
        ("tier:gold", 60),
    ]


def test_an_undone_gift_is_given_again() -> None:
    ledger = CountedLedger(worth(), programme=TIERED)
    told(ledger, 100)
    ledger.takes_back(1)
    assert (ledger.points(), ledger.earned) == ((0, 0), {NOV: 0})
    assert told(ledger, 100)[1] == ("tier:silver", 40, 40, "applied")


def test_a_gift_stays_when_another_event_is_undone_and_is_not_given_twice() -> None:
    ledger = CountedLedger(worth(), programme=TIERED)
    told(ledger, 60)
    told(ledger, 60)
    ledger.takes_back(1)
    assert ledger.points() == (100, 0)
    assert told(ledger, 60) == [("worth", 60, 60, "applied")]


def test_a_gift_that_paid_a_debt_has_been_given_too() -> None:
    ledger = CountedLedger(worth(), programme=TIERED)
    ledger.write("C001 -> penalties 500")
    told(ledger, 100)
    assert ledger.points() == (0, 360)
    told(ledger, 200)
    assert [o.rule for o in ledger.told[1].outcomes] == ["worth", "tier:silver", "tier:gold"]
    ledger.takes_back(2)
    assert ledger.points() == (0, 360)
    assert [o.rule for o in ledger.tells(an_amount(200))][2:] == ["tier:gold"]


def test_points_that_do_not_qualify_lead_to_no_tier() -> None:
    ledger = CountedLedger(worth(qualifies=False), programme=TIERED)
    assert told(ledger, 500) == [("worth", 500, 500, "applied")]
    assert ledger.earned == {NOV: 0}


def test_a_customer_nobody_knows_anything_of_has_no_gift() -> None:
    standing = Standing(Book(Wallet(CustomerId("C001")), [], SequenceIds().new))
    assert (standing.has_gift("tier:silver"), standing.earned) == (False, {})
