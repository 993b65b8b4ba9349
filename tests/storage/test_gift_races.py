"""Gifts at the same time on both engines: no point is lost, none is given twice, limits hold."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from domain.approvals import Verdict
from domain.errors import (
    ApprovalClosed,
    DomainError,
    GiftLimitReached,
    GiftShort,
)
from domain.gifts import MONTH_MAX, Gift, GiftState
from domain.ids import CustomerId, GiftId
from domain.ledger import Wallet
from domain.ports import Conflict
from handlers.contract import Context
from handlers.usecases.decisions import withdraw_for_contact
from storage.verify_all import check_all
from storage.work import SqlStore
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.firm import Firm
from tests.support.gifts import confirms, decides, gives, people_of_gifts, previews
from tests.support.stores import MAIN

C001, C002 = CustomerId("C001"), CustomerId("C002")


@pytest.fixture
def firm(store: SqlStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    made = Firm(store, clock, ids)
    made.opens()
    made.acts(lambda ctx: people_of_gifts(ctx, "C001", "C002"))
    return made


def at_once(firm: Firm, *acts: Callable[[Context], Any]) -> list[Any]:
    """Let several act in threads of their own; give what each gave, or its refusal."""
    barrier = Barrier(len(acts))

    def one(act: Callable[[Context], Any]) -> Any:
        barrier.wait()
        for _ in range(50):
            try:
                return firm.acts(act)
            except Conflict:
                continue
            except DomainError as refusal:
                return type(refusal)
        raise AssertionError(act)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def wallet(firm: Firm, customer: CustomerId = C001) -> Wallet:
    found: Wallet = firm.looks(lambda work: work.wallets.read(customer))
    return found


def is_sound(firm: Firm, store: SqlStore) -> bool:
    """Tell whether every check of the nights is content."""
    drift = firm.looks(lambda work: work.reconciliation.findings(9))
    return not drift and not check_all(store.database, MAIN)[1]


def test_a_double_tap_gives_once_and_shows_the_same_receipt(firm: Firm, store: SqlStore) -> None:
    firm.signs(100)
    ticket = firm.acts(lambda ctx: previews(ctx, "C001", "C002", 60))
    tap = partial(confirms, giver="C001", ticket=ticket)
    gifts = at_once(firm, *[tap] * 4)
    assert {gift.id for gift in gifts} == {ticket}
    assert len({(gift.number, gift.state) for gift in gifts}) == 1
    assert (wallet(firm).available, wallet(firm, C002).available) == (40, 60)
    assert is_sound(firm, store)


def test_two_who_give_to_each_other_never_wait_for_each_other(firm: Firm, store: SqlStore) -> None:
    firm.signs(100)
    firm.signs(100, "C002")
    for _ in range(5):
        both = at_once(
            firm,
            lambda ctx: gives(ctx, "C001", "C002", 7),
            lambda ctx: gives(ctx, "C002", "C001", 5),
        )
        assert all(isinstance(one, Gift) for one in both)
    assert (wallet(firm).available, wallet(firm, C002).available) == (90, 110)
    assert is_sound(firm, store)


def test_two_phones_cannot_give_the_same_points(firm: Firm, store: SqlStore) -> None:
    firm.signs(100)
    tickets = [firm.acts(lambda ctx: previews(ctx, "C001", "C002", 60)) for _ in range(2)]
    taps = [partial(confirms, giver="C001", ticket=ticket) for ticket in tickets]
    done = at_once(firm, *taps)
    assert sorted(isinstance(one, Gift) for one in done) == [False, True]
    assert GiftShort in done
    assert (wallet(firm).available, wallet(firm, C002).available) == (40, 60)
    assert is_sound(firm, store)


def test_a_raced_limit_holds(firm: Firm, store: SqlStore) -> None:
    firm.signs(20_000)
    for _ in range(9):
        firm.acts(lambda ctx: gives(ctx, "C001", "C002", 1_000))
    tickets = [firm.acts(lambda ctx: previews(ctx, "C001", "C002", 400)) for _ in range(5)]
    done = at_once(firm, *[partial(confirms, giver="C001", ticket=one) for one in tickets])
    assert sum(isinstance(one, Gift) for one in done) == 2
    assert done.count(GiftLimitReached) == 3
    assert wallet(firm, C002).available == 9_800 <= MONTH_MAX
    assert is_sound(firm, store)


def test_of_yes_no_and_taken_back_at_once_one_counts(firm: Firm, store: SqlStore) -> None:
    firm.signs(9_000)
    for number in range(3):
        gift = firm.acts(lambda ctx: gives(ctx, "C001", "C002", 1_200))
        assert gift.approval is not None
        before, theirs = wallet(firm), wallet(firm, C002).available
        assert (gift.state, before.held) == (GiftState.PENDING, 1_200)
        done = at_once(
            firm,
            partial(decides, gift=gift, verdict=Verdict.APPROVE),
            partial(decides, gift=gift, verdict=Verdict.DECLINE),
            partial(withdraw_for_contact, approval_id=gift.approval),
        )
        state = firm.looks(partial(state_of, gift=gift.id))
        assert state in {GiftState.GIVEN, GiftState.DECLINED, GiftState.WITHDRAWN}
        assert done.count(ApprovalClosed) == (2 if state is GiftState.WITHDRAWN else 1)
        given = 1_200 if state is GiftState.GIVEN else 0
        assert wallet(firm).held == 0, number
        assert wallet(firm).available == before.available + 1_200 - given
        assert wallet(firm, C002).available == theirs + given
    assert is_sound(firm, store)


def state_of(work: Any, gift: GiftId) -> GiftState:
    found: GiftState = work.gifts.get(gift).state
    return found
