"""Lots: points earned together, expiring together, spent soonest-expiring first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.ids import EntryId, LotId


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of points that were earned together."""

    id: LotId
    entry: EntryId
    points: int
    remaining: int
    earned_at: datetime
    expires_at: datetime
    """The first instant at which the lot can no longer be spent."""


@dataclass(frozen=True, slots=True)
class LotUse:
    """How many points a debit took from one lot (or an undo gave back to it)."""

    lot: LotId
    points: int


def take(lots: Sequence[Lot], points: int, now: datetime) -> tuple[tuple[LotUse, ...], int]:
    """Take up to `points` from the lots, soonest expiry first; give the uses and the shortfall.

    Expired lots are never taken, even if nobody has booked their expiry yet.
    """
    uses: list[LotUse] = []
    missing = points
    for lot in sorted(lots, key=lambda lot: (lot.expires_at, lot.id)):
        if missing == 0:
            break
        if lot.remaining <= 0 or lot.expires_at <= now:
            continue
        taken = min(lot.remaining, missing)
        uses.append(LotUse(lot.id, taken))
        missing -= taken
    return tuple(uses), missing
