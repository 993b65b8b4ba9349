"""Whatever happens to a ledger comes out exactly; the same rules as a draft change nothing."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from domain.events import EventType
from domain.holds import HoldState
from domain.programme import Programme
from domain.replay.drafts import Draft
from domain.replay.figures import Ending
from domain.rules.model import Cap, DebtPolicy, Direction, Fixed, PerUnit, Scope, Window
from domain.tiers import Tier, TierPolicy
from storage.work import SqlStore
from tests.support.fakes import FakeClock, FakeStore, SequenceIds
from tests.support.history import EVER, History
from tests.support.make import a_rule
from tests.support.stores import MAIN

CUSTOMERS = ("C1", "C2")
RULES = (
    a_rule(
        "contract",
        trigger=EventType.CONTRACT_SIGNED,
        formula=PerUnit("amount", 100, 3),
        effective_from=EVER,
        caps=(Cap(Scope.CUSTOMER, Window.QUARTER, points=120, times=5),),
        valid_months=3,
    ),
    a_rule(
        "survey",
        trigger=EventType.SURVEY_COMPLETED,
        formula=Fixed(25),
        effective_from=EVER,
        matures_after_days=20,
        valid_months=4,
    ),
    a_rule(
        "complaint",
        trigger=EventType.COMPLAINT_CLOSED,
        formula=Fixed(60),
        direction=Direction.DEDUCT,
        debt_policy=DebtPolicy.OWE_TO_FLOOR,
        debt_floor=70,
        effective_from=EVER,
    ),
)
PROGRAMME = Programme(
    1,
    EVER,
    caps=(Cap(Scope.CUSTOMER, Window.MONTH, points=100),),
    tiers=TierPolicy((Tier("silver", "银", 80, 150, 10), Tier("gold", "金", 160, 200, 15)), 4, 1),
)


@dataclass(frozen=True)
class Deed:
    what: str
    who: str
    number: int
    days: int


DEEDS = st.builds(
    Deed,
    st.sampled_from(
        (
            *("contract",) * 4,
            *("survey",) * 2,
            *("complaint",) * 2,
            *("undo",) * 2,
            *("hold",) * 2,
            *("end",) * 2,
            *("refund",) * 2,
            *("gift",) * 2,
            "tick",
            "adjust",
            "take",
            "reinstate",
        )
    ),
    st.sampled_from(CUSTOMERS),
    st.integers(0, 40),
    st.integers(0, 45),
)
PASTS = st.lists(DEEDS, min_size=1, max_size=25)


def live(history: History, deeds: list[Deed]) -> None:
    """Let it all happen."""
    history.publish(*RULES)
    history.proclaim(PROGRAMME)
    for code in CUSTOMERS:
        history.customer(code)
    state = State()
    for number, deed in enumerate(deeds):
        do(history, deed, state, f"{number}")
        history.pass_by(days=deed.days)


@dataclass
class State:
    """What can be undone, ended and refunded."""

    undone: set[int] = field(default_factory=set)
    holds: list[str] = field(default_factory=list)
    spent: list[str] = field(default_factory=list)


def do(history: History, deed: Deed, state: State, name: str) -> None:
    """Do one thing; what can't be done is a nightly run instead."""
    match deed.what:
        case "undo" if deed.number < len(history.events) and deed.number not in state.undone:
            state.undone.add(deed.number)
            history.undo(deed.number)
        case "hold":
            if history.hold(deed.who, deed.number + 1, name):
                state.holds.append(name)
        case "end" if state.holds:
            hold = state.holds.pop(0)
            history.end_hold(hold, HoldState.SETTLED if deed.number % 2 else HoldState.RELEASED)
            state.spent += [hold] * (deed.number % 2)
        case "refund" if state.spent:
            history.refund(state.spent[deed.number % len(state.spent)], deed.number // 3 + 1)
        case what:
            simple(history, what, deed)


def simple(history: History, what: str, deed: Deed) -> None:
    """Do what always can be done."""
    late = deed.number % 3 * 20
    match what:
        case "contract":
            amount = deed.number * 37
            history.happens(deed.who, EventType.CONTRACT_SIGNED, amount=amount, days_ago=late)
        case "survey":
            history.happens(deed.who, EventType.SURVEY_COMPLETED, days_ago=late)
        case "complaint":
            history.happens(deed.who, EventType.COMPLAINT_CLOSED, satisfied=False)
        case "adjust":
            history.adjust(deed.who, deed.number + 1)
        case "take":
            history.adjust(deed.who, -deed.number - 1)
        case "reinstate":
            history.reinstate(deed.who)
        case "gift":
            other = next(code for code in CUSTOMERS if code != deed.who)
            history.gift(deed.who, other, deed.number + 1)
        case _:
            history.tick(deed.who)


def comes_out_exactly(history: History) -> None:
    history.pass_by(days=40)
    plan = history.plan(Draft(RULES, PROGRAMME))
    found = history.replay(plan)
    assert found.differences == []
    assert found.entries == sum(count for _, count in history.customers())
    assert found.draft == found.past
    for customer, _ in history.customers():
        history.tick(customer)
        with history.store.reading(MAIN) as work:
            wallet = work.wallets.read(customer)
        end = found.past.endings.get(customer, Ending())
        assert (end.available, end.held) == (wallet.available, wallet.held)
        assert (end.pending, end.debt) == (wallet.pending, wallet.debt)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(PASTS)
def test_any_past_comes_out_exactly_in_memory(deeds: list[Deed]) -> None:
    store = FakeStore()
    store.add_tenant(MAIN, MAIN)
    history = History(store, FakeClock(), SequenceIds())
    live(history, deeds)
    comes_out_exactly(history)


@pytest.mark.parametrize("seed", range(3))
def test_any_past_comes_out_exactly_in_a_database(
    store: SqlStore, clock: FakeClock, ids: SequenceIds, seed: int
) -> None:
    pasts: list[list[Deed]] = []

    @settings(
        max_examples=seed + 1,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(DEEDS, min_size=15, max_size=15 + seed))
    def draw(deeds: list[Deed]) -> None:
        pasts.append(deeds)

    draw()
    history = History(store, clock, ids)
    live(history, pasts[-1])
    comes_out_exactly(history)
