"""Views of lotteries and draws, as a customer sees them."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PrizeLine:
    """What an urn holds of one prize."""

    name: str
    left: int
    total: int
    """How many tickets of all prizes the urn holds."""
    share: str
    """The odds of it at this moment, in percent: "2.5"."""


@dataclass(frozen=True, slots=True)
class LotteryCard:
    """A lottery with its odds, before one draws."""

    view_name: ClassVar[str] = "lottery_card"
    ticket: str
    """Empty when nobody can draw now."""
    number: int
    name: str
    price: int
    prizes: tuple[PrizeLine, ...]
    available: int
    draws_left: int | None
    """How often the customer may still draw today; None without a limit."""
    opens_at: str
    """Empty once it has begun."""
    closes_at: str
    is_closed: bool
    commitment: str
    """The first characters of it."""
    page: str
    """Where all of the record can be read, below the installation's address."""


@dataclass(frozen=True, slots=True)
class LotteryLine:
    """A lottery in a list."""

    number: int
    name: str
    price: int
    closes_at: str


@dataclass(frozen=True, slots=True)
class LotteryList:
    """The lotteries there are, when there are several."""

    view_name: ClassVar[str] = "lottery_list"
    lotteries: tuple[LotteryLine, ...]


@dataclass(frozen=True, slots=True)
class DrawPreview:
    """Asks once more before points are spent."""

    view_name: ClassVar[str] = "draw_preview"
    ticket: str
    lottery: str
    price: int
    available: int
    total: int
    """How many tickets there are in the urn."""


@dataclass(frozen=True, slots=True)
class DrawDropped:
    """Nothing was drawn."""

    view_name: ClassVar[str] = "draw_dropped"
    lottery: str


@dataclass(frozen=True, slots=True)
class DrawResult:
    """What was drawn, and how to check it."""

    view_name: ClassVar[str] = "draw_result"
    lottery: str
    lottery_number: int
    number: int
    """The number of the draw within the lottery."""
    kind: str
    """A `PrizeKind` value."""
    prize: str
    points: int
    ends_on: str
    """The last day on which points that were won can be spent; empty for anything else."""
    redemption: int
    """The number a reward is handed over by; 0 for anything else."""
    price: int
    available: int
    draws_left: int | None
    drawn_at: str
    code: str
    """The first characters of the draw's hash."""
    commitment: str
    page: str
