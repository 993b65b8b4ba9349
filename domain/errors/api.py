"""Refusals of the open API."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


@dataclass(eq=False)
class KeyRefused(DomainError):
    """No key, or one that is unknown, wrong, revoked or of somebody who has left."""

    code: ClassVar[ErrorCode] = ErrorCode.KEY_REFUSED


@dataclass(eq=False)
class ScopeMissing(DomainError):
    """The key was not made for this."""

    code: ClassVar[ErrorCode] = ErrorCode.SCOPE_MISSING
    scope: str


@dataclass(eq=False)
class IdempotencyConflict(DomainError):
    """The same idempotency key came before with another request."""

    code: ClassVar[ErrorCode] = ErrorCode.IDEMPOTENCY_CONFLICT
    key: str


@dataclass(eq=False)
class CodeTaken(DomainError):
    """Another customer or project has this code."""

    code: ClassVar[ErrorCode] = ErrorCode.CODE_TAKEN
    what: str
    """customer or project."""
    asked: str


@dataclass(eq=False)
class UnknownMember(DomainError):
    """No member of that name, or several."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_MEMBER
    asked: str
    found: int


@dataclass(eq=False)
class CustomerMismatch(DomainError):
    """The project belongs to another customer than the one named."""

    code: ClassVar[ErrorCode] = ErrorCode.CUSTOMER_MISMATCH
    customer: str
    project: str


@dataclass(eq=False)
class TimeOutOfRange(DomainError):
    """An event can't have happened then: too long ago, or ahead."""

    code: ClassVar[ErrorCode] = ErrorCode.TIME_OUT_OF_RANGE
    at: datetime
    earliest: datetime
    latest: datetime
