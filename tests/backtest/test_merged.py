"""Merging two records and undoing it: points come through whole, and all records still agree."""

import random

import pytest

from domain.approvals import Verdict
from domain.errors import DomainError
from domain.events import EventType
from domain.ids import CustomerId
from handlers.contract import Context
from handlers.usecases.decisions import decide
from handlers.usecases.merging import ask_merge, ask_unmerge, record_of_code
from tests.handlers.approval_steps import acting_as
from tests.support.fakes import FakeClock, FakeStore, SequenceIds
from tests.support.gifts import APPROVER
from tests.support.history import History
from tests.support.lively import _publish as publish
from tests.support.stores import MAIN

YUAN = 100
SEEDS = range(25)


@pytest.fixture
def units(history: History) -> History:
    return begun(history)


def begun(history: History) -> History:
    publish(history)
    for code in ("C1", "C2", "C3"):
        history.customer(code)
    return history


def merge(history: History, merged: str, kept: str) -> None:
    def act(ctx: Context) -> None:
        records = record_of_code(ctx, merged), record_of_code(ctx, kept)
        asked = ask_merge(ctx, *records)
        decide(acting_as(ctx, APPROVER), asked.id, Verdict.APPROVE, "")

    history.act(act)


def part(history: History, merged: str) -> None:
    def act(ctx: Context) -> None:
        asked = ask_unmerge(ctx, record_of_code(ctx, merged))
        decide(acting_as(ctx, APPROVER), asked.id, Verdict.APPROVE, "")

    history.act(act)


def spendable(history: History) -> dict[str, int]:
    with history.store.reading(MAIN) as work:
        return {c: work.wallets.read(CustomerId(c)).available for c in ("C1", "C2", "C3")}


def signs(history: History, customer: str, points: int) -> None:
    history.happens(customer, EventType.CONTRACT_SIGNED, amount=points * 1000 * YUAN)


def is_exact(history: History) -> None:
    found = history.backtest()
    assert found["differences"]["first"] == []
    assert found["exact"]


def test_the_past_comes_out_with_merges_and_tiers_in_it(units: History) -> None:
    signs(units, "C1", 60)
    signs(units, "C2", 90)
    units.pass_by(days=3)
    merge(units, "C2", "C1")
    # Together they are silver: what comes next is more.
    signs(units, "C1", 50)
    assert spendable(units)["C2"] == 0
    is_exact(units)
    units.pass_by(days=3)
    part(units, "C2")
    signs(units, "C2", 20)
    signs(units, "C1", 30)
    is_exact(units)
    with units.store.reading(MAIN) as work:
        assert work.reconciliation.findings(100) == []


def test_in_the_order_of_time_it_is_the_same(units: History) -> None:
    signs(units, "C1", 60)
    signs(units, "C2", 90)
    merge(units, "C2", "C1")
    signs(units, "C1", 50)
    part(units, "C2")
    with units.store.reading(MAIN) as work:
        parts = [rows.joins for rows, _ in work.recordings.in_time()]
    assert sum(map(len, parts)) == 4
    is_exact(units)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_point_is_made_or_lost_whatever_happens_between(
    seed: int, fake_store: FakeStore, clock: FakeClock, ids: SequenceIds
) -> None:
    history, chance = begun(History(fake_store, clock, ids)), random.Random(seed)
    done = 0
    for _ in range(40):
        before, code = spendable(history), chance.choice(("C1", "C2", "C3"))
        other = chance.choice([one for one in ("C1", "C2", "C3") if one != code])
        step = chance.choice(("earn", "earn", "spend", "merge", "part"))
        try:
            if step == "earn":
                signs(history, code, chance.randint(1, 9) * 10)
            elif step == "spend":
                history.adjust(code, -chance.randint(1, 60))
            elif step == "merge":
                merge(history, code, other)
            else:
                part(history, code)
        except DomainError:
            assert spendable(history) == before
            continue
        if step in {"merge", "part"}:
            done += 1
            assert sum(spendable(history).values()) == sum(before.values())
        history.pass_by(hours=chance.randint(0, 9))
    assert done
    is_exact(history)
