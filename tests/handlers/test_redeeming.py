"""Buying with points: the preview, the receipt, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import ErrorCode, SoldOut
from domain.holds import HoldState
from domain.ids import CustomerId
from domain.ledger import Reason
from domain.redemptions import RedemptionState
from domain.rewards import Limit, LimitPeriod, RewardKind, Stock
from handlers.usecases.redeeming import give_prize
from handlers.views import (
    Cancelled,
    ChooseCard,
    ExpiringLot,
    HandOverCard,
    OfferList,
    RedeemDropped,
    RedeemPreview,
    RedemptionCard,
    Refusal,
    StockNotice,
)
from tests.handlers.expiring import at, entries, sign
from tests.handlers.mall_steps import (
    buys,
    change,
    colleague,
    holds,
    on_offer,
    points,
    preview_of,
    stock,
    stored,
)
from tests.support.chat import Chat
from tests.support.make import a_contact
from tests.support.stores import MAIN

NOTHING_BEGUN = Cancelled(had_something=False, instead=("drop_redemption",))


@pytest.fixture(autouse=True)
def _both_have_written(chat: Chat) -> None:
    for who in ("wang", "chen"):
        chat.says(who, "帮助")


def test_the_preview_says_what_will_be(chat: Chat) -> None:
    sign(chat, 100, on="2024-11-22")
    sign(chat, 300)
    on_offer(chat, 75, valid_days=30, description="上门一次")
    before = chat.state()
    shown = preview_of(chat, "兑换 空调保养 两份")
    assert (shown.number, shown.name, shown.quantity, shown.points) == (1, "空调保养", 2, 150)
    assert shown.available == 400
    assert shown.takes == (ExpiringLot(100, "2026-11-30"), ExpiringLot(50, "2028-11-30"))
    assert (shown.last_day, shown.undo_minutes, shown.asks) == ("2026-12-22", 0, ())
    after = chat.state()
    assert replace(after, tickets={}, cards={}) == replace(before, tickets={}, cards={})


def test_points_that_have_ended_count_nowhere_booked_or_not(chat: Chat) -> None:
    sign(chat, 100, on="2024-11-22")
    sign(chat, 60)
    on_offer(chat, 75)
    chat.clock.at = at("2026-12-01")
    assert chat.says("wang", "兑换").available == 60  # type: ignore[attr-defined]
    refused = chat.refused("wang", lambda: chat.says("wang", "兑换 1"))
    assert (refused.code, refused.details["available"]) == (ErrorCode.SHORT_FOR_REWARD, 60)


def test_confirming_buys_and_gives_a_receipt(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat, stock=3)
    receipt = buys(chat, "兑换 1 2份")
    assert (receipt.number, receipt.state, receipt.points) == (1, "placed", 200)
    assert (receipt.available, receipt.is_mine, receipt.choices) == (300, True, ("undo",))
    assert points(chat) == (300, 0)
    assert stock(chat) == Stock(1, 2, 0)
    assert holds(chat) == [HoldState.SETTLED]
    assert [entry.reason for entry in entries(chat)[-2:]] == [Reason.HOLD, Reason.REDEMPTION]
    found = stored(chat)
    assert (found.points_each, found.cost_each, found.quantity) == (100, 20_000, 2)
    assert found.purpose == entries(chat)[-1].cause.note
    assert "redemption_placed" in chat.actions()
    assert chat.last("sun") == HandOverCard(
        number=1,
        customer="滨江置业",
        contact="wang",
        phone="13800138000",
        name="空调保养",
        kind="service",
        quantity=2,
        fulfilled=0,
        refunded=0,
        points=200,
        points_back=0,
        state="placed",
        at="2026-11-22T02:00:00+00:00",
        note="",
    )


def test_a_voucher_is_nobodys_to_hand_over(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat, kind=RewardKind.VOUCHER, value=50_000)
    receipt = buys(chat)
    assert (receipt.value, receipt.undo_until) == (50_000, "2026-11-22T02:10:00+00:00")
    assert chat.phone("sun") == []


def test_t31_a_second_tap_gives_the_same_receipt(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat, stock=3)
    shown = preview_of(chat)
    first = chat.presses("wang", shown, "confirm")
    before = chat.state()
    second = chat.presses("wang", shown, "confirm")
    assert isinstance(first, RedemptionCard)
    assert second == replace(first, ticket=second.ticket)  # type: ignore[attr-defined]
    assert replace(chat.state(), tickets={}) == replace(before, tickets={})


@pytest.mark.parametrize("field", ["points", "description"])
def test_t34_changed_terms_charge_nothing_and_are_shown_afresh(chat: Chat, field: str) -> None:
    sign(chat, 500)
    reward = on_offer(chat)
    shown = preview_of(chat)
    dearer, other = replace(reward, points=150), replace(reward, description="只在工作日")
    change(chat, replace(dearer if field == "points" else other, version=2))
    before = chat.state()
    again = chat.presses("wang", shown, "confirm")
    assert isinstance(again, RedeemPreview)
    assert again.is_changed
    assert again.ticket != shown.ticket
    after = chat.state()
    assert replace(after, tickets={}, cards={}) == replace(before, tickets={}, cards={})
    receipt = chat.presses("wang", again, "confirm")
    assert isinstance(receipt, RedemptionCard)
    assert receipt.points == (150 if field == "points" else 100)


def test_t35_what_a_button_says_beside_its_ticket_counts_for_nothing(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat)
    shown = preview_of(chat)
    receipt = chat.presses("wang", shown, "confirm", points="1", quantity="9", version="7")
    assert isinstance(receipt, RedemptionCard)
    assert (receipt.points, receipt.quantity) == (100, 1)


def test_t36_a_forwarded_card_is_for_nobody_else(chat: Chat) -> None:
    colleague(chat)
    sign(chat, 500)
    on_offer(chat)
    shown = preview_of(chat)
    for other in ("zhou-qiang", "chen", "fang"):
        refused = chat.refused(other, lambda other=other: chat.presses(other, shown, "confirm"))  # type: ignore[misc]
        assert refused.code == ErrorCode.TICKET_NOT_YOURS
    pressed = [n for n in chat.store.committed(MAIN).audit.values() if n.action == "press_refused"]
    assert [note.actor for note in pressed] == ["contact:zhou-qiang", "contact:chen", "member:fang"]
    assert {note.subject for note in pressed} == {f"ticket:{shown.ticket}"}
    assert chat.last("wang") == shown
    assert isinstance(chat.presses("wang", shown, "confirm"), RedemptionCard)


def test_t37_confirming_what_was_dropped_does_nothing(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat)
    shown = preview_of(chat, "兑换 1 x3")
    assert chat.presses("wang", shown, "cancel") == RedeemDropped("空调保养", 3)
    assert chat.presses("wang", shown, "cancel") == RedeemDropped("空调保养", 3)
    refused = chat.refused("wang", lambda: chat.presses("wang", shown, "confirm"))
    assert refused.code == ErrorCode.TICKET_USED


def test_t37_dropping_what_was_confirmed_shows_the_receipt(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat)
    shown = preview_of(chat)
    receipt = chat.presses("wang", shown, "confirm")
    before = chat.state()
    again = chat.presses("wang", shown, "cancel")
    assert isinstance(receipt, RedemptionCard)
    assert again == replace(receipt, ticket=again.ticket)  # type: ignore[attr-defined]
    assert replace(chat.state(), tickets={}) == replace(before, tickets={})


def test_t37_confirming_too_late_does_nothing(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat)
    shown = preview_of(chat)
    chat.pass_time(minutes=10)
    refused = chat.refused("wang", lambda: chat.presses("wang", shown, "confirm"))
    assert refused.code == ErrorCode.TICKET_EXPIRED


def test_t39_the_moment_of_setting_aside_decides(chat: Chat) -> None:
    sign(chat, 100, on="2024-11-22")
    on_offer(chat)
    chat.clock.at = at("2026-12-01", "00:00") - timedelta(microseconds=1)
    shown = preview_of(chat)
    assert shown.takes == (ExpiringLot(100, "2026-11-30"),)
    chat.clock.at = at("2026-12-01", "00:00")
    refused = chat.refused("wang", lambda: chat.presses("wang", shown, "confirm"))
    assert (refused.code, refused.details["available"]) == (ErrorCode.SHORT_FOR_REWARD, 0)
    chat.clock.at -= timedelta(microseconds=1)
    assert isinstance(chat.presses("wang", shown, "confirm"), RedemptionCard)
    assert points(chat) == (0, 0)


def test_cancel_drops_the_newest_open_preview_and_then_the_one_before(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat)
    first, second = preview_of(chat), preview_of(chat, "兑换 1 2份")
    assert chat.says("wang", "取消") == RedeemDropped("空调保养", 2)
    refused = chat.refused("wang", lambda: chat.presses("wang", second, "confirm"))
    assert refused.code == ErrorCode.TICKET_USED
    assert chat.says("wang", "算了") == RedeemDropped("空调保养", 1)
    assert chat.says("wang", "取消") == NOTHING_BEGUN
    assert isinstance(chat.presses("wang", first, "confirm"), Refusal)


def test_silence_ends_a_preview(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat)
    preview_of(chat)
    chat.pass_time(minutes=10)
    assert chat.says("wang", "取消") == NOTHING_BEGUN


def test_being_short_says_by_how_much_and_what_is_possible(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat, 620, name="论坛席位")
    for number in range(2, 6):
        on_offer(chat, 100 * number, number=number, name=f"礼品{number}")
    refused = chat.refused("wang", lambda: chat.says("wang", "兑换 论坛席位"))
    assert refused.code == ErrorCode.SHORT_FOR_REWARD
    assert refused.details == {
        "reward": "论坛席位",
        "available": 500,
        "asked": 620,
        "most": 0,
        "possible": ["5. 礼品5", "4. 礼品4", "3. 礼品3"],
    }


def test_being_short_for_several_says_how_many_are_possible(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat, 200)
    refused = chat.refused("wang", lambda: chat.says("wang", "兑换 1 3份"))
    assert (refused.details["most"], refused.details["asked"]) == (2, 600)


def test_points_spent_since_the_preview_are_missing_then(chat: Chat) -> None:
    sign(chat, 150)
    on_offer(chat)
    first, second = preview_of(chat), preview_of(chat)
    chat.presses("wang", first, "confirm")
    refused = chat.refused("wang", lambda: chat.presses("wang", second, "confirm"))
    assert (refused.code, refused.details["available"]) == (ErrorCode.SHORT_FOR_REWARD, 50)


def test_t33_the_last_one_goes_to_one_and_the_other_keeps_the_points(chat: Chat) -> None:
    sign(chat, 500)
    sign(chat, 500, customer="C002")
    on_offer(chat, stock=1)
    hers, his = preview_of(chat), preview_of(chat, who="chen")
    chat.presses("wang", hers, "confirm")
    refused = chat.refused("chen", lambda: chat.presses("chen", his, "confirm"))
    assert (refused.code, refused.details["left"]) == (ErrorCode.SOLD_OUT, 0)
    assert stock(chat) == Stock(0, 1, 0)


def test_stock_without_a_row_is_none(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat, stock=0)
    refused = chat.refused("wang", lambda: chat.says("wang", "兑换 1"))
    assert refused.code == ErrorCode.SOLD_OUT


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_active": False}, ErrorCode.REWARD_OVER),
        ({"closes_at": datetime(2026, 11, 22, 2, tzinfo=UTC)}, ErrorCode.REWARD_OVER),
        ({"opens_at": datetime(2026, 11, 22, 3, tzinfo=UTC)}, ErrorCode.REWARD_NOT_OPEN),
        ({"segments": frozenset({"老客户"})}, ErrorCode.NOT_FOR_YOU),
        ({"limit": Limit(1, LimitPeriod.MONTH)}, ErrorCode.LIMIT_REACHED),
    ],
)
def test_what_stands_in_the_way_is_said(
    chat: Chat, changes: dict[str, object], code: ErrorCode
) -> None:
    sign(chat, 500)
    on_offer(chat, **changes)  # type: ignore[arg-type]
    refused = chat.refused("wang", lambda: chat.says("wang", "兑换 #1 2"))
    assert refused.code == code


def test_a_limit_counts_what_was_bought_in_its_period(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat, limit=Limit(1, LimitPeriod.MONTH))
    buys(chat)
    refused = chat.refused("wang", lambda: chat.says("wang", "兑换 1"))
    assert (refused.code, refused.details["again_on"]) == (ErrorCode.LIMIT_REACHED, "2026-12-01")
    chat.clock.at = at("2026-12-01", "00:00")
    buys(chat)


def test_who_may_only_look_is_told_who_may_redeem(chat: Chat) -> None:
    on_offer(chat)
    colleague(chat)
    looking = a_contact("wang", may_redeem=False)
    chat.acts(lambda ctx: ctx.work.customers.change_contact(looking))
    assert isinstance(chat.says("wang", "兑换"), OfferList)
    refused = chat.refused("wang", lambda: chat.says("wang", "兑换 1"))
    assert refused.code == ErrorCode.RIGHT_MISSING
    assert refused.details["may"] == ["zhou-qiang"]


def test_names_that_come_near_are_offered_for_choosing(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat, name="空调保养（家用）")
    on_offer(chat, number=2, name="空调保养（商用）")
    on_offer(chat, number=3, name="论坛席位")
    asked = chat.says("wang", "兑换 空调保养 2份")
    assert isinstance(asked, ChooseCard)
    assert [choice.label for choice in asked.choices] == ["空调保养（商用）", "空调保养（家用）"]
    shown = chat.taps("wang", asked.choices[0].action)
    assert isinstance(shown, RedeemPreview)
    assert (shown.number, shown.quantity) == (2, 2)


def test_a_name_nobody_knows_is_said_with_what_comes_near(chat: Chat) -> None:
    sign(chat, 500)
    on_offer(chat)
    for words in ("兑换 火星旅行", "兑换 99"):
        refused = chat.refused("wang", lambda words=words: chat.says("wang", words))  # type: ignore[misc]
        assert refused.code == ErrorCode.UNKNOWN_REWARD


@pytest.mark.parametrize("amount", ["0份", "-2份", "1.5份", "1000份", "x0"])
def test_t24_amounts_that_cannot_be_are_refused(chat: Chat, amount: str) -> None:
    sign(chat, 500)
    on_offer(chat)
    refused = chat.refused("wang", lambda: chat.says("wang", f"兑换 1 {amount}"))
    assert refused.details["problem"] == "quantity_refused"


def test_a_prize_costs_no_points_and_is_given_once(chat: Chat) -> None:
    reward = on_offer(chat, stock=1, needs_approver=True)
    give = lambda ctx: give_prize(ctx, reward, 1, CustomerId("C001"), "draw:1:7")  # noqa: E731
    prize = chat.acts(give)
    assert (prize.state, prize.points, prize.contact) == (RedemptionState.PLACED, 0, None)
    assert (stock(chat), holds(chat), points(chat)) == (Stock(0, 1, 0), [], (0, 0))
    before = chat.state()
    assert chat.acts(give) == prize
    assert chat.state() == before
    assert chat.last("wang").points == 0
    with pytest.raises(SoldOut):
        chat.acts(lambda ctx: give_prize(ctx, reward, 1, CustomerId("C001"), "draw:1:8"))
    assert len(chat.store.committed(MAIN).redemptions) == 1


def test_who_keeps_rewards_is_told_when_few_are_left(chat: Chat) -> None:
    sign(chat, 1_000)
    on_offer(chat, 100, stock=5)
    for _ in range(3):
        buys(chat, "兑换 1")
    assert warned(chat) == []
    buys(chat, "兑换 1")
    assert warned(chat) == [StockNotice(1, "空调保养", 1, 5)]
    buys(chat, "兑换 1")
    assert len(warned(chat)) == 1


def warned(chat: Chat) -> list[StockNotice]:
    return [view for view in chat.phone("zhou") if isinstance(view, StockNotice)]
