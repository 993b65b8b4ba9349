"""How rewards sell beside who could afford them, and what that says about their prices."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.ids import RewardId
from domain.repositories import Sold
from domain.reward_terms import worth
from domain.rewards import Reward, is_over

RECENT: Final = timedelta(days=30)
SINCE: Final = timedelta(days=90)
CUSTOMERS_MIN: Final = 10
"""Fewer customers say nothing about a price."""
BUYERS_MIN: Final = 5
FEW_PERCENT: Final = 10
"""So few of the customers can afford what is priced too high."""
MANY_PERCENT: Final = 50
"""So many of those who can afford it have it when it is priced too low."""
_MORE_PERCENT: Final = 120
_QUARTER: Final = 4
_ALL: Final = 100


class HintKind(StrEnum):
    """What figures say about a price."""

    WORTH_MORE = "worth_more"
    """A point buys more than the firm books for it."""
    TOO_HIGH = "too_high"
    """Hardly anybody can afford it, and nobody has."""
    TOO_LOW = "too_low"
    """Most of those who can afford it have it."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Another price to think about, and how many customers could afford it."""

    kind: HintKind
    points: int
    able: int


@dataclass(frozen=True, slots=True)
class Selling:
    """How one reward sells."""

    reward: Reward
    sold: Sold
    able: int
    """How many customers can afford one now."""
    customers: int
    """All there are."""
    booked: int
    """What the firm books for the price, in fen."""
    hint: Hint | None

    @property
    def given(self) -> int:
        """Give what the firm gives away with one, in fen."""
        return worth(self.reward)

    @property
    def able_percent(self) -> int:
        """Give the share of the customers who can afford one now."""
        return self.able * _ALL // self.customers if self.customers else 0

    @property
    def taken_percent(self) -> int:
        """Give the share of those who have bought it among all who could have."""
        could = max(self.able, self.sold.customers)
        return self.sold.customers * _ALL // could if could else 0


def report_on(
    rewards: Sequence[Reward],
    sold: Mapping[RewardId, Sold],
    balances: Sequence[int],
    *,
    point_fen: int,
    now: datetime,
) -> list[Selling]:
    """Put figures beside rewards; `balances` are what each customer can spend, rising."""
    return [
        _selling(reward, sold.get(reward.id, Sold()), balances, point_fen=point_fen, now=now)
        for reward in rewards
    ]


def _selling(
    reward: Reward, sold: Sold, balances: Sequence[int], *, point_fen: int, now: datetime
) -> Selling:
    able, booked = _able(balances, reward.points), reward.points * point_fen
    selling = Selling(reward, sold, able, len(balances), booked, None)
    if is_over(reward, now):
        return selling
    return replace(selling, hint=_hint(selling, balances, point_fen))


def _hint(selling: Selling, balances: Sequence[int], point_fen: int) -> Hint | None:
    points = selling.reward.points
    fair = -(-selling.given // point_fen)
    if selling.given > selling.booked:
        return _hinted(HintKind.WORTH_MORE, _rounded_up(fair), balances)
    if selling.customers < CUSTOMERS_MIN:
        return None
    if selling.sold.customers >= BUYERS_MIN and selling.taken_percent >= MANY_PERCENT:
        return _hinted(HintKind.TOO_LOW, _rounded_up(points * _MORE_PERCENT // _ALL), balances)
    if selling.sold.quantity or selling.able_percent >= FEW_PERCENT:
        return None
    # What the richest quarter has, but never below what a point may cost.
    wanted = _rounded_down(balances[len(balances) - 1 - (len(balances) - 1) // _QUARTER])
    if not max(fair, 1) <= wanted < points:
        return None
    return _hinted(HintKind.TOO_HIGH, wanted, balances)


def _hinted(kind: HintKind, points: int, balances: Sequence[int]) -> Hint:
    return Hint(kind, points, _able(balances, points))


def _able(balances: Sequence[int], points: int) -> int:
    return len(balances) - bisect_left(balances, points)


def _rounded_down(points: int) -> int:
    return points // _step(points) * _step(points)


def _rounded_up(points: int) -> int:
    return -(-points // _step(points)) * _step(points)


def _step(points: int) -> int:
    """Give what a price is rounded to: two digits matter."""
    step = 1
    while points >= step * _ALL:
        step *= 10
    return step
