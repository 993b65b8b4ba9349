"""邀请: a one-time code for a customer's contact, shown once to who asked."""

import pytest

from domain.customers import hash_code
from domain.errors import ErrorCode
from domain.ids import CustomerId
from handlers.views import ChooseCard, InviteCreated, Refusal
from tests.support.chat import Chat
from tests.support.make import a_customer
from tests.support.stores import KF, MAIN

ENDS = "2026-11-25T02:00:00+00:00"


def test_an_invitation_gives_a_code_for_three_days_and_adds_the_contact(chat: Chat) -> None:
    created = chat.says("sun", "邀请 滨江置业 王建国 13800138001")
    assert created == InviteCreated(
        "滨江置业", "王建国", "CODE0001", None, ENDS, may_see=True, may_redeem=False
    )
    rows = chat.store.committed(MAIN)
    [contact] = [c for c in rows.contacts.values() if c.name == "王建国"]
    assert (contact.customer, contact.phone) == (CustomerId("C001"), "13800138001")
    [invitation] = rows.invitations.values()
    assert (invitation.contact, invitation.created_by) == (contact.id, "sun")
    assert invitation.code_hash == hash_code(MAIN, "CODE0001")
    assert chat.actions() == ["contact_invited"]


def test_the_first_contact_of_a_customer_may_redeem(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add(a_customer("C003", "江北实业"))
        work.commit()
    for name, may_redeem in (("王建国", True), ("李四", False)):
        created = chat.says("sun", f"邀请 江北实业 {name}")
        assert isinstance(created, InviteCreated)
        assert (created.may_see, created.may_redeem) == (True, may_redeem)


def test_the_code_binds(chat: Chat) -> None:
    created = chat.says("sun", "邀请 滨江置业 王建国")
    assert isinstance(created, InviteCreated)
    bound = chat.says("mo", created.code)
    assert (type(bound).__name__, chat.facts[0].invited_by) == ("BoundCustomer", "sun")  # type: ignore[union-attr]


def test_a_contact_of_that_name_is_invited_again_and_not_added_twice(chat: Chat) -> None:
    first = chat.says("sun", "邀请 滨江置业 王建国")
    second = chat.says("fang", "邀请 滨江置业 王建国")
    assert isinstance(first, InviteCreated)
    assert isinstance(second, InviteCreated)
    assert first.code != second.code
    names = [c.name for c in chat.store.committed(MAIN).contacts.values()]
    assert names.count("王建国") == 1


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://work.weixin.qq.com/kfid/kfc1", "?scene_param=CODE0001"),
        ("https://work.weixin.qq.com/kfid/kfc1?enc_scene=x", "&scene_param=CODE0001"),
    ],
)
def test_with_a_contact_link_the_code_is_in_it(chat: Chat, url: str, link: str) -> None:
    with chat.store.work(MAIN) as work:
        work.channels.set_contact_url(KF, url)
        work.commit()
    created = chat.says("sun", "邀请 滨江置业 王建国")
    assert isinstance(created, InviteCreated)
    assert created.link == url + link


def test_without_a_customers_channel_there_is_no_link(chat: Chat) -> None:
    del chat.store.committed(MAIN).channels[KF]
    created = chat.says("sun", "邀请 滨江置业 王建国")
    assert isinstance(created, InviteCreated)
    assert created.link is None


@pytest.mark.parametrize(
    ("text", "code", "details"),
    [
        ("邀请", ErrorCode.UNKNOWN_CUSTOMER, {"asked": "", "guesses": []}),
        ("邀请 望江集团 王建国", ErrorCode.UNKNOWN_CUSTOMER, {"guesses": []}),
        ("邀请 滨江置业", ErrorCode.USAGE, {"command": "邀请", "problem": "contact_missing"}),
        ("邀请 滨江置业 A1", ErrorCode.USAGE, {"command": "邀请", "problem": "contact_refused"}),
        ("邀请 滨江置业 王建国 1380013800", ErrorCode.INVALID_PHONE, {}),
        ("邀请 滨江置业 王建国 12345678901", ErrorCode.INVALID_PHONE, {}),
    ],
)
def test_what_is_no_invitation_is_refused(
    chat: Chat, text: str, code: ErrorCode, details: dict[str, object]
) -> None:
    refused = chat.refused("sun", lambda: chat.says("sun", text))
    assert (refused.code, refused.details) == (code, refused.details | details)


def test_several_customers_are_a_choice(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add(a_customer("C003", "滨江地产"))
        work.commit()
    card = chat.says("sun", "邀请 滨江 王建国")
    assert isinstance(card, ChooseCard)
    assert card.what == "customer"
    assert chat.store.committed(MAIN).invitations == {}
    [chosen] = [c.action for c in card.choices if c.label == "滨江地产"]
    ticket, _, choice = chosen.partition(":")
    created = chat.presses("sun", ticket, choice)
    assert isinstance(created, InviteCreated)
    assert (created.customer, created.contact) == ("滨江地产", "王建国")


def test_a_choice_is_checked_again_when_it_is_made(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add(a_customer("C003", "滨江地产"))
        work.commit()
    card = chat.says("sun", "邀请 滨江 王建国")
    assert isinstance(card, ChooseCard)
    ticket, _, choice = card.choices[0].action.partition(":")
    for who in ("fang", "wang"):
        refused = chat.refused(who, lambda who=who: chat.presses(who, ticket, choice))  # type: ignore[misc]
        assert refused == Refusal(ErrorCode.TICKET_NOT_YOURS, {})
