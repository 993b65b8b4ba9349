"""Refusals about what needs a second person."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


@dataclass(eq=False)
class UnknownApproval(DomainError):
    """No approval of that number."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_APPROVAL
    asked: str


@dataclass(eq=False)
class OwnApproval(DomainError):
    """Who has asked for something cannot decide it."""

    code: ClassVar[ErrorCode] = ErrorCode.OWN_APPROVAL
    number: int


@dataclass(eq=False)
class ApprovalNotYours(DomainError):
    """Only who has asked for something can take it back."""

    code: ClassVar[ErrorCode] = ErrorCode.APPROVAL_NOT_YOURS
    number: int


@dataclass(eq=False)
class ApprovalPending(DomainError):
    """The same has been asked for and is not decided yet."""

    code: ClassVar[ErrorCode] = ErrorCode.APPROVAL_PENDING
    number: int
    asked_by: str
    """Empty when the machine has asked."""
    asked_at: datetime


@dataclass(eq=False)
class ApprovalClosed(DomainError):
    """The approval was decided or taken back before."""

    code: ClassVar[ErrorCode] = ErrorCode.APPROVAL_CLOSED
    number: int
    state: str
    decided_by: str
    """Empty when it was taken back."""
    decided_at: datetime


@dataclass(eq=False)
class ApprovalExpired(DomainError):
    """Nobody decided in time."""

    code: ClassVar[ErrorCode] = ErrorCode.APPROVAL_EXPIRED
    number: int
    expired_at: datetime


@dataclass(eq=False)
class NoApprover(DomainError):
    """The firm has nobody else who may decide."""

    code: ClassVar[ErrorCode] = ErrorCode.NO_APPROVER
