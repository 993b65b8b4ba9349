"""The list of what points buy: what can be had, what comes next, what stands in the way."""

import pytest

from domain.errors import ErrorCode
from domain.programme import Programme
from domain.repositories import Publication
from domain.rewards import Limit, LimitPeriod
from domain.tiers import Tier, TierPolicy
from handlers.views import OfferList
from tests.handlers.expiring import at, sign
from tests.handlers.mall_steps import buys, colleague, on_offer
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.stores import MAIN


@pytest.fixture(autouse=True)
def _wang_has_written(chat: Chat) -> None:
    chat.says("wang", "帮助")


def test_the_list_has_what_can_be_had_first_then_what_comes_next(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat, 800, number=1, name="延长质保一年")
    on_offer(chat, 300, number=2, name="电梯保养")
    on_offer(chat, 100, number=3)
    on_offer(chat, 620, number=4, name="论坛席位")
    on_offer(chat, 50, number=5, name="雨伞", stock=0)
    on_offer(chat, 60, number=6, name="老客户礼", segments=frozenset({"老客户"}))
    shown = chat.says("wang", "兑换")
    assert isinstance(shown, OfferList)
    assert (shown.customer, shown.available, shown.may_redeem) == ("滨江置业", 500, True)
    assert [line.number for line in shown.affordable] == [3, 2]
    assert [(line.number, line.missing) for line in shown.coming] == [(4, 120), (1, 300)]
    assert [(line.number, line.barred_by) for line in shown.barred] == [(5, "sold_out")]


def test_the_list_says_how_many_and_until_when(chat: Chat) -> None:
    sign(chat, 500)
    closes = at("2026-12-01", "00:00")
    limit = Limit(2, LimitPeriod.YEAR)
    on_offer(chat, 100, stock=9, limit=limit, closes_at=closes)
    buys(chat)
    [line] = chat.says("wang", "商城").affordable  # type: ignore[attr-defined]
    assert (line.left, line.closes_on) == (1, "2026-11-30")


def test_what_is_barred_says_from_when(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat, 100, limit=Limit(1, LimitPeriod.QUARTER))
    on_offer(chat, 90, number=2, name="雨伞", opens_at=at("2026-12-12"))
    on_offer(chat, 80, number=3, name="没有了", is_active=False)
    buys(chat)
    barred = chat.says("wang", "兑换").barred  # type: ignore[attr-defined]
    assert [(one.number, one.barred_by, one.from_on) for one in barred] == [
        (2, "reward_not_open", "2026-12-12"),
        (1, "limit_reached", "2027-01-01"),
    ]


def test_a_long_list_has_pages(chat: Chat) -> None:
    sign(chat, 500)
    for number in range(1, 9):
        on_offer(chat, number, number=number, name=f"礼品{number}")
    on_offer(chat, 900, number=9, name="电视")
    first, second = chat.says("wang", "兑换"), chat.says("wang", "兑换 更多")
    assert isinstance(first, OfferList)
    assert isinstance(second, OfferList)
    assert (first.page, first.pages, len(first.affordable), first.coming) == (1, 2, 6, ())
    assert [line.number for line in second.affordable] == [7, 8]
    assert [line.number for line in second.coming] == [9]
    assert chat.says("wang", "兑换 第9页") == second
    assert chat.says("wang", "兑换 第 1 页") == first


def test_who_only_sees_gets_the_list_and_nothing_more(chat: Chat) -> None:
    colleague(chat, may_redeem=False)
    sign(chat, 500)
    on_offer(chat)
    assert chat.says("zhou-qiang", "兑换").may_redeem is False  # type: ignore[attr-defined]
    refused = chat.refused("zhou-qiang", lambda: chat.says("zhou-qiang", "兑换 1"))
    assert refused.code == ErrorCode.RIGHT_MISSING


def test_a_tier_that_is_too_low_is_said(chat: Chat) -> None:
    policy = TierPolicy((Tier("silver", "银牌", 100), Tier("gold", "金牌", 1_000)))
    with chat.store.work(MAIN) as work:
        work.rules.add_programme(Programme(1, at("2001-01-01"), tiers=policy), Publication(START))
        work.commit()
    sign(chat, 500)
    on_offer(chat, tier="silver")
    on_offer(chat, number=2, name="延保一年", tier="gold")
    shown = chat.says("wang", "兑换")
    assert isinstance(shown, OfferList)
    assert [line.number for line in shown.affordable] == [1]
    [barred] = shown.barred
    assert (barred.barred_by, barred.tier) == ("tier_too_low", "金牌")
    refused = chat.refused("wang", lambda: chat.says("wang", "兑换 2"))
    assert (refused.code, refused.details["missing"]) == (ErrorCode.TIER_TOO_LOW, 500)
