"""Units of work that share one commit: each keeps or forgets its own, and all of it or nothing."""

import threading

import pytest

from domain.ids import CustomerId
from domain.ports import Conflict, Store
from storage.db import StatementFailed
from storage.work import SqlStore, SqlUnitOfWork
from tests.contracts.rows import ACME, BETA, CHEN, LI, WANG
from tests.support.stores import MAIN, OTHER, AnyStore

DEADLINE_SECONDS = 10


def _codes(store: Store) -> list[str]:
    with store.reading(MAIN) as work:
        return [customer.code for customer in work.customers.all()]


def _add_li(store: Store) -> None:
    with store.work(MAIN) as work:
        work.members.add(LI)
        work.commit()


def test_what_units_commit_together_is_there_afterwards(any_store: AnyStore) -> None:
    with any_store.together() as shared:
        _add_li(shared)
        for customer in (ACME, BETA):
            with shared.work(MAIN) as work:
                work.customers.add(customer)
                work.commit()

    assert _codes(any_store) == [ACME.code, BETA.code]


def test_a_unit_sees_what_the_one_before_has_committed(any_store: AnyStore) -> None:
    with any_store.together() as shared:
        _add_li(shared)
        with shared.work(MAIN) as work:
            assert work.members.get(LI.id) == LI


def test_a_unit_that_is_not_committed_is_forgotten_alone(any_store: AnyStore) -> None:
    with any_store.together() as shared:
        _add_li(shared)
        with shared.work(MAIN) as work:
            work.customers.add(ACME)
        with shared.work(MAIN) as work:
            work.customers.add(ACME)
            work.rollback()
            work.customers.add(BETA)
            work.commit()

    assert _codes(any_store) == [BETA.code]


def test_a_unit_whose_statement_failed_is_forgotten_alone(store: SqlStore) -> None:
    with store.together() as shared:
        _add_li(shared)
        with shared.work(MAIN) as work:
            work.members.add(WANG)
            with pytest.raises(Conflict):
                work.members.add(LI)
            with pytest.raises(StatementFailed):
                work.commit()

    with store.reading(MAIN) as reading:
        assert reading.members.all() == [LI]


def test_units_of_several_tenants_see_their_own_only(any_store: AnyStore) -> None:
    with any_store.together() as shared:
        _add_li(shared)
        with shared.work(OTHER) as work:
            assert work.members.all() == []
            work.members.add(WANG)
            work.commit()

    with any_store.reading(OTHER) as reading:
        assert reading.members.all() == [WANG]


def test_within_a_shared_one_there_is_no_other_commit(sqlite_store: SqlStore) -> None:
    with sqlite_store.together() as shared, shared.together() as again:
        _add_li(again)
        assert shared.tenants() == [MAIN, OTHER]
        with shared.reading(MAIN) as reading:
            assert reading.members.all() == []

    with sqlite_store.reading(MAIN) as reading:
        assert reading.members.all() == [LI]


def test_nothing_is_kept_before_the_shared_commit(sqlite_store: SqlStore) -> None:
    def die() -> None:
        with sqlite_store.together() as shared:
            _add_li(shared)
            with sqlite_store.reading(MAIN) as reading:
                assert reading.members.all() == []
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        die()

    with sqlite_store.reading(MAIN) as reading:
        assert reading.members.all() == []


def test_a_shared_commit_that_fails_keeps_nothing(sqlite_store: SqlStore) -> None:
    def commit_with_an_orphan() -> None:
        with sqlite_store.together() as shared:
            _add_li(shared)
            with shared.work(MAIN) as work:
                assert isinstance(work, SqlUnitOfWork)
                work._db.cursor().execute("PRAGMA defer_foreign_keys = ON")
                work.customers.add_contact(CHEN)
                work.commit()

    with pytest.raises(StatementFailed):
        commit_with_an_orphan()

    with sqlite_store.reading(MAIN) as reading:
        assert reading.members.all() == []
        assert reading.customers.contacts(CustomerId(ACME.id)) == []
    _add_li(sqlite_store)


def test_after_the_database_has_rolled_back_by_itself_nothing_more_is_kept(
    sqlite_store: SqlStore,
) -> None:
    def go_on_after_the_end() -> None:
        with sqlite_store.together() as shared:
            _add_li(shared)
            with shared.work(MAIN) as work:
                assert isinstance(work, SqlUnitOfWork)
                # What SQLite does on its own when the disk is full.
                work._db.cursor().execute("ROLLBACK")
                with pytest.raises(StatementFailed):
                    work.commit()
            for _ in range(2):
                with shared.work(MAIN) as work, pytest.raises(StatementFailed):
                    work.members.add(WANG)

    with pytest.raises(StatementFailed):
        go_on_after_the_end()

    with sqlite_store.reading(MAIN) as reading:
        assert reading.members.all() == []
    _add_li(sqlite_store)


def test_others_write_before_and_after_but_not_in_between(sqlite_store: SqlStore) -> None:
    order: list[str] = []

    def write() -> None:
        with sqlite_store.work(MAIN) as work:
            work.members.add(WANG)
            order.append("other")
            work.commit()

    other = threading.Thread(target=write)
    with sqlite_store.together() as shared:
        _add_li(shared)
        other.start()
        with shared.work(MAIN) as work:
            work.customers.add(ACME)
            order.append("shared")
            work.commit()
    other.join(DEADLINE_SECONDS)

    assert order == ["shared", "other"]
    assert _codes(sqlite_store) == [ACME.code]


def test_where_writers_do_not_wait_for_each_other_units_commit_by_themselves(
    postgres_store: SqlStore,
) -> None:
    assert not postgres_store.has_one_writer
    with postgres_store.together() as shared:
        _add_li(shared)
        with postgres_store.reading(MAIN) as reading:
            assert reading.members.all() == [LI]
