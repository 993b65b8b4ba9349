"""Turning points into a reward: the preview, and the purchase that it leads to.

A preview's ticket says what was shown: reward, version, price, quantity. Buying by it checks
everything afresh under the wallet's lock, and the same ticket never buys twice. Points that end at
midnight count for what is set aside before; from then on they stay set aside whoever agrees later.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from domain.errors import ShortForReward, ShortOfPoints
from domain.ids import CustomerId, RedemptionId, RewardId
from domain.redemptions import (
    AGREE_WITHIN,
    CONFIRM_WITHIN,
    HOLD_WITHIN,
    Redemption,
    RedemptionState,
    is_on_terms,
)
from domain.rewards import Reward, last_day_of_use
from domain.tickets import Ticket, TicketKind, fresh
from handlers.actors import owner_of
from handlers.contract import Context
from handlers.usecases.agreeing import Second, ask_approver, seconds
from handlers.usecases.books import machine_cause, peek_book
from handlers.usecases.holds import hold_points
from handlers.usecases.offers import possible, read_offer
from handlers.usecases.redemption_moves import begin
from handlers.usecases.statement import Ending
from handlers.usecases.stock import warn_if_low
from handlers.usecases.tickets import open_ticket, use_ticket
from handlers.usecases.why import last_day


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted, and for whom."""

    reward: Reward
    quantity: int
    customer: CustomerId

    @property
    def points(self) -> int:
        """Give the price of all of it."""
        return self.reward.points * self.quantity


@dataclass(frozen=True, slots=True)
class Preview:
    """What buying something would do."""

    order: Order
    available: int
    """Points that can be spent before."""
    takes: tuple[Ending, ...]
    """Which points would be used, by the last day they could have been spent, soonest first."""
    second: Second
    last_day: date | None
    """Until when it could be used; None: no end."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The terms are no longer those that a preview has shown; nothing was bought."""

    order: Order


def preview(ctx: Context, order: Order) -> Preview:
    """Give what buying something would do now, by the same checks; changes nothing.

    Raises:
        DomainError: why the customer can't have it, and what is possible.
    """
    _check_offer(ctx, order)
    second = seconds(ctx, order.reward, order.customer)
    book = peek_book(ctx, order.customer)
    available = book.available
    try:
        book.hold(order.points, machine_cause(ctx, "preview", ctx.now))
    except ShortOfPoints as short:
        raise _short(ctx, order, short.available) from None
    by_day: dict[date, int] = {}
    for use in book.moves[-1].takes:
        day = last_day(book.shelf[use.lot])
        by_day[day] = by_day.get(day, 0) + use.points
    return Preview(
        order,
        available,
        tuple(Ending(points, day) for day, points in sorted(by_day.items())),
        second,
        last_day_of_use(order.reward.valid_days, ctx.now),
    )


def offer_redemption(ctx: Context, order: Order) -> str:
    """Make the ticket whose button buys what a preview has shown."""
    member, contact = owner_of(ctx)
    payload = {
        "reward": order.reward.id,
        "quantity": str(order.quantity),
        "version": str(order.reward.version),
        "points": str(order.reward.points),
    }
    return open_ticket(
        ctx.work,
        ctx.ids,
        TicketKind.REDEEM,
        payload,
        now=ctx.now,
        member=member,
        contact=contact,
    )


def redeem(ctx: Context, ticket: Ticket, customer: CustomerId) -> Redemption | Changed:
    """Buy what a preview has shown, once; asked again it gives what was bought.

    Locks the wallet, then the stock, then the counter of numbers.

    Raises:
        TicketUsed: the preview was dropped.
        TicketExpired: it is too old.
        DomainError: why the customer can't have it any more; nothing is kept then.
    """
    source = f"ticket:{ticket.id}"
    found = _bought(ctx, customer, source)
    if found is not None:
        return found
    fresh(ticket, ctx.now)
    payload = ticket.payload
    reward = ctx.work.rewards.get(RewardId(payload["reward"]))
    order = Order(reward, int(payload["quantity"]), customer)
    if not is_on_terms(reward, version=int(payload["version"]), points=int(payload["points"])):
        return Changed(order)
    use_ticket(ctx, ticket)
    return _buy(ctx, order, _new(ctx, order, source))


def drop_preview(ctx: Context, ticket: Ticket) -> Redemption | None:
    """Drop a preview; None when nothing was bought by it, else what was.

    Raises:
        TicketExpired: it is too old, so there is nothing to drop.
    """
    if ticket.used_at is None and ctx.work.tickets.use(fresh(ticket, ctx.now).id, ctx.now):
        return None
    return ctx.work.redemptions.find_source(f"ticket:{ticket.id}")


def reserve(ctx: Context, order: Order, source: str) -> Redemption:
    """Set points and stock aside until the same side confirms, once per source.

    Locks the wallet, then the stock, then the counter of numbers.

    Raises:
        DomainError: why the customer can't have it; nothing is kept then.
    """
    found = _bought(ctx, order.customer, source)
    if found is not None:
        return found
    return _buy(ctx, order, _new(ctx, order, source, waits_for_confirmation=True))


def _buy(ctx: Context, order: Order, new: Redemption) -> Redemption:
    """Set points and stock aside, and spend them at once where nobody else has to agree."""
    _check_offer(ctx, order)
    seconds(ctx, order.reward, order.customer)
    try:
        hold_points(
            ctx,
            new.hold,
            new.customer,
            new.points,
            purpose=new.purpose,
            expires_at=ctx.now + HOLD_WITHIN,
        )
    except ShortOfPoints as short:
        raise _short(ctx, order, short.available) from None
    return _begin(ctx, order.reward, new)


def give_prize(
    ctx: Context, reward: Reward, quantity: int, customer: CustomerId, source: str
) -> Redemption:
    """Give a customer something that costs no points, once per source.

    Whether the customer may have it is the caller's to see. Locks the wallet, then the stock, then
    the counter of numbers.

    Raises:
        SoldOut: there are not as many.
    """
    found = _bought(ctx, customer, source)
    if found is not None:
        return found
    order = Order(reward, quantity, customer)
    return _begin(ctx, reward, _new(ctx, order, source, is_prize=True))


def _bought(ctx: Context, customer: CustomerId, source: str) -> Redemption | None:
    """Give what a source has bought; from here on nobody else buys for the customer."""
    ctx.work.wallets.lock(customer)
    return ctx.work.redemptions.find_source(source)


def _begin(ctx: Context, reward: Reward, new: Redemption) -> Redemption:
    begun = begin(ctx, new)
    if begun.has_stock:
        warn_if_low(ctx, reward, begun.quantity)
    ask_approver(ctx, begun)
    return begun


def _check_offer(ctx: Context, order: Order) -> None:
    found = read_offer(ctx, order.reward, order.customer, order.quantity)
    if found.obstacle is not None:
        raise found.obstacle


def _short(ctx: Context, order: Order, available: int) -> ShortForReward:
    reward = order.reward
    return ShortForReward(
        reward.name,
        available,
        order.points,
        most=min(available // reward.points, order.quantity),
        possible=possible(ctx, order.customer),
    )


def _new(
    ctx: Context,
    order: Order,
    source: str,
    *,
    waits_for_confirmation: bool = False,
    is_prize: bool = False,
) -> Redemption:
    """Make a redemption on the reward's present terms; its number is given when it is stored."""
    reward = order.reward
    member, contact = (None, None) if is_prize else owner_of(ctx)
    for_contact, for_approver = (
        needed and not is_prize for needed in (reward.needs_contact, reward.needs_approver)
    )
    is_waiting = for_contact or for_approver or waits_for_confirmation
    within = CONFIRM_WITHIN if waits_for_confirmation else AGREE_WITHIN
    return Redemption(
        id=RedemptionId(ctx.ids.new()),
        number=0,
        source=source,
        customer=order.customer,
        contact=contact,
        member=member,
        reward=reward.id,
        reward_version=reward.version,
        name=reward.name,
        kind=reward.kind,
        quantity=order.quantity,
        points_each=0 if is_prize else reward.points,
        cost_each=reward.cost,
        value_each=reward.value,
        valid_days=reward.valid_days,
        is_partly_usable=reward.is_partly_usable,
        has_stock=reward.has_stock,
        waits_for_contact=for_contact,
        waits_for_approver=for_approver,
        waits_for_confirmation=waits_for_confirmation,
        held_at=ctx.now,
        expires_at=ctx.now + (within if is_waiting else timedelta(0)),
        state=RedemptionState.HELD if is_waiting else RedemptionState.PLACED,
        placed_at=None if is_waiting else ctx.now,
    )
