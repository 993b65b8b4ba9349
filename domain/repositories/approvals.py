"""What waits for a second person."""

from datetime import datetime
from typing import Protocol

from domain.approvals import Approval
from domain.ids import ApprovalId


class Approvals(Protocol):
    """Approvals; at most one pending per subject, and what has ended never changes.

    In the database too.
    """

    def next_number(self) -> int:
        """Give the next number people call an approval by."""
        ...

    def add(self, approval: Approval) -> None:
        """Store a new one.

        Raises:
            Conflict: its subject has one that is pending.
        """
        ...

    def find(self, approval: ApprovalId) -> Approval | None:
        """Find and lock one by its id, or None."""
        ...

    def find_number(self, number: int) -> Approval | None:
        """Find one by its number."""
        ...

    def find_pending(self, subject: str) -> Approval | None:
        """Find and lock the pending one of a subject."""
        ...

    def pending(self) -> list[Approval]:
        """List what nobody has decided yet, oldest first."""
        ...

    def lapsed(self, now: datetime) -> list[Approval]:
        """List and lock the pending ones whose time is over."""
        ...

    def save(self, approval: Approval) -> None:
        """Replace the version before this one; only its state, verdict and note can differ.

        Raises:
            Conflict: the stored version is not the one before.
        """
        ...
