"""Refusals about merging customer records."""

from dataclasses import dataclass
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


@dataclass(eq=False)
class MergeIntoItself(DomainError):
    """Both records are the same one."""

    code: ClassVar[ErrorCode] = ErrorCode.MERGE_INTO_ITSELF
    name: str


@dataclass(eq=False)
class MergeBlocked(DomainError):
    """The double has something that has to end first; nothing of it is 0 but what isn't there."""

    code: ClassVar[ErrorCode] = ErrorCode.MERGE_BLOCKED
    name: str
    held: int
    """Points, as the next two."""
    pending: int
    debt: int
    orders: int
    vouchers: int
    gifts: int
    approvals: int


@dataclass(eq=False)
class CustomerMerged(DomainError):
    """The record was merged into another one, which goes on for it."""

    code: ClassVar[ErrorCode] = ErrorCode.CUSTOMER_MERGED
    name: str
    customer_code: str
    into: str
    into_code: str


@dataclass(eq=False)
class HasMerged(DomainError):
    """Others were merged into the record, so it can't itself be merged into another."""

    code: ClassVar[ErrorCode] = ErrorCode.HAS_MERGED
    name: str
    merged: tuple[str, ...]
    """The names of those."""


@dataclass(eq=False)
class NotMerged(DomainError):
    """No merged record is called so."""

    code: ClassVar[ErrorCode] = ErrorCode.NOT_MERGED
    typed: str


@dataclass(eq=False)
class MergeUndoShort(DomainError):
    """The kept record has fewer points than were moved into it and have not ended."""

    code: ClassVar[ErrorCode] = ErrorCode.MERGE_UNDO_SHORT
    name: str
    available: int
    points: int
