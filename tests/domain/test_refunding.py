"""Refunds of a settled hold: in parts, back to its lots, the latest-ending first."""

import pytest

from domain.ids import EntryId, LotId
from domain.ledger import Reason
from domain.lots import LotUse
from domain.refunding import Spent
from tests.support.book import Ledger, fold

SOON = "issued -> C001 50 until 2026-12-31"
LATE = "issued -> C001 40 until 2028-11-30"


def test_a_refund_goes_back_to_the_lots_it_was_taken_from_the_latest_ending_first() -> None:
    ledger = Ledger(SOON, LATE, "hold 70", "settle 1", "refund 1 15")
    assert ledger.left() == {"2028-11-30": 35}
    ledger.write("refund 1 15")
    assert ledger.left() == {"2026-12-31": 10, "2028-11-30": 40}
    ledger.write("refund 1 40")
    assert ledger.left() == {"2026-12-31": 50, "2028-11-30": 40}
    assert ledger.lines()[-3:] == [
        "redeemed -> available 15 refund",
        "redeemed -> available 15 refund",
        "redeemed -> available 40 refund",
    ]
    refunds = [(e.reverses, e.reversal_part) for e in ledger.entries[-3:]]
    assert refunds == [(ledger.settled[1], part) for part in (1, 2, 3)]


def test_parts_together_never_give_back_more_than_was_spent() -> None:
    ledger = Ledger(SOON, "hold 30", "settle 1", "refund 1 20")
    before = (ledger.wallet, ledger.entries, ledger.left())
    with pytest.raises(ValueError, match="11"):
        ledger.write("refund 1 11")
    assert (ledger.wallet, ledger.entries, ledger.left()) == before
    ledger.write("refund 1 10")
    assert ledger.left() == {"2026-12-31": 50}


def test_a_refund_of_one_hold_leaves_what_another_took_from_the_same_lot() -> None:
    ledger = Ledger(SOON, LATE, "hold 60", "settle 1", "hold 30", "settle 2", "refund 1 60")
    assert ledger.left() == {"2026-12-31": 50, "2028-11-30": 10}


def test_a_refund_pays_a_debt_first_and_what_did_is_missing_in_lots_for_good() -> None:
    ledger = Ledger(SOON, "hold 50", "settle 1", "C001 -> penalties 30")
    ledger.write("refund 1 20")
    assert (ledger.points(), ledger.left()) == ((0, 10), {})
    ledger.write("refund 1 15")
    assert (ledger.points(), ledger.left()) == ((5, 0), {"2026-12-31": 5})
    assert ledger.lines()[-2:] == ["redeemed -> debt 10 refund", "redeemed -> available 5 refund"]
    assert [e.reversal_part for e in ledger.entries[-3:]] == [1, 2, 3]
    ledger.write("refund 1 15")
    assert (ledger.points(), ledger.left()) == ((20, 0), {"2026-12-31": 20})
    assert fold(ledger.entries)[ledger.entries[-1].debit] == 0


def test_what_has_ended_meanwhile_lapses_at_once() -> None:
    ledger = Ledger(SOON, LATE, "hold 70", "settle 1", "now 2027-01-01", "refund 1 60")
    assert ledger.left() == {"2028-11-30": 40}
    assert ledger.lines()[-2:] == [
        "redeemed -> available 60 refund",
        "available -> expired 40 expiry",
    ]


def test_an_award_that_was_spent_is_undone_after_its_refund_without_a_debt() -> None:
    ledger = Ledger(SOON, "hold 50", "settle 1", "undo 1")
    assert ledger.points() == (0, 50)
    ledger.write("refund 1 50")
    assert (ledger.points(), ledger.left()) == ((0, 0), {})


def test_a_refunded_lot_that_lapsed_is_undone_as_lapsed() -> None:
    ledger = Ledger(SOON, "hold 50", "settle 1", "now 2027-01-01", "refund 1 50", "undo 1")
    assert ledger.points() == (0, 0)
    assert ledger.entries[-1].reason is Reason.REVERSAL
    assert set(fold(ledger.entries).values()) == {0}


def test_what_is_still_spent_follows_from_what_was_given_back() -> None:
    one, two = LotUse(LotId("one"), 30), LotUse(LotId("two"), 10)
    spent = Spent(EntryId("e"), 40, (one, two))
    spent = spent.after(15, (LotUse(LotId("one"), 5), two))
    assert spent == Spent(EntryId("e"), 25, (LotUse(LotId("one"), 25),), 1)
    assert spent.after(5, ()) == Spent(EntryId("e"), 20, (LotUse(LotId("one"), 25),), 2)
