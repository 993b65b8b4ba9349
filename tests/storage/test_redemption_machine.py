"""Redemptions at random against a naive model, on the fake and both engines.

The model knows nothing of lots, holds and moves: it counts points and pieces.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from typing_extensions import override

from domain.approvals import Verdict
from domain.errors import DomainError
from domain.redemptions import AGREE_WITHIN, Redemption, RedemptionState
from domain.rewards import Reward, Stock
from domain.tickets import Ticket
from handlers.usecases.agreeing import agree_to
from handlers.usecases.decisions import decide
from handlers.usecases.handing_over import hand_over_bought
from handlers.usecases.redemption_ends import cancel, decline, expire_overdue, undo
from handlers.usecases.refunds import ask_refund
from tests.storage.test_ledger_on_stores import FIXED, fresh, fresh_postgres, fresh_sqlite
from tests.support.fakes import FakeStore, SequenceIds
from tests.support.mall import Mall
from tests.support.stores import AnyStore

__all__ = ["fresh", "fresh_postgres", "fresh_sqlite"]
PRICE = 10
HELD, PLACED = RedemptionState.HELD, RedemptionState.PLACED
COUNTS = st.integers(1, 4)
PICK = st.integers(0, 99)


@dataclass
class Bought:
    """What the model knows of one redemption."""

    reward: int
    quantity: int
    waits: set[str]
    until: timedelta
    state: RedemptionState = HELD
    fulfilled: int = 0
    refunded: int = 0

    @property
    def outstanding(self) -> int:
        return self.quantity - self.fulfilled - self.refunded


class RedemptionSteps(RuleBasedStateMachine):
    """Everything that can happen to redemptions of three rewards."""

    fresh: ClassVar[Callable[[], AnyStore]]

    @initialize()
    def opens(self) -> None:
        self.mall = Mall(type(self).fresh(), SequenceIds())
        self.rewards: list[Reward] = [
            self.mall.offers(1),
            self.mall.offers(2, needs_contact=True),
            self.mall.offers(3, needs_contact=True, needs_approver=True),
        ]
        self.points, self.passed = 0, timedelta(0)
        self.pieces = [[0, 0, 0] for _ in self.rewards]
        self.earn(80)
        for which in range(3):
            self.receive(which, 4)
        self.model: list[Bought] = []
        self.tickets: list[Ticket] = []

    @override
    def teardown(self) -> None:
        self.mall.closes()

    @rule(points=st.integers(1, 80))
    def earn(self, points: int) -> None:
        self.mall.earns(points)
        self.points += points

    @rule(which=st.integers(0, 2), count=COUNTS)
    def receive(self, which: int, count: int) -> None:
        self.mall.receives(self.rewards[which].id, count)
        self.pieces[which][0] += count

    @rule(which=st.integers(0, 2), count=COUNTS)
    def buy(self, which: int, count: int) -> None:
        ticket = self.mall.previews(self.rewards[which], count)
        is_possible = self.pieces[which][0] >= count and self.points >= PRICE * count
        assert self.does(partial(self.mall.confirms, ticket)) == is_possible
        if is_possible:
            waits = ({"contact"} if which else set()) | ({"firm"} if which == 2 else set())
            bought = Bought(which, count, waits, self.passed + AGREE_WITHIN)
            self.model.append(bought)
            self.tickets.append(ticket)
            self.points -= PRICE * count
            self.move(bought, 0, 1, count)
            self.placed_if_agreed(bought)

    @rule(pick=PICK)
    def press_again(self, pick: int) -> None:
        if self.tickets:
            assert self.does(partial(self.mall.confirms, self.tickets[pick % len(self.tickets)]))

    @rule(pick=PICK)
    def agree(self, pick: int) -> None:
        for bought, stored in self.picked(pick):
            is_possible = self.is_held(bought) and "contact" in bought.waits
            is_again = stored.agreed_by is not None
            act = partial(agree_to, redemption=stored.id)
            assert self.does(partial(self.mall.acts, act, contact="second")) == (
                is_possible or is_again
            )
            if is_possible:
                bought.waits.discard("contact")
                self.placed_if_agreed(bought)

    @rule(pick=PICK)
    def approve(self, pick: int) -> None:
        for bought, stored in self.picked(pick):
            found = self.mall.pending(stored.purpose)
            is_open = bought.state is HELD and "firm" in bought.waits
            assert (found is not None) == is_open
            if found is not None:
                act = partial(decide, approval_id=found.id, verdict=Verdict.APPROVE, note="")
                is_possible = self.is_held(bought)
                assert self.does(partial(self.mall.acts, act, member="zhang")) == is_possible
                if is_possible:
                    bought.waits.discard("firm")
                    self.placed_if_agreed(bought)

    @rule(pick=PICK)
    def say_no(self, pick: int) -> None:
        for bought, stored in self.picked(pick):
            act = partial(decline, redemption=stored.id)
            is_possible = bought.state is HELD and "contact" in bought.waits
            is_again = bought.state is RedemptionState.DECLINED
            assert self.does(partial(self.mall.acts, act, contact="second")) == (
                is_possible or is_again
            )
            if is_possible:
                self.ends(bought, RedemptionState.DECLINED)

    @rule(pick=PICK)
    def drop(self, pick: int) -> None:
        for bought, stored in self.picked(pick):
            act = partial(cancel, redemption=stored.id)
            is_again = bought.state is RedemptionState.CANCELLED
            is_possible = bought.state is HELD
            assert self.does(partial(self.mall.acts, act, contact="of-C001")) == (
                is_possible or is_again
            )
            if is_possible:
                self.ends(bought, RedemptionState.CANCELLED)

    @rule(pick=PICK)
    def undo(self, pick: int) -> None:
        for bought, stored in self.picked(pick):
            act = partial(undo, redemption=stored.id)
            is_again = bought.refunded == bought.quantity
            is_possible = bought.state is PLACED and not bought.fulfilled
            assert self.does(partial(self.mall.acts, act, contact="of-C001")) == (
                is_possible or is_again
            )
            if is_possible:
                self.gives_back(bought, bought.outstanding)

    @rule(pick=PICK, count=COUNTS)
    def hand_over(self, pick: int, count: int) -> None:
        for bought, stored in self.picked(pick):
            act = partial(hand_over_bought, redemption=stored.id, quantity=count, remark="")
            is_possible = bought.state is PLACED and count <= bought.outstanding
            assert self.does(partial(self.mall.acts, act, member="fang")) == is_possible
            if is_possible:
                bought.fulfilled += count
                self.move(bought, 1, 2, count)
                self.done_if_nothing_is_left(bought)

    @rule(pick=PICK, count=COUNTS)
    def refund(self, pick: int, count: int) -> None:
        for bought, stored in self.picked(pick):
            ask = partial(ask_refund, redemption=stored.id, quantity=count, reason="x")
            is_possible = bought.state is PLACED and count <= bought.outstanding
            assert self.does(partial(self.mall.acts, ask, member="fang")) == is_possible
            if is_possible:
                found = self.mall.pending(f"refund:{stored.id}")
                assert found is not None
                act = partial(decide, approval_id=found.id, verdict=Verdict.APPROVE, note="")
                assert self.does(partial(self.mall.acts, act, member="zhang"))
                self.gives_back(bought, count)

    @rule(hours=st.integers(1, 40))
    def pass_time(self, hours: int) -> None:
        self.mall.clock.forward(timedelta(hours=hours))
        self.passed += timedelta(hours=hours)

    @rule()
    def time_out(self) -> None:
        now = self.mall.clock.now()
        for redemption in self.mall.looks(lambda work: work.redemptions.overdue(now, 99)):
            self.mall.acts(partial(expire_overdue, redemption=redemption))
        for bought in self.model:
            if bought.state is HELD and self.passed >= bought.until:
                self.ends(bought, RedemptionState.EXPIRED)

    @invariant()
    def agrees(self) -> None:
        if not hasattr(self, "mall"):
            return
        wallet = self.mall.wallet()
        held = sum(PRICE * one.quantity for one in self.model if one.state is HELD)
        assert (wallet.available, wallet.held, wallet.debt) == (self.points, held, 0)
        for place, pieces in enumerate(self.pieces):
            assert self.mall.stock(place + 1) == Stock(*pieces)
        assert [(one.state, one.fulfilled, one.refunded) for one in self.mall.bought()] == [
            (one.state, one.fulfilled, one.refunded) for one in self.model
        ]
        if not isinstance(self.mall.store, FakeStore):
            assert self.mall.looks(lambda work: work.reconciliation.findings(9)) == []

    def does(self, act: Callable[[], object]) -> bool:
        """Do something; tell whether it was done."""
        try:
            act()
        except DomainError:
            return False
        return True

    def picked(self, pick: int) -> list[tuple[Bought, Redemption]]:
        """Give one of what was bought, if there is any, by the model and as it is stored."""
        if not self.model:
            return []
        place = pick % len(self.model)
        return [(self.model[place], self.mall.bought()[place])]

    def is_held(self, bought: Bought) -> bool:
        return bought.state is HELD and self.passed < bought.until

    def placed_if_agreed(self, bought: Bought) -> None:
        if not bought.waits:
            bought.state = PLACED

    def ends(self, bought: Bought, state: RedemptionState) -> None:
        bought.state = state
        self.points += PRICE * bought.quantity
        self.move(bought, 1, 0, bought.quantity)

    def gives_back(self, bought: Bought, count: int) -> None:
        bought.refunded += count
        self.points += PRICE * count
        self.move(bought, 1, 0, count)
        self.done_if_nothing_is_left(bought)

    def done_if_nothing_is_left(self, bought: Bought) -> None:
        if not bought.outstanding:
            is_back = bought.refunded > 0
            bought.state = RedemptionState.REFUNDED if is_back else RedemptionState.FULFILLED

    def move(self, bought: Bought, out_of: int, into: int, count: int) -> None:
        self.pieces[bought.reward][out_of] -= count
        self.pieces[bought.reward][into] += count


def test_whatever_happens_points_and_pieces_are_those_of_the_model(
    fresh: Callable[[], AnyStore],
) -> None:
    steps = type("StoredSteps", (RedemptionSteps,), {"fresh": staticmethod(fresh)})
    run_state_machine_as_test(steps, settings=FIXED)


@pytest.mark.parametrize("examples", [60])
def test_on_the_fake_too_and_for_longer(examples: int) -> None:
    steps = type("FakeSteps", (RedemptionSteps,), {"fresh": staticmethod(FakeStore)})
    run_state_machine_as_test(
        steps, settings=type(FIXED)(FIXED, max_examples=examples, stateful_step_count=40)
    )
