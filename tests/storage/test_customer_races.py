"""The same unit entered by two at the same moment, on both engines: one customer, not two."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest

from domain.errors import CustomerExists
from domain.ports import Conflict
from handlers.contract import Context
from handlers.usecases.customer_files import Change, Given, change_file, open_file
from handlers.usecases.customer_imports import Filing, State
from handlers.usecases.directory import customer_of_code
from storage.work import SqlStore
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.firm import Firm

NAME = "江北实业"
LONG_ENOUGH = 0.5
"""Seconds in which somebody who waits for nothing would have entered it too."""


@pytest.fixture
def firm(store: SqlStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    made = Firm(store, clock, ids)
    made.opens()
    return made


def enter(ctx: Context) -> State:
    open_file(ctx, Given("N2", NAME))
    return State.ADDED


def bring_in(ctx: Context) -> State:
    return Filing(ctx, is_anyway=False, writes=True).file(Given("", NAME), 0).state


def rename(ctx: Context) -> State:
    change_file(ctx, customer_of_code(ctx, "C001"), Change(name=NAME))
    return State.FILLED


@pytest.mark.parametrize(
    ("second", "becomes"),
    [(enter, State.REFUSED), (bring_in, State.KNOWN), (rename, State.REFUSED)],
)
def test_who_comes_second_sees_what_the_first_has_entered(
    firm: Firm, second: Callable[[Context], State], becomes: State
) -> None:
    has_entered = Event()

    def first(ctx: Context) -> State:
        open_file(ctx, Given("N1", NAME))
        has_entered.set()
        sleep(LONG_ENOUGH)
        return State.ADDED

    def behind() -> State:
        has_entered.wait()
        while True:
            try:
                return firm.acts(second)
            except Conflict:
                continue
            except CustomerExists:
                return State.REFUSED

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.submit(firm.acts, first), pool.submit(behind)
        assert (one.result(), other.result()) == (State.ADDED, becomes)

    names = [customer.name for customer in firm.looks(lambda work: work.customers.all())]
    assert names.count(NAME) == 1
