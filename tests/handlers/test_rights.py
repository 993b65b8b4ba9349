"""授权: who of a customer sees the points and who redeems; who may not is not told either."""

from dataclasses import replace
from typing import Any

import pytest

from domain.deliveries import DeliveryState
from domain.errors import ContactLeft, ErrorCode, NotPermitted, RightMissing, TicketNotYours
from domain.ids import ContactId, MemberId, TicketId
from domain.tickets import TicketKind
from handlers.contract import ContactActor, MemberActor
from handlers.permissions import Permission
from handlers.rights import require, require_still
from handlers.usecases.contacts import set_rights
from handlers.usecases.proof import proof_by_ticket
from handlers.views import (
    BoundCustomer,
    ChooseCard,
    ContactLine,
    HelpMenu,
    InviteCreated,
    ProofLink,
    Refusal,
    RightList,
    RightNotice,
    RightSet,
    TellCustomer,
)
from tests.handlers.test_notices import record
from tests.support.chat import Chat
from tests.support.make import a_contact, a_customer
from tests.support.stores import MAIN

DEAD, HELD, SENT = DeliveryState.DEAD, DeliveryState.HELD, DeliveryState.SENT
OF_POINTS = ("余额", "明细", "为什么", "凭证", "即将到期")


def rights(chat: Chat, contact: str) -> tuple[bool, bool]:
    found = chat.store.committed(MAIN).contacts[contact]
    return found.may_see, found.may_redeem


def note(chat: Chat, action: str) -> Any:
    [found] = [n for n in chat.store.committed(MAIN).audit.values() if n.action == action]
    return found


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        ("兑换", (True, False), (True, True)),
        ("兑换", (False, False), (True, True)),
        ("查看", (False, False), (True, False)),
        ("停用兑换", (True, True), (True, False)),
        ("停用查看", (True, True), (False, False)),
        ("只能查看", (True, True), (True, False)),
    ],
)
def test_a_right_is_given_and_taken(
    unit: Chat, words: str, before: tuple[bool, bool], after: tuple[bool, bool]
) -> None:
    with unit.store.work(MAIN) as work:
        contact = a_contact("李四", may_see=before[0], may_redeem=before[1])
        work.customers.change_contact(contact)
        work.commit()
    told = unit.says("sun", f"授权 滨江置业 李四 {words}")
    redeemers = ("wang", "李四") if after[1] else ("wang",)
    assert told == RightSet("滨江置业", "李四", *after, is_changed=True, redeemers=redeemers)
    assert rights(unit, "李四") == after
    written = note(unit, "contact_rights_changed")
    assert (written.actor, written.subject) == ("member:sun", "contact:李四")
    fields = ("is_active", "may_see", "may_redeem")
    assert written.before == dict(zip(fields, (True, *before), strict=True))
    assert written.after == dict(zip(fields, (True, *after), strict=True))


def test_what_is_so_already_changes_nothing(unit: Chat) -> None:
    before = unit.state()
    told = unit.says("sun", "授权 滨江置业 李四 查看")
    assert isinstance(told, RightSet)
    assert not told.is_changed
    assert unit.state() == before
    assert unit.facts == []


def test_the_contact_and_who_redeems_learn_of_a_new_right(unit: Chat) -> None:
    for who in ("wang", "lisi"):
        unit.says(who, "你好")
    unit.says("sun", "授权 滨江置业 李四 兑换")
    own = RightNotice("滨江置业", "李四", True, True, ["wang", "李四"])  # type: ignore[arg-type]
    assert unit.last("lisi") == own
    assert unit.last("wang") == replace(own, is_own=False)


def test_who_only_sees_is_told_who_redeems_and_nobody_else_hears_of_it(unit: Chat) -> None:
    unit.says("sun", "授权 滨江置业 李四 停用查看")
    for who in ("wang", "lisi"):
        unit.says(who, "你好")
    seen = unit.phone("wang")
    unit.says("fang", "授权 滨江置业 李四 查看")
    notice = RightNotice("滨江置业", "李四", True, False, ["wang"])  # type: ignore[arg-type]
    assert unit.last("lisi") == notice
    assert unit.phone("wang") == seen


def test_who_cannot_be_reached_is_told_of_the_right_by_hand(unit: Chat) -> None:
    unit.says("sun", "授权 滨江置业 李四 兑换")
    cards = [view for view in unit.phone("sun") if isinstance(view, TellCustomer)]
    assert [(card.contact, card.about_view) for card in cards] == [
        ("李四", "right_notice"),
        ("wang", "right_notice"),
    ]


@pytest.mark.parametrize("words", ["授权 滨江置业", "权限 滨江置业", "授权 滨江置业 李四"])
def test_without_a_right_it_is_shown_who_may_do_what(unit: Chat, words: str) -> None:
    before = unit.state()
    lines = (ContactLine("wang", True, True), ContactLine("李四", True, False))
    assert unit.says("sun", words) == RightList("滨江置业", lines, 2)
    assert unit.state() == before


@pytest.mark.parametrize(
    ("text", "code", "details"),
    [
        ("授权", ErrorCode.UNKNOWN_CUSTOMER, {"asked": ""}),
        ("授权 望江集团 李四 兑换", ErrorCode.UNKNOWN_CUSTOMER, {"asked": "望江集团"}),
        (
            "授权 滨江置业 赵六 兑换",
            ErrorCode.UNKNOWN_CONTACT,
            {"customer": "滨江置业", "asked": "赵六", "contacts": ["wang", "李四"]},
        ),
        (
            "授权 江北实业 兑换",
            ErrorCode.UNKNOWN_CONTACT,
            {"customer": "江北实业", "asked": "", "contacts": []},
        ),
    ],
)
def test_nobody_is_guessed(unit: Chat, text: str, code: ErrorCode, details: dict[str, Any]) -> None:
    with unit.store.work(MAIN) as work:
        work.customers.add(a_customer("C003", "江北实业"))
        work.commit()
    refused = unit.refused("sun", lambda: unit.says("sun", text))
    assert (refused.code, refused.details) == (code, refused.details | details)


def test_without_a_name_all_contacts_are_a_choice(unit: Chat) -> None:
    card = unit.says("sun", "授权 滨江 兑换")
    assert isinstance(card, ChooseCard)
    assert (card.what, [choice.label for choice in card.choices]) == ("contact", ["wang", "李四"])
    assert rights(unit, "李四") == (True, False)
    ticket, _, choice = card.choices[1].action.partition(":")
    assert isinstance(unit.presses("sun", ticket, choice), RightSet)
    assert rights(unit, "李四") == (True, True)


def test_two_of_one_name_are_told_apart_by_their_phones(unit: Chat) -> None:
    twin = replace(a_contact("twin", phone="13700137111", may_redeem=False), name="李四")
    with unit.store.work(MAIN) as work:
        work.customers.add_contact(twin)
        work.commit()
    card = unit.says("sun", "授权 滨江置业 李四 兑换")
    assert isinstance(card, ChooseCard)
    assert sorted(choice.label for choice in card.choices) == ["李四 7111", "李四 9000"]
    [chosen] = [choice.action for choice in card.choices if choice.label == "李四 7111"]
    ticket, _, number = chosen.partition(":")
    assert isinstance(unit.presses("sun", ticket, number), RightSet)
    assert (rights(unit, "twin"), rights(unit, "李四")) == ((True, True), (True, False))


def test_two_of_one_name_without_phones_can_still_be_chosen(unit: Chat) -> None:
    with unit.store.work(MAIN) as work:
        for one in ("twin-1", "twin-2"):
            contact = replace(a_contact(one, phone=None, may_redeem=False), name="王五")
            work.customers.add_contact(contact)
        work.commit()
    card = unit.says("sun", "授权 滨江置业 王五 兑换")
    assert isinstance(card, ChooseCard)
    ticket, _, number = card.choices[0].action.partition(":")
    assert isinstance(unit.presses("sun", ticket, number), RightSet)
    assert sorted((rights(unit, "twin-1"), rights(unit, "twin-2"))) == [(True, False), (True, True)]


def test_several_customers_are_a_choice_that_keeps_the_right(unit: Chat) -> None:
    with unit.store.work(MAIN) as work:
        work.customers.add(a_customer("C003", "滨江地产"))
        work.commit()
    card = unit.says("sun", "授权 滨江 李四 兑换")
    assert isinstance(card, ChooseCard)
    [chosen] = [choice.action for choice in card.choices if choice.label == "滨江置业"]
    ticket, _, number = chosen.partition(":")
    assert isinstance(unit.presses("sun", ticket, number), RightSet)
    assert rights(unit, "李四") == (True, True)


def test_who_has_left_is_given_nothing(unit: Chat) -> None:
    with unit.store.work(MAIN) as work:
        work.customers.change_contact(a_contact("李四", is_active=False, may_redeem=False))
        work.commit()
    before = unit.state()
    with pytest.raises(ContactLeft) as refused:
        unit.acts(lambda ctx: set_rights(ctx, ContactId("李四"), redeem=True))
    assert refused.value.details() == {"contact": "李四", "customer": "滨江置业"}
    assert unit.state() == before


@pytest.mark.parametrize("words", OF_POINTS)
def test_who_may_not_see_is_told_who_may(unit: Chat, words: str) -> None:
    unit.says("sun", "授权 滨江置业 李四 停用查看")
    refused = unit.refused("lisi", lambda: unit.says("lisi", words))
    assert refused.code == ErrorCode.RIGHT_MISSING
    assert refused.details == {"right": "see_points", "may": ["wang"], "account_manager": "sun"}


def test_the_menu_holds_nothing_one_may_not(unit: Chat) -> None:
    unit.says("sun", "授权 滨江置业 李四 停用查看")
    menu = unit.says("lisi", "帮助")
    assert isinstance(menu, HelpMenu)
    left = {"check_in", "projects", "rules", "review", "bind", "cancel", "person"}
    assert set(menu.commands) == left


def test_what_is_not_about_points_stays(unit: Chat) -> None:
    unit.says("sun", "授权 滨江置业 李四 停用查看")
    for words in ("项目", "规则", "转人工", "评价 滨江一期 5"):
        assert not isinstance(unit.says("lisi", words), Refusal)


def test_redeeming_is_refused_with_who_may(unit: Chat) -> None:
    def ask(ctx: Any, who: str) -> None:
        contact = ctx.work.customers.contact(ContactId(who))
        customer = ctx.work.customers.get(contact.customer)
        require(replace(ctx, actor=ContactActor(contact, customer)), Permission.REDEEM)

    unit.acts(lambda ctx: ask(ctx, "wang"))
    with pytest.raises(RightMissing) as refused:
        unit.acts(lambda ctx: ask(ctx, "李四"))
    assert refused.value.details() == {
        "right": "redeem",
        "may": ("wang",),
        "account_manager": "sun",
    }
    unit.acts(lambda ctx: set_rights(ctx, ContactId("chen"), redeem=False))
    with pytest.raises(RightMissing) as refused:
        unit.acts(lambda ctx: ask(ctx, "chen"))
    assert refused.value.details() == {"right": "redeem", "may": (), "account_manager": ""}


def test_an_old_link_to_a_proof_does_not_open_without_the_right(unit: Chat) -> None:
    record(unit)
    link = unit.says("lisi", "凭证")
    assert isinstance(link, ProofLink)
    ticket = TicketId(link.token.partition(".")[2])

    def opened() -> dict[str, Any]:
        with unit.store.reading(MAIN) as work:
            return proof_by_ticket(work, ticket, unit.clock.now())

    assert opened()["customer"]["id"] == "C001"
    unit.says("sun", "授权 滨江置业 李四 停用查看")
    with pytest.raises(TicketNotYours):
        opened()
    unit.says("sun", "授权 滨江置业 李四 查看")
    assert opened()["customer"]["id"] == "C001"


def test_a_link_that_is_nobodys_does_not_open(unit: Chat) -> None:
    with unit.store.work(MAIN) as work:
        ticket = TicketId("t" * 26)
        work.tickets.add(replace(_a_proof_ticket(unit), id=ticket, contact=None))
        work.commit()
    with unit.store.reading(MAIN) as work, pytest.raises(TicketNotYours):
        proof_by_ticket(work, ticket, unit.clock.now())


def _a_proof_ticket(chat: Chat) -> Any:
    record(chat)
    link = chat.says("wang", "凭证")
    assert isinstance(link, ProofLink)
    found = chat.store.committed(MAIN).tickets[link.token.partition(".")[2]]
    assert found.kind is TicketKind.PROOF
    return found


def test_who_is_bound_without_the_right_is_not_sent_to_the_balance(unit: Chat) -> None:
    unit.says("sun", "授权 滨江置业 李四 停用查看")
    created = unit.says("sun", "邀请 滨江置业 李四")
    assert isinstance(created, InviteCreated)
    assert (created.may_see, created.may_redeem) == (False, False)
    bound = unit.says("mo", created.code)
    assert isinstance(bound, BoundCustomer)
    assert not bound.may_see


def test_a_right_taken_a_moment_ago_is_missed_when_points_are_spent(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        known = work.customers.contact(ContactId("wang"))
        customer = work.customers.get(known.customer)
    actor = ContactActor(known, customer)
    chat.acts(lambda ctx: require_still(replace(ctx, actor=actor), Permission.REDEEM))
    chat.acts(lambda ctx: set_rights(ctx, ContactId("wang"), redeem=False))
    before = chat.state()
    with pytest.raises(RightMissing) as refused:
        chat.acts(lambda ctx: require_still(replace(ctx, actor=actor), Permission.REDEEM))
    assert refused.value.right == Permission.REDEEM
    assert chat.state() == before


def test_a_member_has_no_record_to_look_at_again(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        sun = MemberActor(work.members.get(MemberId("sun")))
    chat.acts(lambda ctx: require_still(replace(ctx, actor=sun), Permission.INVITE))
    with pytest.raises(NotPermitted):
        chat.acts(lambda ctx: require_still(replace(ctx, actor=sun), Permission.APPROVE))
