"""A customer gets stuck in WeChat, and who takes over reads what was said, on either platform."""

from dataclasses import replace

import pytest

from bot.emulator.phones import Bubble
from domain.ids import MemberId
from handlers.contract import Context
from tests.flows.conftest import OpenTown
from tests.flows.test_redeeming import on_offer
from tests.support.deeds import EARLY, LI, WANG, ZHANG, ZHANG_DING, bind, record
from tests.support.stores import MAIN
from tests.support.town import Town, keys_of, text_of
from tests.support.world import Ding

MANAGERS = (ZHANG, ZHANG_DING)
STUCK = "三栋那个水管又漏了 **急** <b>{{7*7}}"


def looked_after_by_zhang(ctx: Context) -> None:
    """Give the customer an account manager who is on WeCom and on DingTalk."""
    customer = ctx.work.customers.find_by_code("C001")
    [zhang] = [member for member in ctx.work.members.all() if member.name == "张敏"]
    assert customer is not None
    ctx.work.customers.save(replace(customer, account_manager=MemberId(zhang.id)))


def opened(open_town: OpenTown, database: str = "sqlite", ding: Ding = Ding()) -> Town:  # noqa: B008
    town = open_town(ding, database=database)
    bind(town)
    town.parts.runtime.act(MAIN, looked_after_by_zhang)
    return town


def calls(town: Town, phone: str, after: int) -> list[Bubble]:
    return [bubble for bubble in town.shown(phone, after) if "王建国" in text_of(bubble)]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_misses_call_the_manager_with_the_talk(open_town: OpenTown, database: str) -> None:
    town = opened(open_town, database)
    mark = town.says(WANG, STUCK)
    first = town.waits_for(WANG, "这句话我没看懂", after=mark)
    assert "例「余额」「兑换」" in text_of(first)
    assert "cmd:转人工" in keys_of(first)
    after_first = town.says(WANG, "你们到底什么时候来")
    town.waits_for(WANG, "已请客户经理 张敏 来回复您", after=after_first)
    for phone in MANAGERS:
        card = town.waits_for(phone, "请接手：滨江置业 王建国", after=mark)
        shown = text_of(card)
        assert "机器人两次没看懂" in shown
        assert "三栋那个水管又漏了 ＊＊急＊＊ ＜b＞{{7＊7}}" in shown
        assert "→ 这句话我没看懂" in shown
        assert "「你们到底什么时候来」" in shown
        # How the account was bound is nobody's business.
        assert "绑定" not in shown
    town.settles()
    mark = town.says(WANG, "哎")
    town.waits_for(WANG, "已经请了人来回复您", after=mark)
    town.settles()
    assert [calls(town, phone, mark) for phone in MANAGERS] == [[], []]


def test_without_a_card_template_dingtalk_shows_the_same(open_town: OpenTown) -> None:
    town = opened(open_town, ding=Ding("http", has_template=False))
    mark = town.says(WANG, "余额")
    town.waits_for(WANG, "分可用", after=mark)
    mark = town.says(WANG, "转人工")
    card = town.waits_for(ZHANG_DING, "找人工：滨江置业 王建国", after=mark)
    assert "「余额」→ " in text_of(card)
    assert "「转人工」" in text_of(card)
    town.settles()


def test_a_person_is_asked_for_in_the_middle_of_a_preview(open_town: OpenTown) -> None:
    town = opened(open_town)
    town.parts.runtime.act(MAIN, on_offer)
    record(town, LI, EARLY)
    mark = town.says(WANG, "兑换 空调保养")
    preview = town.waits_for(WANG, "请确认兑换", after=mark)
    mark = town.says(WANG, "转人工")
    town.waits_for(WANG, "已请客户经理 张敏", after=mark)
    for phone in MANAGERS:
        card = town.waits_for(phone, "找人工：滨江置业 王建国", after=mark)
        assert "「兑换 空调保养」→ 请确认兑换" in text_of(card)
    mark = town.presses(preview, "confirm")
    town.waits_for(WANG, "兑换单 #1", after=mark)
    town.settles()


def test_the_same_message_twice_calls_once(open_town: OpenTown) -> None:
    town = opened(open_town)
    town.says(WANG, "哎呀怎么弄")
    mark = town.says(WANG, "哎呀怎么弄啊")
    town.waits_for(WANG, "已请客户经理", after=mark)
    town.settles()
    again = town.mark()
    for (item,) in town.all("SELECT id FROM inbox WHERE sender = 'wmWang' ORDER BY id"):
        assert not town.parts.runtime.handle(MAIN, item).deliveries
    town.settles()
    assert town.shown(WANG, again) == []
    assert [calls(town, phone, again) for phone in MANAGERS] == [[], []]
    assert town.one("SELECT count(*) FROM deliveries WHERE view = 'person_wanted_card'") == 2
