"""Merged records, on the fake store and both engines."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.approvals import ApprovalKind
from domain.customer_files import Contract
from domain.ids import ApprovalId, ContactId, ContractId
from domain.merging import Belongings, Merge, Parted, Unfinished
from domain.ports import Conflict
from tests.contracts.rows import ACME, BETA, BINJIANG, CHEN, people
from tests.contracts.test_approvals import one as an_approval
from tests.contracts.test_gifts import one as a_gift
from tests.support.fakes import START
from tests.support.stores import MAIN, OTHER, AnyStore

LATER = START + timedelta(hours=1)
SIGNED = Contract(ContractId("ht-1"), ACME.id, "HT-1", "总包", 100, date(2026, 1, 2))
OWNED = Belongings((CHEN.id,), (BINJIANG.id,), (SIGNED.id,))


def one(**changes: Any) -> Merge:
    """Make the merge of Acme's record into Beta's."""
    fields: dict[str, Any] = {
        "id": an_approval().id,
        "merged": ACME.id,
        "kept": BETA.id,
        "points": 30,
        "at": START,
        "key": "01",
        "belongings": OWNED,
        "months": {24_322: 20, 24_321: 10},
        "aliases": ("K001", "滨江置业"),
    }
    return Merge(**(fields | changes))


UNDONE = one(parted=Parted(LATER, "02", 25))


def furnish(any_store: AnyStore, *merges: Merge) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.contracts.add(SIGNED)
        work.approvals.add(an_approval())
        for merge in merges:
            work.merges.add(merge)
        work.commit()


def test_a_merge_comes_back_as_it_was_stored(any_store: AnyStore) -> None:
    furnish(any_store, one())
    with any_store.reading(MAIN) as work:
        assert work.merges.of_merged(ACME.id) == one()
        assert work.merges.of_merged(BETA.id) is None
        assert work.merges.into(BETA.id) == [one()]
        assert work.merges.into(ACME.id) == []
        assert work.merges.were_one(ACME.id, BETA.id)
        assert work.merges.were_one(BETA.id, ACME.id)
    with any_store.reading(OTHER) as work:
        assert work.merges.of_merged(ACME.id) is None
        assert not work.merges.were_one(ACME.id, BETA.id)


def test_a_merged_record_is_found_by_its_code_as_the_other(any_store: AnyStore) -> None:
    furnish(any_store, one())
    into = replace(ACME, merged_into=BETA.id)
    with any_store.reading(MAIN) as work:
        assert work.customers.get(ACME.id) == into
        assert work.customers.find_by_code(ACME.code) == BETA
        assert work.customers.find_by_code(BETA.code) == BETA
        assert ACME.id not in {customer.id for customer in work.customers.all()}
        assert into in work.customers.ever()


def test_an_undone_merge_is_none(any_store: AnyStore) -> None:
    furnish(any_store, one())
    with any_store.work(MAIN) as work:
        work.merges.part(UNDONE)
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.merges.of_merged(ACME.id) is None
        assert work.merges.into(BETA.id) == []
        assert work.merges.were_one(ACME.id, BETA.id)
        assert work.customers.get(ACME.id) == ACME
        assert ACME in work.customers.all()


def test_it_is_undone_once_and_only_as_something(any_store: AnyStore) -> None:
    furnish(any_store, one())
    with any_store.work(MAIN) as work:
        with pytest.raises(ValueError, match=an_approval().id):
            work.merges.part(one())
        work.merges.part(UNDONE)
        with pytest.raises(Conflict):
            work.merges.part(UNDONE)


def test_a_record_is_merged_into_one_other_only(any_store: AnyStore) -> None:
    furnish(any_store, one())
    with any_store.work(MAIN) as work:
        work.approvals.add(an_approval(id=ApprovalId("a-2"), number=2, subject="other"))
        with pytest.raises(Conflict):
            work.merges.add(one(id=ApprovalId("a-2")))


def test_what_hangs_on_a_record_is_handed_over_and_back(any_store: AnyStore) -> None:
    furnish(any_store)
    left = replace(CHEN, id=ContactId("k-left"), phone=None, is_active=False, may_redeem=False)
    with any_store.work(MAIN) as work:
        work.customers.add_contact(left)
        owned = work.merges.belongings(ACME.id)
        assert CHEN.id in owned.contacts
        assert left.id in owned.contacts
        assert (owned.projects, owned.contracts) == (OWNED.projects, OWNED.contracts)
        work.merges.hand_over(OWNED, ACME.id, BETA.id)
        assert work.customers.contact(CHEN.id).customer == BETA.id
        assert work.projects.get(BINJIANG.id).customer == BETA.id
        assert [one.id for one in work.contracts.of_customer(BETA.id)] == [SIGNED.id]
        assert work.customers.past_contacts(ACME.id) == [left]
        # What is somebody else's by now stays there.
        work.merges.hand_over(OWNED, ACME.id, ACME.id)
        assert work.customers.contact(CHEN.id).customer == BETA.id
        assert work.projects.get(BINJIANG.id).customer == BETA.id
        assert work.contracts.of_customer(ACME.id) == []
        work.merges.hand_over(OWNED, BETA.id, ACME.id)
        assert work.merges.belongings(ACME.id) == owned


def test_what_is_unfinished_is_counted(any_store: AnyStore) -> None:
    furnish(any_store)
    with any_store.work(MAIN) as work:
        nothing = work.merges.unfinished(BETA.id, None)
        work.gifts.add(a_gift())
        asked = an_approval(
            id=ApprovalId("a-2"),
            number=2,
            kind=ApprovalKind.MERGE,
            subject="merge:b",
            customer=BETA.id,
        )
        work.approvals.add(asked)
        assert nothing == Unfinished()
        assert work.merges.unfinished(BETA.id, None) == Unfinished(gifts=1, approvals=1)
        assert work.merges.unfinished(BETA.id, asked.id) == Unfinished(gifts=1)
