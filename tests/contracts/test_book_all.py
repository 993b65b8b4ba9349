"""Many events booked together are what they are one by one, on the fake store and both engines."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from domain.calendar import business_date
from domain.errors import EventConflict
from domain.events import BusinessEvent, EventType
from domain.facts import PointsMoved
from domain.ids import ChannelId, CustomerId, EventId, TenantId
from domain.ledger import Entry
from domain.ports import Conflict, Work
from domain.programme import Programme
from domain.repositories import Publication
from domain.rules.model import (
    Cap,
    Comparison,
    Condition,
    DebtPolicy,
    Direction,
    Fixed,
    PerUnit,
    RuleVersion,
    Scope,
    Window,
)
from domain.tiers import Tier, TierPolicy
from handlers.contract import Context, Machine
from handlers.usecases.counting import Entered, Repeated, Tally
from handlers.usecases.points import Booked, book, book_all, preview
from storage.verify_all import check_all
from storage.work import SqlStore
from tests.support.fakes import START, FakeStore, SequenceIds
from tests.support.make import a_customer, a_project, a_rule
from tests.support.stores import MAIN, OTHER, AnyStore

IDS = SequenceIds()
NUMBERS = count(1)
TYPES = (
    EventType.CONTRACT_SIGNED,
    EventType.SUGGESTION_ADOPTED,
    EventType.REFERRAL_SIGNED,
    EventType.COMPLAINT_CLOSED,
    EventType.CHECK_IN,
)


def rules() -> list[RuleVersion]:
    """Give rules with everything that carries over from one event to the next."""
    since = {"effective_from": START - timedelta(days=5000), "qualifies": True}
    gold = (Condition("customer.tier", Comparison.EQUALS, "gold"),)
    deduct = {"direction": Direction.DEDUCT, **since, "qualifies": False}
    complaint = {"trigger": EventType.COMPLAINT_CLOSED, **deduct}
    by_month = (Cap(Scope.CUSTOMER, Window.MONTH, points=70, times=3),)
    by_project = (Cap(Scope.PROJECT, Window.YEAR, times=2), Cap(Scope.RULE, Window.DAY, points=90))
    return [
        a_rule("contract", trigger=TYPES[0], formula=PerUnit("amount", 100, 1), **since),
        a_rule("idea", trigger=TYPES[1], formula=Fixed(30), caps=by_month, **since),
        a_rule("old", trigger=TYPES[1], formula=Fixed(5), valid_months=1, **since),
        a_rule(
            "referral",
            trigger=TYPES[2],
            formula=Fixed(40),
            caps=by_project,
            matures_after_days=30,
            **since,
        ),
        a_rule(
            "golden", trigger=TYPES[4], formula=Fixed(9), conditions=gold, caps=by_month, **since
        ),
        a_rule(
            "anger",
            formula=Fixed(60),
            debt_policy=DebtPolicy.OWE_TO_FLOOR,
            debt_floor=50,
            **complaint,
        ),
        a_rule("ask", formula=Fixed(45), debt_policy=DebtPolicy.ASK, **complaint),
    ]


PROGRAMME = Programme(
    1,
    START - timedelta(days=5000),
    (Cap(Scope.TENANT, Window.WEEK, points=400),),
    TierPolicy((Tier("silver", "银", 60, 110, 10), Tier("gold", "金", 150, 120, 25)), 6, 1),
)


def context(work: Work, now: datetime) -> Context:
    """Give the machine's context."""
    return Context(
        work=work,
        now=now,
        today=business_date(now),
        ids=IDS,
        actor=Machine(),
        channel=ChannelId(""),
        sender="",
        inbox=None,
        sent_at=now,
    )


def change(store: AnyStore, tenant: TenantId, act: Callable[[Context], Any], now: datetime) -> Any:
    """Do something in a transaction of its own."""
    with store.work(tenant) as work:
        done = act(context(work, now))
        work.commit()
    return done


@pytest.fixture
def firms(any_store: AnyStore) -> AnyStore:
    """Open the store with rules."""
    publish(any_store)
    return any_store


def publish(store: AnyStore) -> None:
    """Publish the same rules in both tenants."""
    for tenant in (MAIN, OTHER):
        with store.work(tenant) as work:
            for rule in rules():
                work.rules.add(rule, Publication(START))
            work.rules.add_programme(PROGRAMME, Publication(START))
            work.commit()


Told = tuple[int, int, int, int, int]
TOLD = st.tuples(
    st.integers(0, 2),  # customer
    st.integers(0, len(TYPES) - 1),
    st.integers(-1500, 5),  # days from now
    st.integers(0, 12_000),  # amount
    st.integers(0, 30),  # source id: some come twice
)


def events_of(told: Sequence[Told], example: int, now: datetime) -> list[BusinessEvent]:
    """Make the events of an example, about customers of its own."""
    made = []
    for customer, kind, days, amount, number in told:
        code = f"C{example}-{customer}"
        with_project = number % 2 == 0
        made.append(
            BusinessEvent(
                id=EventId(IDS.new()),
                source="erp" if number % 5 else "crm",
                source_id=f"{example}-{number}",
                type=TYPES[kind],
                customer=CustomerId(code),
                project=a_project(f"P{code}", "一期", code).id if with_project else None,
                occurred_at=now + timedelta(days=days),
                recorded_at=now,
                recorded_by=None,
                data={"amount": amount, "text": "说明"},
            )
        )
    return made


def one_by_one(ctx: Context, events: Iterable[BusinessEvent]) -> list[Booked | EventConflict]:
    """Book events as if each had come alone."""
    done: list[Booked | EventConflict] = []
    for event in events:
        try:
            done.append(book(ctx, event, tells=False))
        except EventConflict as refused:
            done.append(refused)
    return done


def said_of(entry: Entry) -> tuple[object, ...]:
    """Give all of an entry but its own ids and what follows from them."""
    return (
        entry.seq,
        entry.debit,
        entry.credit,
        entry.points,
        entry.reason,
        replace(entry.cause, recorded_at=START),
        entry.event_seal,
        entry.qualifying,
        (entry.available_after, entry.pending_after, entry.debt_after),
    )


def outcome(done: Booked | EventConflict) -> object:
    """Give what became of an event, without ids."""
    if isinstance(done, EventConflict):
        return done.source, done.source_id
    return done.event, done.outcomes, [said_of(entry) for entry in done.entries]


def state_of(store: AnyStore, tenant: TenantId, events: Sequence[BusinessEvent]) -> object:
    """Give everything the events have left behind, without ids; checks each chain."""
    found: list[object] = []
    with store.reading(tenant) as work:
        for customer in sorted({event.customer for event in events}):
            entries = work.wallets.latest(customer, 1000)[::-1]
            wallet, hashes = work.wallets.read(customer), [entry.hash for entry in entries]
            assert [entry.previous for entry in entries[1:]] == hashes[:-1]
            assert wallet.head == (hashes[-1] if hashes else wallet.head)
            found += map(said_of, entries)
            found.append((wallet.available, wallet.pending, wallet.debt, wallet.seq))
            lots = [work.wallets.lot(lot) for e in entries if (lot := work.wallets.opened_by(e.id))]
            found += [
                (one.points, one.remaining, one.earned_at, one.expires_at, one.matures_at)
                for one in lots
            ]
            found.append(work.earned.of(customer))
            keys = [
                f"{owner}|{scope}|{window}"
                for owner in ("*", "idea", "golden", "referral")
                for scope in ("tenant:", "rule:", f"customer:{customer}", f"project:P{customer}")
                for window in windows(events)
            ]
            found += [(key, used) for key, used in work.counters.read(keys).items()]
    return found


def windows(events: Sequence[BusinessEvent]) -> list[str]:
    """Name the windows the events lie in."""
    days = {business_date(event.occurred_at) for event in events}
    names = {f"{day:%Y-%m}" for day in days} | {f"{day.year}" for day in days}
    names |= {day.isoformat() for day in days}
    return sorted(names | {f"{d.isocalendar().year}-W{d.isocalendar().week:02d}" for d in days})


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(told=st.lists(TOLD, max_size=25), cut=st.integers(1, 25))
def test_many_events_at_once_are_what_they_are_one_by_one(
    firms: AnyStore, told: list[Told], cut: int
) -> None:
    example = next(NUMBERS)
    now = START + timedelta(days=100 * example)
    events = events_of(told, example, now)
    for tenant in (MAIN, OTHER):
        change(firms, tenant, lambda ctx: add_customers(ctx, example), now)
    parts = [events[first : first + cut] for first in range(0, len(events), cut)]

    single, many = list[Any](), list[Any]()
    for part in parts:
        single += change(firms, MAIN, partial(one_by_one, events=part), now)
        many += change(firms, OTHER, partial(book_all, events=part, tells=False), now)

    assert list(map(outcome, many)) == list(map(outcome, single))
    assert state_of(firms, OTHER, events) == state_of(firms, MAIN, events)


def add_customers(ctx: Context, example: int) -> None:
    """Add the customers of an example, each with a project."""
    for number in range(3):
        code = f"C{example}-{number}"
        ctx.work.customers.add(a_customer(code, f"客户{code}"))
        ctx.work.projects.add(a_project(f"P{code}", "一期", code))


def test_the_stored_ledger_verifies(firms: AnyStore) -> None:
    told = [(n % 3, n % 5, -7 * n, 900 * n, n) for n in range(60)]
    change(firms, MAIN, lambda ctx: add_customers(ctx, 0), START)
    events = events_of(told, 0, START)

    change(firms, MAIN, lambda ctx: book_all(ctx, events, tells=False), START)

    if isinstance(firms, SqlStore):
        checked, findings = check_all(firms.database, MAIN)
        assert checked.entries > 60
        assert findings == []


def test_customers_are_told_of_what_is_new_only(firms: AnyStore) -> None:
    change(firms, MAIN, lambda ctx: add_customers(ctx, 0), START)
    first, second = events_of([(0, 1, -1, 0, 1), (1, 1, -1, 0, 2)], 0, START)
    change(firms, MAIN, lambda ctx: book_all(ctx, [first], tells=False), START)

    with firms.work(MAIN) as work:
        book_all(context(work, START), [first, second, second], tells=True)
        facts = work.take_facts()

    told = [fact.event.id for fact in facts if isinstance(fact, PointsMoved)]
    assert told == [second.id]


def test_together_they_leave_one_record_and_alone_their_own(fake_store: FakeStore) -> None:
    publish(fake_store)
    change(fake_store, MAIN, lambda ctx: add_customers(ctx, 0), START)
    events = events_of([(n, 1, -1, 0, n) for n in range(3)], 0, START)

    for part in (events[:2], events[:1], events[2:]):
        change(fake_store, MAIN, partial(book_all, events=part, tells=False), START)

    notes = list(fake_store.committed(MAIN).audit.values())
    assert [note.action for note in notes] == ["events_recorded", "event_recorded"]
    assert notes[0].after == {"events": 2, "last": events[1].id, "entries": 4}


def test_a_source_id_that_somebody_else_is_storing_is_a_conflict(postgres_store: SqlStore) -> None:
    change(postgres_store, MAIN, lambda ctx: add_customers(ctx, 0), START)
    [event] = events_of([(0, 1, -1, 0, 1)], 0, START)
    other = replace(event, id=EventId(IDS.new()), customer=CustomerId("C0-1"), project=None)
    ended = list[Exception]()

    def book_other() -> None:
        try:
            change(postgres_store, MAIN, lambda ctx: book(ctx, other), START)
        except Conflict as conflict:
            ended.append(conflict)

    with postgres_store.work(MAIN) as work:
        book_all(context(work, START), [event], tells=False)
        thread = Thread(target=book_other)
        thread.start()
        # It waits for our row; whether it has got there yet makes no difference.
        thread.join(0.3)
        work.commit()
    thread.join(10)

    with postgres_store.reading(MAIN) as work_now:
        stored = work_now.events.find(event.source, event.source_id)
        assert stored is not None
        assert stored.event.id == event.id
        assert work_now.wallets.read(other.customer).seq == 0
    assert len(ended) == 1


def test_a_tally_goes_on_where_it_stood(firms: AnyStore) -> None:
    change(firms, MAIN, lambda ctx: add_customers(ctx, 0), START)
    events = events_of([(0, 1, -1, 0, 1), (0, 1, -1, 0, 2), (0, 1, -1, 0, 1)], 0, START)
    other = replace(events[2], data={"amount": 1})

    with firms.reading(MAIN) as work:
        tally = Tally(context(work, START), is_locking=False)
        first, second, third = (tally.count([event])[0] for event in events)
        fourth = tally.count([other])[0]

    assert isinstance(first, Entered)
    assert isinstance(second, Entered)
    # The second one leads to the silver tier and its gift.
    assert [first.points, second.points] == [35, 45]
    assert isinstance(third, Repeated)
    assert isinstance(fourth, EventConflict)


def test_what_has_been_counted_is_worth_nothing_more(firms: AnyStore) -> None:
    change(firms, MAIN, lambda ctx: add_customers(ctx, 0), START)
    [event] = events_of([(0, 1, -1, 0, 1)], 0, START)
    change(firms, MAIN, partial(book, event=event, tells=False), START)

    with firms.reading(MAIN) as work:
        foreseen = preview(context(work, START), event)

    assert (foreseen.outcomes, foreseen.points) == ((), 0)
