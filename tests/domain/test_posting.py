"""A book numbers drafts, keeps lots in step, and leaves nothing lapsed behind."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.ids import CustomerId, LotId
from domain.ledger import Account, Draft, Reason, Wallet, plan_award, plan_penalty
from domain.lots import Lot, LotUse
from domain.posting import Book, lot_end
from tests.support.fakes import START, SequenceIds
from tests.support.make import a_cause, a_lot

DAY = timedelta(days=1)


def a_book(*lots: Lot) -> Book:
    wallet = Wallet(CustomerId("C001"), available=sum(lot.remaining for lot in lots))
    return Book(wallet, {lot.id: lot for lot in lots}, SequenceIds().new)


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


def test_an_award_opens_a_lot_that_is_earned_when_the_event_happened() -> None:
    book = a_book()
    happened = START - 40 * DAY
    book.write(plan_award(book.wallet, 50, START + DAY), a_cause(effective_at=happened))
    [written] = book.written
    assert written.opens == Lot(LotId(f"{2:026d}"), written.entry.id, 50, 50, happened, START + DAY)
    assert book.open_lots() == [written.opens]
    assert (book.wallet.available, book.wallet.head) == (50, written.entry.hash)


def test_later_drafts_see_what_earlier_ones_took() -> None:
    book = a_book(a_lot("a", 30, START + DAY), a_lot("b", 30, START + 2 * DAY))
    book.write(plan_penalty(book.open_lots(), 40, START), a_cause())
    book.write(plan_penalty(book.open_lots(), 40, START), a_cause())
    assert [w.takes for w in book.written] == [
        (LotUse(LotId("a"), 30), LotUse(LotId("b"), 10)),
        (LotUse(LotId("b"), 20),),
        (),
    ]
    assert (book.wallet.available, book.wallet.debt, book.open_lots()) == (0, 20, [])


def test_what_is_given_back_to_a_learnt_lot_can_be_taken_again() -> None:
    emptied = a_lot("a", 0, START + DAY, points=30)
    book = a_book()
    book.learn([emptied])
    back = Draft(
        Account.PENALTIES,
        Account.AVAILABLE,
        30,
        Reason.REVERSAL,
        gives_back=(LotUse(emptied.id, 30),),
    )
    book.write([back], a_cause())
    book.write(plan_penalty(book.open_lots(), 30, START), a_cause())
    assert [w.entry.debit for w in book.written] == [Account.PENALTIES, Account.AVAILABLE]
    assert (book.wallet.available, book.wallet.debt) == (0, 0)


def test_learning_a_known_lot_keeps_what_has_been_written() -> None:
    lot = a_lot("a", 30, START + DAY)
    book = a_book(lot)
    book.write(plan_penalty(book.open_lots(), 10, START), a_cause())
    book.learn([lot])
    assert [lot.remaining for lot in book.open_lots()] == [20]


def test_an_unknown_lot_is_a_bug_and_not_passed_over() -> None:
    book = a_book(a_lot("a", 30, START + DAY))
    forged = Draft(
        Account.AVAILABLE, Account.PENALTIES, 5, Reason.PENALTY, takes=(LotUse(LotId("x"), 5),)
    )
    with pytest.raises(KeyError):
        book.write([forged], a_cause())


def test_points_that_had_ended_when_they_were_earned_expire_at_once() -> None:
    book = a_book()
    book.write(plan_award(book.wallet, 50, START), a_cause())
    assert [(w.entry.reason, w.entry.points) for w in book.written] == [
        (Reason.AWARD, 50),
        (Reason.EXPIRY, 50),
    ]
    assert (book.wallet.available, book.open_lots()) == (0, [])
    [taken] = book.written[1].takes
    assert (taken.lot, book.lapsed(taken.lot)) == (f"{2:026d}", 50)


def test_expiry_is_booked_once_with_a_key_of_its_own() -> None:
    book = a_book(a_lot("a", 30, START), a_lot("b", 5, START + DAY))
    book.book_expiry("system", START)
    book.book_expiry("system", START)
    [written] = book.written
    assert written.entry.cause == a_cause(
        event=None, rule=None, rule_version=None, actor="system", key="expiry:C001:0#0"
    )
    assert written.entry.key == "expiry:C001:0#0"
    assert (book.wallet.available, [lot.id for lot in book.open_lots()]) == (5, ["b"])
    assert (book.lapsed(LotId("a")), book.lapsed(LotId("b"))) == (30, 0)
