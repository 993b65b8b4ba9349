"""The customer's side of a lottery: what a draw costs, and drawing, once per ticket."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.draws import Draw, draw_hash, next_draw, taken
from domain.errors import NoLottery, ShortForDraw, ShortOfPoints, UnknownLottery
from domain.ids import CustomerId, DrawId, HoldId, LotteryId
from domain.ledger import Reason
from domain.lotteries import (
    Lottery,
    LotteryState,
    Prize,
    PrizeKind,
    check_draw,
    start_of_today,
)
from domain.ports import Work
from domain.posting import lot_end
from domain.redemptions import Redemption
from domain.tickets import Ticket, TicketKind
from handlers.actors import contact_of
from handlers.audit import write_note
from handlers.contract import Context
from handlers.usecases.books import machine_cause, open_book, store_books
from handlers.usecases.holds import hold_points, settle_hold
from handlers.usecases.lotteries import find_lottery, release_prizes
from handlers.usecases.redeeming import give_prize
from handlers.usecases.statement import read_balance
from handlers.usecases.tickets import open_ticket, use_ticket

_HELD = timedelta(minutes=1)
"""A draw spends what it has set aside in the same transaction."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw with what it has brought."""

    draw: Draw
    lottery: Lottery
    """As it is now."""
    prize: Prize
    ends_at: datetime | None
    """When the points that were won end; None for anything else."""
    redemption: Redemption | None
    """What a reward is handed over by."""


def lotteries_on(ctx: Context) -> list[Lottery]:
    """List the lotteries in which one can draw now, or later, soonest end first.

    Raises:
        NoLottery: there is none.
    """
    found = [
        one
        for one in ctx.work.lotteries.all()
        if one.state is LotteryState.OPEN and ctx.now < one.closes_at
    ]
    if not found:
        raise NoLottery
    return sorted(found, key=lambda one: (one.closes_at, one.number))


def find_published(work: Work, typed: str) -> Lottery:
    """Find a lottery that everybody may see.

    Raises:
        UnknownLottery: no such number, or it is a draft.
    """
    found = find_lottery(work, typed)
    if found.state is LotteryState.DRAFT:
        raise UnknownLottery(typed)
    return found


def count_draws(ctx: Context, lottery: Lottery, customer: CustomerId) -> tuple[int, int]:
    """Count how often a customer has drawn today, and ever."""
    return ctx.work.lotteries.count(lottery.id, customer, start_of_today(ctx.now))


def preview_draw(ctx: Context, lottery: Lottery) -> int:
    """Give what the speaker could spend before a draw, by the same checks; changes nothing.

    Raises:
        LotteryOver: it is closed, or its time is over.
        LotteryNotOpen: it begins later.
        UrnEmpty: everything is drawn.
        DrawLimit: the customer has drawn as often as one may.
        ShortForDraw: the points do not suffice.
    """
    _, customer = contact_of(ctx)
    _check(ctx, lottery, customer.id)
    wallet, _ = read_balance(ctx, customer.id)
    if wallet.available < lottery.price:
        raise ShortForDraw(lottery.name, wallet.available, lottery.price)
    return wallet.available


def offer(ctx: Context, kind: TicketKind, lottery: Lottery) -> str:
    """Make the ticket whose button previews a draw, or draws."""
    contact, _ = contact_of(ctx)
    return open_ticket(
        ctx.work, ctx.ids, kind, {"lottery": lottery.id}, now=ctx.now, contact=contact.id
    )


def draw_once(ctx: Context, ticket: Ticket) -> Drawn:
    """Draw what a preview has offered, once: the same ticket gives the same draw for ever.

    Points, number, ticket of the urn, prize: all or nothing. Locks the wallet, the lottery,
    then the stock and the counter of redemptions.

    Raises:
        TicketUsed: the preview was dropped.
        TicketExpired: it is too old.
        LotteryOver: it is closed, or its time is over.
        LotteryNotOpen: it begins later.
        UrnEmpty: everything is drawn.
        DrawLimit: the customer has drawn as often as one may.
        ShortForDraw: the points do not suffice.
    """
    _, customer = contact_of(ctx)
    source = f"ticket:{ticket.id}"
    # From here on nobody else draws for the customer, with this ticket or another.
    ctx.work.wallets.lock(customer.id)
    before = ctx.work.lotteries.find_draw(source)
    if before is not None:
        return drawn_of(ctx, before)
    use_ticket(ctx, ticket)
    return _draw(ctx, LotteryId(ticket.payload["lottery"]), source)


def drawn_of(ctx: Context, draw: Draw) -> Drawn:
    """Give what a draw has brought."""
    lottery = ctx.work.lotteries.get(draw.lottery)
    [prize] = [one for one in lottery.prizes if one.place == draw.prize]
    ends_at = lot_end(draw.drawn_at, prize.months) if prize.kind is PrizeKind.POINTS else None
    return Drawn(draw, lottery, prize, ends_at, ctx.work.redemptions.find_source(draw.purpose))


def _draw(ctx: Context, lottery_id: LotteryId, source: str) -> Drawn:
    contact, customer = contact_of(ctx)
    draw_id = DrawId(ctx.ids.new())
    # Seen before the points are taken, so that the first reason is the one that is told.
    lottery = ctx.work.lotteries.get(lottery_id)
    _check(ctx, lottery, customer.id)
    _pay(ctx, lottery, draw_id, customer.id)
    lottery = ctx.work.lotteries.lock(lottery_id)
    _check(ctx, lottery, customer.id)
    prize = next_draw(lottery, ctx.work.lotteries.secret(lottery_id))
    draw = Draw(
        id=draw_id,
        lottery=lottery.id,
        number=lottery.drawn + 1,
        source=source,
        customer=customer.id,
        contact=contact.id,
        prize=prize.place,
        price=lottery.price,
        drawn_at=ctx.now,
        previous=lottery.head,
    )
    draw = replace(draw, hash=draw_hash(draw))
    ctx.work.lotteries.add_draw(draw)
    ctx.work.lotteries.save(taken(lottery, prize.place, draw.hash))
    _give(ctx, lottery, prize, draw)
    write_note(
        ctx,
        "drawn",
        lottery.subject,
        after={"draw": draw.id, "number": draw.number, "prize": prize.place},
    )
    return drawn_of(ctx, draw)


def _pay(ctx: Context, lottery: Lottery, draw: DrawId, customer: CustomerId) -> None:
    hold = HoldId(draw)
    try:
        hold_points(
            ctx,
            hold,
            customer,
            lottery.price,
            purpose=f"draw:{draw}",
            expires_at=ctx.now + _HELD,
        )
    except ShortOfPoints as short:
        raise ShortForDraw(lottery.name, short.available, lottery.price) from None
    settle_hold(ctx, hold)


def _give(ctx: Context, lottery: Lottery, prize: Prize, draw: Draw) -> None:
    """Give what was drawn, noted with the draw."""
    if prize.kind is PrizeKind.POINTS:
        book = open_book(ctx, draw.customer)
        cause = machine_cause(ctx, draw.purpose, ctx.now, note=draw.purpose)
        ends_at = lot_end(ctx.now, prize.months)
        book.award(prize.points, cause, expires_at=ends_at, reason=Reason.PRIZE)
        store_books(ctx, [book], {})
    elif prize.reward is not None:
        if prize.has_stock:
            # What was set aside for the lottery is set aside for the customer from now on.
            release_prizes(ctx, lottery, prize.reward, 1)
        # With stock or without as it was promised, whatever the catalogue says by now.
        reward = replace(ctx.work.rewards.get(prize.reward), has_stock=prize.has_stock)
        give_prize(ctx, reward, 1, draw.customer, draw.purpose)


def _check(ctx: Context, lottery: Lottery, customer: CustomerId) -> None:
    today, ever = count_draws(ctx, lottery, customer)
    check_draw(lottery, today=today, ever=ever, now=ctx.now)
