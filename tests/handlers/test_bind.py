"""绑定: a one-time code ties an account to a person; guessing is stopped, nothing is told by it."""

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import ErrorCode
from domain.facts import ContactBound
from domain.ids import ContactId, MemberId
from domain.inbox import InboxState
from domain.members import Role
from handlers.views import (
    Balance,
    BindAsk,
    BoundCustomer,
    BoundMember,
    HelpMenu,
    ProjectList,
    Refusal,
)
from tests.support.chat import Account, Chat
from tests.support.make import a_contact, a_member, an_invitation
from tests.support.stores import DING, KF, MAIN

CODE = "ABCD2345"
WRONG = "ZZZZ9999"


def invite(chat: Chat, code: str = CODE, **changes: Any) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add_invitation(an_invitation(code, **changes))
        work.commit()


def identity(chat: Chat, who: str) -> Any:
    account = chat.account(who)
    return chat.store.committed(MAIN).identities.get((account.channel, account.external_id))


def refused_with(tries_left: int) -> Refusal:
    return Refusal(ErrorCode.CODE_REFUSED, {"tries_left": tries_left})


@pytest.mark.parametrize("typed", ["绑定 ABCD2345", "綁定abcd 2345", "/绑定 abcd2345", "abcd2345"])
def test_a_code_binds_the_account_to_the_contact(chat: Chat, typed: str) -> None:
    invite(chat)
    assert chat.says("mo", typed) == BoundCustomer("wang", "滨江置业", has_parked=False)
    assert identity(chat, "mo").contact == "wang"
    [invitation] = chat.store.committed(MAIN).invitations.values()
    assert invitation.used_at == chat.clock.now()
    assert chat.actions() == ["account_bound"]
    [fact] = chat.facts
    assert isinstance(fact, ContactBound)
    assert isinstance(chat.says("mo", "余额"), Balance)


def test_a_members_code_binds_a_member(chat: Chat) -> None:
    invite(chat, contact=None, member=MemberId("zhao"))
    chat.accounts["new"] = Account(DING, "ding-new")
    assert chat.says("new", f"绑定 {CODE}") == BoundMember("zhao", ("supervisor",))
    assert identity(chat, "new").member == "zhao"
    assert chat.facts == []


def test_roles_are_shown_in_a_fixed_order(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.members.add(a_member("both", Role.SALES, Role.FINANCE, Role.ADMIN))
        work.commit()
    invite(chat, contact=None, member=MemberId("both"))
    chat.accounts["new"] = Account(DING, "ding-new")
    assert chat.says("new", CODE) == BoundMember("both", ("admin", "finance", "sales"))


def test_the_word_without_a_code_asks_for_it(chat: Chat) -> None:
    refused = chat.refused("mo", lambda: chat.says("mo", "绑定"))
    expected = {"command": "bind", "problem": "code_missing"}
    assert (refused.code, refused.details) == (ErrorCode.USAGE, expected)


def kinds_of_bad_codes(chat: Chat) -> None:
    invite(chat, "EXPIRED2", expires_at=chat.clock.now())
    invite(chat, "USEDUSED", used_at=chat.clock.now())
    invite(chat, "MEMBERS2", contact=None, member=MemberId("zhao"))
    invite(chat, "NOBODYS2", contact=None, member=None)
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(a_contact("left", "C001", is_active=False))
        work.commit()
    invite(chat, "LEFTLEFT", contact=ContactId("left"))


@pytest.mark.parametrize(
    "code", [WRONG, "EXPIRED2", "USEDUSED", "MEMBERS2", "NOBODYS2", "LEFTLEFT", "x" * 500]
)
def test_every_code_that_does_not_work_is_refused_alike(chat: Chat, code: str) -> None:
    kinds_of_bad_codes(chat)
    before = chat.state()
    assert chat.says("mo", f"绑定 {code}") == refused_with(4)
    after = chat.state()
    assert after.tries.pop((KF, "wm-mo")).failed == 1
    assert after == before
    assert not identity(chat, "mo").is_bound


def test_a_code_of_somebody_who_has_left_the_firm_does_not_work(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.members.add(a_member("gone", Role.ADMIN, is_active=False))
        work.commit()
    invite(chat, contact=None, member=MemberId("gone"))
    chat.accounts["new"] = Account(DING, "ding-new")
    assert chat.says("new", CODE) == refused_with(4)


def test_a_members_account_is_not_given_to_a_customer(chat: Chat) -> None:
    invite(chat)
    assert chat.says("sun", f"绑定 {CODE}") == refused_with(4)
    assert (identity(chat, "sun").member, identity(chat, "sun").contact) == ("sun", None)
    assert chat.says("mo", CODE) == BoundCustomer("wang", "滨江置业", has_parked=False)


def test_a_code_works_once(chat: Chat) -> None:
    invite(chat)
    chat.says("mo", CODE)
    assert chat.says("other", CODE) == refused_with(4)
    assert not identity(chat, "other").is_bound


def test_a_code_works_until_its_end(chat: Chat) -> None:
    invite(chat)
    chat.pass_time(hours=72, microseconds=-1)
    assert isinstance(chat.says("mo", CODE), BoundCustomer)


def test_five_wrong_codes_lock_the_sender_for_half_an_hour(chat: Chat) -> None:
    invite(chat)
    assert [chat.says("mo", WRONG) for _ in range(4)] == [refused_with(n) for n in (4, 3, 2, 1)]
    locked = Refusal(ErrorCode.BINDING_LOCKED, {"until": "2026-11-22T02:30:00+00:00"})
    assert chat.says("mo", WRONG) == locked
    chat.pass_time(minutes=30, microseconds=-1)
    before = chat.state()
    # Even the right one is not looked at, nor used up.
    assert chat.says("mo", CODE) == locked
    assert chat.state() == before
    chat.clock.forward(timedelta(microseconds=1))
    assert isinstance(chat.says("mo", CODE), BoundCustomer)


def test_a_lock_is_the_senders_own(chat: Chat) -> None:
    invite(chat)
    for _ in range(5):
        chat.says("mo", WRONG)
    assert isinstance(chat.says("other", CODE), BoundCustomer)


def test_after_the_right_code_all_tries_are_back(chat: Chat) -> None:
    invite(chat)
    invite(chat, "SECOND22")
    for _ in range(3):
        chat.says("mo", WRONG)
    chat.says("mo", CODE)
    assert chat.says("mo", f"绑定 {WRONG}") == refused_with(4)
    assert isinstance(chat.says("mo", "绑定 SECOND22"), BoundCustomer)


def test_what_was_asked_before_binding_is_answered_after_it_in_order(chat: Chat) -> None:
    invite(chat)
    assert chat.says("mo", "余额") == BindAsk(is_kept=True)
    assert chat.says("mo", "项目") == BindAsk(is_kept=True)
    parked = chat.state().inbox
    assert [row.item.state for row in parked.values()] == [InboxState.PARKED] * 2
    assert chat.says("mo", CODE) == BoundCustomer("wang", "滨江置业", has_parked=True)
    assert [type(view) for view in chat.phone("mo")[2:]] == [BoundCustomer, Balance, ProjectList]
    after = chat.store.committed(MAIN).inbox
    assert [after[item].item.state for item in parked] == [InboxState.DONE] * 2


def test_what_somebody_else_asked_stays_parked(chat: Chat) -> None:
    invite(chat)
    chat.says("other", "余额")
    assert chat.says("mo", CODE) == BoundCustomer("wang", "滨江置业", has_parked=False)
    [row] = chat.state().inbox.values()
    assert row.item.state is InboxState.PARKED


@pytest.mark.parametrize("text", ["帮助", "?"])
def test_a_stranger_who_asks_for_help_is_not_parked(chat: Chat, text: str) -> None:
    assert chat.says("mo", text) == HelpMenu("stranger", "", ("bind",))
    assert chat.state().inbox == {}


def test_a_bound_account_can_be_bound_anew(chat: Chat) -> None:
    invite(chat, contact=ContactId("chen"))
    assert chat.says("wang", f"绑定 {CODE}") == BoundCustomer("chen", "城南建设", has_parked=False)
    assert identity(chat, "wang").contact == "chen"
