"""A shelf gives the soonest-ending lot, reads no further than it must, and forgets nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from domain.ids import LotId
from domain.lots import Lot, Shelf
from tests.support.fakes import START
from tests.support.make import a_lot

DAY = timedelta(days=1)
SOON, LATE = START + DAY, START + 9 * DAY
A, B = LotId("a"), LotId("b")


def drained(shelf: Shelf) -> list[tuple[str, int]]:
    """Take everything, lot by lot."""
    found = []
    while (lot := shelf.soonest()) is not None:
        found.append((lot.id, shelf.left[lot.id]))
        shelf.move(lot.id, -shelf.left[lot.id])
    return [(str(name), points) for name, points in found]


def pending(lot: Lot) -> Lot:
    return replace(lot, matures_at=START, is_pending=True)


def test_an_empty_shelf_has_nothing() -> None:
    assert Shelf().soonest() is None


def test_lots_come_soonest_end_first_then_by_id() -> None:
    stored = [a_lot("b", 1, SOON), a_lot("c", 2, SOON), a_lot("a", 3, LATE)]
    assert drained(Shelf(stored)) == [("b", 1), ("c", 2), ("a", 3)]


def test_a_learnt_lot_comes_in_its_place_among_the_stored() -> None:
    shelf = Shelf([a_lot("b", 1, SOON), a_lot("c", 2, LATE)])
    shelf.learn(a_lot("x", 5, SOON + DAY))
    shelf.learn(a_lot("a", 4, SOON))
    assert drained(shelf) == [("a", 4), ("b", 1), ("x", 5), ("c", 2)]


def test_only_as_many_lots_are_read_as_are_needed() -> None:
    read = []

    def stored() -> Iterator[Lot]:
        for lot in (a_lot("a", 5, SOON), a_lot("b", 5, LATE), a_lot("c", 5, LATE + DAY)):
            read.append(lot.id)
            yield lot

    shelf = Shelf(stored())
    assert read == []
    assert shelf.soonest() == shelf.soonest() == shelf[A]
    assert read == ["a", "b"]
    shelf.move(A, -5)
    assert shelf.soonest() == shelf[B]
    assert read == ["a", "b", "c"]


def test_an_emptied_lot_is_passed_over_until_it_gets_something_back() -> None:
    shelf = Shelf([a_lot("a", 5, SOON), a_lot("b", 5, LATE)])
    shelf.move(shelf.soonest().id, -5)  # type: ignore[union-attr]
    assert shelf.soonest() == shelf[B]
    shelf.move(A, 2)
    assert shelf.soonest() == shelf[A]
    assert drained(shelf) == [("a", 2), ("b", 5)]


def test_learning_a_known_lot_again_keeps_what_has_happened_to_it() -> None:
    lot = a_lot("a", 5, SOON)
    shelf = Shelf([lot])
    shelf.learn(lot)
    shelf.move(A, -2)
    shelf.learn(lot)
    assert drained(shelf) == [("a", 3)]


def test_a_pending_lot_is_not_spent_until_it_has_matured() -> None:
    shelf = Shelf([a_lot("b", 1, LATE)])
    shelf.learn(pending(a_lot("a", 5, SOON)))
    assert shelf.soonest() == shelf[B]
    shelf.mature(replace(shelf[A], is_pending=False))
    assert drained(shelf) == [("a", 5), ("b", 1)]


def test_an_empty_lot_that_matures_gives_nothing() -> None:
    shelf = Shelf()
    shelf.learn(pending(a_lot("a", 0, SOON, points=5)))
    shelf.mature(replace(shelf[A], is_pending=False))
    assert shelf.soonest() is None


@pytest.mark.parametrize("change", [-6, 1])
def test_no_lot_gives_more_than_it_has_or_gets_more_than_it_had(change: int) -> None:
    shelf = Shelf([a_lot("a", 5, SOON)])
    shelf.soonest()
    with pytest.raises(ValueError, match="a"):
        shelf.move(A, change)
    assert shelf.left == {"a": 5}


LOTS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4)), max_size=8)


@given(LOTS, st.sets(st.integers(0, 7)))
def test_learning_first_or_reading_later_makes_no_difference(
    made: list[tuple[int, int]], known: set[int]
) -> None:
    lots = [a_lot(f"{n}", points, START + days * DAY) for n, (days, points) in enumerate(made)]
    lots.sort(key=lambda lot: (lot.expires_at, lot.id))
    shelf = Shelf(iter(lots))
    for lot in lots:
        if int(lot.id) in known:
            shelf.learn(lot)
    assert drained(shelf) == [(lot.id, lot.remaining) for lot in lots]


@given(
    LOTS, st.lists(st.tuples(st.integers(0, 7), st.integers(1, 4)), max_size=8), st.integers(0, 5)
)
def test_what_has_ended_is_what_a_look_at_every_lot_finds(
    made: list[tuple[int, int]], taken: list[tuple[int, int]], day: int
) -> None:
    lots = [a_lot(f"{n}", points, START + days * DAY) for n, (days, points) in enumerate(made)]
    lots.sort(key=lambda lot: (lot.expires_at, lot.id))
    shelf, at = Shelf(iter(lots)), START + day * DAY
    for lot in lots:
        shelf.learn(lot)
    for n, points in taken:
        if n < len(lots):
            shelf.move(lots[n].id, -min(points, shelf.left[lots[n].id]))
    ended = sum(shelf.left[lot.id] for lot in lots if lot.expires_at <= at)
    assert shelf.ended(at) == ended
    assert shelf.has_ended(at) == (ended > 0)
    assert shelf.ended(at) == ended


def test_whether_something_has_ended_is_told_of_lots_that_are_not_read_yet() -> None:
    shelf = Shelf([a_lot("a", 5, SOON), a_lot("b", 5, LATE)])
    assert shelf.has_ended(SOON)
    assert not shelf.has_ended(SOON - DAY / 2)
    shelf.move(A, -5)
    assert not shelf.has_ended(SOON)
    assert shelf.has_ended(LATE)
