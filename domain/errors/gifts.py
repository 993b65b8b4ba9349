"""Refusals about gifts between customers."""

from dataclasses import dataclass
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


@dataclass(eq=False)
class UnknownReceiver(DomainError):
    """No customer is called exactly so, or several are; whether one comes near is not told."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_RECEIVER


@dataclass(eq=False)
class GiftToOwnUnit(DomainError):
    """The receiver is the giver."""

    code: ClassVar[ErrorCode] = ErrorCode.GIFT_TO_OWN_UNIT


@dataclass(eq=False)
class GiftTooLarge(DomainError):
    """One gift is to be more than a gift may be."""

    code: ClassVar[ErrorCode] = ErrorCode.GIFT_TOO_LARGE
    asked: int
    """0 when the number is beyond all bounds."""
    most: int


@dataclass(eq=False)
class GiftLimitReached(DomainError):
    """With this gift the customer would give away more in a month than may be."""

    code: ClassVar[ErrorCode] = ErrorCode.GIFT_LIMIT_REACHED
    asked: int
    left: int
    most: int


@dataclass(eq=False)
class GiftShort(DomainError):
    """The giver has fewer points than are to be given."""

    code: ClassVar[ErrorCode] = ErrorCode.GIFT_SHORT
    asked: int
    available: int
    debt: int


@dataclass(eq=False)
class GiftUndecidable(DomainError):
    """A gift needs somebody in the firm to agree, and there is nobody who may."""

    code: ClassVar[ErrorCode] = ErrorCode.GIFT_UNDECIDABLE
    asked: int
    most: int
    """What needs nobody."""
