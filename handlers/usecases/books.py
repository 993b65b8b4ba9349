"""Opening wallets for writing and storing what has been written, for every use case that posts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from typing_extensions import override

from domain.calendar import business_date
from domain.caps import NOTHING, Counters, Used
from domain.chaining import seal
from domain.counting import Standing, Told
from domain.customers import Customer
from domain.errors import CustomerMerged
from domain.events import BusinessEvent, FactValue, facts_of
from domain.ids import CustomerId, EventId
from domain.ledger import Cause, Wallet, Written
from domain.lots import Lot
from domain.posting import Book, month_text
from domain.programme import Programmes
from domain.repositories import CapCounters
from domain.rules.evaluation import RuleSet
from handlers.contract import Context


def open_book(ctx: Context, customer: CustomerId, *, may_be_merged: bool = False) -> Book:
    """Open a wallet for writing; what has matured or expired by now is booked first.

    Locks the wallet.

    Raises:
        CustomerMerged: the customer was merged into another, and nothing says it may have been.
    """
    wallet = ctx.work.wallets.lock(customer)
    if not may_be_merged:
        # Looked at under the lock: it may have been merged while this waited.
        refuse_merged(ctx, ctx.work.customers.get(customer))
    return _opened(ctx, wallet)


def refuse_merged(ctx: Context, customer: Customer) -> None:
    """Refuse a record that was merged into another one, which goes on for it.

    Raises:
        CustomerMerged: it was.
    """
    if customer.merged_into is not None:
        into = ctx.work.customers.get(customer.merged_into)
        raise CustomerMerged(customer.name, customer.code, into.name, into.code)


def peek_book(ctx: Context, customer: CustomerId) -> Book:
    """Open a wallet to see what would happen; locks nothing, and nothing of it may be stored."""
    return _opened(ctx, ctx.work.wallets.read(customer))


def open_ended(ctx: Context, customers: Sequence[CustomerId]) -> list[Book]:
    """Open several wallets only to book what has matured or expired by now, which is done.

    No other lots are read, so nothing may be taken from these books. Locks the wallets in the order
    of their customers.
    """
    wallets = ctx.work.wallets.lock_all(customers)
    ended = ctx.work.wallets.ended(customers, ctx.now)
    return [_up_to_date(ctx, wallet, ended.get(wallet.customer, ())) for wallet in wallets]


def _opened(ctx: Context, wallet: Wallet) -> Book:
    return _up_to_date(ctx, wallet, ctx.work.wallets.open_lots(wallet.customer))


def _up_to_date(ctx: Context, wallet: Wallet, lots: Iterable[Lot]) -> Book:
    book = Book(wallet, lots, ctx.ids.new)
    if wallet.pending:
        for lot in ctx.work.wallets.maturing(wallet.customer, ctx.now):
            at = lot.matures_at or ctx.now
            book.mature(lot, machine_cause(ctx, f"maturity:{lot.id}", at))
    book.lapse(
        Cause(
            actor=ctx.actor_name,
            effective_at=ctx.now,
            recorded_at=ctx.now,
            key="expiry",
            period=month_text(ctx.now),
        )
    )
    return book


def machine_cause(
    ctx: Context, key: str, effective_at: datetime, *, note: str | None = None
) -> Cause:
    """Make the cause of what is booked without an event."""
    own = month_text(effective_at)
    period = max(own, first_open_month(ctx))
    return Cause(
        actor=ctx.actor_name,
        effective_at=effective_at,
        recorded_at=ctx.now,
        key=key,
        period=period,
        corrects=own if own != period else None,
        note=note,
    )


def store_books(
    ctx: Context, books: Iterable[Book], seals: Mapping[EventId, str]
) -> list[tuple[Wallet, list[Written]]]:
    """Store what has been written, numbered and chained; books without movements are left out.

    Raises:
        Conflict: a wallet has moved on since it was opened.
    """
    postings = [seal(book, seals) for book in books if book.moves]
    if postings:
        ctx.work.wallets.append(postings)
    return postings


def first_open_month(ctx: Context) -> str:
    """Give the first month finance has not closed; empty while none is."""
    last = ctx.work.months.last_closed()
    if last is None:
        return ""
    year, month = divmod(int(last[:4]) * 12 + int(last[5:]), 12)
    return f"{year:04d}-{month + 1:02d}"


@dataclass(frozen=True, slots=True)
class Terms:
    """What every event of a transaction is counted by."""

    rules: RuleSet
    programmes: Programmes
    actor: str
    first_open_month: str

    def told(self, event: BusinessEvent, around: Mapping[str, FactValue]) -> Told:
        """Collect what counting an event depends on beside the customer's points."""
        return Told(
            event=event,
            on=business_date(event.occurred_at),
            facts=facts_of(event) | dict(around),
            rules=self.rules,
            programme=self.programmes.at(event.occurred_at),
            actor=self.actor,
            first_open_month=self.first_open_month,
        )


def terms(ctx: Context) -> Terms:
    """Read what holds for every event of this transaction."""
    return Terms(
        ctx.work.rules.in_use(), ctx.work.rules.programmes(), ctx.actor_name, first_open_month(ctx)
    )


def told(ctx: Context, event: BusinessEvent, around: Mapping[str, FactValue]) -> Told:
    """Collect what counting an event depends on beside the customer's points."""
    return terms(ctx).told(event, around)


def standing(ctx: Context, book: Book) -> Standing:
    """Give where a customer stands while an event is counted."""
    customer = book.customer
    return Standing(
        book,
        ctx.work.earned.of(customer),
        lambda rule: ctx.work.wallets.has_gift(customer, rule),
    )


class KeptCounters(Counters):
    """Counters that are read once and moved only in memory, until they are stored together."""

    def __init__(self, read: Callable[[Sequence[str]], Mapping[str, Used]]) -> None:
        """Keep how to read those that are not known yet."""
        self._read = read
        self._known: dict[str, Used] = {}
        self._moved: dict[str, Used] = {}

    @override
    def take(self, keys: Sequence[str]) -> Mapping[str, Used]:
        new = [key for key in keys if key not in self._known]
        if new:
            self._known.update(self._read(new))
        return self._known

    @override
    def add(self, key: str, points: int, times: int) -> None:
        used, moved = self._known[key], self._moved.get(key, NOTHING)
        self._known[key] = Used(used.points + points, used.times + times)
        self._moved[key] = Used(moved.points + points, moved.times + times)

    def store(self, counters: CapCounters) -> None:
        """Move the stored counters, which have been taken, as far as these were moved."""
        counters.add_all(self._moved)


def all_written(postings: Iterable[tuple[Wallet, list[Written]]]) -> list[Written]:
    """List the entries of several postings in order."""
    return list(chain.from_iterable(written for _, written in postings))
