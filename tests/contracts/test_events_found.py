"""Finding and storing many events at once, on the fake store and both engines."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.events import BusinessEvent, Counted, EventType, content_hash
from domain.ids import CustomerId, EventId
from domain.ports import Work
from tests.support.fakes import START
from tests.support.make import a_customer, an_event
from tests.support.stores import MAIN, OTHER, AnyStore


def an_import(number: int, source: str = "import") -> BusinessEvent:
    """Make the event of a row."""
    return an_event(
        id=EventId(f"{source}-{number:03d}"),
        source=source,
        source_id=f"row-{number}",
        customer=CustomerId("C001"),
        project=None,
    )


def counted(*events: BusinessEvent) -> list[Counted]:
    """Make what is stored of events."""
    return [Counted(event, content_hash(event), "{}", "[]") for event in events]


def fill(store: AnyStore, *events: BusinessEvent) -> set[EventId]:
    """Store events, and the customer they are about."""
    with store.work(MAIN) as work:
        if work.customers.find_by_code("C001") is None:
            work.customers.add(a_customer())
        added = work.events.add(counted(*events))
        work.commit()
    return added


def test_events_are_found_by_source_id_however_many(any_store: AnyStore) -> None:
    fill(any_store, *map(an_import, range(120)), an_import(500, "erp"))
    asked = [f"row-{number}" for number in range(60, 600)]

    with any_store.reading(MAIN) as work:
        found = work.events.find_all("import", asked)
        one = work.events.find_all("import", ["row-7"])
        none = work.events.find_all("import", ["row-500"]), work.events.find_all("import", [])
    with any_store.reading(OTHER) as work:
        elsewhere = work.events.find_all("import", asked)

    assert found.keys() == {f"row-{number}" for number in range(60, 120)}
    assert all(source_id == stored.event.source_id for source_id, stored in found.items())
    assert one["row-7"].event.id == "import-007"
    assert none == ({}, {})
    assert elsewhere == {}


def test_times_of_a_type_since_an_instant_without_what_was_undone(any_store: AnyStore) -> None:
    at = [START - timedelta(days=days) for days in (0, 1, 2, 9)]
    events = [
        replace(an_import(number), type=EventType.CHECK_IN, occurred_at=moment)
        for number, moment in enumerate(at, 1)
    ]
    other = replace(an_import(5), occurred_at=START, type=EventType.SURVEY_COMPLETED)
    fill(any_store, *events, other)
    with any_store.work(MAIN) as work:
        work.events.undo(events[1].id, START, "system")
        work.commit()

    def times(work: Work, customer: str) -> list[datetime]:
        return work.events.times_of(CustomerId(customer), EventType.CHECK_IN, at[2])

    with any_store.reading(MAIN) as work:
        assert times(work, "C001") == [at[2], at[0]]
        assert times(work, "C002") == []
    with any_store.reading(OTHER) as work:
        assert times(work, "C001") == []


def test_only_what_was_not_there_is_added(any_store: AnyStore) -> None:
    fill(any_store, an_import(1), an_import(2))
    again = replace(an_import(2), id=EventId("another"))

    added = fill(any_store, again, an_import(3))

    with any_store.reading(MAIN) as work:
        assert added == {"import-003"}
        assert work.events.find_all("import", ["row-2"])["row-2"].event.id == "import-002"


def test_nothing_is_nothing(any_store: AnyStore) -> None:
    assert fill(any_store) == set()
