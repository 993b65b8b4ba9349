"""Views of gifts between customers."""

from dataclasses import dataclass
from typing import ClassVar

from handlers.views.points import ExpiringLot


@dataclass(frozen=True, slots=True)
class GiftPreview:
    """Shows what a gift would do, to be confirmed."""

    view_name: ClassVar[str] = "gift_preview"
    ticket: str
    receiver: str
    points: int
    available_before: int
    available_after: int
    taken: tuple[ExpiringLot, ...]
    """Which points go, by their last day; the receiver gets them with the same."""
    month_left: int
    """How many more points may be given in this month after it."""
    month_most: int
    needs_approval: bool
    """Somebody in the firm has to agree; until then the points are set aside."""
    alone_most: int
    """What needs nobody's agreement."""
    expires_at: str


@dataclass(frozen=True, slots=True)
class GiftDone:
    """The receipt of a gift: given, or waiting for somebody in the firm."""

    view_name: ClassVar[str] = "gift_done"
    ticket: str
    """Takes back a gift that waits; empty when there is nothing to press."""
    number: int
    state: str
    """A `GiftState` value."""
    receiver: str
    points: int
    available_after: int
    """Right after it was confirmed."""
    given_by: str
    given_at: str
    expires_at: str
    """Until when a gift waits; empty when it doesn't."""


@dataclass(frozen=True, slots=True)
class GiftDropped:
    """The preview of a gift was dropped."""

    view_name: ClassVar[str] = "gift_dropped"
    receiver: str


@dataclass(frozen=True, slots=True)
class GiftNotice:
    """Tells a contact of either side that points were given, or how a gift ended."""

    view_name: ClassVar[str] = "gift_notice"
    is_receiver: bool
    """Whether the reader's unit is given the points."""
    number: int
    state: str
    customer: str
    """The reader's unit."""
    other: str
    """The other unit."""
    points: int
    given_by: str
    """The giver's contact who has confirmed it."""
    available_after: int
    debt_after: int
    first_end: str
    """The last day of what the receiver has to use first; empty where all of it paid a debt."""
