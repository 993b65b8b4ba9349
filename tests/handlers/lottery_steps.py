"""What happens around a lottery in several tests: writing one down, opening it, drawing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.approvals import Verdict
from domain.draws import Draw
from domain.ids import CustomerId, RewardId
from domain.lotteries import Lottery, PrizeKind
from domain.repositories import Moved
from domain.rewards import Reward, RewardKind, StockMove
from handlers.contract import Context
from handlers.usecases.decisions import decide
from handlers.usecases.lotteries import (
    LotteryTerms,
    PrizeTerms,
    add_lottery,
    ask_opening,
    close_lottery,
)
from handlers.views import DrawPreview, DrawResult, LotteryCard
from tests.handlers.approval_steps import acting_as
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.stores import MAIN

TEA = Reward(
    id=RewardId("tea"),
    number=7,
    name="茶叶礼盒",
    kind=RewardKind.GOODS,
    points=500,
    cost=20_000,
    has_stock=True,
)
CARE = Reward(
    id=RewardId("care"),
    number=8,
    name="空调保养",
    kind=RewardKind.SERVICE,
    points=300,
    cost=15_000,
)
POINTS = PrizeTerms(PrizeKind.POINTS, "100 分", 3, points=100, months=12)
NOTHING = PrizeTerms(PrizeKind.NOTHING, "谢谢参与", 5)
BOX = PrizeTerms(PrizeKind.REWARD, "茶叶", 2, reward=7)
TERMS = LotteryTerms(
    name="新年抽奖",
    price=20,
    opens_at=START,
    closes_at=datetime(2026, 12, 31, 16, tzinfo=UTC),
    per_day=None,
    per_customer=None,
    prizes=(BOX, POINTS, NOTHING),
)


def stocked(chat: Chat, reward: Reward = TEA, quantity: int = 5) -> None:
    """Put a reward on offer, with so many of it."""

    def act(ctx: Context) -> None:
        ctx.work.rewards.add(reward)
        if reward.has_stock and quantity:
            moved = Moved(
                id=ctx.ids.new(),
                reward=reward.id,
                move=StockMove.RECEIVE,
                quantity=quantity,
                redemption=None,
                actor="system",
                at=ctx.now,
            )
            assert ctx.work.stocks.move(moved)

    chat.acts(act)


def drafted(chat: Chat, terms: LotteryTerms = TERMS, who: str = "zhou", **changes: Any) -> Lottery:
    """Let finance write a lottery down."""
    changed = replace(terms, **changes)
    made: Lottery = chat.acts(lambda ctx: add_lottery(acting_as(ctx, who), changed))
    return made


def opened(chat: Chat, terms: LotteryTerms = TERMS, **changes: Any) -> Lottery:
    """Let a lottery be written down, asked for and opened by a second person."""
    lottery = drafted(chat, terms, **changes)
    approval = chat.acts(lambda ctx: ask_opening(acting_as(ctx, "zhou"), lottery.number))
    chat.acts(lambda ctx: decide(acting_as(ctx, "zhang"), approval.id, Verdict.APPROVE, ""))
    return stored(chat, lottery.number)


def closed(chat: Chat, number: int = 1) -> Lottery:
    """Let finance close a lottery."""
    made: Lottery = chat.acts(lambda ctx: close_lottery(acting_as(ctx, "zhou"), number))
    return made


def stored(chat: Chat, number: int = 1) -> Lottery:
    """Give a stored lottery."""
    [found] = [one for one in chat.store.committed(MAIN).lotteries.values() if one.number == number]
    return found


def draws(chat: Chat) -> list[Draw]:
    """Give all draws in order."""
    return sorted(chat.store.committed(MAIN).draws.values(), key=lambda draw: draw.number)


def previewed(chat: Chat, who: str = "wang", words: str = "抽奖") -> DrawPreview:
    """Let a customer see what a draw costs."""
    card = chat.says(who, words)
    assert isinstance(card, LotteryCard), card
    preview = chat.presses(who, card, "draw")
    assert isinstance(preview, DrawPreview), preview
    return preview


def draw(chat: Chat, who: str = "wang", words: str = "抽奖") -> DrawResult:
    """Let a customer draw once."""
    result = chat.presses(who, previewed(chat, who, words), "confirm")
    assert isinstance(result, DrawResult), result
    return result


def wallet(chat: Chat, customer: str = "C001") -> tuple[int, int, int]:
    """Give what a customer can spend, has set aside and owes."""
    found: Any = chat.store.committed(MAIN).wallets[CustomerId(customer)]
    return found.available, found.held, found.debt


def next_day(chat: Chat) -> None:
    """Let a day pass."""
    chat.pass_time(days=1)


HOUR = timedelta(hours=1)
