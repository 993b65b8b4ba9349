"""Dropping what waits, undoing what was bought, and looking at what was bought."""

from dataclasses import replace

import pytest

from domain.approvals import ApprovalState
from domain.errors import ErrorCode, UnknownRedemption
from domain.holds import HoldState
from domain.ids import ContactId, CustomerId, RedemptionId
from domain.ledger import Reason
from domain.redemptions import RedemptionState
from domain.rewards import RewardKind, Stock
from handlers.contract import ContactActor, Context
from handlers.usecases.points import undo as undo_event
from handlers.usecases.redemption_ends import cancel, decline, undo
from handlers.views import RedemptionCard, RedemptionLine, RedemptionList
from tests.handlers.expiring import at, entries, purse, sign
from tests.handlers.mall_steps import (
    buys,
    change,
    colleague,
    holds,
    leaves,
    on_offer,
    points,
    stock,
    stored,
)
from tests.support.chat import Chat
from tests.support.stores import MAIN


@pytest.fixture(autouse=True)
def _there_are_points(chat: Chat) -> None:
    for who in ("wang", "chen"):
        chat.says(who, "帮助")
    colleague(chat)
    sign(chat, 500)


def shows(view: object) -> RedemptionCard:
    """Take a view that shows a redemption."""
    assert isinstance(view, RedemptionCard), view
    return view


@pytest.mark.parametrize("who", ["wang", "zhou-qiang"])
def test_any_contact_who_may_redeem_cancels_what_waits(chat: Chat, who: str) -> None:
    on_offer(chat, stock=1, needs_approver=True)
    buys(chat)
    gone = shows(chat.says(who, "取消兑换 1"))
    assert (gone.state, gone.available, gone.choices) == ("cancelled", 500, ())
    assert (points(chat), stock(chat)) == ((500, 0), Stock(1))
    assert holds(chat) == [HoldState.RELEASED]
    told = [view for view in chat.phone("wang") if isinstance(view, RedemptionCard)]
    assert told[-1].state == "cancelled"
    before = chat.state()
    assert chat.says(who, "取消兑换 1") == gone
    assert chat.state() == before


def test_cancelling_by_the_button_of_the_receipt(chat: Chat) -> None:
    on_offer(chat, stock=1, needs_contact=True)
    receipt = buys(chat)
    gone = shows(chat.presses("wang", receipt, "cancel"))
    assert gone.state == "cancelled"
    [card] = [view for view in chat.phone("wang") if isinstance(view, RedemptionCard)]
    assert card == gone
    asked = [view for view in chat.phone("zhou-qiang") if isinstance(view, RedemptionCard)]
    assert [view.state for view in asked] == ["held", "cancelled"]


def test_t37_cancelling_what_was_bought_undoes_it_only_if_that_is_said(chat: Chat) -> None:
    on_offer(chat, needs_contact=True)
    receipt = buys(chat)
    chat.presses("zhou-qiang", chat.last("zhou-qiang"), "agree")
    refused = chat.refused("wang", lambda: chat.presses("wang", receipt, "cancel"))
    assert (refused.code, refused.details["state"]) == (ErrorCode.REDEMPTION_CLOSED, "placed")


def test_staff_cancel_what_waits_with_a_reason(chat: Chat) -> None:
    on_offer(chat, stock=1, needs_approver=True)
    buys(chat)
    card = chat.says("zhou", "退兑 1 客户电话要求")
    assert (card.state, card.note) == ("cancelled", "客户电话要求")  # type: ignore[attr-defined]
    assert (points(chat), stock(chat)) == ((500, 0), Stock(1))
    told = [view for view in chat.phone("wang") if isinstance(view, RedemptionCard)]
    assert (told[-1].state, told[-1].note) == ("cancelled", "客户电话要求")


def test_undoing_gives_the_points_back_to_their_lots(chat: Chat) -> None:
    sign(chat, 100, on="2024-11-22")
    on_offer(chat, 150, stock=1)
    receipt = buys(chat)
    chat.pass_time(days=3)
    undone = shows(chat.presses("wang", receipt, "undo"))
    assert (undone.state, undone.points_back, undone.available) == ("refunded", 150, 600)
    assert (points(chat), stock(chat)) == ((600, 0), Stock(1))
    assert [lot.remaining for lot in chat.store.committed(MAIN).lots.values()] == [500, 100]
    assert entries(chat)[-1].reason is Reason.REFUND
    assert chat.last("sun").state == "refunded"


def test_t38_undoing_twice_gives_back_once(chat: Chat) -> None:
    on_offer(chat)
    receipt = buys(chat)
    first = chat.presses("wang", receipt, "undo")
    before = chat.state()
    assert chat.presses("wang", receipt, "undo") == first
    assert chat.says("zhou-qiang", "取消兑换 1").state == "refunded"  # type: ignore[attr-defined]
    assert replace(chat.state(), tickets={}) == replace(before, tickets={})


def test_undoing_calls_off_a_refund_that_waits(chat: Chat) -> None:
    on_offer(chat, stock=2)
    receipt = buys(chat, "兑换 1 两份")
    chat.says("zhou", "退兑 1 1份 机型不符")
    undone = shows(chat.presses("wang", receipt, "undo"))
    assert (undone.state, undone.points_back) == ("refunded", 200)
    assert [one.state for one in chat.store.committed(MAIN).approvals.values()] == [
        ApprovalState.WITHDRAWN
    ]
    assert chat.last("zhao").state == "withdrawn"
    refused = chat.refused("zhao", lambda: chat.says("zhao", "批准 1"))
    assert refused.code == ErrorCode.APPROVAL_CLOSED
    assert (points(chat), stock(chat)) == ((500, 0), Stock(2))


def test_t38_what_is_handed_over_is_not_undone(chat: Chat) -> None:
    on_offer(chat, stock=2)
    receipt = buys(chat, "兑换 1 两份")
    chat.says("fang", "交付 1 1份")
    refused = chat.refused("wang", lambda: chat.presses("wang", receipt, "undo"))
    assert (refused.code, refused.details["fulfilled"]) == (ErrorCode.UNDO_OVER, 1)


def test_a_voucher_is_undone_for_ten_minutes(chat: Chat) -> None:
    on_offer(chat, kind=RewardKind.VOUCHER, value=50_000)
    buys(chat)
    chat.pass_time(minutes=9, seconds=59)
    assert shows(chat.says("wang", "兑换单 1")).choices == ("undo",)
    chat.pass_time(seconds=1)
    assert shows(chat.says("wang", "兑换单 #1")).choices == ()
    refused = chat.refused("wang", lambda: chat.says("wang", "取消兑换 1"))
    assert refused.code == ErrorCode.UNDO_OVER


@pytest.mark.parametrize("words", ["兑换单 1", "取消兑换 1", "兑换单 9", "兑换单", "取消兑换"])
def test_others_redemptions_are_as_if_they_were_not(chat: Chat, words: str) -> None:
    on_offer(chat)
    buys(chat)
    refused = chat.refused("chen", lambda: chat.says("chen", words))
    assert refused.code == ErrorCode.UNKNOWN_REDEMPTION


def test_nobody_touches_what_is_not_theirs_or_not_there(chat: Chat) -> None:
    on_offer(chat, needs_approver=True)
    buys(chat)
    before = chat.state()

    def as_chen(ctx: Context) -> None:
        contact = ctx.work.customers.contact(ContactId("chen"))
        customer = ctx.work.customers.get(CustomerId("C002"))
        acting = replace(ctx, actor=ContactActor(contact, customer))
        for act in (cancel, decline, undo):
            with pytest.raises(UnknownRedemption):
                act(acting, stored(chat).id)
            with pytest.raises(UnknownRedemption):
                act(acting, RedemptionId("none"))

    chat.acts(as_chen)
    assert chat.state() == before


def test_the_machine_may_cancel_what_waits(chat: Chat) -> None:
    on_offer(chat, stock=1, needs_approver=True)
    buys(chat)
    ended = chat.acts(lambda ctx: cancel(ctx, stored(chat).id))
    assert ended.state is RedemptionState.CANCELLED
    assert (points(chat), stock(chat)) == ((500, 0), Stock(1))


def test_who_was_not_asked_does_not_decline(chat: Chat) -> None:
    on_offer(chat, needs_approver=True)
    receipt = buys(chat)
    refused = chat.refused("wang", lambda: chat.presses("wang", receipt, "decline"))
    assert (refused.code, refused.details["state"]) == (ErrorCode.REDEMPTION_CLOSED, "held")


def test_buttons_stay_with_the_own_unit(chat: Chat) -> None:
    on_offer(chat)
    receipt = buys(chat)
    leaves(chat, "wang")
    view = chat.presses("wang", receipt, "undo")
    assert not isinstance(view, RedemptionCard)
    assert stored(chat).state is RedemptionState.PLACED


def test_my_redemptions_say_what_can_be_done(chat: Chat) -> None:
    reward = on_offer(chat, needs_contact=True)
    buys(chat)
    on_offer(chat, 50, number=2, name="雨伞")
    buys(chat, "兑换 雨伞")
    mine = chat.says("wang", "我的兑换")
    assert isinstance(mine, RedemptionList)
    assert mine.lines == (
        RedemptionLine(2, "雨伞", 1, 50, "placed", 0, 0, "2026-11-22T02:00:00+00:00", "undo"),
        RedemptionLine(1, "空调保养", 1, 100, "held", 0, 0, "2026-11-22T02:00:00+00:00", "cancel"),
    )
    hers = chat.says("zhou-qiang", "兑换记录")
    assert [line.can for line in hers.lines] == ["undo", "agree"]  # type: ignore[attr-defined]
    colleague(chat, "lin", may_redeem=False)
    seen = chat.says("lin", "我的兑换")
    assert [line.can for line in seen.lines] == ["", ""]  # type: ignore[attr-defined]
    chat.pass_time(days=3)
    late = chat.says("wang", "我的兑换")
    assert [line.can for line in late.lines] == ["undo", ""]  # type: ignore[attr-defined]
    change(chat, replace(reward, version=2, name="改了名"))
    assert chat.says("wang", "我的兑换") == late


def test_who_has_left_is_told_nothing(chat: Chat) -> None:
    on_offer(chat, needs_approver=True)
    buys(chat)
    leaves(chat, "wang")
    before = chat.phone("wang")
    chat.says("zhang", "批准 1")
    assert chat.phone("wang") == before
    assert stored(chat).state is RedemptionState.PLACED


def test_t41_a_source_undone_after_its_points_were_spent_leaves_a_debt(chat: Chat) -> None:
    on_offer(chat, 400, stock=1)
    buys(chat)
    event = chat.store.committed(MAIN).events["event-1"].event
    before = stored(chat)
    chat.acts(lambda ctx: undo_event(ctx, event))
    wallet = purse(chat)
    assert (wallet.available, wallet.debt) == (0, 400)
    assert entries(chat)[-1].reason is Reason.REVERSAL
    assert (stored(chat), stock(chat)) == (before, Stock(0, 1))
    refused = chat.refused("wang", lambda: chat.says("wang", "兑换 1"))
    assert refused.code == ErrorCode.SOLD_OUT
    # Giving the purchase back pays the debt first.
    chat.says("wang", "取消兑换 1")
    wallet = purse(chat)
    assert (wallet.available, wallet.debt) == (0, 0)


def test_undoing_after_the_points_have_ended_gives_nothing_to_spend(chat: Chat) -> None:
    sign(chat, 100, on="2024-11-22")
    on_offer(chat, 100)
    buys(chat)
    chat.clock.at = at("2026-12-01")
    undone = shows(chat.says("wang", "取消兑换 1"))
    assert (undone.state, undone.points_back, undone.available) == ("refunded", 100, 500)
