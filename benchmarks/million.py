"""A firm with a million entries, made once per run and copied for whoever measures on it.

Every event is counted by the rules, sealed and chained by the program's own functions and stored by
its own repositories, many to a commit. PostgreSQL gets the same rows by COPY. What measures on them
for the last time checks the invariants of all of it (benchmarks/invariants).
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Self

from typing_extensions import override

from benchmarks.copying import copy_rows
from benchmarks.postgres import postgres
from bot.clock import SystemClock, SystemIds
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
from domain.outcomes import outcomes_text
from domain.ports import UnitOfWork
from domain.posting import Book, month_text
from domain.programme import Programme
from domain.repositories import Publication
from domain.rules.evaluation import RuleSet
from domain.rules.model import Cap, Scope, Window
from domain.starter import starter_rules
from storage.cipher import AesGcmCipher
from storage.migrate import upgrade
from storage.work import SqlStore, open_store

TENANT = TenantId("main")
EVER = datetime(2000, 1, 1, tzinfo=UTC)
ENTRIES = 1_000_000
ENTRIES_POSTGRES = 1_000_000
PERIODS = 30
"""Months of past: the oldest lots have expired, most are alive."""
HOT_SHARE = 8
"""One entry in so many belongs to the one hot customer."""
PER_CUSTOMER = 450
CUSTOMERS_MIN = 640
PER_COMMIT = 10_000
RULES = tuple(starter_rules(EVER))
CAP = Cap(Scope.CUSTOMER, Window.MONTH, points=10_000_000)
"""Counted with every event and never reached, so that no event goes without an entry."""
PROGRAMME = Programme(1, EVER, caps=(CAP,))
HOT = CustomerId("hot")
"""The customer whose wallet has the most lots."""
_PERIOD_SECONDS = int(365.25 / 12 * 86_400)
_KINDS: tuple[tuple[EventType, Mapping[str, EventValue]], ...] = (
    (EventType.CONTRACT_SIGNED, {"amount": 25_000_000}),
    (EventType.SUGGESTION_ADOPTED, {"title": "地下室增加导视标识"}),
    (EventType.REFERRAL_SIGNED, {"referred": "城南建设", "amount": 8_000_000}),
    (
        EventType.MILESTONE_ACCEPTED,
        {"milestone": "外立面", "planned_on": "2026-01-05", "accepted_on": "2026-01-09"},
    ),
)
"""What happens, in turn; the last one takes points."""


def customer(number: int) -> CustomerId:
    """Give the id of an ordinary customer by number."""
    return CustomerId(f"customer-{number:06d}")


def opened(url: str) -> SqlStore:
    """Open a database of the measurements."""
    return open_store(url, clock=SystemClock(), ids=SystemIds(), cipher=AesGcmCipher(bytes(32)))


def customers_of(entries: int) -> int:
    """Give how many ordinary customers a firm with so many entries has."""
    return max(CUSTOMERS_MIN, customers_with_past(entries))


def customers_with_past(entries: int) -> int:
    """Give how many of them, the first ones, have entries: each about as many in every firm."""
    return max(1, entries // PER_CUSTOMER)


def found(url: str, entries: int) -> None:
    """Make an empty firm: tables, rules, programme and the customers that so many entries need."""
    upgrade(url)
    with closing(opened(url)) as store:
        store.add_tenant(TENANT, "筑分")
        with store.work(TENANT) as work:
            for rule in RULES:
                work.rules.add(rule, Publication(EVER))
            work.rules.add_programme(PROGRAMME, Publication(EVER))
            ordinary = [customer(number) for number in range(customers_of(entries))]
            for number, one in enumerate([HOT, *ordinary]):
                work.customers.add(Customer(one, f"C{number:06d}", f"滨江置业{number:06d}", None))
            work.commit()


def fill(url: str, entries: int) -> None:
    """Give an empty firm a past of about so many entries."""
    with closing(opened(url)) as store:
        past = _Past(store, entries)
        for period in range(PERIODS):
            past.write(period)


def bring(source: str, url: str) -> None:
    """Bring a firm from SQLite to an empty PostgreSQL database."""
    upgrade(url)
    copy_rows(Path(source.removeprefix("sqlite:///")), url)


@dataclass
class _Counters(Counters):
    """Counters kept in memory, with what has to be written of them."""

    used: dict[str, Used] = field(default_factory=dict)
    moved: dict[str, Used] = field(default_factory=dict)

    @override
    def take(self, keys: Sequence[str]) -> Mapping[str, Used]:
        for key in keys:
            self.used.setdefault(key, NOTHING)
        return self.used

    @override
    def add(self, key: str, points: int, times: int) -> None:
        for kept in (self.used, self.moved):
            before = kept.get(key, NOTHING)
            kept[key] = Used(before.points + points, before.times + times)

    def store(self, work: UnitOfWork) -> None:
        """Write what was moved."""
        work.counters.take(sorted(self.moved))
        for key, moved in sorted(self.moved.items()):
            work.counters.add(key, moved.points, moved.times)
        self.moved.clear()


class _Past:
    """A past that is being written, period by period, customers taking turns."""

    def __init__(self, store: SqlStore, entries: int) -> None:
        self._store = store
        self._ids = SystemIds()
        self._chance = random.Random(7)
        self._rules = RuleSet(RULES)
        self._counters = _Counters()
        self._begin = SystemClock().now() - timedelta(seconds=_PERIOD_SECONDS * PERIODS)
        number = customers_with_past(entries)
        hot = entries // HOT_SHARE
        self._shares: dict[CustomerId, int] = {HOT: hot}
        for one in range(number):
            self._shares[customer(one)] = (entries - hot) // number
        self._codes = {one: f"C{place:06d}" for place, one in enumerate(self._shares)}
        self._made = 0

    def write(self, period: int) -> None:
        """Write one period's events, some customers to a commit."""
        some: dict[CustomerId, int] = {}
        for one, share in self._shares.items():
            wanted = share * (period + 1) // PERIODS - share * period // PERIODS
            some[one] = wanted
            if sum(some.values()) >= PER_COMMIT:
                self._commit(period, some)
                some = {}
        self._commit(period, some)

    def _commit(self, period: int, some: Mapping[CustomerId, int]) -> None:
        with self._store.work(TENANT) as work:
            counted: list[Counted] = []
            postings = []
            for one, wanted in some.items():
                book = Book(work.wallets.lock(one), work.wallets.open_lots(one), self._ids.new)
                standing = Standing(book)
                events = [
                    self._count(standing, event) for event in self._events(one, period, wanted)
                ]
                if book.moves:
                    postings.append(seal(book, {event.event.id: event.seal for event in events}))
                for month, points in standing.earned.items():
                    work.earned.add(one, month, points)
                counted += events
            work.events.add(counted)
            work.wallets.append(postings)
            self._counters.store(work)
            work.commit()

    def _count(self, standing: Standing, event: BusinessEvent) -> Counted:
        around = {"customer.code": self._codes[event.customer]}
        at = event.recorded_at
        standing.book.lapse(Cause("system", at, at, "expiry", month_text(at)))
        facts = {**facts_of(event), **around}
        on = business_date(event.occurred_at)
        told = Told(event, on, facts, self._rules, PROGRAMME, "system", "")
        outcomes = count(told, standing, self._counters)
        return Counted(event, content_hash(event), json_text(around), outcomes_text(outcomes))

    def _events(self, of: CustomerId, period: int, wanted: int) -> Iterator[BusinessEvent]:
        begin = self._begin + timedelta(seconds=_PERIOD_SECONDS * period)
        for seconds in sorted(self._chance.choices(range(_PERIOD_SECONDS), k=wanted)):
            kind, data = _KINDS[1] if of == HOT else _KINDS[self._made % len(_KINDS)]
            at = begin + timedelta(seconds=seconds)
            self._made += 1
            yield BusinessEvent(
                id=EventId(self._ids.new()),
                source="erp",
                source_id=str(self._made),
                type=kind,
                customer=of,
                project=None,
                occurred_at=at,
                recorded_at=at,
                recorded_by=None,
                data=dict(data),
            )


@dataclass
class Million:
    """The firm on both engines, made when it is first asked for; who writes to it comes last."""

    folder: Path
    entries: int = ENTRIES
    _stack: ExitStack = field(default_factory=ExitStack, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def entries_postgres(self) -> int:
        """Give how many entries the firm on PostgreSQL has."""
        return min(self.entries, ENTRIES_POSTGRES)

    @property
    def how(self) -> str:
        """Say what the firm is."""
        return (
            f"{self.entries:,} entries ({self.entries_postgres:,} on PostgreSQL) in {PERIODS}"
            f" months, {customers_with_past(self.entries):,} customers; one entry in {HOT_SHARE} is"
            " of one customer"
        )

    @cached_property
    def sqlite(self) -> str:
        """Give the URL of the firm on SQLite."""
        return self._made(self.entries)

    @cached_property
    def postgres(self) -> str:
        """Give the URL of the firm on PostgreSQL, in a cluster of its own.

        It is copied from the one on SQLite: ask for it before anybody changes that.
        """
        url = self._stack.enter_context(postgres("million"))
        is_same = self.entries == self.entries_postgres
        bring(self.sqlite if is_same else self._made(self.entries_postgres), url)
        return url

    def _made(self, entries: int) -> str:
        url = f"sqlite:///{self.folder / f'firm-{entries}.db'}"
        started = monotonic()
        found(url, entries)
        fill(url, entries)
        print(f"made {entries} entries in {monotonic() - started:.0f} s", flush=True)
        return url
