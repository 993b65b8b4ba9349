"""What runs by itself: how far runs have come, ends of points, and what was told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.expiry import Window
from domain.ids import CustomerId, EntryId, EventId
from domain.ledger import Reason
from domain.reconciling import Finding


class Runs(Protocol):
    """How far each run has come, so that the next one goes on there, in any process."""

    def place(self, name: str) -> str:
        """Read and lock how far a run has come; empty before the first."""
        ...

    def reach(self, name: str, place: str, at: datetime) -> None:
        """Note how far a run has come."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """What has earned points that are still there."""

    points: int
    event: EventId | None
    """None for what was not earned by an event, such as an adjustment."""
    reason: Reason


class Endings(Protocol):
    """Points that end, what earned them, and what customers have been told."""

    def due(self, window: Window, after: str, limit: int) -> list[CustomerId]:
        """List customers after one, by id, who have not been told of points in a window."""
        ...

    def unnoticed(self, customer: CustomerId, window: Window) -> list[tuple[datetime, int]]:
        """Add up what is left per end in a window, where the customer has not been told."""
        ...

    def sources(
        self, customer: CustomerId, after: datetime, until: datetime, limit: int
    ) -> list[Source]:
        """List what earned the points that end after an instant, up to another; most first."""
        ...

    def note(
        self, customer: CustomerId, level: int, ends: Sequence[tuple[datetime, int]], at: datetime
    ) -> None:
        """Note that a customer is told of points per end.

        Raises:
            Conflict: somebody else has told of one of them at this level.
        """
        ...

    def last_expiry(self, customer: CustomerId) -> EntryId | None:
        """Find the customer's last expiry entry that was not given back."""
        ...


class Reconciliation(Protocol):
    """Compares the ledger's records with each other."""

    def findings(self, limit: int) -> list[Finding]:
        """List where records don't agree, at most so many of most kinds; changes nothing."""
        ...
