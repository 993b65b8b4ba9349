"""Refusals about lotteries and draws."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


@dataclass(eq=False)
class UnknownLottery(DomainError):
    """No lottery of that number that the actor may see."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_LOTTERY
    asked: str


@dataclass(eq=False)
class NoLottery(DomainError):
    """There is no lottery at present."""

    code: ClassVar[ErrorCode] = ErrorCode.NO_LOTTERY


@dataclass(eq=False)
class LotteryNotOpen(DomainError):
    """The lottery begins later."""

    code: ClassVar[ErrorCode] = ErrorCode.LOTTERY_NOT_OPEN
    lottery: str
    opens_at: datetime


@dataclass(eq=False)
class LotteryOver(DomainError):
    """The lottery is closed, or its time is over."""

    code: ClassVar[ErrorCode] = ErrorCode.LOTTERY_OVER
    lottery: str
    closed_at: datetime


@dataclass(eq=False)
class LotteryStands(DomainError):
    """The lottery is in a state that does not allow this."""

    code: ClassVar[ErrorCode] = ErrorCode.LOTTERY_STANDS
    number: int
    lottery: str
    state: str
    """A `LotteryState` value."""


@dataclass(eq=False)
class UrnEmpty(DomainError):
    """Everything has been drawn."""

    code: ClassVar[ErrorCode] = ErrorCode.URN_EMPTY
    lottery: str


@dataclass(eq=False)
class DrawLimit(DomainError):
    """The customer has drawn as often as one may."""

    code: ClassVar[ErrorCode] = ErrorCode.DRAW_LIMIT
    lottery: str
    limit: int
    again_on: date | None
    """The day from which one may draw again; None when there is none."""
    is_daily: bool = False


@dataclass(eq=False)
class ShortForDraw(DomainError):
    """The customer's points do not suffice for a draw."""

    code: ClassVar[ErrorCode] = ErrorCode.SHORT_FOR_DRAW
    lottery: str
    available: int
    price: int


@dataclass(eq=False)
class PrizeShort(DomainError):
    """There is not as much of a reward in stock as the urn promises."""

    code: ClassVar[ErrorCode] = ErrorCode.PRIZE_SHORT
    reward: str
    left: int
    wanted: int


@dataclass(eq=False)
class PrizeTooDear(DomainError):
    """A prize is worth more than the law lets be drawn by chance."""

    code: ClassVar[ErrorCode] = ErrorCode.PRIZE_TOO_DEAR
    prize: str
    worth: int
    """In fen, as `most`."""
    most: int
