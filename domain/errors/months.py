"""Refusals about months of the books."""

from dataclasses import dataclass
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


@dataclass(eq=False)
class InvalidMonth(DomainError):
    """A month is written as 2026-11."""

    code: ClassVar[ErrorCode] = ErrorCode.INVALID_MONTH
    asked: str


@dataclass(eq=False)
class MonthNotOver(DomainError):
    """Only a past month can be closed."""

    code: ClassVar[ErrorCode] = ErrorCode.MONTH_NOT_OVER
    month: str


@dataclass(eq=False)
class MonthOutOfOrder(DomainError):
    """Months are closed one after the other, each once."""

    code: ClassVar[ErrorCode] = ErrorCode.MONTH_OUT_OF_ORDER
    month: str
    expected: str


@dataclass(eq=False)
class MonthHasDrift(DomainError):
    """Records that don't agree are explained before a month is closed."""

    code: ClassVar[ErrorCode] = ErrorCode.MONTH_HAS_DRIFT
    month: str
    findings: int
