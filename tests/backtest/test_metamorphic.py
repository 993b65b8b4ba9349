"""What must hold of a back-test whatever the past, and what a naive second one finds."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings, strategies as st

from domain.events import EventType
from domain.replay.drafts import Draft, Period
from domain.replay.report import Json, report
from domain.rules.model import (
    Fixed,
    PerUnit,
)
from handlers.usecases import backtests
from handlers.usecases.backtests import Layout, Part
from tests.backtest.making import (
    COMPLAINT,
    CONTRACT,
    MONTHLY,
    SURVEY,
    VISIT,
    a_history,
    second,
)
from tests.backtest.naive import Naive
from tests.support.stores import MAIN

AMOUNTS = st.lists(st.tuples(st.sampled_from(("C1", "C2")), st.integers(1, 90)), max_size=12)


def contracts(past: Iterable[tuple[str, int]], factor: int = 1, customers: str = "C1 C2") -> Json:
    """Back-test five points per hundred over a past of contracts."""
    history = a_history(CONTRACT, customers=customers.split())
    for who, hundreds in past:
        history.happens(who, EventType.CONTRACT_SIGNED, amount=hundreds * 100 * factor)
        history.pass_by(days=9)
    return history.backtest(Draft((second(CONTRACT, formula=PerUnit("amount", 100, 5)),)))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(AMOUNTS)
def test_twice_the_amounts_are_twice_the_points(past: list[tuple[str, int]]) -> None:
    once, twice = contracts(past), contracts(past, factor=2)
    for course in ("past", "draft", "difference"):
        for name in ("given", "net", "cost_fen", "expired"):
            assert twice["total"][course][name] == 2 * once["total"][course][name]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(AMOUNTS)
def test_customers_are_nothing_but_names(past: list[tuple[str, int]]) -> None:
    swapped = [({"C1": "C2", "C2": "C1"}[who], hundreds) for who, hundreds in past]
    one, other = contracts(past), contracts(swapped)
    assert one["total"] == other["total"]
    assert [row["liability"] for row in one["months"]] == [
        row["liability"] for row in other["months"]
    ]
    named = {row["customer"]: row["difference"] for row in one["customers"]}
    renamed = {row["customer"]: row["difference"] for row in other["customers"]}
    assert named.get("C1", 0) == renamed.get("C2", 0)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.permutations([("C1", 5), ("C2", 8), ("C3", 13), ("C4", 21)]))
def test_the_order_among_customers_does_not_matter(past: list[tuple[str, int]]) -> None:
    history = a_history(CONTRACT, customers=("C1", "C2", "C3", "C4"))
    for who, hundreds in past:
        history.happens(who, EventType.CONTRACT_SIGNED, amount=hundreds * 100)
    found = history.backtest(Draft((second(CONTRACT, formula=PerUnit("amount", 100, 5)),)))
    assert {row["customer"]: row["difference"] for row in found["customers"]} == {
        "C1": 10,
        "C2": 16,
        "C3": 26,
        "C4": 42,
    }


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.integers(1, 3))
def test_shifting_all_dates_by_years_shifts_the_months(gaps: list[int], years: int) -> None:
    def run(shift: int) -> Json:
        history = a_history(VISIT)
        history.proclaim(MONTHLY)
        history.clock.at = datetime(2027 + shift, 3, 1, 4, tzinfo=UTC)
        start = history.clock.at
        for gap in gaps:
            # From March to December there is no leap day.
            start += timedelta(days=gap % 30)
            history.clock.at = start
            history.happens("C1", EventType.CHECK_IN)
        history.clock.at = datetime(2027 + shift, 12, 31, tzinfo=UTC)
        return history.backtest(Draft((second(VISIT, formula=Fixed(45), valid_months=3),)))

    here, there = run(0), run(years)
    assert here["total"] == there["total"]
    months = [(f"{int(row['month'][:4]) + years}{row['month'][4:]}") for row in here["months"]]
    assert months == [row["month"] for row in there["months"]]
    assert [row["liability"] for row in here["months"]] == [
        row["liability"] for row in there["months"]
    ]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=8), st.integers(0, 120))
def test_a_period_can_be_split_anywhere(gaps: list[int], after: int) -> None:
    history = a_history(VISIT)
    first = history.clock.now().date()
    for gap in gaps:
        history.pass_by(days=gap)
        history.happens("C1", EventType.CHECK_IN)
    draft = Draft((second(VISIT, formula=Fixed(14)),))
    split = first + timedelta(days=after)
    whole = history.backtest(draft)
    left = history.backtest(draft, Period(None, split))
    right = history.backtest(draft, Period(split + timedelta(days=1), None))
    for course in ("past", "draft"):
        for name in ("events", "given", "net"):
            parts = left["total"][course][name] + right["total"][course][name]
            assert whole["total"][course][name] == parts


@settings(max_examples=20, deadline=None, derandomize=True)
@given(AMOUNTS, st.integers(1, 5))
def test_the_number_of_processes_makes_no_difference(
    past: list[tuple[str, int]], jobs: int
) -> None:
    history = a_history(CONTRACT, customers=("C1", "C2"))
    for who, hundreds in past:
        history.happens(who, EventType.CONTRACT_SIGNED, amount=hundreds * 100)
        history.pass_by(days=9)
    plan = history.plan(Draft((second(CONTRACT, formula=PerUnit("amount", 100, 5)),)))
    parts = tuple(Part(customer, customer, count) for customer, count in history.customers())
    layout = Layout(sum(part.entries for part in parts), parts)
    with history.store.reading(MAIN) as work:
        whole = backtests.play(work.recordings, plan, layout, lambda _: None)
        shares = layout.shares(jobs)
        first, *others = [
            backtests.play(work.recordings, plan, one, lambda _: None) for one in shares
        ]
    for other in others:
        first.add(other)
    assert sum(len(share.parts or ()) for share in shares) == len(parts)
    assert report(plan, first) == report(plan, whole)


NAIVE_DEEDS = st.lists(
    st.tuples(
        st.sampled_from(("contract", "survey", "complaint")),
        st.integers(0, 60),
        st.integers(0, 40),
    ),
    max_size=20,
)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(NAIVE_DEEDS, st.integers(1, 9))
def test_a_naive_second_implementation_agrees(
    deeds: list[tuple[str, int, int]], per_hundred: int
) -> None:
    history = a_history(CONTRACT, SURVEY, COMPLAINT)
    history.proclaim(MONTHLY)
    past, drafted = Naive(), Naive(per_hundred=per_hundred)
    for what, hundreds, days in deeds:
        at = history.clock.now()
        for naive in (past, drafted):
            if what == "contract":
                naive.contract(at, hundreds * 100)
            elif what == "survey":
                naive.survey(at)
            else:
                naive.complaint(at)
        kind = {
            "contract": EventType.CONTRACT_SIGNED,
            "survey": EventType.SURVEY_COMPLETED,
            "complaint": EventType.COMPLAINT_CLOSED,
        }[what]
        history.happens("C1", kind, **({"amount": hundreds * 100} if what == "contract" else {}))
        history.pass_by(days=days)
    draft = Draft((second(CONTRACT, formula=PerUnit("amount", 100, per_hundred)),))
    found = history.backtest(draft)
    assert found["exact"]
    for course, naive in (("past", past), ("draft", drafted)):
        naive.pass_to(history.clock.now())
        total = found["total"][course]
        assert (total["given"], total["taken"], total["expired"]) == (
            naive.given,
            naive.taken,
            naive.expired,
        )
        for row in found["customers"]:
            assert (row[course]["available"], row[course]["debt"]) == (
                naive.available,
                naive.debt,
            )
