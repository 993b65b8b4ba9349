"""One asks, another decides: first click wins, everybody's card shows it, the asker hears."""

from datetime import timedelta

import pytest

from domain.approvals import REASON_MAX, ApprovalState
from domain.errors import (
    ErrorCode,
)
from domain.ids import MemberId
from domain.members import Role
from handlers.approval_views import approval_view
from handlers.contract import Context
from handlers.views import (
    ApprovalCard,
    ApprovalLine,
    ApprovalList,
    ApprovalVerdict,
    Refusal,
)
from tests.handlers.approval_steps import ASKED, ENDS, NOON, ask, card_of, stored, wallet
from tests.support.chat import Chat
from tests.support.make import a_member
from tests.support.stores import APP, DING, MAIN

LATER = "2026-11-22T02:01:00+00:00"
CLOSED = Refusal(
    ErrorCode.APPROVAL_CLOSED,
    {"number": 1, "state": "approved", "decided_by": "zhang", "decided_at": NOON},
)
OWN = Refusal(ErrorCode.OWN_APPROVAL, {"number": 1})


def test_who_asks_sees_what_is_asked_and_who_will_decide(chat: Chat) -> None:
    card = ask(chat)
    assert card == ApprovalCard(
        ticket=card.ticket,
        number=1,
        kind="adjustment",
        state="pending",
        is_mine=True,
        customer="滨江置业",
        name="",
        points=200,
        grounds="渗水补偿",
        available=0,
        debt=0,
        asked_by="zhou",
        asked_at=NOON,
        expires_at=ENDS,
        approvers=("qian", "zhang", "zhao"),
        decided_by="",
        decided_at="",
        note="",
    )
    assert chat.phone("zhou") == [card]
    assert chat.actions() == ["approval_asked"]


def test_everybody_who_may_decide_gets_a_card_where_warnings_go(chat: Chat) -> None:
    ask(chat)
    for who in ("zhang@app", "zhao", "qian"):
        card = card_of(chat, who)
        assert (card.is_mine, list(card.approvers), card.state) == (False, [], "pending")
        assert card.ticket
    for who in ("zhang", "li", "sun", "fang", "wang"):
        assert chat.phone(who) == []


def test_a_supervisor_who_asks_gets_no_card_to_decide(chat: Chat) -> None:
    card = ask(chat, who="zhao")
    assert card.approvers == ("qian", "zhang")
    assert chat.phone("zhao") == [card]


def test_the_first_click_decides_and_everybodys_card_shows_it(chat: Chat) -> None:
    ask(chat)
    mine = chat.presses("zhang@app", card_of(chat, "zhang@app"), "approve")
    assert isinstance(mine, ApprovalCard)
    assert (mine.state, mine.decided_by, mine.decided_at) == ("approved", "zhang", NOON)
    assert (mine.ticket, mine.available) == ("", 200)
    for who in ("zhang@app", "zhao", "qian", "zhou"):
        card = card_of(chat, who)
        assert (card.state, card.decided_by, card.ticket) == ("approved", "zhang", "")
    assert list(card_of(chat, "zhou").approvers) == []
    assert chat.actions() == ["approval_asked", "approval_approved", "points_adjusted"]


def test_who_has_asked_hears_how_it_ended(chat: Chat) -> None:
    ask(chat)
    chat.pass_time(minutes=1)
    chat.presses("zhao", card_of(chat, "zhao"), "approve")
    assert chat.last("zhou") == ApprovalVerdict(
        number=1,
        kind="adjustment",
        state="approved",
        customer="滨江置业",
        name="",
        points=200,
        available=200,
        debt=0,
        decided_by="zhao",
        decided_at=LATER,
        note="",
    )


def test_declining_moves_nothing_and_says_why(chat: Chat) -> None:
    ask(chat)
    card = chat.says("zhao", "驳回 1 金额不对")
    assert isinstance(card, ApprovalCard)
    assert (card.state, card.decided_by, card.note) == ("declined", "zhao", "金额不对")
    assert card_of(chat, "zhang@app").state == "declined"
    verdict = chat.last("zhou")
    assert (verdict.state, verdict.note) == ("declined", "金额不对")
    assert wallet(chat) == (0, 0)
    assert chat.store.committed(MAIN).booked == {}
    assert chat.actions() == ["approval_asked", "approval_declined"]


def test_a_card_declines_with_one_tap(chat: Chat) -> None:
    ask(chat)
    card = chat.presses("zhao", card_of(chat, "zhao"), "decline")
    assert isinstance(card, ApprovalCard)
    assert (card.state, card.note) == ("declined", "")


def test_a_form_may_bring_a_note(chat: Chat) -> None:
    ask(chat)
    card = chat.presses("zhao", card_of(chat, "zhao"), "approve", note=" 已核对 ")
    assert isinstance(card, ApprovalCard)
    assert card.note == "已核对"


def test_the_second_click_names_who_was_first(chat: Chat) -> None:
    ask(chat)
    card = card_of(chat, "zhao")
    chat.presses("zhang@app", card_of(chat, "zhang@app"), "approve")
    assert chat.refused("zhao", lambda: chat.presses("zhao", card, "approve")) == CLOSED
    assert chat.refused("zhao", lambda: chat.presses("zhao", card, "decline")) == CLOSED
    assert chat.refused("zhao", lambda: chat.says("zhao", "批准 1")) == CLOSED
    assert chat.refused("zhao", lambda: chat.says("zhao", "驳回 1 不对")) == CLOSED
    assert wallet(chat) == (200, 0)


def test_the_same_click_again_is_told_that_it_has_worked(chat: Chat) -> None:
    ask(chat)
    card = card_of(chat, "zhang@app")
    chat.presses("zhang@app", card, "approve")
    assert chat.refused("zhang@app", lambda: chat.presses("zhang@app", card, "approve")) == CLOSED


@pytest.mark.parametrize("typed", ["批准 1", "驳回 1 不要了", "核准 #1 同意"])
@pytest.mark.parametrize("account", ["zhang", "zhang@app"])
def test_who_asks_cannot_decide_on_any_platform(chat: Chat, account: str, typed: str) -> None:
    ask(chat, who="zhang")
    assert chat.refused(account, lambda: chat.says(account, typed)) == OWN
    assert stored(chat).state is ApprovalState.PENDING


def test_a_card_of_somebody_else_is_not_pressed_by_the_asker(chat: Chat) -> None:
    ask(chat, who="zhang")
    card = card_of(chat, "zhao")
    refused = chat.refused("zhang@app", lambda: chat.presses("zhang@app", card, "approve"))
    assert refused.code == ErrorCode.TICKET_NOT_YOURS


def test_rights_that_have_gone_since_decide_nothing(chat: Chat) -> None:
    ask(chat)
    card = card_of(chat, "zhao")
    members = chat.store.committed(MAIN).members
    members["zhao"] = a_member("zhao", Role.SALES)
    refused = chat.refused("zhao", lambda: chat.presses("zhao", card, "approve"))
    assert (refused.code, refused.details) == (ErrorCode.NOT_PERMITTED, {"permission": "approve"})


def test_who_may_no_longer_decide_sees_the_card_without_buttons(chat: Chat) -> None:
    ask(chat)
    chat.store.committed(MAIN).members["zhao"] = a_member("zhao", Role.SALES)

    def look(ctx: Context) -> ApprovalCard:
        return approval_view(ctx, stored(chat), ctx.work.members.get(MemberId("zhao")))

    shown = chat.acts(look)
    assert (shown.state, shown.ticket) == ("pending", "")


@pytest.mark.parametrize("choice", ["approve", "decline"])
def test_a_card_is_too_old_after_thirty_days(chat: Chat, choice: str) -> None:
    ask(chat)
    card = card_of(chat, "zhao")
    chat.pass_time(days=30)
    refused = chat.refused("zhao", lambda: chat.presses("zhao", card, choice))
    assert refused.code == ErrorCode.TICKET_EXPIRED


def test_pending_ones_are_listed_oldest_first(chat: Chat) -> None:
    ask(chat)
    chat.pass_time(minutes=1)
    ask(chat, "调整 城南建设 +50 推荐", who="zhao")
    line = ApprovalLine(1, "adjustment", "滨江置业", "", 200, "zhou", NOON, is_mine=False)
    mine = ApprovalLine(2, "adjustment", "城南建设", "", 50, "zhao", LATER, is_mine=True)
    assert chat.says("zhao", "审批") == ApprovalList((line, mine))
    chat.says("zhao", "批准 1")
    assert chat.says("zhao", "待審批") == ApprovalList((mine,))


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("批准", ""),
        ("批准 99", "99"),
        ("批准 一", "一"),
        ("批准 ²", "²"),
        ("批准 1234567890", "1234567890"),
        ("驳回", ""),
        ("驳回 99 不对", "99"),
    ],
)
def test_a_number_that_is_no_approval_is_refused(chat: Chat, typed: str, asked: str) -> None:
    refused = chat.refused("zhang", lambda: chat.says("zhang", typed))
    assert refused == Refusal(ErrorCode.UNKNOWN_APPROVAL, {"asked": asked})


@pytest.mark.parametrize("typed", ["驳回 1", "驳回1", "駁回 #1", "不批准 1"])
def test_declining_by_words_needs_a_reason(chat: Chat, typed: str) -> None:
    ask(chat)
    refused = chat.refused("zhao", lambda: chat.says("zhao", typed))
    expected = {"command": "decline", "problem": "reason_missing"}
    assert (refused.code, refused.details) == (ErrorCode.USAGE, expected)


@pytest.mark.parametrize(
    ("typed", "note"),
    [("批准 1", ""), ("批准1", ""), ("批准 #1 同意", "同意"), ("核准　\uff11 已 核对", "已 核对")],
)
def test_approving_can_be_typed_in_many_ways(chat: Chat, typed: str, note: str) -> None:
    ask(chat)
    card = chat.says("zhao", typed)
    assert isinstance(card, ApprovalCard)
    assert (card.state, card.decided_by, card.note) == ("approved", "zhao", note)


def test_a_long_note_is_cut(chat: Chat) -> None:
    ask(chat)
    chat.says("zhao", "驳回 1 " + "长" * 999)
    assert stored(chat).note == "长" * REASON_MAX


@pytest.mark.parametrize("words", ["审批", "批准 1", "驳回 1 不对", ASKED])
def test_in_a_group_nothing_of_it_is_shown_or_done(chat: Chat, words: str) -> None:
    ask(chat)
    refused = chat.refused("zhao", lambda: chat.says("zhao", words, group=True))
    assert refused.code == ErrorCode.PRIVATE_ONLY


def test_without_a_second_person_nothing_is_asked(chat: Chat) -> None:
    members = chat.store.committed(MAIN).members
    for name in ("zhang", "qian"):
        members[name] = a_member(name, Role.SUPERVISOR, is_active=False)
    refused = chat.refused("zhao", lambda: chat.says("zhao", ASKED))
    assert refused == Refusal(ErrorCode.NO_APPROVER, {})


def test_who_cannot_be_reached_still_hears_later(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.identities.block(DING, "ding-zhao", "81013")
        work.identities.block(APP, "zhang", "81013")
        work.commit()
    ask(chat)
    # As with warnings: what was wrong may have been mended.
    assert [d.view for d in chat.deliveries("zhao")] == ["approval_card"]
    # Where warnings don't get through, another account of the same person is used.
    assert [d.view for d in chat.deliveries("zhang")] == ["approval_card"]


def test_an_asker_who_has_left_needs_no_account(chat: Chat) -> None:
    ask(chat)
    chat.store.committed(MAIN).identities.pop((DING, "ding-zhou"))
    chat.says("zhao", "批准 1")
    assert wallet(chat) == (200, 0)
    assert stored(chat).decided_at == chat.clock.now()
    assert stored(chat).expires_at - stored(chat).asked_at == timedelta(days=7)
