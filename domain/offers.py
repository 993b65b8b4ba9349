"""Whether one customer may have a reward now, and if not, why and what is possible."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.errors import (
    DomainError,
    LimitReached,
    NotForYou,
    RewardNotOpen,
    RewardOver,
    SoldOut,
    TierTooLow,
)
from domain.rewards import Reward, Stock, is_over, limit_again_on
from domain.tiers import Outlook, TierPolicy


@dataclass(frozen=True, slots=True)
class Shopper:
    """What of a customer an offer depends on, beside the points."""

    segments: frozenset[str]
    policy: TierPolicy | None
    outlook: Outlook | None
    """Where the customer stands between the tiers; None without tiers."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward as one customer can have it now."""

    reward: Reward
    left: int | None
    """How many there are; None without stock."""
    allowed: int | None
    """How many more the limit allows; None without a limit."""
    obstacle: DomainError | None
    """Why the customer can't have even one, points left aside."""

    @property
    def most(self) -> int | None:
        """Give how many the customer could have at once; None: no bound but the points."""
        bounds = [bound for bound in (self.left, self.allowed) if bound is not None]
        return min(bounds) if bounds else None


def offer(
    reward: Reward,
    stock: Stock | None,
    taken: int,
    shopper: Shopper,
    *,
    quantity: int,
    now: datetime,
    today: date,
) -> Offer:
    """Judge whether a customer may have so many of a reward, of which `taken` count by now.

    The first obstacle counts: what nobody can have before what this customer can't.
    """
    left = None if stock is None else stock.available
    allowed = None if reward.limit is None else max(0, reward.limit.quantity - taken)
    found = _closed(reward, now) or _not_for(reward, shopper)
    if found is None and left is not None and left < quantity:
        found = SoldOut(reward.name, left, quantity)
    if found is None and reward.limit is not None and allowed is not None and allowed < quantity:
        again = limit_again_on(reward.limit.period, today)
        limit = reward.limit
        found = LimitReached(
            reward.name, limit.quantity, limit.period, allowed, quantity, again_on=again
        )
    return Offer(reward, left, allowed, found)


def _closed(reward: Reward, now: datetime) -> DomainError | None:
    if is_over(reward, now):
        return RewardOver(reward.name, reward.closes_at if reward.is_active else None)
    if reward.opens_at is not None and now < reward.opens_at:
        return RewardNotOpen(reward.name, reward.opens_at)
    return None


def _not_for(reward: Reward, shopper: Shopper) -> DomainError | None:
    if reward.segments and not reward.segments & shopper.segments:
        return NotForYou(reward.name)
    if not reward.tier or shopper.policy is None or shopper.outlook is None:
        return None
    tiers = {tier.code: tier for tier in shopper.policy.tiers}
    needed, has = tiers.get(reward.tier), shopper.outlook.tier
    if needed is None or (has is not None and has.threshold >= needed.threshold):
        return None
    missing = max(0, needed.threshold - shopper.outlook.points)
    return TierTooLow(reward.name, needed.name, has.name if has else "", missing)
