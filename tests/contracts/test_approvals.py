"""Approvals, on the fake store and both engines."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.approvals import (
    Approval,
    ApprovalKind,
    ApprovalState,
    approve,
    decline,
    expire,
    withdraw,
)
from domain.ids import ApprovalId
from domain.ports import Conflict
from storage.db import StatementFailed
from tests.contracts.rows import ACME, LI, WANG, people
from tests.support.fakes import START
from tests.support.stores import MAIN, OTHER, AnyStore

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def one(number: int = 1, **changes: Any) -> Approval:
    """Make a rule that Li asks for."""
    fields: dict[str, Any] = {
        "id": ApprovalId(f"ap-{number}"),
        "number": number,
        "kind": ApprovalKind.RULE,
        "subject": f"rule_draft:{number}",
        "payload": {"draft": "d-1", "version": 3, "is_urgent": True},
        "summary": {"name": "按期验收 😀"},
        "customer": None,
        "asked_by": LI.id,
        "asked_at": START + number * SECOND,
        "expires_at": START + DAY + number * SECOND,
    }
    return Approval(**(fields | changes))


def approved(approval: Approval) -> Approval:
    return approve(approval, WANG.id, decided_by_name="", note="同意", now=START + SECOND)


ENDS: list[Callable[[Approval], Approval]] = [
    approved,
    lambda a: decline(a, WANG.id, decided_by_name="", note="不对", now=START + SECOND),
    lambda a: withdraw(a, LI.id, decided_by_name="", now=START + SECOND),
    lambda a: expire(a, a.expires_at),
]


def test_an_approval_comes_back_as_it_was_asked(any_store: AnyStore) -> None:
    rule = one()
    summary: Any = {"points": -20, "grounds": "晚"}
    machine = one(2, asked_by=None, customer=ACME.id, summary=summary, payload={})
    with any_store.work(MAIN) as work:
        people(work)
        work.approvals.add(rule)
        work.approvals.add(machine)
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.approvals.find(rule.id) == rule
        assert work.approvals.find(ApprovalId("x")) is None
        assert work.approvals.find_number(2) == machine
        assert work.approvals.find_number(3) is None
        assert work.approvals.find_pending("rule_draft:1") == rule
        assert work.approvals.find_pending("x") is None
    with any_store.reading(OTHER) as work:
        assert work.approvals.find(rule.id) is None
        assert work.approvals.pending() == []


def test_approval_numbers_count_up_apart_from_those_of_alerts(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        assert work.alerts.next_number() == 1
        assert [work.approvals.next_number() for _ in range(2)] == [1, 2]


@pytest.mark.parametrize("end", ENDS, ids=["approved", "declined", "withdrawn", "expired"])
def test_an_approval_ends_in_each_way_and_its_subject_is_free_again(
    any_store: AnyStore, end: Callable[[Approval], Approval]
) -> None:
    asked = one()
    ended = end(asked)
    with any_store.work(MAIN) as work:
        people(work)
        work.approvals.add(asked)
        work.approvals.save(ended)
        assert work.approvals.find(asked.id) == ended
        assert work.approvals.pending() == []
        assert work.approvals.find_pending(asked.subject) is None
        again = one(2, subject=asked.subject)
        work.approvals.add(again)
        assert work.approvals.find_pending(asked.subject) == again


def test_one_approval_is_pending_per_subject(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.approvals.add(one(1, subject="same"))
        work.commit()
        with pytest.raises(Conflict):
            work.approvals.add(one(2, subject="same"))
        work.rollback()
        assert [approval.number for approval in work.approvals.pending()] == [1]


def test_an_approval_number_is_used_once(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.approvals.add(one(1))
        with pytest.raises(Conflict):
            work.approvals.add(one(1, id=ApprovalId("ap-other"), subject="other"))


def test_an_approval_is_replaced_only_by_its_next_version(any_store: AnyStore) -> None:
    with any_store.work(MAIN) as work:
        people(work)
        work.approvals.add(one())
        work.commit()
        for wrong in (replace(approved(one()), version=3), replace(approved(one()), version=1)):
            with pytest.raises(Conflict):
                work.approvals.save(wrong)
            work.rollback()
        with pytest.raises(Conflict):
            work.approvals.save(approved(one(9)))
        work.rollback()
        assert work.approvals.find(one().id) == one()


@pytest.mark.parametrize("end", ENDS, ids=["approved", "declined", "withdrawn", "expired"])
def test_what_has_ended_never_changes(
    any_store: AnyStore, end: Callable[[Approval], Approval]
) -> None:
    ended = end(one())
    with any_store.work(MAIN) as work:
        people(work)
        work.approvals.add(one())
        work.approvals.save(ended)
        work.commit()
        other = replace(approved(one()), note="别的", version=3)
        with pytest.raises(StatementFailed):
            work.approvals.save(other)
        work.rollback()
        assert work.approvals.find(one().id) == ended


def test_one_person_alone_is_refused_by_the_store_too(any_store: AnyStore) -> None:
    alone = replace(approved(one()), decided_by=LI.id)
    with any_store.work(MAIN) as work:
        people(work)
        work.approvals.add(one())
        work.commit()
        with pytest.raises(StatementFailed):
            work.approvals.save(alone)
        work.rollback()
        with pytest.raises(StatementFailed):
            work.approvals.add(replace(alone, id=ApprovalId("ap-2"), number=2))
        work.rollback()
        assert work.approvals.pending() == [one()]


def test_saving_changes_nothing_of_what_was_asked(any_store: AnyStore) -> None:
    ended = replace(approved(one()), payload={"draft": "d-2"}, subject="another", asked_by=None)
    with any_store.work(MAIN) as work:
        people(work)
        work.approvals.add(one())
        work.approvals.save(ended)
        assert work.approvals.find(one().id) == approved(one())


def test_pending_ones_are_listed_oldest_first_and_lapsed_ones_found(any_store: AnyStore) -> None:
    third = one(3, asked_at=START - SECOND)
    with any_store.work(MAIN) as work:
        people(work)
        for approval in (one(1), one(2), third, one(4)):
            work.approvals.add(approval)
        work.approvals.save(approved(one(4)))
        assert [approval.number for approval in work.approvals.pending()] == [3, 1, 2]
        assert work.approvals.lapsed(START + DAY) == []
        assert work.approvals.lapsed(START + DAY + 2 * SECOND) == [one(1), one(2)]
        states = {approval.state for approval in work.approvals.lapsed(START + 2 * DAY)}
        assert states == {ApprovalState.PENDING}
