"""Rewards: what points buy, on what terms, and what of it there is.

A reward changes only by a new version of itself; what a customer has bought keeps the terms it was
bought on (domain/redemptions).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.calendar import BUSINESS_ZONE, business_date
from domain.ids import RewardId

POINTS_MAX = 100_000_000
"""Far above any real price; more is a slip of the keyboard."""
MONEY_MAX = 10**12
"""Fen: ten thousand million yuan."""
QUANTITY_MAX = 999
"""Of one redemption."""
STOCK_MAX = 1_000_000
VALID_DAYS_MAX = 3650
NAME_MAX = 40
DESCRIPTION_MAX = 200


class RewardKind(StrEnum):
    """What a reward is, which decides how it is handed over."""

    VOUCHER = "voucher"
    """Money off the next payment, by code."""
    WARRANTY = "warranty"
    """Longer warranty of a project."""
    SERVICE = "service"
    """Somebody comes, or is at hand."""
    SEAT = "seat"
    """A place at a forum or training."""
    GOODS = "goods"
    """Something that is sent."""


class LimitPeriod(StrEnum):
    """Over what a limit per customer counts."""

    EVER = "ever"
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Limit:
    """How many one customer may have in a period of the firm's calendar."""

    quantity: int
    period: LimitPeriod


@dataclass(frozen=True, slots=True)
class Reward:
    """Something on offer for points."""

    id: RewardId
    number: int
    """What people call it by; counts up within the tenant."""
    name: str
    kind: RewardKind
    points: int
    """The price of one."""
    cost: int = 0
    """What one costs the firm, in fen."""
    value: int = 0
    """What a voucher takes off, in fen; 0 for anything else."""
    description: str = ""
    picture: str = ""
    """An https address of a picture; empty without."""
    is_active: bool = True
    limit: Limit | None = None
    tier: str = ""
    """The code of the lowest tier that may have it; empty: everybody."""
    segments: frozenset[str] = frozenset()
    """Only customers of one of these; empty: everybody."""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    """The first instant at which it is no longer on offer."""
    valid_days: int | None = None
    """How many days what was bought can be used, the day of buying not counted; None: no end."""
    is_partly_usable: bool = False
    """Whether a voucher's value may be used bit by bit."""
    needs_contact: bool = False
    """Whether another contact of the customer has to agree."""
    needs_approver: bool = False
    """Whether somebody of the firm has to agree."""
    has_stock: bool = False
    """Whether there are only so many; how many, `Stock` says."""
    version: int = 1
    """Grows with every change of the terms."""

    @property
    def needs_second(self) -> bool:
        """Tell whether one person alone can't have it."""
        return self.needs_contact or self.needs_approver


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is of a reward: whatever has come in is in one of three places."""

    available: int = 0
    held: int = 0
    """Set aside for somebody, or bought and not handed over."""
    gone: int = 0
    """Handed over."""

    @property
    def received(self) -> int:
        """Count all that has ever come in, less what was taken out again."""
        return self.available + self.held + self.gone


class StockMove(StrEnum):
    """How stock moves."""

    RECEIVE = "receive"
    """More has come in: → available."""
    REMOVE = "remove"
    """Found missing or broken: available →."""
    HOLD = "hold"
    """available → held."""
    RELEASE = "release"
    """held → available."""
    HAND_OVER = "hand_over"
    """held → gone."""
    TAKE_BACK = "take_back"
    """gone → held: handed over by mistake."""


LOW_SHARE = 5
"""Stock is low when no more than a fifth of what has come in is left."""


def is_low(stock: Stock) -> bool:
    """Tell whether there is so little left that more should be ordered."""
    return stock.available * LOW_SHARE <= stock.received


_LEGS: dict[StockMove, tuple[int, int, int]] = {
    StockMove.RECEIVE: (1, 0, 0),
    StockMove.REMOVE: (-1, 0, 0),
    StockMove.HOLD: (-1, 1, 0),
    StockMove.RELEASE: (1, -1, 0),
    StockMove.HAND_OVER: (0, -1, 1),
    StockMove.TAKE_BACK: (0, 1, -1),
}


def stock_legs(move: StockMove, quantity: int) -> Stock:
    """Give what a move adds to each of the three places."""
    available, held, gone = _LEGS[move]
    return Stock(available * quantity, held * quantity, gone * quantity)


_MONTHS = {LimitPeriod.MONTH: 1, LimitPeriod.QUARTER: 3, LimitPeriod.YEAR: 12}


def limit_since(period: LimitPeriod, today: date) -> datetime | None:
    """Give the instant a limit's present period began; None for one that counts for ever."""
    months = _MONTHS.get(period)
    if months is None:
        return None
    month = (today.month - 1) // months * months + 1
    return datetime(today.year, month, 1, tzinfo=BUSINESS_ZONE)


def limit_again_on(period: LimitPeriod, today: date) -> date | None:
    """Give the first day of a limit's next period; None for one that counts for ever."""
    months = _MONTHS.get(period)
    if months is None:
        return None
    month = today.year * 12 + (today.month - 1) // months * months + months
    return date(month // 12, month % 12 + 1, 1)


def is_over(reward: Reward, now: datetime) -> bool:
    """Tell whether a reward is no longer on offer."""
    return not reward.is_active or (reward.closes_at is not None and now >= reward.closes_at)


def last_day_of_use(valid_days: int | None, bought_at: datetime) -> date | None:
    """Give the last business day on which what is bought then can be used; None: no end."""
    return None if valid_days is None else business_date(bought_at) + timedelta(days=valid_days)
