"""Drafts of rules, on the fake store and both engines."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import drafts as life
from domain.approvals import Approval
from domain.drafts import Draft, DraftKind, DraftState
from domain.events import Counted
from domain.ids import ApprovalId, BacktestId, DraftId
from domain.ports import Conflict, Work
from domain.rules.codec import canonical
from domain.rules.model import Fixed
from storage.db import StatementFailed
from tests.contracts.rows import ACME, BETA, LI, WANG, an_event, people
from tests.contracts.test_approvals import one as an_approval
from tests.domain.rules.making import a_rule
from tests.support.fakes import START
from tests.support.stores import MAIN, OTHER, AnyStore

APPROVAL = ApprovalId("ap-1")


def one(number: int = 1, **changes: Any) -> Draft:
    """Make a draft of Li's."""
    rule = a_rule(name="按期验收 😀")
    fields: dict[str, Any] = {
        "id": DraftId(f"d-{number}"),
        "number": number,
        "kind": DraftKind.RULE,
        "code": rule.code,
        "content": canonical(rule),
        "created_by": LI.id,
        "created_at": START,
        "changed_by": LI.id,
        "changed_at": START,
    }
    return Draft(**(fields | changes))


def furnish(work: Work) -> Approval:
    people(work)
    approval = an_approval()
    work.approvals.add(approval)
    return approval


SUBMITTED = life.submit(one(), APPROVAL)
ENDS: list[Callable[[Draft], Draft]] = [
    lambda draft: life.published(life.submit(draft, APPROVAL), 2),
    life.drop,
]


def test_a_draft_comes_back_as_it_was_stored(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        furnish(work)
        work.drafts.add(one())
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.drafts.find_number(1) == one()
        assert work.drafts.find_number(2) is None
        assert work.drafts.open() == [one()]
    with any_store.reading(OTHER) as work:
        assert work.drafts.find_number(1) is None
        assert work.drafts.open() == []


def test_draft_numbers_count_up_and_are_used_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        furnish(work)
        assert [work.drafts.next_number() for _ in range(2)] == [1, 2]
        work.drafts.add(one())
        with pytest.raises(Conflict):
            work.drafts.add(one(1, id=DraftId("d-other")))


def test_a_draft_is_changed_tested_and_submitted(any_store: AnyStore) -> None:
    other = a_rule("other", formula=Fixed(51))
    changed = life.change(one(), other, WANG.id, START + timedelta(hours=1))
    tested = life.note_tested(changed, BacktestId("bt-1"))
    submitted = life.submit(tested, APPROVAL)
    with any_store.work(MAIN) as work:
        furnish(work)
        work.drafts.add(one())
        work.drafts.add(one(2))
        for draft in (changed, tested, submitted):
            work.drafts.save(draft)
        assert work.drafts.find_number(1) == submitted
        assert work.drafts.of_approval(APPROVAL) == [submitted]
        assert work.drafts.of_approval(ApprovalId("ap-2")) == []
        assert work.drafts.open() == [submitted, one(2)]
        declined = life.declined(submitted)
        work.drafts.save(declined)
        assert work.drafts.of_approval(APPROVAL) == []
        assert work.drafts.open() == [declined, one(2)]


def test_who_made_it_and_when_stays(any_store: AnyStore) -> None:
    forged = replace(
        one(), version=2, created_by=WANG.id, created_at=START - timedelta(days=9), number=7
    )
    with any_store.work(MAIN) as work:
        furnish(work)
        work.drafts.add(one())
        work.drafts.save(forged)
        assert work.drafts.find_number(1) == replace(one(), version=2)


def test_a_draft_is_replaced_only_by_its_next_version(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        furnish(work)
        work.drafts.add(one())
        work.commit()
        for wrong in (replace(one(), version=3), one(), replace(one(9), version=2)):
            with pytest.raises(Conflict):
                work.drafts.save(wrong)
            work.rollback()
        assert work.drafts.find_number(1) == one()


@pytest.mark.parametrize("end", ENDS, ids=["published", "dropped"])
def test_what_has_ended_never_changes(any_store: AnyStore, end: Callable[[Draft], Draft]) -> None:
    ended = end(one())
    with any_store.work(MAIN) as work:
        furnish(work)
        work.drafts.add(replace(one(), version=ended.version - 1))
        work.drafts.save(ended)
        work.commit()
        assert work.drafts.open() == []
        with pytest.raises(StatementFailed):
            work.drafts.save(replace(ended, version=ended.version + 1))
        work.rollback()
        assert work.drafts.find_number(1) == ended


def test_what_is_submitted_says_the_same_until_it_is_decided(any_store: AnyStore) -> None:
    other = replace(SUBMITTED, content=canonical(a_rule(formula=Fixed(99))), version=3)
    with any_store.work(MAIN) as work:
        furnish(work)
        work.drafts.add(one())
        work.drafts.save(SUBMITTED)
        work.commit()
        with pytest.raises(StatementFailed):
            work.drafts.save(other)
        work.rollback()
        assert work.drafts.find_number(1) == SUBMITTED


@pytest.mark.parametrize(
    "wrong",
    [
        replace(one(), state=DraftState.SUBMITTED),
        replace(one(), state=DraftState.PUBLISHED),
        replace(one(), published_version=2),
    ],
    ids=["nobody asked", "no version", "not published"],
)
def test_what_cannot_be_is_refused_by_the_store_too(any_store: AnyStore, wrong: Draft) -> None:
    with any_store.work(MAIN) as work:
        furnish(work)
        work.commit()
        with pytest.raises(StatementFailed):
            work.drafts.add(wrong)
        work.rollback()
        assert work.drafts.open() == []


def test_whether_anything_was_recorded(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        assert not work.events.has_any()
        work.events.add([Counted(an_event(), "hash", "{}", "[]")])
        assert work.events.has_any()
        work.commit()
    with any_store.reading(OTHER) as work:
        assert not work.events.has_any()


def test_segments_of_all_customers_are_listed_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.customers.set_segments(ACME.id, ["老客户", "A"])
        work.customers.set_segments(BETA.id, ["老客户", "B"])
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.customers.all_segments() == ("A", "B", "老客户")
    with any_store.reading(OTHER) as work:
        assert work.customers.all_segments() == ()
