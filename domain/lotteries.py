"""Lotteries: urns with so many tickets of each prize, from which every draw takes one.

    DRAFT --a second person says yes--> OPEN --closed, or its time is over--> CLOSED

What is in the urn when it opens is all there ever is in it, so the odds at any moment are what is
left of a prize among what is left of all. How a draw is decided and checked: domain/draws.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.calendar import business_date, end_of_business_day
from domain.errors import (
    DrawLimit,
    LotteryNotOpen,
    LotteryOver,
    LotteryStands,
    PrizeTooDear,
    UrnEmpty,
)
from domain.ids import LotteryId, RewardId
from domain.ledger import GENESIS
from domain.sealing import instant

NAME_MAX = 20
PRIZE_NAME_MAX = 20
PRIZES_MAX = 8
"""A card shows them all."""
TICKETS_MAX = 20_000
"""The record of all draws is one document."""
PRICE_MAX = 1_000_000
PRIZE_POINTS_MAX = 1_000_000
MONTHS_MAX = 60
LIMIT_MAX = 999
WORTH_MAX = 5_000_000
"""Fen: no prize drawn by chance may be worth more than 50,000 yuan (docs/lottery.md)."""


class PrizeKind(StrEnum):
    """What a ticket of the urn is good for."""

    POINTS = "points"
    REWARD = "reward"
    NOTHING = "nothing"


class LotteryState(StrEnum):
    """Where a lottery is in its life."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Prize:
    """What some tickets of the urn are good for."""

    place: int
    """Its place in the urn's fixed order, from 1."""
    kind: PrizeKind
    name: str
    count: int
    """How many tickets of it the urn holds when it opens."""
    left: int
    """How many it holds now."""
    points: int = 0
    months: int = 0
    """How long points live, in months."""
    reward: RewardId | None = None
    has_stock: bool = False
    """Whether the rewards are set aside while the lottery is open; as it was when written down."""
    worth: int = 0
    """What one is worth on the market, in fen, as declared; 0 for points, which the programme
    values."""


@dataclass(frozen=True, slots=True)
class Lottery:
    """A lottery; its terms never change, only what has been drawn and where it is in its life."""

    id: LotteryId
    number: int
    """What people call it by; counts up within the tenant."""
    name: str
    price: int
    """Points per draw."""
    opens_at: datetime
    closes_at: datetime
    """The first instant at which nobody can draw any more."""
    per_day: int | None
    """How often a customer may draw on one business day; None without a limit."""
    per_customer: int | None
    """How often a customer may draw at all; None without a limit."""
    prizes: tuple[Prize, ...]
    state: LotteryState = LotteryState.DRAFT
    commitment: str = ""
    """The hash over seed and terms, known before the first draw; empty for a draft."""
    drawn: int = 0
    """The number of the last draw."""
    head: str = GENESIS
    """The hash of the last draw."""
    seed: str | None = None
    """Known to nobody before the lottery is closed."""
    published_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 1
    """Grows with every change; a stored one is only replaced by the version after it."""

    @property
    def left(self) -> int:
        """Count the tickets in the urn."""
        return sum(prize.left for prize in self.prizes)

    @property
    def subject(self) -> str:
        """Name it in audit records and approvals."""
        return f"lottery:{self.id}"

    def terms(self) -> str:
        """Write down what was promised, in one fixed way: canonical JSON."""
        return json.dumps(
            {
                "id": self.id,
                "number": self.number,
                "name": self.name,
                "price": self.price,
                "opens_at": instant(self.opens_at),
                "closes_at": instant(self.closes_at),
                "per_day": self.per_day,
                "per_customer": self.per_customer,
                "prizes": [
                    {
                        "place": prize.place,
                        "kind": prize.kind.value,
                        "name": prize.name,
                        "count": prize.count,
                        "points": prize.points,
                        "months": prize.months,
                        "reward": prize.reward,
                        "worth": prize.worth,
                    }
                    for prize in self.prizes
                ],
            },
            ensure_ascii=False,
            separators=(",", ":"),
            sort_keys=True,
        )

    def stocked(self) -> dict[RewardId, int]:
        """Count the tickets left per reward that is set aside, in order of the rewards."""
        counts: dict[RewardId, int] = {}
        for prize in self.prizes:
            if prize.reward is not None and prize.has_stock:
                counts[prize.reward] = counts.get(prize.reward, 0) + prize.left
        return dict(sorted(counts.items()))


def opened(lottery: Lottery, commitment: str, now: datetime) -> Lottery:
    """Open a draft.

    Raises:
        LotteryStands: it is no draft.
        LotteryOver: its time is over before it has begun.
    """
    if lottery.state is not LotteryState.DRAFT:
        raise LotteryStands(lottery.number, lottery.name, lottery.state)
    if now >= lottery.closes_at:
        raise LotteryOver(lottery.name, lottery.closes_at)
    return replace(
        lottery,
        state=LotteryState.OPEN,
        commitment=commitment,
        published_at=now,
        version=lottery.version + 1,
    )


def closed(lottery: Lottery, now: datetime) -> Lottery:
    """Close an open one; its seed may be known from then on.

    Raises:
        LotteryStands: it is not open.
    """
    if lottery.state is not LotteryState.OPEN:
        raise LotteryStands(lottery.number, lottery.name, lottery.state)
    return replace(
        lottery,
        state=LotteryState.CLOSED,
        closed_at=now,
        version=lottery.version + 1,
    )


def check_draw(lottery: Lottery, *, today: int, ever: int, now: datetime) -> None:
    """Let a customer draw who has drawn so often today and ever.

    Raises:
        LotteryOver: it is closed, or its time is over.
        LotteryNotOpen: it begins later.
        UrnEmpty: everything is drawn.
        DrawLimit: the customer has drawn as often as one may.
    """
    if lottery.state is not LotteryState.OPEN or now >= lottery.closes_at:
        raise LotteryOver(lottery.name, lottery.closed_at or lottery.closes_at)
    if now < lottery.opens_at:
        raise LotteryNotOpen(lottery.name, lottery.opens_at)
    if not lottery.left:
        raise UrnEmpty(lottery.name)
    if lottery.per_customer is not None and ever >= lottery.per_customer:
        raise DrawLimit(lottery.name, lottery.per_customer, None)
    if lottery.per_day is not None and today >= lottery.per_day:
        midnight = end_of_business_day(business_date(now))
        again = business_date(midnight) if midnight < lottery.closes_at else None
        raise DrawLimit(lottery.name, lottery.per_day, again, is_daily=True)


def draws_left(lottery: Lottery, *, today: int, ever: int) -> int | None:
    """Count how often a customer may still draw today; None without a limit."""
    rests = [
        max(0, limit - drawn)
        for limit, drawn in ((lottery.per_day, today), (lottery.per_customer, ever))
        if limit is not None
    ]
    return min(rests) if rests else None


def start_of_today(now: datetime) -> datetime:
    """Give the instant from which draws count for today's limit."""
    return end_of_business_day(business_date(now) - timedelta(days=1))


def refuse_too_dear(prizes: Iterable[Prize], point_fen: int) -> None:
    """Let prizes pass that the law lets be drawn by chance; a point is worth `point_fen`.

    Raises:
        PrizeTooDear: one is worth more than `WORTH_MAX`.
    """
    for prize in prizes:
        worth = max(prize.worth, prize.points * point_fen)
        if worth > WORTH_MAX:
            raise PrizeTooDear(prize.name, worth, WORTH_MAX)
