"""Views of what points buy, for who buys it and for who hands it over."""

from dataclasses import dataclass
from typing import ClassVar

from handlers.views.points import ExpiringLot


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One reward as one customer can have it, or what stands in the way."""

    number: int
    name: str
    kind: str
    points: int
    missing: int
    """Points still to earn; 0 when there are enough."""
    left: int | None
    """How many there are, or how many more the customer may have; None without a bound."""
    closes_on: str
    """The last day of an offer that ends; else empty."""
    barred_by: str = ""
    """The `ErrorCode` of what else stands in the way; else empty."""
    from_on: str = ""
    """From when the customer can have it again, or at all; empty where that is open."""
    tier: str = ""
    """The tier it takes, where that stands in the way."""


@dataclass(frozen=True, slots=True)
class OfferList:
    """What a customer can have for points now."""

    view_name: ClassVar[str] = "offer_list"
    customer: str
    available: int
    affordable: tuple[OfferLine, ...]
    coming: tuple[OfferLine, ...]
    """What only points are missing for, the nearest first."""
    barred: tuple[OfferLine, ...]
    page: int
    pages: int
    may_redeem: bool
    """Whether the reader may spend the points, not only see them."""
    as_of: str


@dataclass(frozen=True, slots=True)
class RedeemPreview:
    """What is bought by pressing the button, to the point."""

    view_name: ClassVar[str] = "redeem_preview"
    ticket: str
    customer: str
    number: int
    name: str
    kind: str
    description: str
    quantity: int
    points: int
    available: int
    takes: tuple[ExpiringLot, ...]
    """Which points are used, soonest end first."""
    asks: tuple[str, ...]
    """Who of the customer is asked to agree; empty when nobody has to."""
    needs_approver: bool
    agree_days: int
    """So many days those have who are asked."""
    value: int
    """What a voucher takes off, in fen."""
    last_day: str
    """Until when it can be used; empty: no end."""
    undo_minutes: int
    """So long it can be undone; 0: until it is handed over."""
    is_changed: bool
    """The terms are others than those of the preview that was confirmed."""


@dataclass(frozen=True, slots=True)
class RedeemDropped:
    """A preview was dropped; nothing was bought."""

    view_name: ClassVar[str] = "redeem_dropped"
    name: str
    quantity: int


@dataclass(frozen=True, slots=True)
class RedemptionCard:
    """What was bought, in any state of its life, as one reader may see it."""

    view_name: ClassVar[str] = "redemption_card"
    ticket: str
    """Empty when there is nothing to press."""
    choices: tuple[str, ...]
    """What the reader can press: agree, decline, cancel, undo."""
    number: int
    customer: str
    contact: str
    """Who has bought it; empty when another system has."""
    is_mine: bool
    """The reader has bought it."""
    name: str
    kind: str
    quantity: int
    points: int
    value: int
    state: str
    waits_for_contact: bool
    waits_for_approver: bool
    waits_for_confirmation: bool
    at: str
    """When it came to its state."""
    expires_at: str
    """When it ends by itself while it is held; else empty."""
    undo_until: str
    """From when it can't be undone; empty when that does not depend on time."""
    last_day: str
    """Until when it can be used; empty: no end."""
    fulfilled: int
    refunded: int
    points_back: int
    note: str
    available: int
    """What the customer can spend now."""


@dataclass(frozen=True, slots=True)
class RedemptionLine:
    """One thing that was bought, in a list."""

    number: int
    name: str
    quantity: int
    points: int
    state: str
    fulfilled: int
    refunded: int
    on: str
    can: str
    """What the reader can do: agree, cancel, undo or nothing (empty)."""


@dataclass(frozen=True, slots=True)
class RedemptionList:
    """What a customer has bought, newest first."""

    view_name: ClassVar[str] = "redemption_list"
    customer: str
    lines: tuple[RedemptionLine, ...]
    as_of: str


@dataclass(frozen=True, slots=True)
class HandOverCard:
    """What was bought, for the firm's people who hand it over."""

    view_name: ClassVar[str] = "hand_over_card"
    number: int
    customer: str
    contact: str
    phone: str
    name: str
    kind: str
    quantity: int
    fulfilled: int
    refunded: int
    points: int
    points_back: int
    state: str
    at: str
    note: str


@dataclass(frozen=True, slots=True)
class HandOverLine:
    """One thing that waits to be handed over."""

    number: int
    customer: str
    name: str
    outstanding: int
    on: str
    """Since when."""


@dataclass(frozen=True, slots=True)
class HandOverList:
    """What waits to be handed over, oldest first."""

    view_name: ClassVar[str] = "hand_over_list"
    lines: tuple[HandOverLine, ...]
