"""Points that are set aside, on the fake store and both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.holds import Hold, HoldState
from domain.ids import HoldId
from domain.ports import Conflict, UnitOfWork
from storage.db import Missing
from tests.contracts.booking import award, cause, opened, store
from tests.contracts.rows import ACME, people
from tests.support.fakes import START
from tests.support.stores import MAIN, OTHER, AnyStore

DAY = timedelta(days=1)


def hold(work: UnitOfWork, number: int, days: int) -> Hold:
    """Set five points aside for so many days."""
    book = opened(work)
    book.hold(5, cause(f"hold-{number}"))
    [written] = store(work, book)
    made = Hold(
        id=HoldId(f"h-{number}"),
        customer=ACME.id,
        entry=written.entry.id,
        points=5,
        purpose="redemption:r-1",
        held_at=START,
        expires_at=START + days * DAY,
    )
    work.holds.add(made)
    return made


def test_a_hold_ends_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        made = hold(work, 1, 3)
        assert work.holds.get(made.id) == made
        assert work.holds.close(made.id, HoldState.SETTLED, START + DAY) is True
        assert work.holds.close(made.id, HoldState.RELEASED, START + 2 * DAY) is False
        assert work.holds.close(HoldId("h-9"), HoldState.RELEASED, START) is False
        work.commit()

    with any_store.reading(MAIN) as work:
        ended = replace(made, state=HoldState.SETTLED, closed_at=START + DAY)
        assert work.holds.get(made.id) == ended
        with pytest.raises(Missing):
            work.holds.get(HoldId("h-9"))
    with any_store.work(OTHER) as work:
        assert work.holds.close(made.id, HoldState.RELEASED, START) is False
        with pytest.raises(Missing):
            work.holds.get(made.id)


def test_open_holds_whose_time_is_over_come_the_oldest_first(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        for number, days in ((1, 5), (2, 3), (3, 4), (4, 9)):
            hold(work, number, days)
        work.holds.close(HoldId("h-3"), HoldState.RELEASED, START)
        assert work.holds.overdue(START + 3 * DAY - timedelta(microseconds=1), 9) == []
        assert work.holds.overdue(START + 5 * DAY, 9) == ["h-2", "h-1"]
        assert work.holds.overdue(START + 5 * DAY, 1) == ["h-2"]
        work.commit()
    with any_store.reading(OTHER) as work:
        assert work.holds.overdue(START + 9 * DAY, 9) == []


def test_an_entry_sets_points_aside_for_one_hold(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        award(work, 50, "one")
        made = hold(work, 1, 3)
        work.commit()
        with pytest.raises(Conflict):
            work.holds.add(replace(made, id=HoldId("h-2")))
        work.rollback()
        with pytest.raises(Conflict):
            work.holds.add(made)
        work.rollback()
        assert work.holds.overdue(START + 9 * DAY, 9) == [made.id]
