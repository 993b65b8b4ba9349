"""A redemption's life: held, placed, handed over; every end once, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.errors import MoreThanOutstanding, RedemptionClosed, UndoOver
from domain.ids import ContactId, MemberId
from domain.redemptions import (
    REASON_MAX,
    UNDO_WITHIN,
    Redemption,
    RedemptionState,
    agree,
    approve,
    check_outstanding,
    check_undo,
    confirm,
    drop,
    hand_over,
    is_on_terms,
    refund,
    take_back,
    undo_until,
)
from domain.rewards import RewardKind
from tests.support.fakes import START
from tests.support.make import a_redemption, a_reward

LATER = START + timedelta(minutes=5)
SUN = ContactId("k-sun")
ZHOU = MemberId("m-zhou")

WAITING = a_redemption(waits_for_contact=True, waits_for_approver=True, waits_for_confirmation=True)
PLACED = a_redemption(quantity=3, state=RedemptionState.PLACED, placed_at=START)


def test_all_who_are_waited_for_agree_in_any_order() -> None:
    acts: list[Callable[[Redemption], Redemption]] = [
        lambda one: confirm(one, LATER),
        lambda one: agree(one, SUN, LATER),
        lambda one: approve(one, ZHOU, LATER),
    ]
    for first in range(3):
        order = [acts[first], acts[(first + 1) % 3], acts[(first + 2) % 3]]
        one = order[1](order[0](WAITING))
        assert one.state is RedemptionState.HELD
        assert one.is_waiting
        assert one.placed_at is None
        placed = order[2](one)
        assert (placed.state, placed.placed_at) == (RedemptionState.PLACED, LATER)
        assert (placed.agreed_by, placed.approved_by, placed.version) == (SUN, ZHOU, 4)
        assert not placed.is_waiting


def test_nobody_agrees_twice_or_when_it_is_not_asked_for() -> None:
    agreed = agree(WAITING, SUN, LATER)
    with pytest.raises(RedemptionClosed):
        agree(agreed, ContactId("k-li"), LATER)
    assert agreed.agreed_by == SUN


@pytest.mark.parametrize(
    "act",
    [
        confirm,
        lambda one, at: agree(one, SUN, at),
        lambda one, at: approve(one, ZHOU, at),
    ],
)
def test_time_decides_by_the_instant(act: Callable[[Redemption, datetime], Redemption]) -> None:
    act(WAITING, WAITING.expires_at - timedelta(microseconds=1))
    with pytest.raises(RedemptionClosed) as refused:
        act(WAITING, WAITING.expires_at)
    assert refused.value.details() == {
        "number": 1,
        "reward": "空调保养",
        "state": RedemptionState.EXPIRED,
        "since": WAITING.expires_at,
    }


@pytest.mark.parametrize(
    "state", [RedemptionState.CANCELLED, RedemptionState.DECLINED, RedemptionState.EXPIRED]
)
def test_what_is_held_is_dropped_once(state: RedemptionState) -> None:
    dropped = drop(WAITING, state, "不要了" * 100, LATER)
    assert (dropped.state, dropped.ended_at, dropped.version) == (state, LATER, 2)
    assert len(dropped.note) == REASON_MAX
    for act in (
        lambda: drop(dropped, RedemptionState.CANCELLED, "", LATER),
        lambda: confirm(dropped, LATER),
        lambda: hand_over(dropped, 1, LATER),
        lambda: refund(dropped, 1, "", LATER),
        lambda: check_undo(dropped, LATER),
    ):
        with pytest.raises(RedemptionClosed) as refused:
            act()
        assert refused.value.state is state
        assert refused.value.since == LATER


def test_what_is_placed_is_no_longer_dropped() -> None:
    with pytest.raises(RedemptionClosed) as refused:
        drop(PLACED, RedemptionState.CANCELLED, "", LATER)
    assert (refused.value.state, refused.value.since) == (RedemptionState.PLACED, START)


def test_it_is_handed_over_bit_by_bit() -> None:
    one = hand_over(PLACED, 2, LATER)
    assert (one.state, one.fulfilled, one.outstanding) == (RedemptionState.PLACED, 2, 1)
    done = hand_over(one, 1, LATER)
    assert (done.state, done.ended_at) == (RedemptionState.FULFILLED, LATER)


def test_what_is_not_handed_over_can_be_given_back() -> None:
    one = refund(hand_over(PLACED, 1, LATER), 1, "少来一次", LATER)
    assert (one.state, one.refunded, one.outstanding) == (RedemptionState.PLACED, 1, 1)
    assert refund(one, 1, "都不来了", LATER).state is RedemptionState.REFUNDED
    assert hand_over(one, 1, LATER).state is RedemptionState.REFUNDED
    for wrong in (0, -1, 2):
        with pytest.raises(ValueError, match=str(wrong)):
            refund(one, wrong, "", LATER)
        with pytest.raises(ValueError, match=str(wrong)):
            hand_over(one, wrong, LATER)


def test_no_more_is_meant_than_is_outstanding() -> None:
    three = replace(PLACED, quantity=3, fulfilled=1)
    assert [check_outstanding(three, count) for count in (None, 1, 2)] == [2, 1, 2]
    with pytest.raises(MoreThanOutstanding) as refused:
        check_outstanding(three, 3)
    assert (refused.value.outstanding, refused.value.asked) == (2, 3)
    for closed in (WAITING, hand_over(PLACED, 3, LATER)):
        with pytest.raises(RedemptionClosed):
            check_outstanding(closed, None)


def test_what_was_handed_over_by_mistake_is_outstanding_again() -> None:
    done = hand_over(hand_over(PLACED, 2, LATER), 1, LATER)
    back = take_back(done, 1)
    assert back == replace(hand_over(PLACED, 2, LATER), version=done.version + 1)
    mixed = hand_over(refund(PLACED, 1, "少来一次", LATER), 2, LATER)
    assert mixed.state is RedemptionState.REFUNDED
    back = take_back(mixed, 2)
    assert (back.state, back.fulfilled, back.refunded) == (RedemptionState.PLACED, 0, 1)
    assert (back.outstanding, back.ended_at) == (2, None)
    for wrong in (0, -1, 4):
        with pytest.raises(ValueError, match=str(wrong)):
            take_back(done, wrong)


def test_what_is_sent_can_be_undone_until_it_is_handed_over() -> None:
    assert undo_until(PLACED) is None
    check_undo(PLACED, START + timedelta(days=300))
    with pytest.raises(UndoOver) as refused:
        check_undo(hand_over(PLACED, 1, LATER), LATER)
    assert (refused.value.fulfilled, refused.value.until) == (1, None)


def test_a_voucher_can_be_undone_for_some_minutes() -> None:
    voucher = replace(PLACED, kind=RewardKind.VOUCHER)
    end = START + UNDO_WITHIN
    assert undo_until(voucher) == end
    assert undo_until(replace(WAITING, kind=RewardKind.VOUCHER)) is None
    check_undo(voucher, end - timedelta(microseconds=1))
    with pytest.raises(UndoOver) as refused:
        check_undo(voucher, end)
    assert refused.value.until == end


def test_terms_are_those_of_the_preview() -> None:
    reward = a_reward()
    assert is_on_terms(reward, version=1, points=800)
    assert not is_on_terms(reward, version=1, points=801)
    assert not is_on_terms(replace(reward, version=2), version=1, points=800)


def test_points_and_their_hold_go_by_the_redemption() -> None:
    assert PLACED.points == 2_400
    assert str(PLACED.hold) == str(PLACED.id)
    assert PLACED.purpose == f"redemption:{PLACED.id}"
