"""Holds: points set aside for something until it is settled, given back or out of time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import CustomerId, EntryId, HoldId


class HoldState(StrEnum):
    """Where a hold is in its life."""

    OPEN = "open"
    SETTLED = "settled"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Hold:
    """Points of one customer that are set aside."""

    id: HoldId
    customer: CustomerId
    entry: EntryId
    """The entry that set them aside."""
    points: int
    purpose: str
    """What for, such as "redemption:<id>"."""
    held_at: datetime
    expires_at: datetime
    """When they are given back by themselves."""
    state: HoldState = HoldState.OPEN
    closed_at: datetime | None = None
