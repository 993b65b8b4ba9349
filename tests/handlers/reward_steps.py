"""What happens around rewards in several tests: storing them, acting as somebody, reading back."""

from collections.abc import Callable
from typing import Any

from domain.rewards import Reward, Stock
from handlers.contract import Context
from handlers.usecases.stock import move_stock
from tests.handlers.approval_steps import acting_as
from tests.support.chat import Chat
from tests.support.make import a_reward
from tests.support.stores import MAIN


def put(chat: Chat, reward: Reward | None = None, stock: int = 0) -> Reward:
    """Store a reward as it is, and so many of it."""
    stored = reward or a_reward(cost=60_000)

    def act(ctx: Context) -> None:
        ctx.work.rewards.add(stored)
        if stock:
            move_stock(acting_as(ctx, "zhou"), stored, stock, "begin")

    chat.acts(act)
    return stored


def does(chat: Chat, act: Callable[[Context], Any], who: str = "zhou") -> Any:
    """Let a member do something beside the chat."""
    return chat.acts(lambda ctx: act(acting_as(ctx, who)))


def rewards(chat: Chat) -> list[Reward]:
    """Give all rewards as they are stored, by number."""
    found = chat.store.committed(MAIN).rewards.values()
    return sorted(found, key=lambda reward: reward.number)


def stock(chat: Chat, reward: str = "reward-1") -> Stock:
    """Give what there is of a reward."""
    return chat.store.committed(MAIN).stocks.get(reward, Stock())
