"""The ledger: wallets, entries, lots and holds."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from domain.holds import Hold, HoldState
from domain.ids import CustomerId, EntryId, EventId, HoldId, LotId
from domain.ledger import Entry, Wallet, Written
from domain.lots import Lot, LotUse


class Wallets(Protocol):
    """Wallets, entries and lots. Entries are append-only in the database too."""

    def lock(self, customer: CustomerId) -> Wallet:
        """Read the wallet for writing, making an empty one if there is none; held until commit."""
        ...

    def read(self, customer: CustomerId) -> Wallet:
        """Read it without locking; an empty one if there is none."""
        ...

    def lock_all(self, customers: Sequence[CustomerId]) -> list[Wallet]:
        """Read several wallets for writing, in the order of their customers; held until commit.

        Those that have never been opened are left out.
        """
        ...

    def ended(self, customers: Sequence[CustomerId], now: datetime) -> dict[CustomerId, list[Lot]]:
        """Read the lots of several customers that have ended and are not booked, soonest first."""
        ...

    def open_lots(self, customer: CustomerId) -> Iterator[Lot]:
        """Read spendable lots with something left one by one, soonest expiry first.

        They come in pages as they are asked for; the transaction must still be open.
        """
        ...

    def endings(
        self, customer: CustomerId, now: datetime, limit: int
    ) -> list[tuple[datetime, int]]:
        """Add up what is left in lots per end after now, soonest first; pending ones left out."""
        ...

    def unbooked(self, customer: CustomerId, now: datetime) -> int:
        """Count points that have expired by now and are still booked as available."""
        ...

    def maturing(self, customer: CustomerId, now: datetime) -> list[Lot]:
        """List pending lots with something left whose time has come, the oldest first."""
        ...

    def lot(self, lot: LotId) -> Lot:
        """Read one by its id, empty or not; a missing one is a bug."""
        ...

    def lapsed(self, lot: LotId) -> int:
        """Count the points of a lot that are expired for good: booked and not reinstated."""
        ...

    def append(self, postings: Sequence[tuple[Wallet, Sequence[Written]]]) -> None:
        """Write the entries of locked wallets with what they do to lots, and the wallets after.

        Raises:
            Conflict: a wallet has moved on since it was locked, or a key is there already.
        """
        ...

    def latest(self, customer: CustomerId, limit: int, before: int | None = None) -> list[Entry]:
        """List entries, newest first, if wanted only those before a number."""
        ...

    def entry(self, customer: CustomerId, seq: int) -> Entry | None:
        """Find an entry by its number in the wallet."""
        ...

    def get(self, entry: EntryId) -> Entry:
        """Read one by its id; a missing one is a bug."""
        ...

    def of_event(self, event: EventId) -> list[Entry]:
        """List an event's entries by seq (reversals of them are not among them)."""
        ...

    def of_key(self, key: str) -> Entry | None:
        """Find an entry by its own key: its posting's, with its place in it ("settle:h-1#0")."""
        ...

    def reversals(self, entry: EntryId) -> list[Entry]:
        """List what has taken an entry back, as a whole or in parts, by seq."""
        ...

    def is_reversed(self, entry: EntryId) -> bool:
        """Tell whether an entry has been undone."""
        ...

    def has_gift(self, customer: CustomerId, rule: str) -> bool:
        """Tell whether a tier's gift has been given under this rule and was not undone."""
        ...

    def uses(self, entry: EntryId) -> list[LotUse]:
        """List what an entry took from lots."""
        ...

    def given_back(self, entry: EntryId) -> list[LotUse]:
        """List what an entry gave back to lots."""
        ...

    def opened_by(self, entry: EntryId) -> LotId | None:
        """Give the lot an entry opened."""
        ...

    def opened_by_entries(self, customer: CustomerId, first: int, last: int) -> list[Lot]:
        """List the lots that the entries from seq `first` to `last` opened, empty or not."""
        ...

    def lapsing(self, now: datetime, limit: int) -> list[CustomerId]:
        """List customers with lots that have ended and are not booked, soonest end first."""
        ...

    def ripe(self, now: datetime, limit: int) -> list[CustomerId]:
        """List customers with pending lots whose time has come, soonest first."""
        ...


class Holds(Protocol):
    """Points that are set aside."""

    def add(self, hold: Hold) -> None:
        """Store a new one."""
        ...

    def get(self, hold: HoldId) -> Hold:
        """Read and lock one; a missing one is a bug."""
        ...

    def find(self, hold: HoldId) -> Hold | None:
        """Find and lock one."""
        ...

    def close(self, hold: HoldId, state: HoldState, at: datetime) -> bool:
        """End an open hold; False when it isn't open."""
        ...

    def overdue(self, now: datetime, limit: int) -> list[HoldId]:
        """List open holds whose time is over, the oldest first."""
        ...
