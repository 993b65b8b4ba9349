"""Drafts of rules and of the programme."""

from typing import Protocol

from domain.drafts import Draft
from domain.ids import ApprovalId


class Drafts(Protocol):
    """Drafts; what was published or dropped never changes, what is submitted says the same.

    In the database too.
    """

    def next_number(self) -> int:
        """Give the next number people call a draft by."""
        ...

    def add(self, draft: Draft) -> None:
        """Store a new one."""
        ...

    def find_number(self, number: int) -> Draft | None:
        """Find and lock one by its number."""
        ...

    def of_approval(self, approval: ApprovalId) -> list[Draft]:
        """List and lock what waits for an approval, by number."""
        ...

    def open(self) -> list[Draft]:
        """List what has not ended, by number."""
        ...

    def save(self, draft: Draft) -> None:
        """Replace the version before this one; who made it, and when, stays.

        Raises:
            Conflict: the stored version is not the one before.
        """
        ...
