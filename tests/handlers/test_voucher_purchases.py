"""From points to a voucher and back: codes come with what is placed, go with what is returned."""

from typing import Any

import pytest

from domain.ids import CustomerId
from domain.redemptions import RedemptionState
from domain.rewards import RewardKind, Stock
from domain.vouchers import VoucherState
from handlers.contract import Context
from handlers.usecases.redeeming import give_prize
from handlers.usecases.voucher_ends import lapse
from handlers.views import ApprovalCard, RedemptionCard, VoucherCodes, VoucherPreview
from tests.handlers.expiring import sign
from tests.handlers.mall_steps import buys, colleague, on_offer, points, stock, stored
from tests.handlers.voucher_steps import VALUE, code_of, codes_on, vouchers
from tests.support.chat import Chat
from tests.support.stores import MAIN


@pytest.fixture(autouse=True)
def _there_are_points(chat: Chat) -> None:
    for who in ("wang", "chen"):
        chat.says(who, "帮助")
    colleague(chat)
    sign(chat, 500)


def offer(chat: Chat, **changes: Any) -> None:
    on_offer(
        chat,
        stock=5,
        name="5,000 元抵用券",
        kind=RewardKind.VOUCHER,
        value=VALUE,
        valid_days=30,
        is_partly_usable=True,
        **changes,
    )


def codes_of(chat: Chat, who: str) -> list[str]:
    """Give the codes on somebody's phone."""
    cards = [view for view in chat.phone(who) if isinstance(view, VoucherCodes)]
    return [code for card in cards for code in codes_on(card)]


def code(chat: Chat, place: int = 1) -> str:
    return code_of(chat, place, redemption=stored(chat).id)


def test_the_receipt_comes_with_the_codes(chat: Chat) -> None:
    offer(chat)
    receipt = buys(chat, "兑换 1 2")
    assert (receipt.state, receipt.quantity) == ("placed", 2)
    assert codes_of(chat, "wang") == [code(chat, 1), code(chat, 2)]
    assert codes_of(chat, "zhou-qiang") == []
    assert [one.state for one in vouchers(chat)] == [VoucherState.OPEN, VoucherState.OPEN]
    assert (points(chat), stock(chat)) == ((300, 0), Stock(3, 2))


def test_what_is_undone_takes_its_codes_along(chat: Chat) -> None:
    offer(chat)
    receipt = buys(chat, "兑换 1 2")
    view = chat.presses("wang", receipt, "undo")
    assert isinstance(view, RedemptionCard)
    assert view.state == "refunded"
    assert {one.state for one in vouchers(chat)} == {VoucherState.VOID}
    assert (points(chat), stock(chat)) == ((500, 0), Stock(5))
    refusal = chat.refused("zhou", lambda: chat.says("zhou", f"核销 {code(chat)}"))
    assert refusal.code == "voucher_void"


def test_what_is_used_in_part_is_not_undone(chat: Chat) -> None:
    offer(chat)
    receipt = buys(chat, "兑换 1 2")
    card = chat.says("zhou", f"核销 {code(chat)} 100 滨江一期")
    chat.presses("zhou", card, "use1")
    refusal = chat.refused("wang", lambda: chat.presses("wang", receipt, "undo"))
    assert refusal.code == "voucher_not_returnable"
    assert refusal.details == {
        "number": 1,
        "reward": "5,000 元抵用券",
        "unused": 1,
        "asked": 2,
    }
    assert (points(chat), stock(chat)) == ((300, 0), Stock(3, 2))
    assert {one.state for one in vouchers(chat)} == {VoucherState.OPEN}


def test_what_is_used_up_is_handed_over_and_tells_the_customer_once(chat: Chat) -> None:
    offer(chat)
    buys(chat)
    before = len(chat.phone("wang"))
    card = chat.says("zhou", f"核销 {code(chat)} 滨江一期")
    chat.presses("zhou", card, "use1")
    assert stored(chat).state is RedemptionState.FULFILLED
    assert stock(chat) == Stock(4, 0, 1)
    assert len(chat.phone("wang")) == before + 1


def test_an_unused_rest_is_given_back_by_two_people(chat: Chat) -> None:
    offer(chat)
    buys(chat, "兑换 1 2")
    card = chat.says("zhou", f"核销 {code(chat)} 滨江一期")
    chat.presses("zhou", card, "use1")
    chat.pass_time(hours=1)
    asked = chat.says("fang", "退兑 1 客户不做了")
    assert isinstance(asked, ApprovalCard)
    chat.says("zhang", f"批准 {asked.number}")
    assert [one.state for one in vouchers(chat)] == [VoucherState.USED_UP, VoucherState.VOID]
    assert stored(chat).state is RedemptionState.REFUNDED
    assert (points(chat), stock(chat)) == ((400, 0), Stock(4, 0, 1))


@pytest.mark.parametrize("words", ["退兑 1 客户不做了", "退兑 1 2 客户不做了"])
def test_what_is_used_in_part_is_not_even_asked_back(chat: Chat, words: str) -> None:
    offer(chat)
    buys(chat, "兑换 1 2")
    card = chat.says("zhou", f"核销 {code(chat)} 100 滨江一期")
    chat.presses("zhou", card, "use1")
    refusal = chat.refused("fang", lambda: chat.says("fang", words))
    assert refusal.code == "voucher_not_returnable"
    assert (refusal.details["unused"], refusal.details["asked"]) == (1, 2)
    assert isinstance(chat.says("fang", "退兑 1 1 客户不做了"), ApprovalCard)


@pytest.mark.parametrize("ending", ["used", "lapsed"])
def test_a_refund_that_waits_is_called_off_with_the_last_voucher(chat: Chat, ending: str) -> None:
    offer(chat)
    buys(chat)
    asked = chat.says("fang", "退兑 1 客户不做了")
    assert isinstance(asked, ApprovalCard)
    if ending == "used":
        chat.presses("zhou", chat.says("zhou", f"核销 {code(chat)} 滨江一期"), "use1")
    else:
        chat.pass_time(days=31)
        chat.acts(lambda ctx: lapse(ctx, stored(chat).id))
    [approval] = chat.store.committed(MAIN).approvals.values()
    assert approval.state == ("withdrawn" if ending == "used" else "expired")
    assert stored(chat).state is RedemptionState.FULFILLED
    refusal = chat.refused("zhang", lambda: chat.says("zhang", f"批准 {asked.number}"))
    assert refusal.code == ("approval_closed" if ending == "used" else "approval_expired")
    assert points(chat) == (400, 0)


def test_codes_wait_until_all_have_agreed(chat: Chat) -> None:
    offer(chat, needs_contact=True)
    buys(chat)
    assert vouchers(chat) == []
    [asked] = [view for view in chat.phone("zhou-qiang") if isinstance(view, RedemptionCard)]
    chat.presses("zhou-qiang", asked, "agree")
    assert stored(chat).state is RedemptionState.PLACED
    assert codes_of(chat, "wang") == [code(chat)]
    assert codes_of(chat, "zhou-qiang") == []


def test_a_prize_has_a_code_for_everybody_who_may_redeem(chat: Chat) -> None:
    offer(chat)

    def give(ctx: Context) -> None:
        reward = ctx.work.rewards.find_number(1)
        assert reward is not None
        give_prize(ctx, reward, 1, CustomerId("C001"), "draw:1")

    chat.acts(give)
    assert codes_of(chat, "wang") == codes_of(chat, "zhou-qiang") == [code(chat)]
    assert isinstance(chat.says("zhou", f"核销 {code(chat)}"), VoucherPreview)
    assert points(chat) == (500, 0)
