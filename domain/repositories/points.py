"""What has happened: events, rules, the ledger, reviews and the alerts they raise."""

from collections.abc import Sequence
from typing import Protocol

from domain.alerts import Alert
from domain.events import BusinessEvent, EventType
from domain.ids import (
    AlertId,
    CustomerId,
    EntryId,
    EventId,
    LotId,
    MemberId,
    ReviewId,
)
from domain.ledger import Entry, Wallet
from domain.lots import Lot, LotUse
from domain.reviews import Review
from domain.rules import RuleVersion


class Events(Protocol):
    """Business events, unique on (source, source id)."""

    def add(self, event: BusinessEvent, content_hash: str) -> bool:
        """Store a new event; False when (source, source id) is there already."""
        ...

    def get(self, event: EventId) -> BusinessEvent:
        """Read one by its id; a missing one is a bug."""
        ...

    def find(self, source: str, source_id: str) -> tuple[BusinessEvent, str] | None:
        """Find an event and its content hash."""
        ...

    def latest_by(self, member: MemberId, event_type: EventType) -> list[BusinessEvent]:
        """List the member's last 20 events of a type, newest first."""
        ...


class Rules(Protocol):
    """Rule versions."""

    def published(self) -> list[RuleVersion]:
        """List every version that has been published."""
        ...

    def add(self, rule: RuleVersion) -> None:
        """Store a new one."""
        ...


class Wallets(Protocol):
    """Wallets, entries and lots. Entries are append-only in the database too."""

    def lock(self, customer: CustomerId) -> Wallet:
        """Read the wallet for writing, making an empty one if there is none; held until commit."""
        ...

    def read(self, customer: CustomerId) -> Wallet:
        """Read it without locking; an empty one if there is none."""
        ...

    def lots(self, customer: CustomerId) -> list[Lot]:
        """List lots with something left, soonest expiry first."""
        ...

    def lot(self, lot: LotId) -> Lot:
        """Read one by its id, empty or not; a missing one is a bug."""
        ...

    def lapsed(self, lot: LotId) -> int:
        """Count the points of a lot whose expiry has been booked."""
        ...

    def append(
        self,
        wallet: Wallet,
        entries: Sequence[tuple[Entry, Lot | None, Sequence[LotUse], Sequence[LotUse]]],
    ) -> None:
        """Write entries with the lot each opens, takes from and gives back to, and their wallet.

        Raises:
            Conflict: the wallet has moved on since it was locked (its seq is not the one before).
        """
        ...

    def latest(self, customer: CustomerId, limit: int) -> list[Entry]:
        """List entries, newest first."""
        ...

    def of_event(self, event: EventId) -> list[Entry]:
        """List an event's entries by seq (reversals of them are not among them)."""
        ...

    def is_reversed(self, entry: EntryId) -> bool:
        """Tell whether an entry has been undone."""
        ...

    def uses(self, entry: EntryId) -> list[LotUse]:
        """List what an entry took from lots."""
        ...

    def opened_by(self, entry: EntryId) -> LotId | None:
        """Give the lot an entry opened."""
        ...


class Reviews(Protocol):
    """Reviews."""

    def add(self, review: Review) -> None:
        """Store a new one."""
        ...

    def get(self, review: ReviewId) -> Review:
        """Read one by its id; a missing one is a bug."""
        ...


class Alerts(Protocol):
    """Alerts; at most one open per dedupe key, in the database too."""

    def next_number(self) -> int:
        """Give the next number people call an alert by."""
        ...

    def add(self, alert: Alert) -> None:
        """Store a new one."""
        ...

    def get(self, alert: AlertId) -> Alert:
        """Read and lock one alert."""
        ...

    def find_number(self, number: int) -> Alert | None:
        """Find an alert by its number."""
        ...

    def find_open(self, dedupe_key: str) -> Alert | None:
        """Find and lock the open alert of a cause."""
        ...

    def open(self) -> list[Alert]:
        """List alerts that are not resolved, oldest first."""
        ...

    def save(self, alert: Alert) -> None:
        """Replace the version before this one.

        Raises:
            Conflict: the stored version is not the one before.
        """
        ...
