"""Refusals about who speaks and what they may do."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


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
class RightMissing(DomainError):
    """A contact may not see or not spend the unit's points."""

    code: ClassVar[ErrorCode] = ErrorCode.RIGHT_MISSING
    right: str
    """The permission that is missing."""
    may: tuple[str, ...]
    """Who of the same unit may."""
    account_manager: str
    """Who can change it; empty when nobody in particular."""


@dataclass(eq=False)
class ContactLeft(DomainError):
    """The contact has been taken off the file already."""

    code: ClassVar[ErrorCode] = ErrorCode.CONTACT_LEFT
    contact: str
    customer: str
