"""A firm's long past: events counted, sealed and stored as the program does, many per commit.

Everything goes through the program's own functions and repositories; only the caps' counters and
the months of earning are written once per commit instead of once per event.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from typing_extensions import override

from domain.calendar import business_date
from domain.caps import NOTHING, Counters, Used
from domain.chaining import seal
from domain.counting import Standing, Told, count
from domain.customers import Customer
from domain.events import (
    BusinessEvent,
    Counted,
    EventType,
    EventValue,
    content_hash,
    facts_of,
    json_text,
)
from domain.ids import CustomerId, EventId, TenantId
from domain.ledger import Cause
from domain.outcomes import Outcome, outcomes_text
from domain.ports import Work
from domain.posting import Book, month_text
from domain.programme import Programme
from domain.repositories import Publication
from domain.rules.evaluation import RuleSet
from domain.rules.model import Cap, Scope, Window
from domain.starter import starter_rules
from domain.tiers import month_of
from storage.work import SqlStore

EVER = datetime(2000, 1, 1, tzinfo=UTC)
BEGIN = datetime(2023, 1, 1, tzinfo=UTC)
MONTHS = 36
CAP = Cap(Scope.CUSTOMER, Window.MONTH, points=400)
RULES = tuple(starter_rules(EVER))
PROGRAMME = Programme(1, EVER, caps=(CAP,))
_MONTH_SECONDS = 28 * 86_400


@dataclass
class _Counters(Counters):
    """Counters kept in memory, with what has to be written of them."""

    used: dict[str, Used] = field(default_factory=dict)
    moved: dict[str, Used] = field(default_factory=dict)

    @override
    def take(self, keys: Sequence[str]) -> Mapping[str, Used]:
        return self.used

    @override
    def add(self, key: str, points: int, times: int) -> None:
        for kept in (self.used, self.moved):
            before = kept.get(key, NOTHING)
            kept[key] = Used(before.points + points, before.times + times)

    def store(self, work: Work) -> None:
        """Write what was moved."""
        work.counters.take(sorted(self.moved))
        for key, moved in sorted(self.moved.items()):
            work.counters.add(key, moved.points, moved.times)
        self.moved.clear()


def build(store: SqlStore, tenant: TenantId, events: int, customers: int) -> None:
    """Make a past of so many events, customers taking turns within each month."""
    chance = random.Random(7)
    with store.work(tenant) as work:
        for rule in RULES:
            work.rules.add(rule, Publication(EVER))
        work.rules.add_programme(PROGRAMME, Publication(EVER))
        for number in range(customers):
            code = f"C{number:06d}"
            work.customers.add(Customer(CustomerId(code), code, f"客户{code}", None))
        work.commit()
    counters = _Counters()
    writer = _Writer(store, tenant, counters)
    made = 0
    for month in range(MONTHS):
        until = events * (month + 1) // MONTHS
        for share in _shares(customers, until - made):
            writer.write(month, share, chance)
        made = until


def _shares(customers: int, events: int) -> Iterator[dict[int, int]]:
    """Split a month's events evenly over customers, a few hundred customers per commit."""
    each, more = divmod(events, customers)
    counts = {number: each + (number < more) for number in range(customers)}
    numbers = list(counts)
    for begin in range(0, customers, 500):
        yield {number: counts[number] for number in numbers[begin : begin + 500]}


@dataclass
class _Writer:
    store: SqlStore
    tenant: TenantId
    counters: _Counters
    rules: RuleSet = field(default_factory=lambda: RuleSet(RULES))
    made: int = 0

    def write(self, month: int, counts: dict[int, int], chance: random.Random) -> None:
        """Count and store a month's events of some customers in one commit."""
        with self.store.work(self.tenant) as work:
            events: list[Counted] = []
            postings = []
            for number, wanted in counts.items():
                customer = CustomerId(f"C{number:06d}")
                wallet = work.wallets.lock(customer)
                book = Book(wallet, work.wallets.open_lots(customer), self.store_ids)
                earned: dict[int, int] = {}
                counted = [
                    self._count(book, event, earned)
                    for event in self._events(customer, month, wanted, chance)
                ]
                events += counted
                if book.moves:
                    postings.append(seal(book, {one.event.id: one.seal for one in counted}))
                for when, points in earned.items():
                    work.earned.add(customer, when, points)
            work.events.add(events)
            work.wallets.append(postings)
            self.counters.store(work)
            work.commit()

    def store_ids(self) -> str:
        """Give a new id."""
        return self.store._tools.ids.new()  # noqa: SLF001  the store's own source of ids

    def _events(
        self, customer: CustomerId, month: int, wanted: int, chance: random.Random
    ) -> Iterator[BusinessEvent]:
        begin = BEGIN + timedelta(days=month * 365.25 / 12)
        for seconds in sorted(chance.sample(range(_MONTH_SECONDS), wanted)):
            at = begin + timedelta(seconds=seconds)
            kind, data = _said(chance, at)
            self.made += 1
            yield BusinessEvent(
                id=EventId(self.store_ids()),
                source="benchmark",
                source_id=str(self.made),
                type=kind,
                customer=customer,
                project=None,
                occurred_at=at,
                recorded_at=at,
                recorded_by=None,
                data=data,
            )

    def _count(self, book: Book, event: BusinessEvent, earned: dict[int, int]) -> Counted:
        at = event.recorded_at
        book.lapse(Cause("system", at, at, "expiry", month_text(at)))
        around = {"customer.code": str(event.customer)}
        on = business_date(at)
        told = Told(event, on, facts_of(event) | around, self.rules, PROGRAMME, "system", "")
        outcomes: list[Outcome] = count(told, Standing(book), self.counters)
        points = sum(one.applied for one in outcomes if one.qualifies)
        if points:
            earned[month_of(on)] = earned.get(month_of(on), 0) + points
        return Counted(event, content_hash(event), json_text(around), outcomes_text(outcomes))


def _said(chance: random.Random, at: datetime) -> tuple[EventType, dict[str, EventValue]]:
    """Draw what happened: mostly what gives points, now and then what takes some."""
    drawn = chance.random()
    if drawn < 0.45:
        return EventType.CONTRACT_SIGNED, {"amount": chance.randrange(1, 30) * 1_000_000}
    if drawn < 0.75:
        day = business_date(at)
        late = chance.choice((-3, 0, 0, 0, 4))
        accepted = day + timedelta(days=late)
        dates = {"planned_on": day.isoformat(), "accepted_on": accepted.isoformat()}
        return EventType.MILESTONE_ACCEPTED, {"milestone": "主体结构", **dates}
    if drawn < 0.9:
        return EventType.SUGGESTION_ADOPTED, {}
    if drawn < 0.95:
        return EventType.REFERRAL_SIGNED, {"referred": "新客户"}
    return EventType.COMPLAINT_CLOSED, {"satisfied": False}
