"""Refusals about alerts."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


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
