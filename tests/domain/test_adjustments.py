"""Points moved by hand: given like earnings, taken only as far as they are there."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from domain.adjustments import move_by_hand
from domain.errors import ShortOfPoints
from domain.ids import CustomerId, LotId
from domain.ledger import Account, Reason, Wallet
from domain.lots import Lot, LotUse
from domain.posting import Book
from tests.support.fakes import START, SequenceIds
from tests.support.make import a_cause, a_lot

ENDS = START + timedelta(days=700)
SOON = a_lot("soon", 30, START + timedelta(days=10))
LATE = a_lot("late", 50, START + timedelta(days=90))


def a_book(lots: Sequence[Lot] = (), debt: int = 0) -> Book:
    available = sum(lot.remaining for lot in lots)
    wallet = Wallet(CustomerId("C001"), available=available, debt=debt)
    return Book(wallet, lots, SequenceIds().new)


def moved(book: Book, points: int) -> list[tuple[Account, Account, int, Reason]]:
    move_by_hand(book, points, a_cause(event=None), expires_at=ENDS)
    return [(move.debit, move.credit, move.points, move.reason) for move in book.moves]


def test_giving_opens_a_lot() -> None:
    book = a_book()
    assert moved(book, 200) == [(Account.ISSUED, Account.AVAILABLE, 200, Reason.ADJUSTMENT)]
    opened = book.moves[0].opens
    assert opened is not None
    assert (opened.remaining, opened.expires_at) == (200, ENDS)


def test_giving_pays_a_debt_first() -> None:
    assert moved(a_book(debt=30), 200) == [
        (Account.ISSUED, Account.DEBT, 30, Reason.DEBT_PAID),
        (Account.ISSUED, Account.AVAILABLE, 170, Reason.ADJUSTMENT),
    ]


def test_taking_takes_the_soonest_ending_first() -> None:
    book = a_book([SOON, LATE])
    assert moved(book, -40) == [(Account.AVAILABLE, Account.ISSUED, 40, Reason.ADJUSTMENT)]
    assert book.moves[0].takes == (LotUse(LotId("soon"), 30), LotUse(LotId("late"), 10))


def test_taking_more_than_there_is_is_refused() -> None:
    book = a_book([SOON, LATE])
    with pytest.raises(ShortOfPoints) as refused:
        moved(book, -81)
    assert refused.value.details() == {"available": 80, "asked": 81}
    assert (book.moves, book.available, book.shelf.left) == ([], 80, {})


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_what_is_given_is_all_there_in_debt_paid_and_lot(points: int, debt: int) -> None:
    legs = moved(a_book(debt=debt), points)
    assert sum(leg[2] for leg in legs) == points
    assert sum(leg[2] for leg in legs if leg[1] is Account.DEBT) == min(points, debt)


@given(st.lists(st.integers(1, 1000), max_size=8), st.integers(1, 5000))
def test_what_is_taken_comes_from_lots_and_never_makes_a_debt(sizes: list[int], asked: int) -> None:
    book = a_book(
        [
            a_lot(f"lot-{place}", size, START + timedelta(days=place + 1))
            for place, size in enumerate(sizes)
        ]
    )
    if asked > sum(sizes):
        with pytest.raises(ShortOfPoints):
            moved(book, -asked)
        assert book.moves == []
    else:
        moved(book, -asked)
        [move] = book.moves
        assert move.points == asked == sum(use.points for use in move.takes)
        assert book.debt == 0
