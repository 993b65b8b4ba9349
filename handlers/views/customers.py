"""Views of the customer file, for staff."""

from dataclasses import dataclass
from typing import ClassVar

from handlers.views.reach import DeliveryLine, ReachLine
from handlers.views.records import ProjectLine


@dataclass(frozen=True, slots=True)
class CustomerContact:
    """One contact of a customer."""

    name: str
    phone: str
    """Empty where it isn't known."""
    is_bound: bool
    """Has an account that talks to us."""
    may_see: bool
    may_redeem: bool


@dataclass(frozen=True, slots=True)
class MovementLine:
    """One of the last entries of a customer, and what it was for."""

    on: str
    reason: str
    points: int
    debt_change: int
    subject: str


@dataclass(frozen=True, slots=True)
class CustomerAlert:
    """One open alert of a customer."""

    number: int
    kind: str
    severity: str
    state: str


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """Everything staff want to know of a customer at a glance."""

    view_name: ClassVar[str] = "customer_card"
    code: str
    name: str
    full_name: str
    credit_code: str
    address: str
    type: str
    fields: tuple[tuple[str, str], ...]
    """Names and values of the fields of its type, in their order."""
    aliases: tuple[str, ...]
    segments: tuple[str, ...]
    manager: str
    payment_days: int | None
    tier: str
    available: int
    held: int
    pending: int
    debt: int
    contacts: tuple[CustomerContact, ...]
    """The first few, as of `projects` and `alerts`."""
    contact_count: int
    projects: tuple[ProjectLine, ...]
    project_count: int
    contract_count: int
    contract_fen: int
    stars: int
    """Of the last review; 0 where there is none."""
    reviewed_at: str
    reviewed: str
    """The project of the last review."""
    alerts: tuple[CustomerAlert, ...]
    alert_count: int
    movements: tuple[MovementLine, ...]
    reach: tuple[ReachLine, ...]
    """How each contact can be reached, a line for each account."""
    notices: tuple[DeliveryLine, ...]
    """What has become of the last notices, newest first."""
    as_of: str
