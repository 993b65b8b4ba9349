"""Refusals about rewards and redemptions."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from domain.errors.refusal import DomainError, ErrorCode


@dataclass(eq=False)
class UnknownReward(DomainError):
    """No reward of that number or name that the customer could have."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_REWARD
    asked: str
    guesses: tuple[str, ...] = ()


@dataclass(eq=False)
class RewardOver(DomainError):
    """The reward is no longer on offer."""

    code: ClassVar[ErrorCode] = ErrorCode.REWARD_OVER
    reward: str
    closed_at: datetime | None
    """None when it was taken off by hand."""


@dataclass(eq=False)
class RewardNotOpen(DomainError):
    """The reward is on offer later."""

    code: ClassVar[ErrorCode] = ErrorCode.REWARD_NOT_OPEN
    reward: str
    opens_at: datetime


@dataclass(eq=False)
class NotForYou(DomainError):
    """The reward is for customers of other segments."""

    code: ClassVar[ErrorCode] = ErrorCode.NOT_FOR_YOU
    reward: str


@dataclass(eq=False)
class TierTooLow(DomainError):
    """The reward is for customers of a higher tier."""

    code: ClassVar[ErrorCode] = ErrorCode.TIER_TOO_LOW
    reward: str
    needed: str
    tier: str
    """The customer's; empty without one."""
    missing: int
    """Points to earn until the tier is reached."""


@dataclass(eq=False)
class SoldOut(DomainError):
    """There are fewer than are wanted."""

    code: ClassVar[ErrorCode] = ErrorCode.SOLD_OUT
    reward: str
    left: int
    wanted: int


@dataclass(eq=False)
class ShortForReward(DomainError):
    """The customer's points do not suffice for what is wanted."""

    code: ClassVar[ErrorCode] = ErrorCode.SHORT_FOR_REWARD
    reward: str
    available: int
    asked: int
    most: int
    """How many of it the points suffice for."""
    possible: tuple[str, ...] = ()
    """What can be typed to have something else, best first ("兑换 3" without the word)."""


@dataclass(eq=False)
class LimitReached(DomainError):
    """The customer has had as many as one may have."""

    code: ClassVar[ErrorCode] = ErrorCode.LIMIT_REACHED
    reward: str
    limit: int
    period: str
    """A `LimitPeriod` value."""
    left: int
    wanted: int
    again_on: date | None


@dataclass(eq=False)
class UnknownRedemption(DomainError):
    """No redemption of that number that the actor may see."""

    code: ClassVar[ErrorCode] = ErrorCode.UNKNOWN_REDEMPTION
    asked: str


@dataclass(eq=False)
class RedemptionClosed(DomainError):
    """The redemption is in a state that does not allow this."""

    code: ClassVar[ErrorCode] = ErrorCode.REDEMPTION_CLOSED
    number: int
    reward: str
    state: str
    """A `RedemptionState` value."""
    since: datetime


@dataclass(eq=False)
class UndoOver(DomainError):
    """The redemption can't be undone by the customer any more."""

    code: ClassVar[ErrorCode] = ErrorCode.UNDO_OVER
    number: int
    reward: str
    fulfilled: int
    """How many were handed over or used."""
    until: datetime | None
    """When the time for it was over; None where it did not depend on time."""


@dataclass(eq=False)
class NobodyToAgree(DomainError):
    """A second person has to agree, and there is none who could."""

    code: ClassVar[ErrorCode] = ErrorCode.NOBODY_TO_AGREE
    reward: str
    is_inside: bool
    """Somebody of the firm is missing, not another contact of the customer."""


@dataclass(eq=False)
class MoreThanOutstanding(DomainError):
    """More is to be handed over or given back than is outstanding of a redemption."""

    code: ClassVar[ErrorCode] = ErrorCode.MORE_THAN_OUTSTANDING
    number: int
    reward: str
    outstanding: int
    asked: int


@dataclass(eq=False)
class UsedByCode(DomainError):
    """A voucher is not handed over: it is used by its code."""

    code: ClassVar[ErrorCode] = ErrorCode.USED_BY_CODE
    number: int
    reward: str


@dataclass(eq=False)
class SamePerson(DomainError):
    """Who has asked for something cannot be the second person too."""

    code: ClassVar[ErrorCode] = ErrorCode.SAME_PERSON
    number: int


@dataclass(eq=False)
class RewardHasErrors(DomainError):
    """The check has found what keeps a reward from being on offer on these terms."""

    code: ClassVar[ErrorCode] = ErrorCode.REWARD_HAS_ERRORS
    reward: str
    count: int
    field: str
    """Of the first error, as what follows; see domain/reward_checks."""
    fault: str
    found: str
    """What stands there; empty where that says nothing."""
    low: int
    high: int
    """What is allowed, where it is a number; a text is too long beyond `high`."""
    all_faults: tuple[str, ...]
    """Every error as "field:fault"."""


@dataclass(eq=False)
class RewardChanged(DomainError):
    """Somebody else has changed the reward since it was read."""

    code: ClassVar[ErrorCode] = ErrorCode.REWARD_CHANGED
    number: int
    reward: str
    read: int
    """The version that was read."""
    version: int
    """The version by now."""


@dataclass(eq=False)
class StockShort(DomainError):
    """There are fewer than are to be taken out."""

    code: ClassVar[ErrorCode] = ErrorCode.STOCK_SHORT
    reward: str
    available: int
    held: int
    """Set aside for customers, so not to be taken out."""
    asked: int


@dataclass(eq=False)
class StockNotKept(DomainError):
    """There is any number of the reward, so none can come in."""

    code: ClassVar[ErrorCode] = ErrorCode.STOCK_NOT_KEPT
    number: int
    reward: str


@dataclass(eq=False)
class StockRefused(DomainError):
    """Nothing, or too many at once."""

    code: ClassVar[ErrorCode] = ErrorCode.STOCK_REFUSED
    reward: str
    asked: int
    most: int
