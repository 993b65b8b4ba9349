"""Merges beside everything else on both engines: whole, once, and all records agree."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from domain.approvals import Verdict
from domain.errors import ApprovalClosed, CustomerMerged, DomainError, HasMerged
from domain.ids import CustomerId
from domain.members import Role
from domain.ports import Conflict
from domain.reconciling import DriftKind
from handlers.contract import Context
from handlers.usecases.decisions import decide
from handlers.usecases.merging import ask_merge, ask_unmerge, record_of_code
from handlers.usecases.points import book
from storage.db import StatementFailed, writing
from storage.verify_all import check_all
from storage.work import SqlStore
from tests.handlers.approval_steps import acting_as
from tests.storage.test_reconcile import past_the_triggers
from tests.support.fakes import FakeClock, SequenceIds
from tests.support.firm import TIERS, Firm
from tests.support.make import a_member, an_event
from tests.support.stores import ENGINES, MAIN

C001, C002 = CustomerId("C001"), CustomerId("C002")
NOTHING = '{"months":[]}'
DRIFTS = (
    ("points = points + 1", DriftKind.GIFT),
    (f"moved = '{NOTHING}'", DriftKind.EARNED_MONTH),
)


@pytest.fixture
def firm(store: SqlStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    return made(store, clock, ids)


def made(store: SqlStore, clock: FakeClock, ids: SequenceIds) -> Firm:
    """Make a firm in which C001 and C002 have points that count for tiers."""
    found = Firm(store, clock, ids)
    found.opens(tiers=TIERS)
    found.acts(lambda ctx: ctx.work.members.add(a_member("zhao", Role.SUPERVISOR)))
    found.signs(30, "C001")
    found.signs(50, "C002")
    return found


def asks(ctx: Context, merged: str, kept: str) -> str:
    records = record_of_code(ctx, merged), record_of_code(ctx, kept)
    return ask_merge(acting_as(ctx, "zhou"), *records).subject


def approves(ctx: Context, subject: str, who: str = "zhang") -> None:
    found = ctx.work.approvals.find_pending(subject)
    if found is None:
        raise ApprovalClosed(0, "", "", ctx.now)
    decide(acting_as(ctx, who), found.id, Verdict.APPROVE, "")


def at_once(firm: Firm, *acts: Callable[[Context], Any]) -> list[Any]:
    """Let several act in threads of their own; give what each gave, or its refusal."""
    barrier = Barrier(len(acts))

    def one(act: Callable[[Context], Any]) -> Any:
        barrier.wait()
        for _ in range(50):
            try:
                return firm.acts(act)
            except Conflict:
                continue
            except DomainError as refusal:
                return type(refusal)
        raise AssertionError(act)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def spendable(firm: Firm) -> tuple[int, int]:
    with firm.store.reading(MAIN) as work:
        return work.wallets.read(C001).available, work.wallets.read(C002).available


def agree(firm: Firm, store: SqlStore) -> None:
    with store.reading(MAIN) as work:
        assert work.reconciliation.findings(100) == []
    _, findings = check_all(store.database, MAIN)
    assert findings == []


def test_two_who_approve_merge_once(firm: Firm, store: SqlStore) -> None:
    whole = sum(spendable(firm))
    subject = firm.acts(lambda ctx: asks(ctx, "C001", "C002"))
    both = (partial(approves, subject=subject, who=who) for who in ("zhang", "zhao"))
    assert sorted(map(str, at_once(firm, *both))) == [str(ApprovalClosed), "None"]
    assert spendable(firm) == (0, whole)
    agree(firm, store)


def test_two_records_are_not_merged_into_each_other(firm: Firm, store: SqlStore) -> None:
    whole = sum(spendable(firm))
    subjects = [
        firm.acts(partial(asks, merged=merged, kept=kept))
        for merged, kept in (("C001", "C002"), ("C002", "C001"))
    ]
    done = at_once(firm, *(partial(approves, subject=one) for one in subjects))
    assert done.count(None) == 1
    assert set(done) - {None} <= {CustomerMerged, HasMerged}
    assert sorted(spendable(firm)) == [0, whole]
    agree(firm, store)


@pytest.mark.parametrize("attempt", range(5))
def test_an_event_that_comes_meanwhile_goes_along_or_is_refused(
    firm: Firm, store: SqlStore, attempt: int
) -> None:
    subject = firm.acts(lambda ctx: asks(ctx, "C001", "C002"))
    event = an_event(source_id=f"meanwhile-{attempt}", customer=C001, project=None)
    before = sum(spendable(firm))
    done = at_once(firm, partial(approves, subject=subject), lambda ctx: book(ctx, event).points)
    assert done[0] is None
    gained = 0 if done[1] is CustomerMerged else done[1]
    assert spendable(firm) == (0, before + gained)
    agree(firm, store)


def test_merged_and_parted_all_records_agree(firm: Firm, store: SqlStore) -> None:
    before = spendable(firm)
    subject = firm.acts(lambda ctx: asks(ctx, "C001", "C002"))
    firm.acts(partial(approves, subject=subject))
    agree(firm, store)
    firm.acts(lambda ctx: ask_unmerge(acting_as(ctx, "zhou"), record_of_code(ctx, "C001")))
    firm.acts(partial(approves, subject=subject))
    assert spendable(firm) == before
    agree(firm, store)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE customer_merges SET points = 9 WHERE tenant_id = :tenant",
        "UPDATE customer_merges SET returned = 9 WHERE tenant_id = :tenant",
        "UPDATE customer_merges SET kept_id = merged_id WHERE tenant_id = :tenant",
        "DELETE FROM customer_merges WHERE tenant_id = :tenant",
    ],
)
def test_what_was_merged_and_parted_stays_written(
    firm: Firm, store: SqlStore, statement: str
) -> None:
    subject = firm.acts(lambda ctx: asks(ctx, "C001", "C002"))
    firm.acts(partial(approves, subject=subject))
    firm.acts(lambda ctx: ask_unmerge(acting_as(ctx, "zhou"), record_of_code(ctx, "C001")))
    firm.acts(partial(approves, subject=subject))
    with pytest.raises(StatementFailed), writing(store.database, MAIN) as db:
        db.run(statement)
    agree(firm, store)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("change", "kind"), DRIFTS)
def test_a_merge_that_says_otherwise_than_the_ledger_is_named(
    engine: str, change: str, kind: DriftKind, request: pytest.FixtureRequest, clock: FakeClock
) -> None:
    name = "sqlite" if engine == "sqlite" else "postgres"
    url, store = (request.getfixturevalue(f"{name}_{what}") for what in ("url", "store"))
    firm = made(store, clock, request.getfixturevalue("ids"))
    subject = firm.acts(lambda ctx: asks(ctx, "C001", "C002"))
    firm.acts(partial(approves, subject=subject))
    with past_the_triggers(url) as connection:
        connection.execute(text(f"UPDATE customer_merges SET {change}"))  # noqa: S608
    with store.reading(MAIN) as work:
        kinds = {finding.kind for finding in work.reconciliation.findings(100)}
    assert kinds == {kind}
