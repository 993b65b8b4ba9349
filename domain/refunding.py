"""What a settled hold has spent, as far as it has not been given back yet.

Refunds come in parts. What earlier ones gave back is read from what their entries did to lots, so
that each further one gives to lots that still miss points of this hold; points that paid a debt
went to no lot and are missing there for good.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.ids import EntryId
from domain.lots import LotUse


@dataclass(frozen=True, slots=True)
class Spent:
    """What is still spent of a settled hold."""

    entry: EntryId
    """The entry that spent it."""
    points: int
    """How many can still be given back."""
    missing: tuple[LotUse, ...]
    """What lots miss of it, soonest end first."""
    parts: int = 0
    """How many entries have given back of it."""

    def after(self, points: int, gives_back: Sequence[LotUse]) -> "Spent":
        """Tell what is still spent after one more entry has given back so many points."""
        back = {use.lot: use.points for use in gives_back}
        left = [LotUse(use.lot, use.points - back.get(use.lot, 0)) for use in self.missing]
        missing = tuple(use for use in left if use.points)
        return Spent(self.entry, self.points - points, missing, self.parts + 1)
