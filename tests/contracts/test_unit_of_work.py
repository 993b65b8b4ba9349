"""What a unit of work keeps, forgets and never sees; on the fake store and both engines."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.facts import PersonWanted
from domain.ids import (
    AlertId,
    ChannelId,
    ContactId,
    CustomerId,
    DeliveryId,
    EventId,
    MemberId,
    MilestoneId,
    ProjectId,
    ReviewId,
)
from domain.ports import Conflict, UnitOfWork
from storage.db import StatementFailed
from tests.contracts.rows import ACME, BETA, BINJIANG, CHEN, LI, people
from tests.support.stores import MAIN, OTHER, AnyStore

FACT = PersonWanted(ACME.id, CHEN.id)


def test_what_is_committed_is_there_for_the_next_one(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.commit()

    with any_store.reading(MAIN) as work:
        assert work.customers.get(ACME.id) == ACME


def test_leaving_without_commit_forgets(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)

    with any_store.reading(MAIN) as work:
        assert work.customers.all() == []


def test_an_error_forgets_and_goes_on(any_store: AnyStore) -> None:
    def fail() -> None:
        with any_store.work(MAIN) as work:
            people(work)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with any_store.reading(MAIN) as work:
        assert work.customers.all() == []


def test_after_a_rollback_the_unit_of_work_begins_anew(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.rollback()
        assert work.customers.all() == []
        work.members.add(LI)
        work.commit()

    with any_store.reading(MAIN) as work:
        assert work.members.all() == [LI]
        assert work.customers.all() == []


def test_after_a_commit_the_unit_of_work_begins_anew(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.members.add(LI)
        work.commit()
        work.customers.add(ACME)

    with any_store.reading(MAIN) as work:
        assert work.members.all() == [LI]
        assert work.customers.all() == []


def test_it_sees_its_own_changes_and_nobody_else_does_yet(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        assert work.customers.find_by_code("K001") == ACME
        with any_store.reading(MAIN) as other:
            assert other.customers.find_by_code("K001") is None


def test_a_tenant_sees_nothing_of_another(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.commit()

    with any_store.work(OTHER) as work:
        assert work.customers.all() == []
        assert work.customers.find_by_code("K001") is None
        assert work.members.with_role(next(iter(LI.roles))) == []
        with pytest.raises(LookupError):
            work.projects.get(BINJIANG.id)
        people(work)
        work.commit()

    with any_store.reading(MAIN) as work:
        assert len(work.customers.all()) == 2


def test_a_failed_statement_cannot_be_committed(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.members.add(LI)
        work.customers.add(ACME)
        with pytest.raises(Conflict):
            work.customers.add(replace(BETA, code=ACME.code))
        with pytest.raises(StatementFailed):
            work.commit()

    with any_store.reading(MAIN) as work:
        assert work.customers.all() == []


def test_a_failed_statement_can_be_rolled_back(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.members.add(LI)
        with pytest.raises(Conflict):
            work.members.add(LI)
        work.rollback()
        work.members.add(LI)
        work.commit()

    with any_store.reading(MAIN) as work:
        assert work.members.all() == [LI]


def test_a_commit_without_statements_does_nothing(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.commit()


def test_facts_are_taken_once_and_forgotten_by_a_rollback(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        work.emit(FACT)
        assert work.take_facts() == [FACT]
        assert work.take_facts() == []
        work.emit(FACT)
        work.rollback()
        assert work.take_facts() == []


def test_what_is_missing_is_a_lookup_error(any_store: AnyStore) -> None:
    getters: list[Callable[[UnitOfWork], object]] = [
        lambda work: work.channels.get(ChannelId("x")),
        lambda work: work.channels.cursor(ChannelId("x")),
        lambda work: work.members.get(MemberId("x")),
        lambda work: work.customers.get(CustomerId("x")),
        lambda work: work.customers.contact(ContactId("x")),
        lambda work: work.projects.get(ProjectId("x")),
        lambda work: work.projects.milestone(MilestoneId("x")),
        lambda work: work.events.get(EventId("x")),
        lambda work: work.reviews.get(ReviewId("x")),
        lambda work: work.alerts.get(AlertId("x")),
        lambda work: work.deliveries.get(DeliveryId("x")),
    ]
    with any_store.work(MAIN) as work:
        for getter in getters:
            with pytest.raises(LookupError):
                getter(work)


def test_tenants_are_listed_and_made_once(any_store: AnyStore) -> None:
    assert any_store.add_tenant(MAIN, "again") is False
    assert any_store.tenants() == [MAIN, OTHER]
