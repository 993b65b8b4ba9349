"""Records of one unit that were merged, and what hung on the double."""

from typing import Protocol

from domain.ids import ApprovalId, CustomerId
from domain.merging import Belongings, Merge, Unfinished


class Merges(Protocol):
    """Merges; what was moved never changes, and an undone one neither.

    In the database too.
    """

    def add(self, merge: Merge) -> None:
        """Store a new one.

        Raises:
            Conflict: the double is merged already.
        """
        ...

    def part(self, merge: Merge) -> None:
        """Store how one was undone.

        Raises:
            Conflict: it was undone before.
        """
        ...

    def of_merged(self, customer: CustomerId) -> Merge | None:
        """Find the merge in force by which a customer is another one's."""
        ...

    def into(self, customer: CustomerId) -> list[Merge]:
        """List the merges in force into a customer, the first first."""
        ...

    def were_one(self, one: CustomerId, other: CustomerId) -> bool:
        """Tell whether one of two customers is merged into the other, or ever was."""
        ...

    def unfinished(self, customer: CustomerId, besides: ApprovalId | None) -> Unfinished:
        """Count what has to end before a customer can be merged; `besides` is not counted."""
        ...

    def belongings(self, customer: CustomerId) -> Belongings:
        """List what belongs to a customer."""
        ...

    def hand_over(self, owned: Belongings, giver: CustomerId, receiver: CustomerId) -> None:
        """Let what still is the giver's of this be the receiver's."""
        ...
