"""A big ledger for measurements, written through the engine and the repositories themselves.

Customers take turns, as they do in a firm: what belongs to one of them lies scattered in the
tables. Every event is counted by the starter rules and sealed; nothing is made up.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.clock import SystemClock, SystemIds
from domain.calendar import business_date
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
from domain.outcomes import outcomes_text
from domain.ports import Work
from domain.posting import Book
from domain.programme import DEFAULT
from domain.repositories import Publication
from domain.rules.evaluation import RuleSet
from domain.starter import starter_rules
from storage.cipher import AesGcmCipher
from storage.work import SqlStore, open_store

TENANT = TenantId("main")
BEGAN_AT = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS_PER_TURN = 3
CUSTOMERS_PER_COMMIT = 500
"""So many turns are one transaction, as in an import."""
KINDS: tuple[tuple[EventType, dict[str, EventValue]], ...] = (
    (EventType.CONTRACT_SIGNED, {"amount": 25_000_000}),
    (
        EventType.MILESTONE_ACCEPTED,
        {"milestone": "主体结构", "planned_on": "2026-01-05", "accepted_on": "2026-01-05"},
    ),
    (EventType.SUGGESTION_ADOPTED, {"title": "地下室增加导视标识"}),
    (
        EventType.MILESTONE_ACCEPTED,
        {"milestone": "外立面", "planned_on": "2026-01-05", "accepted_on": "2026-01-09"},
    ),
    (EventType.REFERRAL_SIGNED, {"referred": "城南建设", "amount": 8_000_000}),
)
"""What happens, in turn; one in five takes points."""
RULES = RuleSet(starter_rules(BEGAN_AT))


def fill(url: str, customers: int, turns: int) -> None:
    """Write `customers` x `turns` x 3 events, and as many entries, into a migrated database."""
    store = open_store(url, clock=SystemClock(), ids=SystemIds(), cipher=AesGcmCipher(bytes(32)))
    store.add_tenant(TENANT, "筑分")
    known = [
        Customer(CustomerId(f"customer-{number:06d}"), f"C{number:06d}", f"滨江置业{number}", None)
        for number in range(customers)
    ]
    with store.work(TENANT) as work:
        for rule in starter_rules(BEGAN_AT):
            work.rules.add(rule, Publication(BEGAN_AT))
        for customer in known:
            work.customers.add(customer)
        work.commit()
    for turn in range(turns):
        for first in range(0, customers, CUSTOMERS_PER_COMMIT):
            some = known[first : first + CUSTOMERS_PER_COMMIT]
            _write(store, [customer.id for customer in some], turn)
    store.close()


def _write(store: SqlStore, customers: list[CustomerId], turn: int) -> None:
    ids = SystemIds()
    with store.work(TENANT) as work:
        counted: list[Counted] = []
        books = []
        for customer in customers:
            book = Book(work.wallets.lock(customer), work.wallets.open_lots(customer), ids.new)
            counted += [_count(work, event, book) for event in _events(customer, turn, ids)]
            books.append(book)
        work.events.add(counted)
        seals = {one.event.id: one.seal for one in counted}
        work.wallets.append([seal(book, seals) for book in books])
        work.commit()


def _count(work: Work, event: BusinessEvent, book: Book) -> Counted:
    on = business_date(event.occurred_at)
    told = Told(event, on, facts_of(event), RULES, DEFAULT, "system", "")
    outcomes = count(told, Standing(book), work.counters)
    around = json_text({"customer.code": book.customer})
    return Counted(event, content_hash(event), around, outcomes_text(outcomes))


def _events(customer: CustomerId, turn: int, ids: SystemIds) -> Iterator[BusinessEvent]:
    for number in range(turn * EVENTS_PER_TURN, (turn + 1) * EVENTS_PER_TURN):
        kind, data = KINDS[number % len(KINDS)]
        at = BEGAN_AT + timedelta(hours=number)
        yield BusinessEvent(
            id=EventId(ids.new()),
            source="erp",
            source_id=f"{customer}/{number}",
            type=kind,
            customer=customer,
            project=None,
            occurred_at=at,
            recorded_at=at + timedelta(minutes=1),
            recorded_by=None,
            data=data,
        )
