"""Views of reviews and of the alerts they raise."""

from dataclasses import dataclass
from typing import ClassVar

from domain.alerts import AlertKind


@dataclass(frozen=True, slots=True)
class ReviewReceived:
    """Thanks for a review, and what happens next."""

    view_name: ClassVar[str] = "review_received"
    project: str
    stars: int
    is_followed_up: bool


@dataclass(frozen=True, slots=True)
class AlertCard:
    """Something that somebody must act on, in any state of its life."""

    view_name: ClassVar[str] = "alert_card"
    ticket: str
    """Empty when there is nothing to press."""
    number: int
    state: str
    severity: str
    customer: str
    contact: str
    phone: str
    project: str
    manager: str
    stars: int
    stars_limit: int
    text: str
    opened_at: str
    occurrences: int
    reopened: int
    taken_by: str
    taken_at: str
    is_mine: bool
    """The card's owner has taken the alert."""
    resolved_at: str
    confirmed_at: str
    """When the customer said that it is solved."""
    cause: str
    measure: str
    note: str
    kind: str = AlertKind.BAD_REVIEW
    about: str = ""
    """What it is about where no review says it; see `Alert.about`."""


@dataclass(frozen=True, slots=True)
class AlertForm:
    """Asks for cause and measure before an alert is closed."""

    view_name: ClassVar[str] = "alert_form"
    ticket: str
    number: int
    customer: str
    project: str
    causes: tuple[str, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One open alert."""

    number: int
    state: str
    severity: str
    customer: str
    project: str
    stars: int
    opened_at: str
    taken_by: str
    kind: str = AlertKind.BAD_REVIEW


@dataclass(frozen=True, slots=True)
class AlertList:
    """Alerts that are not resolved."""

    view_name: ClassVar[str] = "alert_list"
    lines: tuple[AlertLine, ...]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Asks the customer whether the problem is solved."""

    view_name: ClassVar[str] = "follow_up"
    ticket: str
    project: str
    measure: str
    note: str
    resolved_by: str


@dataclass(frozen=True, slots=True)
class FollowUpThanks:
    """The customer's answer has been noted."""

    view_name: ClassVar[str] = "follow_up_thanks"
    project: str
    is_solved: bool
