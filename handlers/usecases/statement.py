"""What a customer's wallet holds, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

from domain.calendar import business_date
from domain.events import BusinessEvent
from domain.ids import CustomerId
from domain.ledger import Account, Entry, Wallet
from domain.lots import Lot
from handlers.contract import Context

STATEMENT_LINES = 8
ENDINGS = 3
LOTS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Ending:
    """Points that can be spent up to and including a day."""

    points: int
    last_day: date


@dataclass(frozen=True, slots=True)
class Explained:
    """An entry with the event that caused it and the lot it opened."""

    entry: Entry
    event: BusinessEvent | None
    lot: Lot | None = None

    @property
    def debt_change(self) -> int:
        """Give what the entry does to the debt: positive is more owed."""
        if self.entry.debit is Account.DEBT:
            return self.entry.points
        return -self.entry.points if self.entry.credit is Account.DEBT else 0


def read_balance(ctx: Context, customer: CustomerId) -> tuple[Wallet, list[Ending]]:
    """Read a wallet and when its points end, soonest first; what has lapsed no longer counts."""
    wallet = ctx.work.wallets.read(customer)
    lapsed = ctx.work.wallets.unbooked(customer, ctx.now)
    endings = ctx.work.wallets.endings(customer, ctx.now, ENDINGS)
    return replace(wallet, available=wallet.available - lapsed), [
        Ending(points, business_date(expires_at - timedelta(microseconds=1)))
        for expires_at, points in endings
    ]


def read_statement(ctx: Context, customer: CustomerId) -> tuple[Wallet, list[Explained]]:
    """Read the last entries, newest first, each with its cause."""
    wallet, _ = read_balance(ctx, customer)
    return wallet, explain(ctx, ctx.work.wallets.latest(customer, STATEMENT_LINES))


def read_entries(
    ctx: Context, customer: CustomerId, *, before: int | None, limit: int
) -> list[Explained]:
    """Read up to `limit` entries before a seq, or the last ones, newest first."""
    return explain(ctx, ctx.work.wallets.latest(customer, limit, before))


def explain(ctx: Context, entries: Sequence[Entry]) -> list[Explained]:
    """Give entries of one wallet with what caused them and the lots they opened, as ordered."""
    if not entries:
        return []
    customer = entries[0].customer
    first, last = min(entry.seq for entry in entries), max(entry.seq for entry in entries)
    events = {event.id: event for event in ctx.work.events.behind(customer, first, last)}
    lots = {lot.entry: lot for lot in ctx.work.wallets.opened_by_entries(customer, first, last)}
    return [
        Explained(
            entry,
            events[entry.cause.event] if entry.cause.event else None,
            lots.get(entry.id),
        )
        for entry in entries
    ]


def read_lots(ctx: Context, customer: CustomerId) -> list[Lot]:
    """Read the lots that can still be spent, soonest end first, at most 1 000."""
    spendable = (lot for lot in ctx.work.wallets.open_lots(customer) if lot.expires_at > ctx.now)
    return list(islice(spendable, LOTS_MAX))
