"""Handing over what was bought, bit by bit, and giving points back by two people."""

from dataclasses import replace
from functools import partial

import pytest

from domain.errors import ErrorCode, NotPermitted, UsageError
from domain.ids import CustomerId
from domain.ledger import Reason
from domain.redemptions import RedemptionState
from domain.rewards import RewardKind, Stock
from handlers.contract import Context
from handlers.usecases.handing_over import hand_over_bought
from handlers.usecases.redeeming import give_prize
from handlers.usecases.redemption_ends import cancel, undo
from handlers.usecases.refunds import ask_refund
from handlers.views import ApprovalCard, HandOverCard, HandOverLine, HandOverList, RedemptionCard
from tests.handlers.approval_steps import acting_as, card_of
from tests.handlers.expiring import entries, sign
from tests.handlers.mall_steps import buys, on_offer, points, stock, stored
from tests.support.chat import Chat
from tests.support.stores import MAIN


@pytest.fixture(autouse=True)
def _there_are_points(chat: Chat) -> None:
    chat.says("wang", "帮助")
    sign(chat, 500)


def asks_back(chat: Chat, words: str, who: str = "zhou") -> ApprovalCard:
    """Let somebody ask for points to be given back."""
    card = chat.says(who, words)
    assert isinstance(card, ApprovalCard), card
    return card


def approvals(chat: Chat) -> list[str]:
    """Give the state of everything that was asked for."""
    return [one.state.value for one in chat.store.committed(MAIN).approvals.values()]


def test_what_is_bought_waits_in_a_list_until_it_is_handed_over(chat: Chat) -> None:
    on_offer(chat, stock=3)
    buys(chat, "兑换 1 3份")
    listed = chat.says("fang", "待交付")
    assert listed == HandOverList(
        (HandOverLine(1, "滨江置业", "空调保养", 3, "2026-11-22T02:00:00+00:00"),)
    )
    part = chat.says("fang", "交付 1 两份 首次上门")
    assert isinstance(part, HandOverCard)
    assert (part.fulfilled, part.state, part.note) == (2, "placed", "首次上门")
    assert stock(chat) == Stock(0, 1, 2)
    told = chat.last("wang")
    assert (told.state, told.fulfilled, told.note) == ("placed", 2, "首次上门")
    assert chat.says("sun", "待交付").lines[0].outstanding == 1  # type: ignore[attr-defined]
    whole = chat.says("qian", "交付 1")
    assert (whole.fulfilled, whole.state, whole.note) == (3, "fulfilled", "首次上门")  # type: ignore[attr-defined]
    assert stock(chat) == Stock(0, 0, 3)
    assert chat.says("fang", "待交付") == HandOverList(())
    assert chat.last("wang").state == "fulfilled"
    task = [view for view in chat.phone("sun") if isinstance(view, HandOverCard)]
    assert [view.state for view in task] == ["fulfilled"]


def test_a_remark_that_is_no_number_is_one(chat: Chat) -> None:
    on_offer(chat)
    buys(chat, "兑换 1 3份")
    whole = chat.says("fang", "交付 1 快递 SF123 已寄出")
    assert (whole.fulfilled, whole.note) == (3, "快递 SF123 已寄出")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("交付", ErrorCode.USAGE),
        ("交付 9", ErrorCode.UNKNOWN_REDEMPTION),
        ("交付 一号", ErrorCode.UNKNOWN_REDEMPTION),
        ("交付 1 0", ErrorCode.USAGE),
        ("交付 1 1.5份", ErrorCode.USAGE),
        ("交付 1 3", ErrorCode.MORE_THAN_OUTSTANDING),
    ],
)
def test_what_cannot_be_handed_over_is_refused(chat: Chat, words: str, code: ErrorCode) -> None:
    on_offer(chat, stock=2)
    buys(chat, "兑换 1 2份")
    assert chat.refused("fang", lambda: chat.says("fang", words)).code == code


def test_a_voucher_is_not_handed_over(chat: Chat) -> None:
    on_offer(chat, kind=RewardKind.VOUCHER, value=50_000)
    buys(chat)
    assert chat.says("fang", "待交付") == HandOverList(())
    refused = chat.refused("fang", lambda: chat.says("fang", "交付 1"))
    assert refused.code == ErrorCode.USED_BY_CODE


def test_what_is_over_is_not_handed_over(chat: Chat) -> None:
    on_offer(chat)
    buys(chat)
    chat.says("fang", "交付 1")
    refused = chat.refused("fang", lambda: chat.says("fang", "交付 1"))
    assert (refused.code, refused.details["state"]) == (ErrorCode.REDEMPTION_CLOSED, "fulfilled")


def test_what_still_waits_is_not_handed_over(chat: Chat) -> None:
    on_offer(chat, needs_approver=True)
    buys(chat)
    refused = chat.refused("fang", lambda: chat.says("fang", "交付 1"))
    assert (refused.code, refused.details["state"]) == (ErrorCode.REDEMPTION_CLOSED, "held")


def test_who_may_not_hands_nothing_over(chat: Chat) -> None:
    on_offer(chat)
    buys(chat)
    redemption = stored(chat).id
    before = chat.state()
    acts = (
        lambda ctx: hand_over_bought(acting_as(ctx, "li"), redemption, None, ""),
        lambda ctx: ask_refund(acting_as(ctx, "sun"), redemption, None, "退"),
        lambda ctx: cancel(acting_as(ctx, "li"), redemption),
        lambda ctx: undo(acting_as(ctx, "fang"), redemption),
    )
    for act in acts:
        with pytest.raises(NotPermitted):
            chat.acts(act)
    assert chat.state() == before


def test_points_are_given_back_by_two_people(chat: Chat) -> None:
    on_offer(chat, stock=3)
    buys(chat, "兑换 1 3份")
    chat.says("fang", "交付 1 1")
    asked = asks_back(chat, "退兑 1 1 机型不符")
    assert (asked.kind, asked.name, asked.points) == ("refund", "空调保养 ×3", 100)
    assert (asked.grounds, asked.is_mine) == ("机型不符", True)
    assert points(chat) == (200, 0)
    chat.presses("zhao", card_of(chat, "zhao"), "approve")
    found = stored(chat)
    assert (found.refunded, found.outstanding, found.state) == (1, 1, RedemptionState.PLACED)
    assert (points(chat), stock(chat)) == ((300, 0), Stock(1, 1, 1))
    assert entries(chat)[-1].reason is Reason.REFUND
    told = [view for view in chat.phone("wang") if isinstance(view, RedemptionCard)][-1]
    assert (told.refunded, told.points_back, told.note) == (1, 100, "机型不符")
    asks_back(chat, "退兑 1 不再提供")
    chat.says("zhao", "批准 2")
    found = stored(chat)
    assert (found.refunded, found.state) == (2, RedemptionState.REFUNDED)
    assert (points(chat), stock(chat)) == ((400, 0), Stock(2, 0, 1))


def test_who_asks_for_points_back_does_not_decide(chat: Chat) -> None:
    on_offer(chat)
    buys(chat)
    asks_back(chat, "退兑 1 不要了", "zhang")
    refused = chat.refused("zhang", lambda: chat.says("zhang", "批准 1"))
    assert refused.code == ErrorCode.OWN_APPROVAL


def test_declined_gives_nothing_back(chat: Chat) -> None:
    on_offer(chat)
    buys(chat)
    asks_back(chat, "退兑 1 不要了")
    chat.says("zhang", "驳回 1 已经派工")
    assert (points(chat), stored(chat).state) == ((400, 0), RedemptionState.PLACED)


def test_what_was_handed_over_meanwhile_is_not_given_back(chat: Chat) -> None:
    on_offer(chat)
    buys(chat, "兑换 1 2份")
    asks_back(chat, "退兑 1 不要了")
    chat.says("fang", "交付 1 1")
    refused = chat.refused("zhang", lambda: chat.says("zhang", "批准 1"))
    assert refused.code == ErrorCode.MORE_THAN_OUTSTANDING


def test_a_refund_that_waits_is_called_off_when_all_is_handed_over(chat: Chat) -> None:
    on_offer(chat)
    buys(chat, "兑换 1 2份")
    asks_back(chat, "退兑 1 1份 不要了")
    chat.says("fang", "交付 1 1")
    assert approvals(chat) == ["pending"]
    chat.says("fang", "交付 1")
    assert approvals(chat) == ["withdrawn"]
    assert (points(chat), stored(chat).state) == ((300, 0), RedemptionState.FULFILLED)
    refused = chat.refused("zhang", lambda: chat.says("zhang", "批准 1"))
    assert refused.code == ErrorCode.APPROVAL_CLOSED


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("退兑", ErrorCode.USAGE),
        ("退兑 1", ErrorCode.USAGE),
        ("退兑 1 1份", ErrorCode.USAGE),
        ("退兑 1 2 不要了", ErrorCode.MORE_THAN_OUTSTANDING),
    ],
)
def test_what_cannot_be_given_back_is_refused(chat: Chat, words: str, code: ErrorCode) -> None:
    on_offer(chat)
    buys(chat)
    assert chat.refused("zhou", lambda: chat.says("zhou", words)).code == code


def test_it_is_asked_for_once(chat: Chat) -> None:
    on_offer(chat)
    buys(chat)
    asks_back(chat, "退兑 1 不要了")
    refused = chat.refused("zhou", lambda: chat.says("zhou", "退兑 1 不要了"))
    assert refused.code == ErrorCode.APPROVAL_PENDING


def test_a_reason_of_blanks_is_none(chat: Chat) -> None:
    on_offer(chat)
    buys(chat)
    redemption, before = stored(chat).id, chat.state()

    def act(ctx: Context) -> None:
        ask_refund(acting_as(ctx, "zhou"), redemption, None, "  ")

    with pytest.raises(UsageError) as refused:
        chat.acts(act)
    assert refused.value.problem == "reason_missing"
    assert chat.state() == before


def test_a_prize_that_is_given_back_gives_no_points(chat: Chat) -> None:
    reward = on_offer(chat, stock=1)
    give = partial(give_prize, reward=reward, quantity=1, customer=CustomerId("C001"))
    chat.acts(lambda ctx: give(ctx, source="draw:1"))
    asks_back(chat, "退兑 1 放弃奖品")
    before = len(entries(chat))
    chat.says("zhang", "批准 1")
    assert stored(chat).state is RedemptionState.REFUNDED
    assert (len(entries(chat)), stock(chat)) == (before, Stock(1))
    assert replace(stored(chat), note="").note == ""
