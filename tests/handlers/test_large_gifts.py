"""Gifts that somebody in the firm has to agree to: held meanwhile, handed over or given back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import ErrorCode, HoldClosed
from domain.gifts import MONTH_MAX, GiftState
from domain.ids import HoldId
from domain.ledger import Account, Reason
from handlers.usecases.holds import refund_hold, release_hold, release_overdue
from handlers.views import (
    Cancelled,
    GiftDone,
    Refusal,
)
from tests.handlers.approval_steps import NOON, card_of, expire_old
from tests.handlers.expiring import at, entries, purse, sign
from tests.handlers.gift_steps import ends, gives, is_empty, moved, notices, preview
from tests.support.chat import Chat, without_presses
from tests.support.stores import MAIN


@pytest.fixture
def chat(two_phones: Chat) -> Chat:
    """Let 滨江置业 have two contacts."""
    return two_phones


def pending(chat: Chat, words: str = "赠送 城南建设 1200") -> GiftDone:
    """Ask for a gift that somebody in the firm has to agree to."""
    sign(chat, 500, on="2025-03-10")
    sign(chat, 2_000)
    done = gives(chat, words)
    assert done.state == "pending"
    return done


def test_a_gift_that_waits_is_named_to_who_would_cancel_it(chat: Chat) -> None:
    done = pending(chat)
    before = chat.state()
    nothing = Cancelled(had_something=False, instead=("drop_redemption",))
    assert chat.says("wang", "取消") == replace(nothing, gifts=(done.number,))
    assert chat.says("chen", "取消") == nothing
    assert chat.state() == before
    chat.presses("wang", done, "withdraw")
    assert chat.says("wang", "取消") == nothing


def test_a_large_gift_is_held_until_somebody_in_the_firm_agrees(chat: Chat) -> None:
    sign(chat, 2_500)
    view = preview(chat, "赠送 城南建设 1200")
    assert (view.needs_approval, view.alone_most) == (True, 1_000)
    done = chat.presses("wang", view, "confirm")
    assert isinstance(done, GiftDone)
    assert (done.state, done.number, done.available_after) == ("pending", 1, 1_300)
    assert (done.given_at, done.expires_at) == (NOON, "2026-11-29T02:00:00+00:00")
    assert done.ticket
    wallet = purse(chat)
    assert (wallet.available, wallet.held) == (1_300, 1_200)
    assert entries(chat, "C002") == []
    card = card_of(chat, "zhao")
    assert (card.kind, card.customer, card.name, card.points) == (
        "gift",
        "滨江置业",
        "城南建设",
        -1_200,
    )
    assert (card.asked_by, card.is_mine) == ("wang", False)
    assert [one.state for one in notices(chat, "lin")] == ["pending"]
    assert notices(chat, "chen") == []


def test_an_approved_gift_is_handed_over_and_everybody_hears_of_it(chat: Chat) -> None:
    pending(chat)
    chat.presses("zhao", card_of(chat, "zhao"), "approve")
    wallet = purse(chat)
    assert (wallet.available, wallet.held) == (1_300, 0)
    assert moved(chat, "C001")[-2:] == [
        (Account.AVAILABLE, Account.HELD, 1_200, Reason.HOLD),
        (Account.HELD, Account.GIFTS, 1_200, Reason.GIVEN),
    ]
    assert ends(chat, "C002") == {
        "2027-03-31T16:00:00+00:00": 500,
        "2028-11-30T16:00:00+00:00": 700,
    }
    assert is_empty(chat)
    [gift] = chat.store.committed(MAIN).gifts.values()
    assert (gift.state, gift.ended_at) == (GiftState.GIVEN, chat.clock.now())
    assert [one.state for one in notices(chat, "wang")] == ["given"]
    assert [one.state for one in notices(chat, "lin")] == ["pending", "given"]
    assert [one.is_receiver for one in notices(chat, "chen")] == [True]


def test_a_gift_that_was_handed_over_is_not_refunded(chat: Chat) -> None:
    pending(chat)
    chat.presses("zhao", card_of(chat, "zhao"), "approve")
    [gift] = chat.store.committed(MAIN).gifts.values()
    before = chat.state()
    with pytest.raises(HoldClosed):
        chat.acts(lambda ctx: refund_hold(ctx, HoldId(gift.id), 10, part="1"))
    assert chat.state() == before


def test_the_same_card_shows_what_became_of_the_gift(chat: Chat) -> None:
    sign(chat, 2_500)
    view = preview(chat, "赠送 城南建设 1200")
    chat.presses("wang", view, "confirm")
    before = purse(chat)
    again = chat.presses("wang", view, "confirm")
    assert isinstance(again, GiftDone)
    assert (again.number, again.state, purse(chat)) == (1, "pending", before)
    chat.presses("zhao", card_of(chat, "zhao"), "approve")
    last = chat.presses("wang", view, "confirm")
    assert isinstance(last, GiftDone)
    assert (last.number, last.state, last.available_after) == (1, "given", 1_300)
    assert last.ticket == ""


@pytest.mark.parametrize("how", ["declined", "withdrawn", "expired"])
def test_a_gift_that_is_not_approved_gives_the_points_back(chat: Chat, how: str) -> None:
    done = pending(chat)
    held = ends(chat, "C001")
    if how == "declined":
        chat.says("zhang", "驳回 1 太多了")
    elif how == "withdrawn":
        answer = chat.presses("wang", done, "withdraw")
        assert isinstance(answer, GiftDone)
        assert (answer.state, answer.ticket) == ("withdrawn", "")
        assert chat.presses("wang", done, "withdraw") == answer
    else:
        chat.clock.forward(timedelta(days=7))
        chat.says("lin", "余额")
        chat.acts(expire_old)
    wallet = purse(chat)
    assert (wallet.available, wallet.held) == (2_500, 0)
    assert ends(chat, "C001") != held
    assert entries(chat, "C002") == []
    [gift] = chat.store.committed(MAIN).gifts.values()
    assert gift.state == how
    assert notices(chat, "lin")[-1].state == how
    assert notices(chat, "chen") == []
    if how == "withdrawn":
        assert notices(chat, "wang") == []
    # What was not given leaves room in the month.
    assert preview(chat, "赠送 城南建设 900").month_left == MONTH_MAX - 900


def test_points_that_end_sooner_than_a_week_are_held_only_so_long(chat: Chat) -> None:
    chat.clock.at = at("2026-11-28")
    sign(chat, 600, on="2024-11-10")
    sign(chat, 2_000)
    for who in ("wang", "chen"):
        chat.says(who, "余额")
    assert gives(chat, "赠送 城南建设 1200").expires_at == "2026-11-30T16:00:00+00:00"
    chat.clock.at = at("2026-12-01", "00:00")
    before = chat.state()
    late = chat.says("zhang", "批准 1")
    assert isinstance(late, Refusal)
    assert late.code == ErrorCode.APPROVAL_EXPIRED
    assert chat.state() == before


def test_a_hold_that_ran_out_first_leaves_nothing_to_hand_over(chat: Chat) -> None:
    pending(chat)
    [gift] = chat.store.committed(MAIN).gifts.values()
    chat.clock.forward(timedelta(days=7))
    chat.acts(lambda ctx: release_overdue(ctx, HoldId(gift.id)))
    chat.acts(expire_old)
    wallet = purse(chat)
    assert (wallet.available, wallet.held) == (2_500, 0)
    assert chat.store.committed(MAIN).gifts[gift.id].state is GiftState.EXPIRED


def test_a_held_gift_whose_points_are_gone_cannot_be_approved(chat: Chat) -> None:
    pending(chat)
    [gift] = chat.store.committed(MAIN).gifts.values()
    chat.acts(lambda ctx: release_hold(ctx, HoldId(gift.id)))
    before = chat.state()
    view = chat.says("zhang", "批准 1")
    assert isinstance(view, Refusal)
    assert view.code == ErrorCode.HOLD_CLOSED
    assert chat.state() == before


def test_the_giver_cannot_approve_the_own_gift(chat: Chat) -> None:
    pending(chat)
    card = card_of(chat, "zhao")
    before = chat.state()
    typed, pressed = chat.says("wang", "批准 1"), chat.presses("wang", card.ticket, "approve")
    assert isinstance(typed, Refusal)
    assert isinstance(pressed, Refusal)
    assert (typed.code, pressed.code) == (ErrorCode.NOT_PERMITTED, ErrorCode.TICKET_NOT_YOURS)
    assert without_presses(chat.state()) == before


def test_without_anybody_who_may_agree_a_large_gift_is_refused_at_once(chat: Chat) -> None:
    sign(chat, 2_500)
    view = preview(chat, "赠送 城南建设 1200")
    with chat.store.work(MAIN) as work:
        state = chat.store.committed(MAIN)
        for name in ("zhang", "zhao", "qian"):
            state.members[name] = replace(state.members[name], is_active=False)
        work.commit()
    before = chat.state()
    answer = chat.presses("wang", view, "confirm")
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.details) == ("gift_undecidable", {"asked": 1_200, "most": 1_000})
    assert chat.state() == before
