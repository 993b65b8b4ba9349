"""Every refusal the domain can give: a type with fields, never a sentence.

    DomainError
    ├── identity   CodeRefused, BindingLocked, NotPermitted, PrivateOnly
    ├── cards      TicketExpired, TicketUsed, TicketNotYours
    ├── words      UsageError, Unknown…, Ambiguous, FutureDate, ImpossibleDate, Invalid…, NotPassed
    ├── facts      MilestoneRecorded, NothingToUndo, AlreadyUndone, EventConflict
    └── alerts     AlertTaken, AlertClosed, AlertNotTaken

The wording stands in templates/refusals, one file per code; a test proves that each code has one.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from typing_extensions import override


class ErrorCode(StrEnum):
    """The stable name of a refusal: template name, API code and log value."""

    CODE_REFUSED = "code_refused"
    BINDING_LOCKED = "binding_locked"
    NOT_PERMITTED = "not_permitted"
    PRIVATE_ONLY = "private_only"
    USAGE = "usage"
    TICKET_EXPIRED = "ticket_expired"
    TICKET_USED = "ticket_used"
    TICKET_NOT_YOURS = "ticket_not_yours"
    UNKNOWN_CUSTOMER = "unknown_customer"
    UNKNOWN_PROJECT = "unknown_project"
    UNKNOWN_MILESTONE = "unknown_milestone"
    AMBIGUOUS = "ambiguous"
    MILESTONE_RECORDED = "milestone_recorded"
    FUTURE_DATE = "future_date"
    IMPOSSIBLE_DATE = "impossible_date"
    NOT_PASSED = "not_passed"
    NOTHING_TO_UNDO = "nothing_to_undo"
    ALREADY_UNDONE = "already_undone"
    EVENT_CONFLICT = "event_conflict"
    INVALID_STARS = "invalid_stars"
    INVALID_PHONE = "invalid_phone"
    UNKNOWN_ALERT = "unknown_alert"
    ALERT_TAKEN = "alert_taken"
    ALERT_CLOSED = "alert_closed"
    ALERT_NOT_TAKEN = "alert_not_taken"


# eq=False keeps exceptions hashable; frozen would break raising through a context manager.
@dataclass(eq=False)
class DomainError(Exception):
    """A rule said no; nothing has changed."""

    code: ClassVar[ErrorCode]

    @override
    def __str__(self) -> str:
        """Name the refusal and its fields' names, without values that may be personal."""
        return f"{self.code}({', '.join(field.name for field in fields(self))})"

    def details(self) -> dict[str, Any]:
        """Give the fields for the refusal's template."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(eq=False)
class CodeRefused(DomainError):
    """The binding code is wrong, used or out of date: one answer for all three."""

    code: ClassVar[ErrorCode] = ErrorCode.CODE_REFUSED
    tries_left: int


@dataclass(eq=False)
class BindingLocked(DomainError):
    """Too many wrong codes from this sender."""

    code: ClassVar[ErrorCode] = ErrorCode.BINDING_LOCKED
    until: datetime


@dataclass(eq=False)
class NotPermitted(DomainError):
    """The actor's roles don't allow this; says the same whatever exists behind it."""

    code: ClassVar[ErrorCode] = ErrorCode.NOT_PERMITTED
    permission: str


@dataclass(eq=False)
class PrivateOnly(DomainError):
    """The answer is nobody else's business, so it is not given in a group."""

    code: ClassVar[ErrorCode] = ErrorCode.PRIVATE_ONLY


@dataclass(eq=False)
class UsageError(DomainError):
    """The words after a command can't be read."""

    code: ClassVar[ErrorCode] = ErrorCode.USAGE
    command: str
    problem: str


@dataclass(eq=False)
class TicketExpired(DomainError):
    """The button is too old."""

    code: ClassVar[ErrorCode] = ErrorCode.TICKET_EXPIRED
    expired_at: datetime


@dataclass(eq=False)
class TicketUsed(DomainError):
    """The button has done its work already."""

    code: ClassVar[ErrorCode] = ErrorCode.TICKET_USED
    used_at: datetime


@dataclass(eq=False)
class TicketNotYours(DomainError):
    """The button was made for somebody else, or is unknown."""

    code: ClassVar[ErrorCode] = ErrorCode.TICKET_NOT_YOURS


@dataclass(eq=False)
class UnknownCustomer(DomainError):
    """No customer of that name."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_CUSTOMER
    asked: str
    guesses: tuple[str, ...] = ()


@dataclass(eq=False)
class UnknownProject(DomainError):
    """No project of that name that the actor may see."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_PROJECT
    asked: str
    guesses: tuple[str, ...] = ()


@dataclass(eq=False)
class UnknownMilestone(DomainError):
    """The project has no such milestone."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_MILESTONE
    project: str
    milestones: tuple[str, ...] = ()


@dataclass(eq=False)
class Ambiguous(DomainError):
    """Several things fit; nothing was written."""

    code: ClassVar[ErrorCode] = ErrorCode.AMBIGUOUS
    what: str
    candidates: tuple[str, ...]


@dataclass(eq=False)
class MilestoneRecorded(DomainError):
    """The milestone has been accepted before."""

    code: ClassVar[ErrorCode] = ErrorCode.MILESTONE_RECORDED
    project: str
    milestone: str
    accepted_on: date


@dataclass(eq=False)
class FutureDate(DomainError):
    """A delivery event can't lie in the future."""

    code: ClassVar[ErrorCode] = ErrorCode.FUTURE_DATE
    asked: str
    """As typed, or the day as an ISO text."""
    today: date


@dataclass(eq=False)
class ImpossibleDate(DomainError):
    """There is no such day, or it is out of bounds."""

    code: ClassVar[ErrorCode] = ErrorCode.IMPOSSIBLE_DATE
    asked: str


@dataclass(eq=False)
class NotPassed(DomainError):
    """The sentence says that the acceptance did not pass, so nothing is recorded as accepted."""

    code: ClassVar[ErrorCode] = ErrorCode.NOT_PASSED
    project: str
    milestone: str


@dataclass(eq=False)
class NothingToUndo(DomainError):
    """The actor has no recent record that can be undone."""

    code: ClassVar[ErrorCode] = ErrorCode.NOTHING_TO_UNDO


@dataclass(eq=False)
class AlreadyUndone(DomainError):
    """The entry has been reversed before."""

    code: ClassVar[ErrorCode] = ErrorCode.ALREADY_UNDONE
    seq: int


@dataclass(eq=False)
class EventConflict(DomainError):
    """The same source id came before with other content."""

    code: ClassVar[ErrorCode] = ErrorCode.EVENT_CONFLICT
    source: str
    source_id: str


@dataclass(eq=False)
class InvalidStars(DomainError):
    """Stars are whole numbers from 1 to 5."""

    code: ClassVar[ErrorCode] = ErrorCode.INVALID_STARS
    asked: str


@dataclass(eq=False)
class InvalidPhone(DomainError):
    """Not a mobile number of mainland China."""

    code: ClassVar[ErrorCode] = ErrorCode.INVALID_PHONE


@dataclass(eq=False)
class UnknownAlert(DomainError):
    """No alert of that number that the actor may see."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_ALERT
    asked: str


@dataclass(eq=False)
class AlertTaken(DomainError):
    """Somebody else took the alert first."""

    code: ClassVar[ErrorCode] = ErrorCode.ALERT_TAKEN
    number: int
    taken_by: str
    taken_at: datetime


@dataclass(eq=False)
class AlertClosed(DomainError):
    """The alert has been resolved."""

    code: ClassVar[ErrorCode] = ErrorCode.ALERT_CLOSED
    number: int
    resolved_at: datetime


@dataclass(eq=False)
class AlertNotTaken(DomainError):
    """Only who has taken an alert can close it."""

    code: ClassVar[ErrorCode] = ErrorCode.ALERT_NOT_TAKEN
    number: int
