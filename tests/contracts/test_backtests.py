"""Results of back-tests and what back-tests read, on the fake store and both engines."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.ids import BacktestId, CustomerId
from domain.replay.assembling import Assembly
from domain.replay.recorded import Step
from domain.repositories import Backtest
from tests.contracts.rows import LI
from tests.support.fakes import START, FakeClock, SequenceIds
from tests.support.history import History
from tests.support.lively import lively
from tests.support.stores import MAIN, OTHER, AnyStore

FIRST = Backtest(
    id=BacktestId("b-1"),
    content_hash="5" * 64,
    first=date(2026, 1, 1),
    last=None,
    started_at=START,
    finished_at=START + timedelta(seconds=40),
    by=LI.id,
    is_exact=True,
    result='{"exact":true}',
)


def test_a_result_is_kept_and_the_latest_of_a_content_is_found(any_store: AnyStore) -> None:
    later = replace(
        FIRST,
        id=BacktestId("b-2"),
        first=None,
        last=date(2026, 6, 30),
        by=None,
        is_exact=False,
        finished_at=START + timedelta(seconds=50),
    )
    other = replace(later, id=BacktestId("b-3"), content_hash="")
    with any_store.work(MAIN) as work:
        work.members.add(LI)
        for one in (FIRST, later, other):
            work.backtests.add(one)
        work.commit()
    with any_store.reading(MAIN) as work:
        assert work.backtests.get(FIRST.id) == FIRST
        assert work.backtests.latest("5" * 64) == later
        assert work.backtests.latest("") == other
        assert work.backtests.latest("6" * 64) is None
        assert work.backtests.get(BacktestId("b-9")) is None
    with any_store.reading(OTHER) as work:
        assert work.backtests.get(FIRST.id) is None
        assert work.backtests.latest("5" * 64) is None


@pytest.fixture
def history(any_store: AnyStore, clock: FakeClock, ids: SequenceIds) -> History:
    made = History(any_store, clock, ids)
    lively(made)
    return made


def test_laws_come_with_the_instants_they_were_published_at(history: History) -> None:
    with history.store.reading(MAIN) as work:
        laws = work.recordings.laws()
    versions = [(one.rule.code, one.rule.version) for one in laws.rules]
    assert ("visit", 2) in versions
    assert [issue.programme.version for issue in laws.programmes] == [1]
    assert laws.programmes[0].at == START
    assert [closing.month for closing in laws.closings] == ["2026-12"]
    assert laws.closings[0].at > START


def test_by_customers_and_by_time_the_same_steps_come(history: History) -> None:
    by_customer: list[Step] = []
    by_time: list[Step] = []
    assembly = Assembly()
    with history.store.reading(MAIN) as work:
        for customer, _ in work.recordings.customers():
            by_customer += Assembly().steps(work.recordings.of_customers(customer, customer))
        for rows, until in work.recordings.in_time():
            by_time += assembly.steps(rows, until)
    assert assembly.later == []
    assert by_time == sorted(by_customer, key=lambda step: (step.at, step.key))
    assert sum(len(step.moves) for step in by_time) == sum(n for _, n in history.customers())


def test_customers_are_read_between_two_ids(history: History) -> None:
    with history.store.reading(MAIN) as work:
        both = work.recordings.of_customers(CustomerId("C1"), CustomerId("C2"))
        second = work.recordings.of_customers(CustomerId("C2"), CustomerId("C2"))
        nobody = work.recordings.of_customers(CustomerId("D"), CustomerId("E"))
    assert {move.customer for move in both.moves} == {"C1", "C2"}
    assert {one.event.customer for one in second.events} == {"C2"}
    assert [hold.customer for hold in second.holds] == ["C2"]
    assert (list(nobody.events), list(nobody.moves), list(nobody.holds)) == ([], [], [])
    with history.store.reading(OTHER) as work:
        assert work.recordings.customers() == []
        assert work.recordings.of_customers(CustomerId("C1"), CustomerId("C2")).events == []
