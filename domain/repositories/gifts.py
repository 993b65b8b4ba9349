"""Gifts between customers."""

from typing import Protocol

from domain.gifts import Gift
from domain.ids import CustomerId, GiftId


class Gifts(Protocol):
    """Gifts; what was asked for never changes, and what has ended neither.

    In the database too.
    """

    def next_number(self) -> int:
        """Give the next number people call a gift by; the counter is locked until the commit."""
        ...

    def add(self, gift: Gift) -> None:
        """Store a new one."""
        ...

    def find(self, gift: GiftId) -> Gift | None:
        """Find one by its id, or None."""
        ...

    def get(self, gift: GiftId) -> Gift:
        """Read one by its id; a missing one is a bug."""
        ...

    def given_in(self, giver: CustomerId, month: str) -> int:
        """Add up what a customer has given away in a month, pending ones included."""
        ...

    def save(self, gift: Gift) -> None:
        """End a pending one.

        Raises:
            Conflict: it has ended before.
        """
        ...
