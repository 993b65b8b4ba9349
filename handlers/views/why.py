"""The view of why points moved."""

from dataclasses import dataclass
from typing import ClassVar

from handlers.views.points import ExpiringLot


@dataclass(frozen=True, slots=True)
class WhyLimit:
    """A cap that gave less than the rule would have."""

    scope: str
    """A `Scope` value, worded by the template."""
    window: str
    """A `Window` value."""
    points: int | None
    times: int | None
    used_points: int
    used_times: int


@dataclass(frozen=True, slots=True)
class Why:
    """One entry, explained in a sentence, and what comes next."""

    view_name: ClassVar[str] = "why"
    customer: str
    seq: int
    on: str
    reason: str
    """A `Reason` value."""
    points: int
    """Signed change, debt included."""
    event: str
    """An `EventType` value; empty where no event caused it."""
    subject: str
    """The project and milestone, or what else it was about."""
    happened_on: str
    amount_fen: int | None
    days_late: int | None
    rule: str
    rule_name: str
    rule_version: int | None
    requested: int
    """What the rule gives before caps; 0 where no rule did it."""
    percent: int
    """Set where a campaign or a tier raised other points."""
    base: int
    limits: tuple[WhyLimit, ...]
    ending: str
    """An `Ending` value; empty where no rule did it."""
    owed: int
    """How many points of a deduction became debt."""
    spendable_until: str
    """The last day of the lot it opened; empty when it opened none."""
    pending_until: str
    taken: tuple[ExpiringLot, ...]
    corrects: str
    """The closed month it belongs to; empty when it is no correction."""
    is_undone: bool
    available: int
    """Right after the entry."""
    debt: int
    next_points: int
    """What ends next, and when; 0 and empty when nothing can be spent."""
    next_day: str
    tier: str
    """The names of the customer's tier and of the next one; empty without."""
    next_tier: str
    missing: int
    tier_ends_on: str
    """The day the tier is lost if nothing more is earned."""
    given_back: tuple[ExpiringLot, ...] = ()
    """What it gave back to lots, by their last day."""
    refunded: int = 0
    """How many points of a redemption have come back."""
