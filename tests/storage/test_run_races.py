"""Runs and people at the same wallet at the same time: each thing happens once, records agree."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from domain.errors import HoldClosed, ShortOfPoints
from domain.holds import HoldState
from domain.ids import CustomerId, HoldId
from domain.ledger import Reason
from domain.ports import Conflict, Work
from handlers.contract import Context
from handlers.usecases.expiry import bring_up_to_date
from handlers.usecases.holds import hold_points, release_overdue, settle_hold
from storage.work import SqlStore
from tests.handlers.expiring import at
from tests.support.fakes import START, FakeClock, SequenceIds
from tests.support.firm import Firm

C001 = CustomerId("C001")
ROUNDS = 5


@pytest.fixture
def firm(store: SqlStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    made = Firm(store, clock, ids)
    made.opens()
    return made


def state_of(work: Work, hold: HoldId) -> HoldState:
    return work.holds.get(hold).state


def at_once(firm: Firm, *acts: Any) -> list[Any]:
    """Let several act in threads of their own; give what each gave, or its refusal."""
    barrier = Barrier(len(acts))

    def one(act: Any) -> Any:
        barrier.wait()
        for _ in range(20):
            try:
                return firm.acts(act)
            except Conflict:
                continue
            except (HoldClosed, ShortOfPoints) as refusal:
                return type(refusal)
        raise AssertionError(act)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def test_a_hold_is_settled_or_runs_out_of_time_never_both(firm: Firm) -> None:
    firm.signs(100)
    for number in range(ROUNDS):
        hold = firm.holds(10, f"h{number}", until=START)
        settled, released = at_once(
            firm,
            partial(settle_hold, hold_id=hold),
            partial(release_overdue, hold_id=hold),
        )
        state = firm.looks(partial(state_of, hold=hold))
        won = (True, False) if state is HoldState.SETTLED else (HoldClosed, True)
        assert (settled, released) == won
    wallet = firm.looks(lambda work: work.wallets.read(C001))
    assert wallet.held == 0
    assert firm.looks(lambda work: work.reconciliation.findings(9)) == []


def test_the_same_hold_asked_for_at_once_is_one_hold(firm: Firm) -> None:
    firm.signs(100)

    def ask(ctx: Context) -> object:
        until = START + timedelta(days=1)
        return hold_points(ctx, HoldId("h"), C001, 60, purpose="x", expires_at=until)

    one, two = at_once(firm, ask, ask)
    assert one == two
    assert firm.looks(lambda work: work.wallets.read(C001)).held == 60
    assert firm.looks(lambda work: work.reconciliation.findings(9)) == []


def test_ended_points_are_booked_once_and_never_held(firm: Firm) -> None:
    firm.signs(100)
    firm.clock.at = at("2028-12-01", "00:00")
    until = firm.clock.at + timedelta(days=1)
    gave = at_once(
        firm,
        lambda ctx: bring_up_to_date(ctx, [C001]),
        lambda ctx: bring_up_to_date(ctx, [C001]),
        lambda ctx: hold_points(ctx, HoldId("h"), C001, 1, purpose="x", expires_at=until),
    )
    assert sum(gave[:2]) == 1
    assert gave[2] is ShortOfPoints
    found = firm.looks(lambda work: work.wallets.latest(C001, 9))
    assert [entry.reason for entry in found] == [Reason.EXPIRY, Reason.AWARD]
    assert firm.looks(lambda work: work.reconciliation.findings(9)) == []
