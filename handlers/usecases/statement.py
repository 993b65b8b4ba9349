"""What a customer's wallet holds, and why."""

from dataclasses import dataclass
from datetime import date, timedelta

from domain.calendar import business_date
from domain.events import BusinessEvent
from domain.ids import CustomerId
from domain.ledger import Account, Entry, Wallet
from handlers.contract import Context

STATEMENT_LINES = 8


@dataclass(frozen=True, slots=True)
class Ending:
    """Points that can be spent up to and including a day."""

    points: int
    last_day: date


@dataclass(frozen=True, slots=True)
class Explained:
    """An entry with the event that caused it."""

    entry: Entry
    event: BusinessEvent | None

    @property
    def debt_change(self) -> int:
        """Give what the entry does to the debt: positive is more owed."""
        if self.entry.debit is Account.DEBT:
            return self.entry.points
        return -self.entry.points if self.entry.credit is Account.DEBT else 0


def read_balance(ctx: Context, customer: CustomerId) -> tuple[Wallet, list[Ending]]:
    """Read a wallet and when its points end, soonest first; what has lapsed no longer counts."""
    wallet = ctx.work.wallets.read(customer)
    by_day: dict[date, int] = {}
    lapsed = 0
    for lot in ctx.work.wallets.lots(customer):
        if lot.expires_at <= ctx.now:
            lapsed += lot.remaining
            continue
        last_day = business_date(lot.expires_at - timedelta(microseconds=1))
        by_day[last_day] = by_day.get(last_day, 0) + lot.remaining
    spendable = Wallet(
        customer=wallet.customer,
        available=wallet.available - lapsed,
        held=wallet.held,
        pending=wallet.pending,
        debt=wallet.debt,
        seq=wallet.seq,
        head=wallet.head,
    )
    return spendable, [Ending(points, day) for day, points in sorted(by_day.items())]


def read_statement(ctx: Context, customer: CustomerId) -> tuple[Wallet, list[Explained]]:
    """Read the last entries, newest first, each with its cause."""
    wallet, _ = read_balance(ctx, customer)
    entries = ctx.work.wallets.latest(customer, STATEMENT_LINES)
    return wallet, [
        Explained(entry, ctx.work.events.get(entry.cause.event) if entry.cause.event else None)
        for entry in entries
    ]
