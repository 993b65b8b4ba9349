"""The firm's side of a lottery: writing it down, opening it with a second person, closing it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.approvals import Approval, ApprovalKind, ApprovalState, LotteryAsked, PrizeAsked
from domain.draws import commitment_of
from domain.errors import PrizeShort, UnknownLottery, UnknownReward
from domain.ids import LotteryId, RewardId
from domain.lotteries import (
    Lottery,
    LotteryState,
    Prize,
    PrizeKind,
    closed,
    opened,
    refuse_too_dear,
)
from domain.ports import Work
from domain.repositories import Moved
from domain.rewards import StockMove
from handlers.audit import write_note
from handlers.contract import Context
from handlers.menu import rights
from handlers.parsing.numbers import parse_number
from handlers.permissions import Permission, check
from handlers.usecases.approvals import ask


@dataclass(frozen=True, slots=True)
class PrizeTerms:
    """What a prize is to be; `reward` is the number people call a reward by."""

    kind: PrizeKind
    name: str
    count: int
    points: int = 0
    months: int = 0
    reward: int = 0
    worth: int = 0
    """In fen."""


@dataclass(frozen=True, slots=True)
class LotteryTerms:
    """What a lottery is to be, before anybody has read it."""

    name: str
    price: int
    opens_at: datetime
    closes_at: datetime
    per_day: int | None
    per_customer: int | None
    prizes: Sequence[PrizeTerms]


def add_lottery(ctx: Context, terms: LotteryTerms) -> Lottery:
    """Write a lottery down as a draft; what it says is never changed again.

    Raises:
        NotPermitted: the actor may not.
        UnknownReward: a prize is a reward that is not there.
        PrizeTooDear: a prize is worth more than the law lets be drawn.
    """
    check(Permission.EDIT_RULES, rights(ctx))
    prizes = tuple(_prize(ctx, place, prize) for place, prize in enumerate(terms.prizes, 1))
    refuse_too_dear(prizes, _point_fen(ctx))
    lottery = Lottery(
        id=LotteryId(ctx.ids.new()),
        number=ctx.work.lotteries.next_number(),
        name=terms.name,
        price=terms.price,
        opens_at=terms.opens_at,
        closes_at=terms.closes_at,
        per_day=terms.per_day,
        per_customer=terms.per_customer,
        prizes=prizes,
    )
    ctx.work.lotteries.add(lottery)
    write_note(ctx, "lottery_added", lottery.subject, after={"terms": lottery.terms()})
    return lottery


def ask_opening(ctx: Context, number: int) -> Approval:
    """Ask a second person to let a draft be opened.

    Raises:
        NotPermitted: the actor may not.
        UnknownLottery: no such number.
        LotteryStands: it is no draft.
        LotteryOver: its time is over.
        PrizeShort: there is not as much in stock as it promises.
        PrizeTooDear: a prize is worth more than the law lets be drawn.
        ApprovalPending: it waits for a decision already.
        NoApprover: there is nobody else who may decide.
    """
    check(Permission.EDIT_RULES, rights(ctx))
    lottery = find_lottery(ctx.work, str(number))
    opened(lottery, "", ctx.now)
    refuse_too_dear(lottery.prizes, _point_fen(ctx))
    _refuse_short(ctx, lottery)
    return ask(
        ctx,
        ApprovalKind.LOTTERY,
        lottery.subject,
        {"lottery": lottery.id},
        {"name": lottery.name, "lottery": _asked(lottery)},
    )


def open_lottery(ctx: Context, approval: Approval) -> None:
    """Open the lottery of an approval: make its seed, commit to it, set the prizes aside.

    One that ended otherwise leaves the draft as it is. Locks the lottery, then the stock.

    Raises:
        LotteryOver: its time is over by now.
        PrizeShort: there is not as much in stock as it promises.
        PrizeTooDear: a prize is worth more than the law lets be drawn.
    """
    if approval.state is not ApprovalState.APPROVED:
        return
    draft = ctx.work.lotteries.lock(LotteryId(str(approval.payload["lottery"])))
    seed = ctx.ids.secret()
    lottery = opened(draft, commitment_of(seed, draft.terms()), ctx.now)
    refuse_too_dear(lottery.prizes, _point_fen(ctx))
    for reward, count in lottery.stocked().items():
        if not _move(ctx, lottery, reward, StockMove.HOLD, count):
            raise _short(ctx, reward, count)
    ctx.work.lotteries.publish(lottery, seed)
    write_note(ctx, "lottery_opened", lottery.subject, after={"commitment": lottery.commitment})


def close_lottery(ctx: Context, number: int) -> Lottery:
    """Close an open lottery for good: its seed can be read, prizes nobody drew are free again.

    Locks the lottery, then the stock.

    Raises:
        NotPermitted: the actor may not.
        UnknownLottery: no such number.
        LotteryStands: it is not open.
    """
    check(Permission.EDIT_RULES, rights(ctx))
    return _close(ctx, ctx.work.lotteries.lock(find_lottery(ctx.work, str(number)).id))


def close_overdue(ctx: Context, lottery_id: LotteryId) -> bool:
    """Close a lottery whose time is over; False when it was closed meanwhile."""
    lottery = ctx.work.lotteries.lock(lottery_id)
    if lottery.state is not LotteryState.OPEN:
        return False
    _close(ctx, lottery)
    return True


def find_lottery(work: Work, typed: str) -> Lottery:
    """Find a lottery by the number people type.

    Raises:
        UnknownLottery: no such number.
    """
    number = parse_number(typed)
    found = None if number is None else work.lotteries.find_number(number)
    if found is None:
        raise UnknownLottery(typed)
    return found


def release_prizes(ctx: Context, lottery: Lottery, reward: RewardId, count: int) -> None:
    """Give back what a lottery has set aside of a reward. Locks the reward's stock.

    Raises:
        ValueError: it has not as many; that is a bug.
    """
    if not _move(ctx, lottery, reward, StockMove.RELEASE, count):
        raise ValueError(reward)


def _move(ctx: Context, lottery: Lottery, reward: RewardId, move: StockMove, quantity: int) -> bool:
    """Move stock for a lottery; False when there are not as many, and then nothing is kept."""
    if not quantity:
        return True
    return ctx.work.stocks.move(
        Moved(
            id=ctx.ids.new(),
            reward=reward,
            move=move,
            quantity=quantity,
            redemption=None,
            actor=ctx.actor_name,
            at=ctx.now,
            note=lottery.subject,
        )
    )


def _close(ctx: Context, lottery: Lottery) -> Lottery:
    ended = closed(lottery, ctx.now)
    ended = replace(ended, seed=ctx.work.lotteries.secret(lottery.id))
    for reward, count in ended.stocked().items():
        release_prizes(ctx, ended, reward, count)
    ctx.work.lotteries.save(ended)
    write_note(ctx, "lottery_closed", ended.subject, after={"drawn": ended.drawn})
    return ended


def _prize(ctx: Context, place: int, terms: PrizeTerms) -> Prize:
    prize = Prize(
        place=place,
        kind=terms.kind,
        name=terms.name,
        count=terms.count,
        left=terms.count,
        points=terms.points,
        months=terms.months,
        worth=terms.worth,
    )
    if terms.kind is not PrizeKind.REWARD:
        return prize
    reward = ctx.work.rewards.find_number(terms.reward)
    if reward is None:
        raise UnknownReward(str(terms.reward))
    # What a voucher takes off, or what it costs the firm, it is worth at the least.
    worth = max(terms.worth, reward.value, reward.cost)
    return replace(prize, reward=reward.id, has_stock=reward.has_stock, worth=worth)


def _asked(lottery: Lottery) -> LotteryAsked:
    return LotteryAsked(
        price=lottery.price,
        opens_at=lottery.opens_at.isoformat(timespec="seconds"),
        closes_at=lottery.closes_at.isoformat(timespec="seconds"),
        per_day=lottery.per_day or 0,
        per_customer=lottery.per_customer or 0,
        prizes=[
            PrizeAsked(name=one.name, count=one.count, points=one.points) for one in lottery.prizes
        ],
    )


def _point_fen(ctx: Context) -> int:
    return ctx.work.rules.programmes().at(ctx.now).point_fen


def _refuse_short(ctx: Context, lottery: Lottery) -> None:
    for reward, count in lottery.stocked().items():
        if ctx.work.stocks.of(reward).available < count:
            raise _short(ctx, reward, count)


def _short(ctx: Context, reward: RewardId, count: int) -> PrizeShort:
    left = ctx.work.stocks.of(reward).available
    return PrizeShort(ctx.work.rewards.get(reward).name, left, count)
