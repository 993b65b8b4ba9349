"""Views of how customers can be reached, of notices told together, and of what became of them."""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class NoticeText:
    """A notice as part of another message; the template words it."""

    view: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NoticeDigest:
    """Several notices for a customer in one message, each in full."""

    view_name: ClassVar[str] = "notice_digest"
    notices: tuple[NoticeText, ...]
    most: int = 0
    """So many characters of each at most, where a card has little room; 0 for all of them."""


@dataclass(frozen=True, slots=True)
class ReachLine:
    """How a contact can be reached on one account; without an account only by hand."""

    contact: str
    channel: str
    """A channel's kind, worded by the template; empty without an account."""
    obstacle: str
    """An `Unreachable` value; empty when a notice can go out now."""
    until: str
    """When the window shuts, or has shut; empty where there is none."""
    messages_left: int | None
    """None where messages are not counted."""


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A notice and what has really become of it."""

    contact: str
    channel: str
    """A channel's kind; empty where there was no account."""
    about_view: str
    about_data: dict[str, Any]
    """The notice itself, of which the template shows how it begins."""
    state: str
    """A `DeliveryState` value: of the message that carried it, if another one did."""
    since: str
    """Since when it is so."""
    reason: str
    """Why it is held or given up: an `Unreachable` value or a platform's error code."""
    told_by: str
    is_joint: bool
    """It went, or was to go, in one message with others."""


@dataclass(frozen=True, slots=True)
class ReachReport:
    """How a customer's contacts can be reached, and their last notices, newest first."""

    view_name: ClassVar[str] = "reach_report"
    customer: str
    reach: tuple[ReachLine, ...]
    notices: tuple[DeliveryLine, ...]
    as_of: str
