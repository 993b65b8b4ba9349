"""A book applies movements in order, keeps lots in step, and leaves nothing lapsed behind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import ShortOfPoints
from domain.ids import CustomerId, EntryId, LotId
from domain.ledger import Account, Reason, Wallet
from domain.lots import Lot, LotUse
from domain.posting import Book, lot_end, month_text
from tests.support.book import Ledger
from tests.support.fakes import START, SequenceIds
from tests.support.make import a_cause, a_lot

DAY = timedelta(days=1)
END = START + 30 * DAY
A, B = LotId("a"), LotId("b")


def a_book(*lots: Lot, debt: int = 0) -> Book:
    available = sum(lot.remaining for lot in lots)
    return Book(Wallet(CustomerId("C001"), available=available, debt=debt), lots, SequenceIds().new)


def moved(book: Book) -> list[tuple[str, str, int, str]]:
    """Show what has been written."""
    return [(m.debit, m.credit, m.points, m.reason) for m in book.moves]


@pytest.mark.parametrize(
    ("earned_at", "months", "end"),
    [
        (START, 24, datetime(2028, 11, 30, 16, tzinfo=UTC)),
        # 00:30 on 1 December in Shanghai.
        (datetime(2026, 11, 30, 16, 30, tzinfo=UTC), 24, datetime(2028, 12, 31, 16, tzinfo=UTC)),
        (START, 0, datetime(2026, 11, 30, 16, tzinfo=UTC)),
    ],
)
def test_a_lot_ends_after_the_last_day_of_its_last_month(
    earned_at: datetime, months: int, end: datetime
) -> None:
    assert lot_end(earned_at, months) == end


@pytest.mark.parametrize(
    ("at", "month"),
    [
        (datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC), "2026-11"),
        (datetime(2026, 11, 30, 16, tzinfo=UTC), "2026-12"),
        (datetime(2026, 12, 31, 16, tzinfo=UTC), "2027-01"),
    ],
)
def test_a_month_begins_at_midnight_in_shanghai(at: datetime, month: str) -> None:
    assert month_text(at) == month


def test_an_award_opens_a_lot_that_is_earned_when_the_event_happened() -> None:
    book, happened = a_book(), START - 40 * DAY
    book.award(50, a_cause(effective_at=happened), expires_at=END, qualifies=True)
    [move] = book.moves
    assert move.opens == Lot(LotId(f"{1:026d}"), EntryId(f"{2:026d}"), 50, 50, happened, END)
    assert (move.id, move.qualifying, move.net) == (f"{2:026d}", 50, 50)
    assert (book.available, book.seq, book.shelf.soonest()) == (50, 1, move.opens)


@pytest.mark.parametrize(
    ("debt", "expected"),
    [
        (0, [("wallet.available", 50, "award", 50)]),
        (20, [("wallet.debt", 20, "debt_paid", 20), ("wallet.available", 30, "award", 30)]),
        (50, [("wallet.debt", 50, "debt_paid", 50)]),
        (70, [("wallet.debt", 50, "debt_paid", 50)]),
    ],
)
def test_an_award_pays_the_debt_first_and_all_of_it_qualifies(
    debt: int, expected: list[tuple[str, int, str, int]]
) -> None:
    book = a_book(debt=debt)
    book.award(50, a_cause(), expires_at=END, qualifies=True)
    assert [(m.credit, m.points, m.reason, m.qualifying) for m in book.moves] == expected
    assert (book.available, book.debt) == (max(0, 50 - debt), max(0, debt - 50))


def test_an_award_qualifies_only_when_told() -> None:
    book = a_book(debt=20)
    book.award(50, a_cause(), expires_at=END)
    assert [m.qualifying for m in book.moves] == [0, 0]


def test_a_pending_award_pays_no_debt_and_cannot_be_spent() -> None:
    book = a_book(debt=20)
    book.award(50, a_cause(), expires_at=END, matures_at=START + DAY, qualifies=True)
    [move] = book.moves
    assert moved(book) == [("firm.issued", "wallet.pending", 50, "award")]
    assert move.opens is not None
    assert (move.opens.is_pending, move.opens.matures_at) == (True, START + DAY)
    assert (move.qualifying, book.pending, book.debt, book.available) == (50, 50, 20, 0)
    assert book.shelf.soonest() is None


def test_an_award_whose_wait_is_over_when_it_is_recorded_is_not_pending() -> None:
    book = a_book()
    book.award(50, a_cause(), expires_at=END, matures_at=START)
    assert moved(book) == [("firm.issued", "wallet.available", 50, "award")]
    assert book.shelf.soonest() == book.moves[0].opens


def test_a_pending_award_does_not_qualify_unless_told() -> None:
    book = a_book()
    book.award(50, a_cause(), expires_at=END, matures_at=START + DAY)
    assert [m.qualifying for m in book.moves] == [0]


@pytest.mark.parametrize(
    ("remaining", "debt", "debt_max", "expected", "applied"),
    [
        (70, 0, None, [("wallet.available", 50)], 50),
        (50, 0, None, [("wallet.available", 50)], 50),
        (20, 0, None, [("wallet.available", 20), ("wallet.debt", 30)], 50),
        (0, 5, None, [("wallet.debt", 50)], 50),
        (20, 0, 10, [("wallet.available", 20), ("wallet.debt", 10)], 30),
        (0, 5, 10, [("wallet.debt", 5)], 5),
        (0, 15, 10, [], 0),
        (50, 0, 0, [("wallet.available", 50)], 50),
        (20, 0, 0, [("wallet.available", 20)], 20),
    ],
)
def test_a_deduction_takes_what_is_there_and_owes_the_rest_down_to_the_floor(
    remaining: int,
    debt: int,
    debt_max: int | None,
    expected: list[tuple[str, int]],
    applied: int,
) -> None:
    book = a_book(a_lot("a", remaining, END, points=90), debt=debt)
    assert book.deduct(50, a_cause(), debt_max=debt_max) == applied
    assert [(m.debit, m.points) for m in book.moves] == expected
    assert sum(m.points for m in book.moves) == applied
    assert {m.credit for m in book.moves} <= {Account.PENALTIES}


def test_later_deductions_see_what_earlier_ones_took() -> None:
    book = a_book(a_lot("a", 30, START + DAY), a_lot("b", 30, START + 2 * DAY))
    book.deduct(40, a_cause())
    book.deduct(40, a_cause())
    assert [m.takes for m in book.moves] == [
        (LotUse(A, 30), LotUse(B, 10)),
        (LotUse(B, 20),),
        (),
    ]
    assert (book.available, book.debt, book.shelf.soonest()) == (0, 20, None)


def test_what_is_taken_nobody_takes_again() -> None:
    book = a_book(a_lot("a", 5, END))
    assert book.take(0) == ()
    assert book.take(7) == (LotUse(A, 5),)
    assert book.take(1) == ()


def test_a_hold_takes_from_lots_and_never_makes_a_debt() -> None:
    book = a_book(a_lot("a", 30, START + DAY), a_lot("b", 30, START + 2 * DAY))
    book.hold(40, a_cause(key="one"))
    assert book.moves[0].takes == (LotUse(A, 30), LotUse(B, 10))
    assert (book.available, book.held, book.debt) == (20, 40, 0)
    with pytest.raises(ShortOfPoints) as refused:
        book.hold(21, a_cause(key="two"))
    assert refused.value.details() == {"available": 20, "asked": 21}
    assert (len(book.moves), book.available, book.held) == (1, 20, 40)
    book.settle(40, a_cause(key="three"))
    assert moved(book)[1:] == [("wallet.held", "firm.redeemed", 40, "redemption")]
    assert (book.available, book.held) == (20, 0)


def test_released_points_go_back_to_their_lots_with_their_dates() -> None:
    ledger = Ledger("issued -> C001 50 until 2026-12-31", "issued -> C001 50", "hold 70")
    assert (ledger.points(), ledger.aside()) == ((30, 0), (70, 0))
    ledger.write("release 1")
    assert (ledger.points(), ledger.aside()) == ((100, 0), (0, 0))
    assert ledger.left() == {"2026-12-31": 50, "2028-11-30": 50}


def test_released_points_pay_a_debt_that_has_come_meanwhile() -> None:
    ledger = Ledger(
        "issued -> C001 50 until 2026-12-31",
        "issued -> C001 50",
        "hold 100",
        "C001 -> penalties 70",
        "release 1",
    )
    assert (ledger.points(), ledger.aside()) == ((30, 0), (0, 0))
    assert ledger.left() == {"2028-11-30": 30}
    assert ledger.lines()[-2:] == ["held -> debt 70 release", "held -> available 30 release"]


def test_released_points_whose_lot_has_ended_expire_at_once() -> None:
    ledger = Ledger("issued -> C001 50 until 2026-12-31", "hold 50", "now 2027-01-01", "release 1")
    assert (ledger.points(), ledger.aside()) == ((0, 0), (0, 0))
    assert ledger.lines()[-2:] == ["held -> available 50 release", "available -> expired 50 expiry"]


def test_held_points_do_not_expire_while_they_are_held() -> None:
    ledger = Ledger("issued -> C001 50 until 2026-12-31", "hold 30", "now 2027-01-01", "settle 1")
    assert (ledger.points(), ledger.aside()) == ((0, 0), (0, 0))
    assert ledger.lines()[2:] == [
        "available -> expired 20 expiry",
        "held -> redeemed 30 redemption",
    ]


def test_pending_points_can_be_spent_from_their_instant_on() -> None:
    ledger = Ledger("issued -> C001 50 from 2026-12-01", "C001 -> penalties 10")
    assert (ledger.points(), ledger.aside()) == ((0, 10), (0, 50))
    ledger.now += timedelta(days=8, hours=14) - timedelta(microseconds=1)
    ledger.write("open")
    assert ledger.aside() == (0, 50)
    ledger.now += timedelta(microseconds=1)
    ledger.write("open")
    assert (ledger.points(), ledger.aside()) == ((40, 0), (0, 0))
    assert ledger.lines()[2:] == [
        "pending -> debt 10 debt_paid",
        "pending -> available 40 maturity",
    ]


@pytest.mark.parametrize("debt", [50, 60])
def test_pending_points_that_all_go_into_a_debt_leave_an_empty_lot(debt: int) -> None:
    ledger = Ledger("issued -> C001 50 from 2026-12-01", f"C001 -> penalties {debt}")
    ledger.write("now 2026-12-01", "open")
    assert (ledger.points(), ledger.aside()) == ((0, debt - 50), (0, 0))
    before = ledger.lines()
    ledger.write("open")
    assert ledger.lines() == before


def test_pending_points_whose_lot_has_ended_expire_when_they_mature() -> None:
    ledger = Ledger()
    ledger.post(50, ends_at=START + DAY, from_at=START + 2 * DAY)
    ledger.now += 3 * DAY
    ledger.sweep()
    assert (ledger.points(), ledger.aside()) == ((0, 0), (0, 0))
    assert ledger.lines()[1:] == [
        "pending -> available 50 maturity",
        "available -> expired 50 expiry",
    ]


def test_points_that_had_ended_when_they_were_earned_expire_at_once() -> None:
    book = a_book()
    book.award(50, a_cause(), expires_at=START)
    assert moved(book)[1:] == [("wallet.available", "firm.expired", 50, "expiry")]
    assert (book.available, book.shelf.soonest()) == (0, None)


def test_everything_that_has_lapsed_is_booked_in_one_entry_once_with_a_cause_of_its_own() -> None:
    book = a_book(
        a_lot("b", 7, START - DAY),
        a_lot("a", 5, START),
        a_lot("c", 9, START + timedelta(microseconds=1)),
    )
    book.lapse(a_cause())
    book.lapse(a_cause())
    [move] = book.moves
    assert moved(book) == [("wallet.available", "firm.expired", 12, "expiry")]
    assert move.takes == (LotUse(B, 7), LotUse(A, 5))
    assert move.cause == replace(
        a_cause(), event=None, rule=None, rule_version=None, key="expiry:C001:0"
    )
    assert (book.available, move.net) == (9, -12)


@pytest.mark.parametrize(
    ("legs", "points"),
    [
        ((Account.AVAILABLE, Account.PENALTIES), 1),
        ((Account.HELD, Account.REDEEMED), 1),
        ((Account.PENDING, Account.AVAILABLE), 1),
        ((Account.ISSUED, Account.DEBT), 1),
        ((Account.ISSUED, Account.AVAILABLE), 0),
        ((Account.ISSUED, Account.AVAILABLE), -1),
    ],
)
def test_no_account_is_overdrawn_and_no_movement_is_empty(
    legs: tuple[Account, Account], points: int
) -> None:
    book = a_book()
    with pytest.raises(ValueError, match=legs[0]):
        book.write(legs, points, Reason.ADJUSTMENT, a_cause())
    assert book.moves == []


def test_places_and_reversals_are_numbered_per_key_and_per_entry() -> None:
    book = a_book(a_lot("a", 9, END))
    one, two = EntryId("one"), EntryId("two")
    legs = (Account.AVAILABLE, Account.ISSUED)
    for key, reverses in (("x", one), ("y", two), ("x", one), ("x", None)):
        book.write(legs, 1, Reason.REVERSAL, a_cause(key=key), reverses=reverses)
    assert [(m.place, m.reversal_part) for m in book.moves] == [(0, 1), (0, 1), (1, 2), (2, None)]
