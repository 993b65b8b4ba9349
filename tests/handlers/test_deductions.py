"""A deduction whose rule says "ask": a supervisor decides, and it is booked once or never."""

from dataclasses import replace

import pytest

from domain.approvals import ApprovalKind, ApprovalState
from domain.errors import ErrorCode
from domain.events import EventType
from domain.ids import EventId
from domain.ledger import Account, Reason
from domain.outcomes import Ending, outcomes_of
from domain.repositories import Publication
from domain.rules.model import DebtPolicy, Direction, Fixed
from handlers.usecases.points import book, undo
from handlers.views import AdjustmentNotice, ApprovalCard
from tests.handlers.approval_steps import expire_old, stored
from tests.handlers.expiring import entries, purse, sign
from tests.support.chat import Chat
from tests.support.fakes import START
from tests.support.make import a_rule, an_event
from tests.support.stores import MAIN

ASKING = a_rule(
    "defect",
    name="质量缺陷",
    trigger=EventType.CHECK_IN,
    formula=Fixed(80),
    direction=Direction.DEDUCT,
    debt_policy=DebtPolicy.ASK,
)
DEFECT = an_event(
    id=EventId("defect-1"), source_id="D-1", type=EventType.CHECK_IN, project=None, data={}
)


@pytest.fixture(autouse=True)
def rule_that_asks(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.rules.add(ASKING, Publication(START))
        work.commit()


def happens(chat: Chat) -> None:
    chat.acts(lambda ctx: book(ctx, DEFECT))


def test_a_wallet_that_is_short_makes_the_machine_ask(chat: Chat) -> None:
    sign(chat, 30)
    happens(chat)
    [outcome] = outcomes_of(chat.store.committed(MAIN).events["defect-1"].outcomes)
    assert (outcome.ending, outcome.requested, outcome.applied) == (Ending.ASKED, 80, 0)
    assert purse(chat).available == 30
    approval = stored(chat)
    assert (approval.kind, approval.subject) == (
        ApprovalKind.DEDUCTION,
        "deduction:defect-1:defect",
    )
    assert approval.payload == {"event": "defect-1", "rule": "defect", "version": 1, "points": 80}
    assert (approval.customer, approval.asked_by) == ("C001", None)
    card = chat.last("zhang@app")
    assert isinstance(card, ApprovalCard)
    assert (card.name, card.points, card.available) == ("质量缺陷", -80, 30)


def test_the_same_event_again_asks_nothing_more(chat: Chat) -> None:
    happens(chat)
    before = chat.state()
    happens(chat)
    assert chat.state() == before


def test_enough_points_are_taken_without_asking(chat: Chat) -> None:
    sign(chat, 100)
    happens(chat)
    assert purse(chat).available == 20
    assert chat.store.committed(MAIN).approvals == {}


def test_approved_it_takes_what_is_there_and_owes_the_rest(chat: Chat) -> None:
    chat.says("wang", "你好")
    sign(chat, 30)
    happens(chat)
    chat.says("zhao", "批准 1")
    assert (purse(chat).available, purse(chat).debt) == (0, 50)
    taken, owed = entries(chat)[-2:]
    assert (taken.debit, taken.credit, taken.points) == (Account.AVAILABLE, Account.PENALTIES, 30)
    assert (owed.debit, owed.credit, owed.points) == (Account.DEBT, Account.PENALTIES, 50)
    cause = owed.cause
    assert (cause.event, cause.rule, cause.rule_version) == ("defect-1", "defect", 1)
    assert (cause.actor, cause.note) == ("member:zhao", f"approval:{stored(chat).id}")
    assert (owed.reason, owed.event_seal) == (
        Reason.PENALTY,
        chat.store.committed(MAIN).events["defect-1"].seal,
    )
    assert chat.last("wang") == AdjustmentNotice("滨江置业", -80, "", 0, 50)


@pytest.mark.parametrize("ending", ["declined", "expired"])
def test_otherwise_nothing_is_taken(chat: Chat, ending: str) -> None:
    sign(chat, 30)
    happens(chat)
    if ending == "declined":
        chat.says("zhao", "驳回 1 证据不足")
    else:
        chat.pass_time(days=8)
        chat.acts(expire_old)
    assert stored(chat).state is ApprovalState(ending)
    assert [entry.reason for entry in entries(chat)] == [Reason.AWARD]


def test_undoing_the_event_takes_the_deduction_back_as_well(chat: Chat) -> None:
    sign(chat, 30)
    happens(chat)
    chat.says("zhao", "批准 1")
    chat.acts(lambda ctx: undo(ctx, DEFECT))
    assert (purse(chat).available, purse(chat).debt) == (30, 0)


def test_what_was_undone_meanwhile_can_only_be_declined(chat: Chat) -> None:
    sign(chat, 30)
    happens(chat)
    chat.acts(lambda ctx: undo(ctx, DEFECT))
    refused = chat.refused("zhao", lambda: chat.says("zhao", "批准 1"))
    assert refused.code == ErrorCode.ALREADY_UNDONE
    chat.says("zhao", "驳回 1 已撤销")
    assert purse(chat).available == 30


def test_where_nobody_may_decide_nothing_is_taken_and_it_is_noted(chat: Chat) -> None:
    for name in ("zhang", "zhao", "qian"):
        state = chat.store.committed(MAIN)
        state.members[name] = replace(state.members[name], is_active=False)
    happens(chat)
    assert chat.store.committed(MAIN).approvals == {}
    assert "deduction_unasked" in chat.actions()
    assert purse(chat).debt == 0
