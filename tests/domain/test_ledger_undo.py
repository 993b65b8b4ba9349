"""Undoing awards and penalties: lots, dates and debts as they would be without them."""

from dataclasses import replace
from datetime import date

import pytest

from domain.calendar import end_of_business_day
from domain.ledger import Account, Reason
from domain.undoing import UNDOABLE
from tests.support.book import Ledger, fold

SOON = "issued -> C001 50 until 2026-12-31"
LATE = "issued -> C001 50 until 2028-11-30"


@pytest.mark.parametrize(
    ("lines", "points", "left"),
    [
        ([SOON, "undo 1"], (0, 0), {}),
        ([SOON, "C001 -> penalties 20", "undo 2"], (50, 0), {"2026-12-31": 50}),
        ([SOON, "C001 -> penalties 50", "undo 2"], (50, 0), {"2026-12-31": 50}),
        ([SOON, "C001 -> penalties 20", "undo 1"], (0, 20), {}),
        ([SOON, "C001 -> penalties 20", "undo 1", "undo 2"], (0, 0), {}),
        ([SOON, "C001 -> penalties 20", "undo 2", "undo 1"], (0, 0), {}),
        (["C001 -> penalties 20", "undo 1"], (0, 0), {}),
        (["C001 -> penalties 20", SOON, "undo 2"], (0, 20), {}),
        (
            [SOON, LATE, "C001 -> penalties 70", "undo 3"],
            (100, 0),
            {"2026-12-31": 50, "2028-11-30": 50},
        ),
        ([SOON, LATE, "C001 -> penalties 20", "undo 1"], (30, 0), {"2028-11-30": 30}),
        ([SOON, LATE, "C001 -> penalties 70", "undo 2"], (0, 20), {}),
    ],
)
def test_undo(lines: list[str], points: tuple[int, int], left: dict[str, int]) -> None:
    ledger = Ledger(*lines)
    assert ledger.points() == points
    assert ledger.left() == left


def test_undoing_an_award_takes_its_own_lot_before_others() -> None:
    ledger = Ledger(SOON, LATE, "undo 2")
    assert ledger.left() == {"2026-12-31": 50}


def test_what_an_undone_award_had_spent_comes_from_the_soonest_ending_lots() -> None:
    ledger = Ledger(SOON, "C001 -> penalties 40", LATE, "undo 1")
    assert ledger.left() == {"2028-11-30": 10}
    assert ledger.lines()[3:] == ["available -> issued 50 reversal"]
    assert [use.points for use in ledger.written[3].takes] == [10, 40]


PARTLY = [SOON, "C001 -> penalties 80"]


def test_a_penalty_from_lots_and_debt_is_two_entries_that_add_up() -> None:
    ledger = Ledger(*PARTLY)
    assert ledger.lines()[1:] == [
        "available -> penalties 50 penalty",
        "debt -> penalties 30 penalty",
    ]
    assert ledger.points() == (0, 30)


def test_undoing_it_restores_the_lot_and_clears_the_debt() -> None:
    ledger = Ledger(*PARTLY, "undo 2")
    assert (ledger.points(), ledger.left()) == ((50, 0), {"2026-12-31": 50})
    assert ledger.lines()[3:] == [
        "penalties -> debt 30 reversal",
        "penalties -> available 50 reversal",
    ]


def test_a_debt_that_an_award_has_paid_comes_back_as_a_new_lot() -> None:
    ledger = Ledger(*PARTLY, "issued -> C001 100 until 2027-06-30", "undo 2")
    assert ledger.points() == (150, 0)
    assert ledger.left() == {"2026-12-31": 50, "2027-06-30": 70, "2028-11-30": 30}


@pytest.mark.parametrize("order", [("undo 2", "undo 3"), ("undo 3", "undo 2")])
def test_penalty_and_the_award_that_paid_it_can_be_undone_in_either_order(
    order: tuple[str, str],
) -> None:
    ledger = Ledger(*PARTLY, "issued -> C001 100 until 2027-06-30", *order)
    assert ledger.points() == (50, 0)
    assert sum(fold(ledger.entries).values()) == 0
    assert fold(ledger.entries)[Account.PENALTIES] == 0


def test_undoing_the_award_first_brings_the_debt_back() -> None:
    ledger = Ledger(*PARTLY, "issued -> C001 100 until 2027-06-30", "undo 3")
    assert (ledger.points(), ledger.left()) == ((0, 30), {})
    ledger.write("undo 2")
    assert (ledger.points(), ledger.left()) == ((50, 0), {"2026-12-31": 50})


def test_points_given_back_while_another_penalty_is_owed_pay_that_debt() -> None:
    ledger = Ledger(*PARTLY, "C001 -> penalties 5", "undo 2")
    assert (ledger.points(), ledger.left()) == ((45, 0), {"2026-12-31": 45})
    ledger.write("undo 3")
    assert (ledger.points(), ledger.left()) == ((50, 0), {"2026-12-31": 45, "2028-11-30": 5})


def test_the_soonest_ending_of_the_points_given_back_pay_the_debt() -> None:
    ledger = Ledger(SOON, LATE, "C001 -> penalties 100", "C001 -> penalties 60", "undo 3")
    assert (ledger.points(), ledger.left()) == ((40, 0), {"2028-11-30": 40})


def test_points_given_back_to_a_lot_that_has_ended_expire_at_once() -> None:
    ledger = Ledger(SOON, "C001 -> penalties 20", "now 2027-01-01", "undo 2")
    assert (ledger.points(), ledger.left()) == ((0, 0), {})
    assert ledger.lines()[2:] == [
        "available -> expired 30 expiry",
        "penalties -> available 20 reversal",
        "available -> expired 20 expiry",
    ]


def test_an_award_that_has_lapsed_is_undone_without_a_debt() -> None:
    ledger = Ledger(SOON, "now 2027-01-01", "undo 1")
    assert ledger.points() == (0, 0)
    assert ledger.lines()[1:] == ["available -> expired 50 expiry", "expired -> issued 50 reversal"]
    assert set(fold(ledger.entries).values()) == {0}


def test_of_a_lapsed_award_only_what_was_spent_is_owed() -> None:
    ledger = Ledger(SOON, "C001 -> penalties 20", "now 2027-01-01", "undo 1")
    assert ledger.points() == (0, 20)
    assert ledger.lines()[3:] == ["expired -> issued 30 reversal", "debt -> issued 20 reversal"]
    ledger.write("undo 2")
    assert ledger.points() == (0, 0)
    assert set(fold(ledger.entries).values()) == {0}


def test_the_last_instant_of_a_lots_last_day_is_still_spent_and_the_next_is_not() -> None:
    before = Ledger(SOON, "now 2026-12-31", "C001 -> penalties 20")
    assert before.points() == (30, 0)
    after = Ledger(SOON, "now 2027-01-01", "C001 -> penalties 20")
    assert after.points() == (0, 20)


def test_an_event_that_earned_and_took_can_be_undone_as_a_whole() -> None:
    ledger = Ledger(SOON)
    # The penalty empties the award's own lot and the older one.
    ledger.post(50, -100)
    ledger.write("undo 2")
    assert (ledger.points(), ledger.left()) == ((50, 0), {"2026-12-31": 50})


def test_a_lot_given_back_to_after_its_end_is_no_debt_in_the_same_undo() -> None:
    ledger = Ledger()
    ledger.post(50, -50, ends_at=end_of_business_day(date(2026, 12, 31)))
    ledger.write("now 2027-01-01", "undo 1")
    assert ledger.points() == (0, 0)
    assert ledger.lines()[2:] == [
        "penalties -> available 50 reversal",
        "available -> expired 50 expiry",
        "expired -> issued 50 reversal",
    ]


def test_undoing_a_pending_award_takes_it_from_the_pending_points() -> None:
    ledger = Ledger(SOON, "issued -> C001 30 from 2026-12-01", "undo 2")
    assert (ledger.points(), ledger.aside()) == ((50, 0), (0, 0))
    assert ledger.lines()[2:] == ["pending -> issued 30 reversal"]


def test_undoing_it_when_its_wait_is_over_takes_it_from_the_available_ones() -> None:
    ledger = Ledger("issued -> C001 30 from 2026-12-01", "now 2026-12-01", "undo 1")
    assert (ledger.points(), ledger.aside()) == ((0, 0), (0, 0))
    assert ledger.lines()[1:] == [
        "pending -> available 30 maturity",
        "available -> issued 30 reversal",
    ]


def test_a_debt_that_matured_points_have_paid_comes_back_with_the_undo_of_their_award() -> None:
    ledger = Ledger(
        "issued -> C001 30 from 2026-12-01", "C001 -> penalties 40", "now 2026-12-01", "undo 1"
    )
    assert (ledger.points(), ledger.aside()) == ((0, 40), (0, 0))
    ledger.write("undo 2")
    assert set(fold(ledger.entries).values()) == {0}


def test_undoing_an_award_that_is_set_aside_leaves_a_debt_which_the_release_pays() -> None:
    ledger = Ledger(SOON, "hold 50", "undo 1")
    assert (ledger.points(), ledger.aside()) == ((0, 50), (50, 0))
    ledger.write("release 1")
    assert (ledger.points(), ledger.aside()) == ((0, 0), (0, 0))
    assert set(fold(ledger.entries).values()) == {0}


def test_undoing_a_penalty_that_a_floor_has_cut_gives_back_what_was_taken_and_no_more() -> None:
    ledger = Ledger(SOON, "C001 -> penalties 80 floor 10", "undo 2")
    assert (ledger.points(), ledger.left()) == ((50, 0), {"2026-12-31": 50})
    assert ledger.lines()[1:3] == [
        "available -> penalties 50 penalty",
        "debt -> penalties 10 penalty",
    ]


REINSTATED = [SOON, "C001 -> penalties 20", "now 2027-01-01", "open", "reinstate 3"]


def test_what_had_expired_comes_back_with_a_new_date() -> None:
    ledger = Ledger(*REINSTATED)
    assert (ledger.points(), ledger.left()) == ((30, 0), {"2027-07-31": 30})
    assert ledger.lines()[3:] == ["expired -> available 30 reinstatement"]


def test_it_comes_back_once() -> None:
    ledger = Ledger(*REINSTATED)
    before = ledger.lines()
    with pytest.raises(ValueError, match="3"):
        ledger.write("reinstate 3")
    assert ledger.lines() == before


def test_it_pays_a_debt_first() -> None:
    ledger = Ledger(*REINSTATED[:-1], "C001 -> penalties 10", "reinstate 3")
    assert (ledger.points(), ledger.left()) == ((20, 0), {"2027-07-31": 20})


def test_an_award_that_was_reinstated_is_undone_as_if_it_had_not_lapsed() -> None:
    ledger = Ledger(*REINSTATED, "undo 1")
    assert ledger.points() == (0, 20)
    ledger.write("undo 2")
    assert set(fold(ledger.entries).values()) == {0}


@pytest.mark.parametrize(
    "reason",
    sorted(set(Reason) - UNDOABLE),
)
def test_nothing_else_is_undone_this_way(reason: Reason) -> None:
    ledger = Ledger(SOON)
    [written] = ledger.written
    forged = replace(written, entry=replace(written.entry, reason=reason))
    book = ledger.open()
    with pytest.raises(ValueError, match=reason):
        ledger.reverse(book, forged)
    assert book.moves == []
