"""Redeeming as a customer does it in WeChat: list, preview, two taps at once, receipt, undo."""

import asyncio

import pytest

from domain.ids import RewardId
from domain.repositories import Moved
from domain.rewards import StockMove
from handlers.contract import Context
from tests.flows.conftest import OpenTown
from tests.support.deeds import CHEN, EARLY, LI, WANG, bind, record
from tests.support.make import a_reward
from tests.support.stores import MAIN
from tests.support.town import Town, keys_of, text_of


def on_offer(ctx: Context) -> None:
    reward = a_reward(id=RewardId("reward-3"), number=3, points=30, has_stock=True)
    ctx.work.rewards.add(reward)
    move = StockMove.RECEIVE
    ctx.work.stocks.move(Moved("in", reward.id, move, 5, None, "system", ctx.now))


def opened(open_town: OpenTown, database: str) -> Town:
    """Open a town where Wang has 50 points and a reward for 30."""
    town = open_town(database=database, workers=2)
    town.parts.runtime.act(MAIN, on_offer)
    bind(town)
    record(town, LI, EARLY)
    return town


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_t31_a_double_tap_in_wechat_buys_once_and_shows_one_receipt(
    open_town: OpenTown, database: str
) -> None:
    town = opened(open_town, database)
    mark = town.says(WANG, "兑换")
    offers = town.waits_for(WANG, "现在能换", after=mark)
    mark = town.presses(offers, "cmd:兑换 3")
    shown = town.waits_for(WANG, "请确认兑换", after=mark)
    assert "可用 50 → 20 分" in text_of(shown)
    key = next(key for key in keys_of(shown) if key.endswith(":confirm"))

    async def twice() -> None:
        taps = [town.wecom.customer_presses("wmWang", shown, key) for _ in range(2)]
        await asyncio.gather(*taps)

    mark = town.mark()
    town.run(twice())
    town.waits_until(
        lambda: len([b for b in town.shown(WANG, mark) if "兑换单 #1" in text_of(b)]) == 2
    )
    town.waits_for(CHEN, "要交付", after=mark)
    town.settles()
    assert town.one("SELECT count(*) FROM redemptions") == 1
    assert town.all("SELECT available, held FROM wallets") == [(20, 0)]
    assert town.all("SELECT available, held, gone FROM stocks") == [(4, 1, 0)]

    mark = town.says(WANG, "取消兑换 1")
    town.waits_for(WANG, "已退分", after=mark)
    town.settles()
    assert town.all("SELECT available, held FROM wallets") == [(50, 0)]
    assert town.all("SELECT available, held, gone FROM stocks") == [(5, 0, 0)]


def test_t30_cancel_in_mid_flow_ends_it(open_town: OpenTown) -> None:
    town = opened(open_town, "sqlite")
    mark = town.says(WANG, "兑换 空调保养")
    shown = town.waits_for(WANG, "请确认兑换", after=mark)
    mark = town.says(WANG, "取消")
    town.waits_for(WANG, "没有兑换：空调保养", after=mark)
    mark = town.presses(shown, "confirm")
    town.waits_for(WANG, "不会重复生效", after=mark)
    town.settles()
    assert town.one("SELECT count(*) FROM redemptions") == 0
    assert town.all("SELECT available, held FROM wallets") == [(50, 0)]
