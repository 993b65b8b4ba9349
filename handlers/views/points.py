"""Views of a customer's points."""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class PointsNotice:
    """Tells a customer that points have moved, and why."""

    view_name: ClassVar[str] = "points_notice"
    customer: str
    event: str
    """An `EventType` value; milestone and planned_on are empty unless a milestone was accepted."""
    project: str
    milestone: str
    accepted_on: str
    planned_on: str
    days_late: int
    points: int
    available_after: int
    debt_after: int
    is_undo: bool


@dataclass(frozen=True, slots=True)
class CheckInDone:
    """Today's check-in of a customer, and what it gave."""

    view_name: ClassVar[str] = "check_in_done"
    customer: str
    is_new: bool
    """Made just now; otherwise it has been there."""
    by: str
    """The contact who was first."""
    at: str
    days: int
    """So many days in a row, with today; 0 when it was undone."""
    may_see: bool
    """Whether the reader may see points; what follows is empty otherwise."""
    points: int
    """Signed; what it gave on the whole."""
    pending: int
    """How many of them can be spent only later."""
    has_rule: bool
    """Any rule counts check-ins at present."""
    kept_back: int
    """Points that caps have kept back."""
    available_after: int
    debt_after: int


@dataclass(frozen=True, slots=True)
class TellCustomer:
    """Asks the account manager to tell a customer what a chat can't carry right now."""

    view_name: ClassVar[str] = "tell_customer"
    ticket: str
    customer: str
    contact: str
    phone: str
    obstacle: str
    """An `Unreachable` value, worded by the template."""
    about_view: str
    about_data: dict[str, Any]
    """The notice itself, or several in a digest; the template words it as text ready to copy."""
    more: int = 0
    """How many besides wait to be told; they are shown once these are."""


@dataclass(frozen=True, slots=True)
class TellCustomerDone:
    """The customer has been told by hand, or by the chat in the meantime."""

    view_name: ClassVar[str] = "tell_customer_done"
    customer: str
    contact: str
    told_by: str
    """Empty when the chat delivered it after all."""
    told_at: str
    withheld: str = ""
    """A `Withheld` value when it is not to be told any more."""


@dataclass(frozen=True, slots=True)
class ExpiringLot:
    """Points that end on the same day."""

    points: int
    last_day: str


@dataclass(frozen=True, slots=True)
class Balance:
    """A customer's points."""

    view_name: ClassVar[str] = "balance"
    customer: str
    available: int
    held: int
    pending: int
    debt: int
    expiring: tuple[ExpiringLot, ...]
    as_of: str
    tier: str = ""
    """The names of the customer's tier and of the next one; empty without."""
    next_tier: str = ""
    missing: int = 0
    tier_ends_on: str = ""
    """The day the tier is lost if nothing more is earned."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry, explained."""

    seq: int
    on: str
    reason: str
    """A `Reason` value, worded by the template."""
    points: int
    """Signed change of what can be spent; 0 when only the debt moved."""
    debt_change: int
    subject: str
    """The project and milestone, or what else caused it."""
    days_late: int | None
    rule: str
    rule_version: int | None
    available_after: int
    debt_after: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A customer's last entries, newest first."""

    view_name: ClassVar[str] = "statement"
    customer: str
    available: int
    debt: int
    lines: tuple[StatementLine, ...]
    as_of: str
    receipt: str
    """The code that fixes the wallet up to its newest entry; empty without entries."""
