"""Counting: caps, multipliers, tiers, debts and waiting points, with every shortfall recorded."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.ledger import Account, Reason
from domain.outcomes import Ending, Limit, Meterage
from domain.posting import lot_end
from domain.programme import Programme
from domain.rules.fields import fields_asked
from domain.rules.model import (
    Cap,
    Comparison,
    Condition,
    DebtPolicy,
    DecisionTable,
    Fixed,
    Formula,
    Multiplier,
    PerDay,
    PerUnit,
    Scope,
    Stacking,
    Step,
    Steps,
    Window,
)
from tests.domain.counting_steps import DAILY, DAY, DEDUCT, NOV, TIERED, an_amount, told, worth
from tests.support.counted import CountedLedger
from tests.support.fakes import START
from tests.support.make import a_rule


def test_an_outcome_says_which_rule_asked_what_and_saw_what() -> None:
    rule = worth(name="合同额", conditions=(Condition("kind", Comparison.EQUALS, "a"),))
    ledger = CountedLedger(rule)
    ledger.facts = {"kind": "a", "other": 1}
    [outcome] = ledger.tells(an_amount(50))
    assert (outcome.rule, outcome.version, outcome.name) == ("worth", 1, "合同额")
    assert (outcome.requested, outcome.applied, outcome.shortfall) == (50, 50, 0)
    assert (outcome.ending, outcome.net, outcome.qualifies) == (Ending.APPLIED, 50, True)
    assert outcome.inputs == {"amount": 50, "kind": "a"}
    [entry] = ledger.entries
    cause = entry.cause
    assert (cause.event, cause.rule, cause.rule_version) == ("event-1", "worth", 1)
    assert (entry.key, cause.period, cause.corrects) == ("event:event-1:worth#0", "2026-11", None)
    assert entry.event_seal == ledger.told[0].counted.seal


@pytest.mark.parametrize(
    ("formula", "asked"),
    [
        (Fixed(1), []),
        (PerUnit("amount", 1, 1), ["amount"]),
        (Steps("stars", (Step(1, 1),)), ["stars"]),
        (PerDay(1), ["days_late"]),
        (Multiplier(200), []),
        (DecisionTable(("b", "a"), ()), ["a", "b"]),
    ],
)
def test_a_rules_inputs_are_what_its_formula_and_conditions_ask(
    formula: Formula, asked: list[str]
) -> None:
    condition = Condition("z", Comparison.EQUALS, 1)
    assert fields_asked(a_rule(formula=formula, conditions=(condition,))) == [*asked, "z"]


def test_a_cap_leaves_less_and_the_outcome_says_which_cap_and_how_far_it_was_used() -> None:
    ledger = CountedLedger(worth(caps=(DAILY,)))
    assert told(ledger, 20) == [("worth", 20, 20, "applied")]
    [outcome] = ledger.tells(an_amount(20))
    assert (outcome.applied, outcome.shortfall, outcome.ending) == (10, 10, Ending.CAPPED)
    assert outcome.limits == (Limit(Scope.CUSTOMER, Window.DAY, 30, None, 20, 1),)
    key = "worth|customer:C001|2026-11-22"
    assert outcome.meters == (Meterage(key, 10, 1),)
    assert told(ledger, 20) == [("worth", 20, 0, "capped")]
    assert ledger.told[2].outcomes[0].meters == ()
    assert (ledger.counters.used[key].points, ledger.counters.used[key].times) == (30, 2)
    assert ledger.wallet.available == 30
    # Another day begins anew; a late fact counts in its own day.
    assert told(ledger, 20, occurred_at=START - DAY) == [("worth", 20, 20, "applied")]


def test_an_undo_gives_caps_back() -> None:
    ledger = CountedLedger(worth(caps=(DAILY,)))
    told(ledger, 20)
    told(ledger, 20)
    ledger.takes_back(1)
    assert ledger.wallet.available == 10
    assert told(ledger, 50) == [("worth", 50, 20, "capped")]
    ledger.takes_back(2)
    ledger.takes_back(3)
    assert all((u.points, u.times) == (0, 0) for u in ledger.counters.used.values())


def test_a_general_cap_counts_all_rules_and_an_events_time_once() -> None:
    general = (Cap(Scope.TENANT, Window.YEAR, times=2),)
    ledger = CountedLedger(worth("a"), worth("b"), programme=Programme(1, START, caps=general))
    for _ in range(2):
        assert told(ledger, 5) == [("a", 5, 5, "applied"), ("b", 5, 5, "applied")]
    assert told(ledger, 5) == [("a", 5, 0, "capped"), ("b", 5, 0, "capped")]
    [used] = ledger.counters.used.values()
    assert (used.points, used.times) == (20, 2)


def test_rules_of_one_event_share_what_a_general_cap_has_left() -> None:
    general = (Cap(Scope.CUSTOMER, Window.EVER, points=12),)
    ledger = CountedLedger(worth("a"), worth("b"), programme=Programme(1, START, caps=general))
    assert told(ledger, 8) == [("a", 8, 8, "applied"), ("b", 8, 4, "capped")]


def test_two_caps_on_one_counter_both_hold_and_move_it_once() -> None:
    caps = (Cap(Scope.CUSTOMER, Window.DAY, points=30), Cap(Scope.CUSTOMER, Window.DAY, times=2))
    ledger = CountedLedger(worth(caps=caps))
    assert [told(ledger, 8)[0][2] for _ in range(3)] == [8, 8, 0]
    [used] = ledger.counters.used.values()
    assert (used.points, used.times) == (16, 2)


def test_an_event_without_the_caps_subject_does_not_meet_it() -> None:
    ledger = CountedLedger(worth(caps=(Cap(Scope.MANAGER, Window.DAY, points=1),)))
    assert told(ledger, 8) == [("worth", 8, 8, "applied")]
    assert ledger.counters.taken == []
    ledger.facts = {"project.manager": "li"}
    assert told(ledger, 8) == [("worth", 8, 1, "capped")]


def test_counters_are_locked_all_at_once_in_the_order_of_their_keys() -> None:
    """Two that post at once would otherwise each wait for what the other holds."""
    caps = (Cap(Scope.TENANT, Window.DAY, points=30),)
    rules = [worth(code, caps=caps) for code in ("a", "a-b")]
    ledger = CountedLedger(*rules, programme=Programme(1, START, caps=caps))
    told(ledger, 8)
    [taken] = ledger.counters.taken
    assert taken == sorted(taken)
    assert len(taken) == 3


def test_a_deduction_meets_no_cap() -> None:
    ledger = CountedLedger(worth(direction=DEDUCT, caps=(DAILY,)))
    assert told(ledger, 50) == [("worth", 50, 50, "applied")]
    assert ledger.counters.used == {}


@pytest.mark.parametrize(
    ("policy", "floor", "expected", "points", "owed"),
    [
        (DebtPolicy.TAKE_AND_OWE, None, ("take", 50, 50, "applied"), (0, 20), 20),
        (DebtPolicy.OWE_TO_FLOOR, 15, ("take", 50, 45, "waived"), (0, 15), 15),
        (DebtPolicy.OWE_TO_FLOOR, 20, ("take", 50, 50, "applied"), (0, 20), 20),
        (DebtPolicy.OWE_TO_FLOOR, 0, ("take", 50, 30, "waived"), (0, 0), 0),
        (DebtPolicy.REFUSE, None, ("take", 50, 0, "refused"), (30, 0), 0),
        (DebtPolicy.ASK, None, ("take", 50, 0, "asked"), (30, 0), 0),
    ],
)
def test_a_short_wallet_is_dealt_with_as_the_rule_says_and_the_shortfall_is_recorded(
    policy: DebtPolicy,
    floor: int | None,
    expected: tuple[str, int, int, str],
    points: tuple[int, int],
    owed: int,
) -> None:
    take = worth("take", direction=DEDUCT, debt_policy=policy, debt_floor=floor)
    ledger = CountedLedger(take)
    ledger.write("issued -> C001 30")
    assert told(ledger, 50) == [expected]
    assert ledger.points() == points
    [outcome] = ledger.told[0].outcomes
    assert outcome.owed == owed
    assert outcome.shortfall == expected[1] - expected[2]
    taken = [e.points for e in ledger.entries if e.reason is Reason.PENALTY]
    assert sum(taken) == outcome.applied
    ledger.takes_back(1)
    assert ledger.points() == (30, 0)


@pytest.mark.parametrize("policy", DebtPolicy)
def test_with_enough_there_every_policy_takes_all(policy: DebtPolicy) -> None:
    take = worth("take", direction=DEDUCT, debt_policy=policy, debt_floor=0)
    ledger = CountedLedger(take)
    ledger.write("issued -> C001 50")
    assert told(ledger, 50) == [("take", 50, 50, "applied")]
    assert ledger.points() == (0, 0)


def test_a_floor_that_the_debt_has_passed_already_takes_nothing_more() -> None:
    ledger = CountedLedger(
        worth("floor", direction=DEDUCT, debt_policy=DebtPolicy.OWE_TO_FLOOR, debt_floor=20)
    )
    ledger.write("C001 -> penalties 30")
    assert told(ledger, 5) == [("floor", 5, 0, "waived")]
    assert ledger.points() == (0, 30)


def test_a_multiplier_adds_its_part_as_an_outcome_of_its_own() -> None:
    double = a_rule("double", formula=Multiplier(250), qualifies=False)
    ledger = CountedLedger(worth("base"), double)
    outcomes = ledger.tells(an_amount(10))
    assert [(o.rule, o.applied, o.percent, o.base) for o in outcomes] == [
        ("base", 10, 0, 0),
        ("double", 15, 250, 10),
    ]
    assert ledger.earned == {NOV: 10}


def test_of_a_stacking_group_only_the_one_that_wins_is_counted() -> None:
    small, big = (
        a_rule(code, formula=Fixed(points), group="g", stacking=Stacking.HIGHEST)
        for code, points in (("small", 5), ("big", 9))
    )
    ledger = CountedLedger(small, big, a_rule("free", formula=Fixed(1)))
    assert told(ledger, 0) == [("big", 9, 9, "applied"), ("free", 1, 1, "applied")]


def test_points_that_must_wait_are_pending_until_their_day() -> None:
    ledger = CountedLedger(worth(matures_after_days=3))
    [outcome] = ledger.tells(an_amount(10))
    assert outcome.matures_at == START + 3 * DAY
    assert (ledger.points(), ledger.aside()) == ((0, 0), (0, 10))
    assert ledger.earned == {NOV: 10}
    ledger.now += 3 * DAY
    ledger.sweep()
    assert (ledger.points(), ledger.aside()) == ((10, 0), (0, 0))


def test_a_late_fact_whose_wait_is_over_can_be_spent_at_once() -> None:
    ledger = CountedLedger(worth(matures_after_days=3))
    [outcome] = ledger.tells(an_amount(10, occurred_at=START - 3 * DAY))
    assert outcome.matures_at is None
    assert (ledger.points(), ledger.aside()) == ((10, 0), (0, 0))


def test_a_lot_lives_from_the_day_of_the_fact() -> None:
    ledger = CountedLedger(worth(valid_months=2))
    happened = START - 30 * DAY
    told(ledger, 10, occurred_at=happened)
    [lot] = ledger.lots.values()
    assert (lot.earned_at, lot.expires_at) == (happened, lot_end(happened, 2))


@pytest.mark.parametrize(
    ("first_open", "period", "corrects"),
    [("", "2026-11", None), ("2026-11", "2026-11", None), ("2026-12", "2026-12", "2026-11")],
)
def test_what_belongs_to_a_closed_month_counts_in_the_first_open_one(
    first_open: str, period: str, corrects: str | None
) -> None:
    ledger = CountedLedger(worth())
    ledger.first_open_month = first_open
    told(ledger, 10)
    [entry] = ledger.entries
    assert (entry.cause.period, entry.cause.corrects) == (period, corrects)


def test_counting_twice_from_the_same_state_gives_the_same() -> None:
    def counted() -> Any:
        ledger = CountedLedger(worth(caps=(DAILY,)), worth("b", direction=DEDUCT), programme=TIERED)
        ledger.write("issued -> C001 30", "hold 10")
        ledger.tells(an_amount(200))
        return ledger.written, ledger.told[0].outcomes, ledger.wallet

    assert counted() == counted()


def test_penalties_go_to_the_firms_penalties_and_awards_come_from_what_it_issues() -> None:
    ledger = CountedLedger(worth("a", direction=DEDUCT), worth("b"))
    told(ledger, 10)
    assert [(e.debit, e.credit) for e in ledger.entries] == [
        (Account.DEBT, Account.PENALTIES),
        (Account.ISSUED, Account.DEBT),
    ]


FACTS_OF_DAYS = st.lists(st.tuples(st.integers(0, 80), st.integers(1, 25)), max_size=8)


@given(FACTS_OF_DAYS, st.randoms(use_true_random=False))
def test_facts_told_late_and_in_any_order_come_to_the_same_as_facts_told_in_time(
    facts: list[tuple[int, int]], random: Any
) -> None:
    """Which of them a cap has cut may differ; what it leaves altogether does not."""
    monthly = Cap(Scope.CUSTOMER, Window.MONTH, points=30)
    rule = worth(caps=(monthly,), matures_after_days=5)
    in_time, late = CountedLedger(rule), CountedLedger(rule)
    for days, amount in sorted(facts):
        in_time.now = START + days * DAY
        in_time.tells(an_amount(amount, occurred_at=in_time.now))
    late.now = in_time.now = START + 90 * DAY
    in_time.sweep()
    random.shuffle(facts)
    for days, amount in facts:
        late.tells(an_amount(amount, occurred_at=START + days * DAY))
    assert late.wallet.available == in_time.wallet.available
    assert late.aside() == in_time.aside() == (0, 0)
    assert late.left() == in_time.left()
    assert late.earned == in_time.earned
    points = [{k: u.points for k, u in one.counters.used.items()} for one in (late, in_time)]
    assert points[0] == points[1]
