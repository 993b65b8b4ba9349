"""A month's books: entries as they count, totals, and what is left in lots at its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.ids import CustomerId, EventId
from domain.ledger import Account, Reason
from domain.liability import Balance, Spent
from domain.months import Total


@dataclass(frozen=True, slots=True)
class BookLine:
    """An entry as finance reads it."""

    customer: CustomerId
    seq: int
    recorded_at: datetime
    effective_at: datetime
    debit: Account
    credit: Account
    points: int
    reason: Reason
    event: EventId | None
    rule: str | None
    rule_version: int | None
    actor: str
    corrects: str | None
    note: str | None


class MonthBooks(Protocol):
    """The books of one month; a month counts what its entries say they count in."""

    def lines(self, month: str) -> Iterator[BookLine]:
        """Read a month's entries one by one, by customer and number.

        They come in pages as they are asked for; the transaction must still be open.
        """
        ...

    def totals(self, month: str) -> list[Total]:
        """Add up a month per reason, accounts, and whether it corrects a closed month."""
        ...

    def openings(self, month: str) -> dict[Account, int]:
        """Give what stood in each account before a month; those with nothing are left out."""
        ...

    def balances(self, month: str) -> list[Balance]:
        """Add up what was left in lots at a month's end, per month earned and month of the end."""
        ...

    def spent(self, month: str) -> list[Spent]:
        """Add up what became of lots that had ended by a month's end, per months."""
        ...
