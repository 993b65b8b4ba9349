"""恢复: points that have expired come back once, for three months, when a second person agrees."""

import pytest

from domain.approvals import REASON_MAX, ApprovalKind, ApprovalState
from domain.errors import ErrorCode, NothingToReinstate, NotPermitted
from domain.events import EventType
from domain.ids import CustomerId, EventId
from domain.ledger import Account, Reason
from handlers.usecases.expiry import bring_up_to_date
from handlers.usecases.points import book, undo
from handlers.usecases.reinstatements import ask_reinstatement, give_back
from handlers.views import ApprovalCard, ChooseCard, ReinstatementNotice
from tests.handlers.approval_steps import stored
from tests.handlers.expiring import at, entries, purse, sign
from tests.support.chat import Chat
from tests.support.make import a_customer, an_event
from tests.support.stores import MAIN

C001 = CustomerId("C001")


def expire(chat: Chat, day: str = "2028-12-05") -> None:
    """Let everything that has ended by a day be booked."""
    chat.clock.at = at(day)
    chat.acts(lambda ctx: bring_up_to_date(ctx, [C001]))


def ask(chat: Chat, words: str = "恢复 滨江置业 工期顺延", who: str = "sun") -> ApprovalCard:
    card = chat.says(who, words)
    assert isinstance(card, ApprovalCard), card
    return card


def test_it_asks_for_the_latest_expiry(chat: Chat) -> None:
    sign(chat, 100)
    expire(chat)
    card = ask(chat)
    assert (card.customer, card.points, card.expired_on, card.grounds) == (
        "滨江置业",
        100,
        "2028-11-30",
        "工期顺延",
    )
    approval = stored(chat)
    expiry = entries(chat)[-1]
    assert (approval.kind, approval.subject) == (
        ApprovalKind.REINSTATEMENT,
        f"reinstatement:{expiry.id}",
    )
    assert purse(chat).available == 0
    assert isinstance(chat.last("zhang@app"), ApprovalCard)


@pytest.mark.parametrize("who", ["sun", "fang", "zhou", "zhang"])
def test_sales_service_finance_and_supervisors_may_ask(chat: Chat, who: str) -> None:
    sign(chat, 100)
    expire(chat)
    assert ask(chat, "恢复 C001", who).points == 100


def test_approved_points_are_a_new_lot_for_three_months_to_the_months_end(chat: Chat) -> None:
    sign(chat, 100)
    expire(chat)
    chat.says("wang", "你好")
    ask(chat)
    chat.says("zhao", "批准 1")
    expiry, entry = entries(chat)[-2:]
    assert (entry.debit, entry.credit, entry.points, entry.reason) == (
        Account.EXPIRED,
        Account.AVAILABLE,
        100,
        Reason.REINSTATEMENT,
    )
    assert (entry.reverses, entry.cause.note) == (expiry.id, f"approval:{stored(chat).id}")
    lot = list(chat.store.committed(MAIN).lots.values())[-1]
    assert (lot.remaining, lot.expires_at) == (100, at("2029-04-01", "00:00"))
    assert chat.last("wang") == ReinstatementNotice("滨江置业", 100, "2029-03-31", 100, 0)


def test_a_debt_is_paid_first(chat: Chat) -> None:
    sign(chat, 100)
    expire(chat)
    complaint = an_event(
        id=EventId("complaint"),
        source_id="C-1",
        type=EventType.COMPLAINT_CLOSED,
        occurred_at=chat.clock.now(),
        recorded_at=chat.clock.now(),
        data={"satisfied": False},
    )
    chat.acts(lambda ctx: book(ctx, complaint))
    ask(chat)
    chat.says("zhao", "批准 1")
    assert (purse(chat).available, purse(chat).debt) == (50, 0)
    paid, rest = entries(chat)[-2:]
    assert [(e.credit, e.points, e.reversal_part) for e in (paid, rest)] == [
        (Account.DEBT, 50, 1),
        (Account.AVAILABLE, 50, 2),
    ]


def test_all_of_it_may_pay_a_debt(chat: Chat) -> None:
    sign(chat, 20)
    expire(chat)
    complaint = an_event(
        id=EventId("complaint"),
        source_id="C-1",
        type=EventType.COMPLAINT_CLOSED,
        occurred_at=chat.clock.now(),
        recorded_at=chat.clock.now(),
        data={"satisfied": False},
    )
    chat.acts(lambda ctx: book(ctx, complaint))
    ask(chat)
    chat.says("zhao", "批准 1")
    assert (purse(chat).available, purse(chat).debt) == (0, 30)


def test_an_expiry_is_given_back_once(chat: Chat) -> None:
    sign(chat, 100)
    expire(chat)
    ask(chat)
    chat.says("zhao", "批准 1")
    refused = chat.refused("sun", lambda: chat.says("sun", "恢复 滨江置业"))
    assert (refused.code, refused.details) == (
        ErrorCode.NOTHING_TO_REINSTATE,
        {"customer": "滨江置业"},
    )


def test_what_was_given_back_and_ended_again_may_be_asked_for_again(chat: Chat) -> None:
    sign(chat, 100)
    expire(chat)
    ask(chat)
    chat.says("zhao", "批准 1")
    expire(chat, "2029-04-02")
    ask(chat)
    chat.says("zhao", "批准 2")
    assert purse(chat).available == 100


def test_two_at_once_are_asked_for_once(chat: Chat) -> None:
    sign(chat, 100)
    expire(chat)
    ask(chat)
    refused = chat.refused("zhou", lambda: chat.says("zhou", "恢复 滨江置业"))
    assert refused.code == ErrorCode.APPROVAL_PENDING


def test_nothing_expired_is_nothing_to_give_back(chat: Chat) -> None:
    sign(chat, 100)
    refused = chat.refused("sun", lambda: chat.says("sun", "恢复 滨江置业"))
    assert refused.code == ErrorCode.NOTHING_TO_REINSTATE


def test_points_whose_award_was_undone_do_not_come_back(chat: Chat) -> None:
    first = sign(chat, 100)
    sign(chat, 30)
    expire(chat)
    event = chat.store.committed(MAIN).events[first].event
    chat.acts(lambda ctx: undo(ctx, event))
    assert ask(chat).points == 30
    second = chat.store.committed(MAIN).events["event-2"].event
    chat.acts(lambda ctx: undo(ctx, second))
    refused = chat.refused("zhao", lambda: chat.says("zhao", "批准 1"))
    assert refused.code == ErrorCode.NOTHING_TO_REINSTATE
    assert stored(chat).state is ApprovalState.PENDING
    refused = chat.refused("sun", lambda: chat.says("sun", "恢复 滨江置业"))
    assert refused.code == ErrorCode.NOTHING_TO_REINSTATE


def test_undoing_an_award_after_it_came_back_takes_the_points_again(chat: Chat) -> None:
    first = sign(chat, 100)
    expire(chat)
    ask(chat)
    chat.says("zhao", "批准 1")
    event = chat.store.committed(MAIN).events[first].event
    chat.acts(lambda ctx: undo(ctx, event))
    assert (purse(chat).available, purse(chat).debt) == (0, 0)


def test_declined_points_stay_expired(chat: Chat) -> None:
    sign(chat, 100)
    expire(chat)
    ask(chat)
    chat.says("zhao", "驳回 1 不符合条件")
    assert purse(chat).available == 0
    assert entries(chat)[-1].reason is Reason.EXPIRY


def test_an_approval_whose_expiry_was_given_back_gives_nothing(chat: Chat) -> None:
    sign(chat, 100)
    expire(chat)
    ask(chat)
    chat.says("zhao", "批准 1")
    before = chat.state()
    with pytest.raises(NothingToReinstate):
        chat.acts(lambda ctx: give_back(ctx, stored(chat)))
    assert chat.state() == before


def test_the_machine_alone_asks_for_nothing(chat: Chat) -> None:
    before = chat.state()
    with pytest.raises(NotPermitted):
        chat.acts(lambda ctx: ask_reinstatement(ctx, a_customer(), "补偿"))
    assert chat.state() == before


@pytest.mark.parametrize(
    ("typed", "grounds"),
    [
        ("恢复 滨江置业", ""),
        ("恢復 滨江置业 工期顺延，客户要求", "工期顺延,客户要求"),
        ("恢复积分 滨江 工期顺延", "工期顺延"),
        ("恢复 滨江置业,工期顺延。", "工期顺延"),
        ("恢复 C001 " + "长" * 999, "长" * REASON_MAX),
    ],
)
def test_it_can_be_typed_in_many_ways(chat: Chat, typed: str, grounds: str) -> None:
    sign(chat, 100)
    expire(chat)
    assert ask(chat, typed).grounds == grounds


@pytest.mark.parametrize("typed", ["恢复", "恢复 某某公司", "恢复 某某公司 滨江置业"])
def test_an_unknown_customer_is_refused(chat: Chat, typed: str) -> None:
    refused = chat.refused("sun", lambda: chat.says("sun", typed))
    assert refused.code == ErrorCode.UNKNOWN_CUSTOMER


def test_of_several_customers_one_is_chosen(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add(a_customer("C003", "滨江建设"))
        work.commit()
    sign(chat, 100)
    expire(chat)
    choose = chat.says("sun", "恢复 滨江 工期顺延")
    assert isinstance(choose, ChooseCard)
    [action] = [choice.action for choice in choose.choices if choice.label == "滨江置业"]
    ticket, _, choice = action.partition(":")
    card = chat.presses("sun", ticket, choice)
    assert isinstance(card, ApprovalCard)
    assert (card.points, card.grounds) == (100, "工期顺延")
