"""调整: points moved by hand, asked for by one person and approved by another."""

from datetime import timedelta
from typing import Any

import pytest

from domain.approvals import REASON_MAX, ApprovalKind, ApprovalState
from domain.errors import ErrorCode, NotPermitted, UsageError
from domain.events import EventType
from domain.facts import PointsAdjusted
from domain.ids import CustomerId
from domain.ledger import Account, Entry, Reason, Written, entry_hash
from domain.posting import lot_end
from handlers.contract import Context
from handlers.parsing.amounts import MAX_POINTS
from handlers.usecases.adjustments import ask_adjustment
from handlers.usecases.points import book
from handlers.views import AdjustmentNotice, ApprovalCard, ChooseCard, Refusal
from tests.handlers.approval_steps import ASKED, NOON, acting_as, ask, card_of, earn, stored, wallet
from tests.support.chat import Chat
from tests.support.make import a_customer, an_event
from tests.support.stores import MAIN


def written(chat: Chat) -> list[Written]:
    """Give what has been written into C001's wallet, in order."""
    booked = chat.store.committed(MAIN).booked.values()
    return sorted(booked, key=lambda one: one.entry.seq)


def entries(chat: Chat) -> list[Entry]:
    """Give C001's entries in order."""
    return [one.entry for one in written(chat)]


def short(available: int, asked: int) -> Refusal:
    return Refusal(ErrorCode.SHORT_OF_POINTS, {"available": available, "asked": asked})


def test_what_is_asked_for_is_kept_as_it_was_asked(chat: Chat) -> None:
    ask(chat)
    approval = stored(chat)
    assert (approval.kind, approval.subject) == (ApprovalKind.ADJUSTMENT, "adjustment:C001:+200")
    assert approval.payload == {"customer": "C001", "points": 200}
    assert approval.summary == {"points": 200, "grounds": "渗水补偿"}
    assert (approval.customer, approval.asked_by) == ("C001", "zhou")
    assert entries(chat) == []
    assert wallet(chat) == (0, 0)


def test_approved_points_are_there_for_two_years_and_name_their_approval(chat: Chat) -> None:
    ask(chat)
    chat.says("zhao", "批准 1")
    [entry] = entries(chat)
    assert (entry.debit, entry.credit, entry.points, entry.reason) == (
        Account.ISSUED,
        Account.AVAILABLE,
        200,
        Reason.ADJUSTMENT,
    )
    cause = entry.cause
    assert (cause.event, cause.rule, cause.rule_version) == (None, None, None)
    key = f"approval:{stored(chat).id}"
    assert (cause.actor, cause.key, cause.note) == ("member:zhao", key, key)
    assert entry_hash(written(chat)[0]) == entry.hash
    [lot] = chat.store.committed(MAIN).lots.values()
    assert (lot.remaining, lot.expires_at) == (200, lot_end(chat.clock.now(), 24))
    [moved] = [fact for fact in chat.facts if isinstance(fact, PointsAdjusted)]
    assert (moved.points, moved.wallet.available) == (200, 200)


def test_the_customer_hears_that_and_why(chat: Chat) -> None:
    chat.says("wang", "你好")
    ask(chat)
    assert chat.phone("wang") == chat.phone("wang")[:1]
    chat.says("zhao", "批准 1")
    assert chat.last("wang") == AdjustmentNotice("滨江置业", 200, "渗水补偿", 200, 0)
    statement: Any = chat.says("wang", "明细")
    assert [(line.reason, line.points) for line in statement.lines] == [("adjustment", 200)]


def test_a_customer_who_cannot_be_reached_is_told_by_hand(chat: Chat) -> None:
    ask(chat)
    chat.says("zhao", "批准 1")
    task = chat.last("sun")
    assert (task.about_view, task.about_data["grounds"]) == ("adjustment_notice", "渗水补偿")


def test_a_debt_is_paid_first(chat: Chat) -> None:
    complaint = an_event(type=EventType.COMPLAINT_CLOSED, data={"satisfied": False})
    chat.acts(lambda ctx: book(ctx, complaint))
    card = ask(chat)
    assert (card.available, card.debt) == (0, 50)
    chat.says("zhao", "批准 1")
    assert wallet(chat) == (150, 0)
    assert [(e.reason, e.points) for e in entries(chat)[1:]] == [
        (Reason.DEBT_PAID, 50),
        (Reason.ADJUSTMENT, 150),
    ]


def test_taking_takes_what_is_there(chat: Chat) -> None:
    earn(chat, 300)
    card = ask(chat, "调整 滨江置业 -200 重复计分")
    assert (card.points, card.available) == (-200, 300)
    shown = chat.says("zhao", "批准 1")
    assert isinstance(shown, ApprovalCard)
    assert shown.available == 100
    assert wallet(chat) == (100, 0)
    taken = entries(chat)[-1]
    assert (taken.debit, taken.credit, taken.points, taken.reason) == (
        Account.AVAILABLE,
        Account.ISSUED,
        200,
        Reason.ADJUSTMENT,
    )


def test_asking_for_more_than_there_is_is_refused_at_once(chat: Chat) -> None:
    earn(chat, 100)
    refused = chat.refused("zhou", lambda: chat.says("zhou", "调整 滨江置业 -101 重复计分"))
    assert refused == short(100, 101)


def test_when_points_have_gone_meanwhile_nothing_is_decided(chat: Chat) -> None:
    earn(chat, 100)
    ask(chat, "调整 滨江置业 -80 重复计分")
    ask(chat, "调整 滨江置业 -50 重复计分")
    chat.says("zhao", "批准 1")
    assert chat.refused("zhao", lambda: chat.says("zhao", "批准 2")) == short(20, 50)
    assert stored(chat, 2).state is ApprovalState.PENDING
    # It can still be declined.
    chat.says("zhao", "驳回 2 不够了")
    assert stored(chat, 2).state is ApprovalState.DECLINED
    assert wallet(chat) == (20, 0)


def test_lapsed_points_are_not_there_to_be_taken(chat: Chat) -> None:
    earn(chat, 100)
    chat.pass_time(days=800)
    refused = chat.refused("zhou", lambda: chat.says("zhou", "调整 滨江置业 -1 重复计分"))
    assert refused == short(0, 1)


def test_points_that_lapse_before_the_verdict_are_not_taken(chat: Chat) -> None:
    earn(chat, 100)
    [lot] = chat.store.committed(MAIN).lots.values()
    chat.clock.at = lot.expires_at - timedelta(hours=1)
    ask(chat, "调整 滨江置业 -100 重复计分")
    chat.pass_time(hours=2)
    assert chat.refused("zhao", lambda: chat.says("zhao", "批准 1")) == short(0, 100)


def test_the_same_typed_twice_is_asked_for_once(chat: Chat) -> None:
    ask(chat)
    refused = chat.refused("fang", lambda: chat.says("fang", "调整 滨江置业 +200 再说一次"))
    assert refused == Refusal(
        ErrorCode.APPROVAL_PENDING, {"number": 1, "asked_by": "zhou", "asked_at": NOON}
    )
    # Other points, or another customer, are another matter.
    assert ask(chat, "调整 滨江置业 +100 推荐").number == 2
    assert ask(chat, "调整 城南建设 +200 推荐").number == 3


def test_after_a_verdict_the_same_may_be_asked_for_again(chat: Chat) -> None:
    ask(chat)
    chat.says("zhao", "批准 1")
    ask(chat)
    chat.says("zhang", "批准 2")
    assert wallet(chat) == (400, 0)


@pytest.mark.parametrize(
    ("typed", "points", "grounds"),
    [
        ("调整 滨江置业 +200 渗水补偿", 200, "渗水补偿"),
        ("调整 滨江置业+200 渗水补偿", 200, "渗水补偿"),
        ("调整 滨江置业 + 200分 渗水补偿", 200, "渗水补偿"),
        ("调整 滨江置业 ＋２００，渗水 补偿。", 200, "渗水 补偿"),
        ("调整 C001 加200积分 渗水补偿", 200, "渗水补偿"),
        ("調整 滨江 +1,200 渗水补偿", 1200, "渗水补偿"),
        ("调整 滨江置业 +1.5万 渗水补偿", 15000, "渗水补偿"),
        ("调整 滨江置业 +二百 渗水补偿 +50 的事", 200, "渗水补偿 +50 的事"),
        ("积分调整 滨江置业 -20 重复计分", -20, "重复计分"),
        ("调整 滨江置业 −20 重复计分", -20, "重复计分"),
        ("调整 滨江置业, -20 重复计分", -20, "重复计分"),
        ("调整 滨江置业 扣20分 重复计分", -20, "重复计分"),
        ("调整 滨江置业 减20 重复计分", -20, "重复计分"),
    ],
)
def test_it_can_be_typed_in_many_ways(chat: Chat, typed: str, points: int, grounds: str) -> None:
    earn(chat, 100)
    card = ask(chat, typed)
    assert (card.customer, card.points, card.grounds) == ("滨江置业", points, grounds)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("调整", "points_missing"),
        ("调整 滨江置业", "points_missing"),
        ("调整 滨江置业 200 渗水补偿", "points_missing"),
        ("调整 滨江置业 +渗水补偿", "points_missing"),
        ("调整 滨江置业-20 期渗水补偿", "points_missing"),
        ("调整 滨江置业 +2² 渗水补偿", "points_missing"),
        ("调整 滨江置业 +0 渗水补偿", "points_refused"),
        ("调整 滨江置业 -0 渗水补偿", "points_refused"),
        ("调整 滨江置业 +1.5 渗水补偿", "points_refused"),
        ("调整 滨江置业 +1000000001 渗水补偿", "points_refused"),
        ("调整 滨江置业 +1000000000000000000 渗水补偿", "points_refused"),
        ("调整 滨江置业 +200", "reason_missing"),
        ("调整 滨江置业 +200 。", "reason_missing"),
    ],
)
def test_points_and_reason_must_be_said(chat: Chat, typed: str, problem: str) -> None:
    refused = chat.refused("zhou", lambda: chat.says("zhou", typed))
    assert (refused.code, refused.details["problem"]) == (ErrorCode.USAGE, problem)


@pytest.mark.parametrize("typed", ["调整 某某公司 +200 补偿", "调整 +200 补偿"])
def test_an_unknown_customer_is_refused(chat: Chat, typed: str) -> None:
    refused = chat.refused("zhou", lambda: chat.says("zhou", typed))
    assert refused.code == ErrorCode.UNKNOWN_CUSTOMER


def test_of_several_customers_one_is_chosen(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add(a_customer("C003", "滨江建设"))
        work.commit()
    choose = chat.says("zhou", "调整 滨江 +200 渗水补偿")
    assert isinstance(choose, ChooseCard)
    assert chat.store.committed(MAIN).approvals == {}
    names = [choice.label for choice in choose.choices]
    ticket, _, choice = choose.choices[names.index("滨江置业")].action.partition(":")
    card = chat.presses("zhou", ticket, choice)
    assert isinstance(card, ApprovalCard)
    assert (card.customer, card.points, card.grounds) == ("滨江置业", 200, "渗水补偿")


def test_a_long_reason_is_cut(chat: Chat) -> None:
    card = ask(chat, "调整 滨江置业 +200 " + "长" * 999)
    assert card.grounds == "长" * REASON_MAX


def test_the_machine_alone_asks_for_no_points(chat: Chat) -> None:
    customer = a_customer()
    before = chat.state()
    with pytest.raises(NotPermitted) as refused:
        chat.acts(lambda ctx: ask_adjustment(ctx, customer, 200, "补偿"))
    assert refused.value.permission == "adjust"
    assert chat.state() == before


@pytest.mark.parametrize(
    ("points", "reason", "problem"),
    [
        (0, "补偿", "points_refused"),
        (MAX_POINTS + 1, "补偿", "points_refused"),
        (-MAX_POINTS - 1, "补偿", "points_refused"),
        (200, " ", "reason_missing"),
    ],
)
def test_other_ways_in_are_checked_as_well(
    chat: Chat, points: int, reason: str, problem: str
) -> None:
    def as_zhou(ctx: Context) -> None:
        customer = ctx.work.customers.get(CustomerId("C001"))
        ask_adjustment(acting_as(ctx, "zhou"), customer, points, reason)

    before = chat.state()
    with pytest.raises(UsageError) as refused:
        chat.acts(as_zhou)
    assert refused.value.details() == {"command": "adjust", "problem": problem}
    assert chat.state() == before


def test_who_may_only_ask_cannot_approve_anothers(chat: Chat) -> None:
    ask(chat)
    refused = chat.refused("fang", lambda: chat.says("fang", "批准 1"))
    assert refused.code == ErrorCode.NOT_PERMITTED
    assert card_of(chat, "zhao").points == 200
    assert ASKED.endswith(card_of(chat, "zhao").grounds)
