"""The record of a lottery that everybody may read, and the check of all of it by the firm."""

from collections.abc import Iterator
from typing import Any

from domain.draws import Draw, DrawFault, FoundFault, replay
from domain.errors import LotteryStands
from domain.holds import HoldState
from domain.ids import HoldId
from domain.lotteries import Lottery, LotteryState, Prize, PrizeKind
from domain.ports import Work
from domain.sealing import instant
from handlers.contract import Context
from handlers.usecases.lotteries import find_lottery


def record_of(work: Work, lottery: Lottery) -> dict[str, Any]:
    """Write down all that is needed to check a lottery, and nothing that says who has drawn.

    The seed is there once the lottery is closed (docs/lottery.md).
    """
    return {
        "id": lottery.id,
        "number": lottery.number,
        "name": lottery.name,
        "state": lottery.state.value,
        "terms": lottery.terms(),
        "commitment": lottery.commitment,
        "seed": lottery.seed,
        "left": [prize.left for prize in lottery.prizes],
        "drawn": lottery.drawn,
        "head": lottery.head,
        "draws": [_published(draw) for draw in work.lotteries.draws(lottery.id)],
    }


def verify_lottery(ctx: Context, number: int) -> tuple[Lottery, list[FoundFault]]:
    """Draw everything of a lottery again, and look whether points and prizes were moved for it.

    Works before it is closed too: the seed is read, and told to nobody.

    Raises:
        UnknownLottery: no such number.
        LotteryStands: it is a draft, of which nothing was drawn.
    """
    lottery = find_lottery(ctx.work, str(number))
    if lottery.state is LotteryState.DRAFT:
        raise LotteryStands(lottery.number, lottery.name, lottery.state)
    draws = ctx.work.lotteries.draws(lottery.id)
    found = list(replay(lottery, ctx.work.lotteries.secret(lottery.id), draws))
    for draw in draws:
        found += _moved(ctx, lottery, draw)
    return lottery, found


def _moved(ctx: Context, lottery: Lottery, draw: Draw) -> Iterator[FoundFault]:
    """Say what of a draw's points and prize the ledger and the redemptions don't know."""
    hold = ctx.work.holds.find(HoldId(draw.id))
    paid = (draw.customer, lottery.price, draw.purpose, HoldState.SETTLED)
    if hold is None or (hold.customer, hold.points, hold.purpose, hold.state) != paid:
        yield FoundFault(DrawFault.POINTS, draw.number)
    prizes = {prize.place: prize for prize in lottery.prizes}
    prize = prizes.get(draw.prize)
    if prize is None or not _is_given(ctx, prize, draw):
        yield FoundFault(DrawFault.GIVEN, draw.number)


def _is_given(ctx: Context, prize: Prize, draw: Draw) -> bool:
    redemption = ctx.work.redemptions.find_source(draw.purpose)
    entry = ctx.work.wallets.of_key(f"{draw.purpose}#0")
    if prize.kind is PrizeKind.REWARD:
        return (
            entry is None
            and redemption is not None
            and (redemption.customer, redemption.reward) == (draw.customer, prize.reward)
        )
    if prize.kind is PrizeKind.POINTS:
        return (
            redemption is None
            and entry is not None
            and (entry.customer, entry.points) == (draw.customer, prize.points)
        )
    return redemption is None and entry is None


def _published(draw: Draw) -> dict[str, Any]:
    return {
        "number": draw.number,
        "id": draw.id,
        "who": draw.who,
        "prize": draw.prize,
        "price": draw.price,
        "drawn_at": instant(draw.drawn_at),
        "previous": draw.previous,
        "hash": draw.hash,
    }
