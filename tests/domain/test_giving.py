"""What a gift does to the two wallets."""

import pytest

from domain.errors import ShortOfPoints
from domain.giving import Part, give, give_held, parts_of, receive
from domain.ids import CustomerId
from domain.ledger import Account, Reason, Wallet
from domain.posting import Book
from tests.support.book import Ledger, fold

SOON = "issued -> C001 50 until 2026-12-31"
LATE = "issued -> C001 40 until 2028-11-30"


def a_gift(giver: Ledger, receiver: Ledger, points: int) -> None:
    """Give points of one ledger to the other."""
    receiver.now = giver.now
    out, into = giver.open(), receiver.open()
    parts = give(out, points, giver.cause("give"))
    receive(into, parts, receiver.cause("receive"))
    giver.store(out)
    receiver.store(into)


def gifts_are_empty(*ledgers: Ledger) -> bool:
    return sum(fold(ledger.entries)[Account.GIFTS] for ledger in ledgers) == 0


def test_points_keep_their_end_and_each_end_makes_one_lot() -> None:
    giver = Ledger(SOON, "issued -> C001 10 until 2026-12-31", LATE)
    receiver = Ledger()
    a_gift(giver, receiver, 80)
    assert giver.left() == {"2028-11-30": 20}
    assert receiver.left() == {"2026-12-31": 60, "2028-11-30": 20}
    assert giver.lines()[-1] == "available -> gifts 80 given"
    assert receiver.lines() == [
        "gifts -> available 60 received",
        "gifts -> available 20 received",
    ]
    assert {e.qualifying for e in receiver.entries} == {0}
    assert gifts_are_empty(giver, receiver)


def test_a_gift_pays_the_receivers_debt_first_with_what_ends_first() -> None:
    giver = Ledger(SOON, LATE)
    receiver = Ledger("C002 -> penalties 60")
    a_gift(giver, receiver, 90)
    assert (receiver.points(), receiver.left()) == ((30, 0), {"2028-11-30": 30})
    assert receiver.lines()[1:] == [
        "gifts -> debt 50 received",
        "gifts -> debt 10 received",
        "gifts -> available 30 received",
    ]
    assert gifts_are_empty(giver, receiver)


def test_a_gift_never_makes_a_debt() -> None:
    giver = Ledger(SOON)
    book = giver.open()
    with pytest.raises(ShortOfPoints) as refused:
        give(book, 51, giver.cause("give"))
    assert refused.value.details() == {"available": 50, "asked": 51}
    assert (book.moves, book.available) == ([], 50)


def test_held_points_are_given_without_touching_the_lots_again() -> None:
    giver = Ledger(SOON, LATE, "hold 60")
    book = giver.open()
    give_held(book, 60, giver.cause("settle"))
    giver.store(book)
    assert (giver.aside(), giver.left()) == ((0, 0), {"2028-11-30": 30})
    assert giver.lines()[-1] == "held -> gifts 60 given"


def test_what_has_ended_on_its_way_expires_at_once() -> None:
    receiver = Ledger("now 2027-01-01")
    book = receiver.open()
    end = Ledger(SOON).lots.popitem()[1].expires_at
    receive(book, (Part(end, 30),), receiver.cause("receive"))
    receiver.store(book)
    assert receiver.lines() == ["gifts -> available 30 received", "available -> expired 30 expiry"]


def test_parts_add_up_by_end() -> None:
    giver = Ledger(SOON, "issued -> C001 10 until 2026-12-31", LATE)
    book = giver.open()
    soon, late = sorted({lot.expires_at for lot in giver.lots.values()})
    assert parts_of(book, book.take(70)) == (Part(soon, 60), Part(late, 10))
    assert parts_of(Book(Wallet(CustomerId("C002")), [], str), ()) == ()


def test_a_given_award_is_undone_as_what_was_spent() -> None:
    giver, receiver = Ledger(SOON), Ledger()
    a_gift(giver, receiver, 30)
    giver.write("undo 1")
    assert giver.points() == (0, 30)
    assert receiver.points() == (30, 0)
    assert giver.entries[-1].reason is Reason.REVERSAL
    assert gifts_are_empty(giver, receiver)
