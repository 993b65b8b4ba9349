"""What is done about rewards while the process is killed: a list of new ones, and a dear one."""

from dataclasses import replace

from handlers.contract import Context
from handlers.usecases.rewards import NEW, Change, add_reward, save_changes
from tests.support.make import a_reward

GREEN_TEA = a_reward(id=NEW, number=0, name="绿茶", cost=60_000, has_stock=True)


def add_rewards(ctx: Context) -> None:
    """Put two new ones on offer together."""
    changes = [Change(None, one, stock=5) for one in (GREEN_TEA, replace(GREEN_TEA, name="红茶"))]
    save_changes(ctx, changes, "list.xlsx")


def ask_for_reward(ctx: Context) -> None:
    """Ask for one that gives too much for its points."""
    add_reward(ctx, replace(GREEN_TEA, points=1), 5)
