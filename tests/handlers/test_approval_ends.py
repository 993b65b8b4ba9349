"""How approvals end other than by a click in chat: taken back, run out, or by another way in."""

import pytest

from domain.approvals import ApprovalKind, Verdict
from domain.errors import (
    ApprovalNotYours,
    ApprovalPending,
    ErrorCode,
    NotPermitted,
    UnknownApproval,
)
from domain.ids import ApprovalId
from domain.members import Role
from handlers.approval_views import approval_line, approval_view
from handlers.contract import Context
from handlers.usecases.approvals import ask as ask_second_person
from handlers.usecases.decisions import decide, expire_overdue, take_back
from handlers.views import (
    ApprovalCard,
    ApprovalLine,
    ApprovalVerdict,
    Refusal,
)
from tests.handlers.approval_steps import (
    ENDS,
    NOON,
    acting_as,
    ask,
    card_of,
    expire_old,
    stored,
    wallet,
)
from tests.support.chat import Chat
from tests.support.make import a_member, an_approval

LATER = "2026-11-22T02:01:00+00:00"
CLOSED = Refusal(
    ErrorCode.APPROVAL_CLOSED,
    {"number": 1, "state": "approved", "decided_by": "zhang", "decided_at": NOON},
)


def test_taking_back_is_one_tap_and_changes_everybodys_card(chat: Chat) -> None:
    mine = ask(chat)
    theirs = card_of(chat, "zhao")
    chat.pass_time(minutes=1)
    card = chat.presses("zhou", mine, "withdraw")
    assert isinstance(card, ApprovalCard)
    assert (card.state, card.decided_by, card.decided_at, card.ticket) == (
        "withdrawn",
        "",
        LATER,
        "",
    )
    # Who has done it needs no message about it.
    assert chat.phone("zhou") == [card]
    assert card_of(chat, "zhao").state == "withdrawn"
    refused = chat.refused("zhao", lambda: chat.presses("zhao", theirs, "approve"))
    assert refused == Refusal(
        ErrorCode.APPROVAL_CLOSED,
        {"number": 1, "state": "withdrawn", "decided_by": "", "decided_at": LATER},
    )
    assert chat.actions() == ["approval_asked", "approval_withdrawn"]
    assert wallet(chat) == (0, 0)


def test_what_was_decided_is_not_taken_back(chat: Chat) -> None:
    mine = ask(chat)
    chat.presses("zhang@app", card_of(chat, "zhang@app"), "approve")
    assert chat.refused("zhou", lambda: chat.presses("zhou", mine, "withdraw")) == CLOSED


def test_taking_back_by_another_way_is_for_who_has_asked(chat: Chat) -> None:
    ask(chat)
    before = chat.state()

    def as_zhao(ctx: Context) -> None:
        take_back(acting_as(ctx, "zhao"), stored(chat).id)

    with pytest.raises(ApprovalNotYours):
        chat.acts(as_zhao)
    assert chat.state() == before


def test_the_machine_takes_back_and_the_asker_hears(chat: Chat) -> None:
    ask(chat)
    chat.acts(lambda ctx: take_back(ctx, stored(chat).id))
    assert card_of(chat, "zhao").state == "withdrawn"
    verdict = chat.last("zhou")
    assert isinstance(verdict, ApprovalVerdict)
    assert (verdict.state, verdict.decided_by) == ("withdrawn", "")


def test_the_machine_decides_nothing(chat: Chat) -> None:
    ask(chat)
    before = chat.state()
    with pytest.raises(NotPermitted):
        chat.acts(lambda ctx: decide(ctx, stored(chat).id, Verdict.APPROVE, ""))
    assert chat.state() == before


@pytest.mark.parametrize("act", ["decide", "take_back"])
def test_an_id_that_is_none_is_refused(chat: Chat, act: str) -> None:
    def as_qian(ctx: Context) -> None:
        acting = acting_as(ctx, "qian")
        if act == "decide":
            decide(acting, ApprovalId("x"), Verdict.APPROVE, "")
        else:
            take_back(acting, ApprovalId("x"))

    before = chat.state()
    with pytest.raises(UnknownApproval):
        chat.acts(as_qian)
    assert chat.state() == before


def test_deciding_needs_no_chat(chat: Chat) -> None:
    ask(chat)

    def as_qian(ctx: Context) -> None:
        decide(acting_as(ctx, "qian"), stored(chat).id, Verdict.APPROVE, "网页上批的")

    chat.acts(as_qian)
    assert (stored(chat).decided_by, stored(chat).note) == ("qian", "网页上批的")
    assert card_of(chat, "qian").state == "approved"
    assert chat.last("zhou").decided_by == "qian"


def test_what_nobody_decides_runs_out_after_a_week(chat: Chat) -> None:
    mine = ask(chat)
    card = card_of(chat, "zhao")
    chat.pass_time(days=7, seconds=-1)
    before = chat.state()
    chat.acts(expire_old)
    assert chat.state() == before
    chat.pass_time(seconds=1)
    over = Refusal(ErrorCode.APPROVAL_EXPIRED, {"number": 1, "expired_at": ENDS})
    assert chat.refused("zhao", lambda: chat.presses("zhao", card, "approve")) == over
    chat.acts(expire_old)
    assert card_of(chat, "zhao").state == "expired"
    assert (chat.last("zhou").state, chat.last("zhou").decided_at) == ("expired", ENDS)
    assert chat.refused("zhao", lambda: chat.says("zhao", "批准 1")) == over
    assert chat.refused("zhou", lambda: chat.presses("zhou", mine, "withdraw")) == over
    assert chat.actions() == ["approval_asked", "approval_expired"]
    assert wallet(chat) == (0, 0)


def test_running_out_happens_once(chat: Chat) -> None:
    ask(chat)
    chat.pass_time(days=8)
    chat.acts(expire_old)
    before = chat.state()
    chat.acts(lambda ctx: expire_overdue(ctx, stored(chat).id))
    assert chat.state() == before
    assert chat.facts == []


def test_an_approval_of_no_customer_that_the_machine_asks_for_is_shown(chat: Chat) -> None:
    rule = an_approval(
        kind=ApprovalKind.RULE,
        subject="rule_draft:1",
        payload={},
        summary={"name": "按期验收"},
        customer=None,
        asked_by=None,
    )
    zhao = a_member("zhao", Role.SUPERVISOR)
    card = chat.acts(lambda ctx: approval_view(ctx, rule, zhao))
    assert (card.customer, card.name, card.points, card.grounds, card.asked_by) == (
        "",
        "按期验收",
        0,
        "",
        "",
    )
    line = chat.acts(lambda ctx: approval_line(ctx, rule, zhao))
    assert line == ApprovalLine(1, "rule", "", "按期验收", 0, "", NOON, is_mine=False)


def test_what_the_machine_asks_for_ends_without_a_verdict_to_anybody(chat: Chat) -> None:
    approval = chat.acts(_machine_asks)
    assert approval.asked_by is None
    with pytest.raises(ApprovalPending) as refused:
        chat.acts(_machine_asks)
    assert refused.value.details() == {
        "number": 1,
        "asked_by": "",
        "asked_at": chat.clock.now(),
    }
    for who in ("zhang@app", "zhao", "qian"):
        assert card_of(chat, who).asked_by == ""
    chat.says("zhao", "批准 1")
    assert wallet(chat) == (5, 0)
    assert [type(view).__name__ for view in chat.phone("zhou")] == []


def _machine_asks(ctx: Context) -> object:
    return ask_second_person(
        ctx,
        ApprovalKind.ADJUSTMENT,
        "test:1",
        {"customer": "C001", "points": 5},
        {"points": 5},
    )
