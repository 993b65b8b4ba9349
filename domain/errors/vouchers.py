"""Refusals about vouchers and their codes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


@dataclass(eq=False)
class VoucherMistyped(DomainError):
    """The text can't be a voucher's code: its check character or its length is wrong."""

    code: ClassVar[ErrorCode] = ErrorCode.VOUCHER_MISTYPED


@dataclass(eq=False)
class VoucherUnknown(DomainError):
    """No voucher has the code: made up, replaced, of another firm; one answer for all three."""

    code: ClassVar[ErrorCode] = ErrorCode.VOUCHER_UNKNOWN
    tries_left: int


@dataclass(eq=False)
class VoucherLocked(DomainError):
    """The member has tried too many codes that no voucher has."""

    code: ClassVar[ErrorCode] = ErrorCode.VOUCHER_LOCKED
    until: datetime


@dataclass(eq=False)
class VoucherUsedUp(DomainError):
    """Nothing is left of the voucher."""

    code: ClassVar[ErrorCode] = ErrorCode.VOUCHER_USED_UP
    tail: str
    used_at: datetime
    used_by: str


@dataclass(eq=False)
class VoucherExpired(DomainError):
    """The voucher's last day is over."""

    code: ClassVar[ErrorCode] = ErrorCode.VOUCHER_EXPIRED
    tail: str
    last_day: date


@dataclass(eq=False)
class VoucherVoid(DomainError):
    """The voucher was given back for points."""

    code: ClassVar[ErrorCode] = ErrorCode.VOUCHER_VOID
    tail: str
    since: datetime


@dataclass(eq=False)
class ValueExceeded(DomainError):
    """More is asked of the voucher than is left."""

    code: ClassVar[ErrorCode] = ErrorCode.VALUE_EXCEEDED
    tail: str
    left: int
    """In fen, as `asked`."""
    asked: int


@dataclass(eq=False)
class NotPartlyUsable(DomainError):
    """The voucher is used as a whole or not at all."""

    code: ClassVar[ErrorCode] = ErrorCode.NOT_PARTLY_USABLE
    tail: str
    value: int
    """In fen, as `asked`."""
    asked: int


@dataclass(eq=False)
class VoucherNotReturnable(DomainError):
    """More vouchers are to be given back than are wholly unused."""

    code: ClassVar[ErrorCode] = ErrorCode.VOUCHER_NOT_RETURNABLE
    number: int
    """The redemption's."""
    reward: str
    unused: int
    asked: int


@dataclass(eq=False)
class NoCodeToReplace(DomainError):
    """No voucher of the redemption can be used any more, so none needs a code."""

    code: ClassVar[ErrorCode] = ErrorCode.NO_CODE_TO_REPLACE
    number: int
    """The redemption's."""
    reward: str


@dataclass(eq=False)
class ReissueLimit(DomainError):
    """The redemption's codes were replaced as often as they may be in one day."""

    code: ClassVar[ErrorCode] = ErrorCode.REISSUE_LIMIT
    number: int
    """The redemption's."""
    limit: int


@dataclass(eq=False)
class UnknownUse(DomainError):
    """No use of a voucher has this number."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_USE
    asked: str


@dataclass(eq=False)
class TakeBackOver(DomainError):
    """The use is too old to be taken back."""

    code: ClassVar[ErrorCode] = ErrorCode.TAKE_BACK_OVER
    number: int
    """The use's."""
    used_at: datetime
    until: datetime


@dataclass(eq=False)
class UseTakenBack(DomainError):
    """The use was taken back before."""

    code: ClassVar[ErrorCode] = ErrorCode.USE_TAKEN_BACK
    number: int
    """The use's."""
    taken_back_at: datetime
    taken_back_by: str


@dataclass(eq=False)
class UseDeducted(DomainError):
    """A payment was lower by the use already."""

    code: ClassVar[ErrorCode] = ErrorCode.USE_DEDUCTED
    number: int
    """The use's."""
    deducted_from: str
