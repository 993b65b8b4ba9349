"""Views about what a customer's contacts may do, and about one who leaves."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One contact and what the contact may do."""

    name: str
    may_see: bool
    may_redeem: bool


@dataclass(frozen=True, slots=True)
class AccountCount:
    """How many accounts somebody has on channels of one kind."""

    kind: str
    """A `ChannelKind` value."""
    count: int


@dataclass(frozen=True, slots=True)
class RightList:
    """Which contacts of a customer may do what."""

    view_name: ClassVar[str] = "right_list"
    customer: str
    lines: tuple[ContactLine, ...]
    """The first of them."""
    count: int


@dataclass(frozen=True, slots=True)
class RightSet:
    """What a contact may do now, told to who has just said so."""

    view_name: ClassVar[str] = "right_set"
    customer: str
    contact: str
    may_see: bool
    may_redeem: bool
    is_changed: bool
    redeemers: tuple[str, ...]
    """Everybody of the customer who may redeem."""


@dataclass(frozen=True, slots=True)
class RightNotice:
    """Tells a contact about the own new right, or a unit's redeemers about somebody else's."""

    view_name: ClassVar[str] = "right_notice"
    customer: str
    contact: str
    is_own: bool
    may_redeem: bool
    redeemers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeavePreview:
    """What ends when a contact leaves, asked for a confirmation."""

    view_name: ClassVar[str] = "leave_preview"
    ticket: str
    customer: str
    contact: str
    accounts: tuple[AccountCount, ...]
    notices: int
    """Waiting to be sent."""
    staying: tuple[ContactLine, ...]
    """The first of those who stay."""
    count: int
    """How many stay."""
    can_redeem: bool
    """Whether one of those who stay may redeem."""


@dataclass(frozen=True, slots=True)
class LeaveDone:
    """A contact has left."""

    view_name: ClassVar[str] = "leave_done"
    customer: str
    contact: str
    accounts: tuple[AccountCount, ...]
    """Unbound."""
    notices: int
    """Given up."""
    staying: tuple[ContactLine, ...]
    count: int
    can_redeem: bool
    done_by: str
    done_at: str


@dataclass(frozen=True, slots=True)
class LeaveDropped:
    """The contact stays."""

    view_name: ClassVar[str] = "leave_dropped"
    customer: str
    contact: str
