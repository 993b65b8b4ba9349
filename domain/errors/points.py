"""Refusals about points and entries."""

from dataclasses import dataclass
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


@dataclass(eq=False)
class ShortOfPoints(DomainError):
    """Fewer points can be spent than are asked for."""

    code: ClassVar[ErrorCode] = ErrorCode.SHORT_OF_POINTS
    available: int
    asked: int


@dataclass(eq=False)
class UnknownEntry(DomainError):
    """The wallet has no entry of that number."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_ENTRY
    seq: int
    """0 when the newest was asked for."""
    last: int
    """How many entries there are."""


@dataclass(eq=False)
class HoldClosed(DomainError):
    """Held points have been spent or given back before, or not been spent yet."""

    code: ClassVar[ErrorCode] = ErrorCode.HOLD_CLOSED
    state: str


@dataclass(eq=False)
class RefundTooLarge(DomainError):
    """More is to be given back of spent points than is left of them."""

    code: ClassVar[ErrorCode] = ErrorCode.REFUND_TOO_LARGE
    asked: int
    left: int
    """What was not given back yet."""
    spent: int
    """What was spent at first."""


@dataclass(eq=False)
class NothingToReinstate(DomainError):
    """The customer has no expired points that could be given back."""

    code: ClassVar[ErrorCode] = ErrorCode.NOTHING_TO_REINSTATE
    customer: str
