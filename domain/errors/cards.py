"""Refusals about buttons."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


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
