"""Refusals about what was typed."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


@dataclass(eq=False)
class UsageError(DomainError):
    """The words after a command can't be read."""

    code: ClassVar[ErrorCode] = ErrorCode.USAGE
    command: str
    problem: str


@dataclass(eq=False)
class UnknownCustomer(DomainError):
    """No customer of that name."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_CUSTOMER
    asked: str
    guesses: tuple[str, ...] = ()


@dataclass(eq=False)
class UnknownContact(DomainError):
    """The customer has no contact of that name who is still there."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_CONTACT
    customer: str
    asked: str
    """Empty when nobody was named."""
    contacts: tuple[str, ...] = ()


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
class InvalidStars(DomainError):
    """Stars are whole numbers from 1 to 5."""

    code: ClassVar[ErrorCode] = ErrorCode.INVALID_STARS
    asked: str


@dataclass(eq=False)
class InvalidPhone(DomainError):
    """Not a mobile number of mainland China."""

    code: ClassVar[ErrorCode] = ErrorCode.INVALID_PHONE
