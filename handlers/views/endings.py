"""Views of points that end, were given back, and of tiers that were lost."""

from dataclasses import dataclass
from typing import ClassVar

from handlers.views.points import ExpiringLot


@dataclass(frozen=True, slots=True)
class PointsSource:
    """What earned points that are still there."""

    points: int
    event: str
    """An `EventType` value; empty for what was not earned by an event."""
    reason: str
    """A `Reason` value, worded where there is no event."""
    project: str
    milestone: str
    on: str
    """Empty without an event."""


@dataclass(frozen=True, slots=True)
class ExpiryNotice:
    """Tells a customer that points end soon, and what had earned them."""

    view_name: ClassVar[str] = "expiry_notice"
    customer: str
    level: int
    """So many days before the last day, or fewer."""
    points: int
    ends: tuple[ExpiringLot, ...]
    sources: tuple[PointsSource, ...]


@dataclass(frozen=True, slots=True)
class EndingLine:
    """Points that end on one day."""

    points: int
    last_day: str
    sources: tuple[PointsSource, ...]


@dataclass(frozen=True, slots=True)
class EndingList:
    """When a customer's points end, soonest first."""

    view_name: ClassVar[str] = "ending_list"
    customer: str
    lines: tuple[EndingLine, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class ReinstatementNotice:
    """Tells a customer that expired points were given back."""

    view_name: ClassVar[str] = "reinstatement_notice"
    customer: str
    points: int
    last_day: str
    """Of what has become a new lot; what paid a debt has none."""
    available_after: int
    debt_after: int
