"""What a customer can have for points now, and what stands in the way of the rest."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.calendar import business_date
from domain.errors import UnknownReward
from domain.ids import CustomerId, RewardId
from domain.offers import Offer, Shopper, offer
from domain.rewards import Reward, Stock, is_over, limit_since
from handlers.contract import Context
from handlers.parsing.names import Named, NameIndex
from handlers.usecases.statement import read_balance
from handlers.usecases.why import standing_of

POSSIBLE_MAX = 3
"""So many other rewards are named to who is short of points."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a customer can have now, by price."""

    available: int
    affordable: tuple[Offer, ...]
    coming: tuple[Offer, ...]
    """What only points are missing for, the nearest first."""
    barred: tuple[Offer, ...]
    """What something else stands in the way of, by price."""


def read_offers(ctx: Context, customer: CustomerId) -> Offered:
    """Read what a customer can have now; points that have ended do not count, booked or not."""
    wallet, _ = read_balance(ctx, customer)
    shopper = shopper_of(ctx, customer)
    stocks = ctx.work.stocks.all()
    free: list[Offer] = []
    barred: list[Offer] = []
    for reward in _shown(ctx, shopper):
        found = _judge(ctx, reward, stocks.get(reward.id), customer, shopper, quantity=1)
        (free if found.obstacle is None else barred).append(found)
    return Offered(
        wallet.available,
        tuple(one for one in free if one.reward.points <= wallet.available),
        tuple(one for one in free if one.reward.points > wallet.available),
        tuple(barred),
    )


def read_offer(ctx: Context, reward: Reward, customer: CustomerId, quantity: int) -> Offer:
    """Judge whether a customer can have so many of one reward now, points left aside."""
    stock = ctx.work.stocks.of(reward.id) if reward.has_stock else None
    return _judge(ctx, reward, stock, customer, shopper_of(ctx, customer), quantity=quantity)


def possible(ctx: Context, customer: CustomerId) -> tuple[str, ...]:
    """Name what else the customer can have now, the most valuable first: "3. 空调保养"."""
    dearest = reversed(read_offers(ctx, customer).affordable[-POSSIBLE_MAX:])
    return tuple(f"{one.reward.number}. {one.reward.name}" for one in dearest)


def shopper_of(ctx: Context, customer: CustomerId) -> Shopper:
    """Read what of a customer an offer depends on."""
    return Shopper(
        frozenset(ctx.work.customers.segments(customer)),
        ctx.work.rules.programmes().at(ctx.now).tiers,
        standing_of(ctx, customer),
    )


def reward_index(ctx: Context, customer: CustomerId) -> NameIndex[RewardId]:
    """Index what the customer may hear of by name; numbers are names too."""
    shopper = shopper_of(ctx, customer)
    return NameIndex(Named(one.id, one.name, str(one.number)) for one in _shown(ctx, shopper))


def find_reward(ctx: Context, number: int) -> Reward:
    """Find a reward by the number people type, on offer or not.

    Raises:
        UnknownReward: no such number.
    """
    found = ctx.work.rewards.find_number(number)
    if found is None:
        raise UnknownReward(str(number))
    return found


def _shown(ctx: Context, shopper: Shopper) -> Iterator[Reward]:
    """Give by price what is on offer, now or soon, to customers like this one."""
    for reward in sorted(ctx.work.rewards.all(), key=lambda one: (one.points, one.number)):
        is_meant = not reward.segments or reward.segments & shopper.segments
        if is_meant and not is_over(reward, ctx.now):
            yield reward


def _judge(
    ctx: Context,
    reward: Reward,
    stock: Stock | None,
    customer: CustomerId,
    shopper: Shopper,
    *,
    quantity: int,
) -> Offer:
    # A reward whose stock has no row has none left.
    there = (stock or Stock()) if reward.has_stock else None
    taken = 0
    if reward.limit is not None:
        since = limit_since(reward.limit.period, business_date(ctx.now))
        taken = ctx.work.redemptions.taken(customer, reward.id, since)
    return offer(reward, there, taken, shopper, quantity=quantity, now=ctx.now, today=ctx.today)
