"""Counters of caps, months of earning, closed months and imports, on every store."""

from datetime import timedelta

import pytest

from domain.caps import Used
from domain.ids import BatchId
from domain.ports import Conflict
from domain.repositories import Batch
from storage.db import StatementFailed
from tests.contracts.rows import ACME, BETA, LI, people
from tests.support.fakes import START
from tests.support.stores import MAIN, OTHER, AnyStore

DAY = timedelta(days=1)


def test_a_counter_stands_at_zero_until_it_is_moved(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        assert work.counters.read(["a", "b"]) == {"a": Used(), "b": Used()}
        assert work.counters.take(["a", "b"]) == {"a": Used(), "b": Used()}
        work.counters.add("a", 30, 1)
        work.counters.add("a", 5, 0)
        assert work.counters.take(["a"]) == {"a": Used(35, 1)}
        work.commit()
        assert work.counters.read(["a", "b"]) == {"a": Used(35, 1), "b": Used()}
        work.counters.take(["a"])
        work.counters.add("a", -30, -1)
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.counters.read(["a"]) == {"a": Used(5, 0)}
        assert work.counters.read([]) == {}
    with any_store.reading(OTHER) as work:
        assert work.counters.read(["a"]) == {"a": Used()}


def test_a_counter_that_nobody_took_cannot_be_moved(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        with pytest.raises(Conflict):
            work.counters.add("a", 1, 1)
        work.rollback()
        assert work.counters.read(["a"]) == {"a": Used()}


def test_counters_and_months_are_moved_together(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.counters.take(["a", "b"])
        work.counters.add_all({"b": Used(7, 1), "a": Used(30, 2)})
        work.counters.add_all({"a": Used(-10, -1)})
        work.counters.add_all({})
        work.earned.add_all({(BETA.id, 7): 4, (ACME.id, 8): 1, (ACME.id, 7): 2})
        work.earned.add_all({(ACME.id, 7): 3})
        work.commit()
        with pytest.raises(Conflict):
            work.counters.add_all({"a": Used(1, 1), "nobody": Used(1, 1)})
        work.rollback()
    with any_store.reading(MAIN) as work:
        read = work.counters.read(["a", "b", "nobody"])
        assert read == {"a": Used(20, 1), "b": Used(7, 1), "nobody": Used()}
        assert work.earned.of(ACME.id) == {7: 5, 8: 1}
        assert work.earned.of(BETA.id) == {7: 4}


@pytest.mark.parametrize(("points", "times"), [(-6, 0), (0, -2)])
def test_no_counter_falls_below_zero(any_store: AnyStore, points: int, times: int) -> None:
    with any_store.work(MAIN) as work:
        work.counters.take(["a"])
        work.counters.add("a", 5, 1)
        work.commit()
        with pytest.raises(StatementFailed):
            work.counters.add("a", points, times)
        work.rollback()
        assert work.counters.read(["a"]) == {"a": Used(5, 1)}


def test_earned_points_add_up_per_customer_and_month(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        assert work.earned.of(ACME.id) == {}
        for month, points in ((7, 50), (8, 5), (7, 20), (8, -5)):
            work.earned.add(ACME.id, month, points)
        work.earned.add(BETA.id, 7, 1)
        assert work.earned.of(ACME.id) == {7: 70}
        work.earned.add(ACME.id, 8, 3)
        assert work.earned.of(ACME.id) == {7: 70, 8: 3}
        work.commit()
        with pytest.raises(StatementFailed):
            work.earned.add(ACME.id, 7, -71)
        work.rollback()
        assert work.earned.of(ACME.id) == {7: 70, 8: 3}
    with any_store.reading(OTHER) as work:
        assert work.earned.of(ACME.id) == {}


def test_a_month_is_closed_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        assert work.months.last_closed() is None
        assert work.months.close("2026-10", START, LI.id) is True
        assert work.months.close("2026-10", START + DAY, None) is False
        assert work.months.close("2026-09", START, None) is True
        assert work.months.last_closed() == "2026-10"
        work.commit()
    with any_store.reading(OTHER) as work:
        assert work.months.last_closed() is None


def a_batch(number: int) -> Batch:
    at = START + number * DAY
    return Batch(BatchId(f"b-{number}"), f"{number}月.xlsx", f"{number}" * 64, number, at, LI.id)


def test_imports_are_listed_newest_first_and_undone_as_a_whole(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        for number in (2, 1, 3):
            work.batches.add(a_batch(number))
        assert work.batches.latest(2) == [a_batch(3), a_batch(2)]
        assert work.batches.get(BatchId("b-1")) == a_batch(1)
        work.batches.set_undone(BatchId("b-1"), START + 9 * DAY)
        found = work.batches.get(BatchId("b-1"))
        assert found is not None
        assert found.undone_at == START + 9 * DAY
        assert work.batches.get(BatchId("b-9")) is None
        work.commit()
        with pytest.raises(Conflict):
            work.batches.add(a_batch(2))
    with any_store.reading(OTHER) as work:
        assert work.batches.latest(5) == []
        assert work.batches.get(BatchId("b-1")) is None
