"""离职: a contact who leaves is a stranger at once, everywhere; the unit keeps its points."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.deliveries import DeliveryState, Withheld
from domain.errors import ErrorCode, TicketNotYours
from domain.ids import ContactId, TicketId
from domain.tickets import TicketKind
from handlers.usecases.binding import invite_contact
from handlers.usecases.contacts import set_rights
from handlers.usecases.proof import proof_by_ticket
from handlers.views import (
    AccountCount,
    Balance,
    BindAsk,
    ChooseCard,
    ContactLine,
    FollowUp,
    InviteCreated,
    LeaveDone,
    LeaveDropped,
    LeavePreview,
    ProofLink,
    Refusal,
    TellCustomerDone,
)
from tests.handlers.test_notices import record
from tests.support.chat import Chat
from tests.support.make import a_contact, a_customer, a_ticket
from tests.support.stores import KF, MAIN

DEAD = DeliveryState.DEAD
NOW = "2026-11-22T02:00:00+00:00"


def preview(chat: Chat, words: str, who: str = "sun") -> LeavePreview:
    card = chat.says(who, words)
    assert isinstance(card, LeavePreview), card
    return card


def leaves(chat: Chat, words: str, who: str = "sun") -> LeaveDone:
    done = chat.presses(who, preview(chat, words, who), "confirm")
    assert isinstance(done, LeaveDone), done
    return done


def notes(chat: Chat, action: str) -> list[Any]:
    return [n for n in chat.store.committed(MAIN).audit.values() if n.action == action]


def test_the_preview_says_what_ends_and_changes_nothing(unit: Chat) -> None:
    record(unit)
    before = unit.state()
    card = preview(unit, "离职 滨江置业 李四")
    assert card == LeavePreview(
        ticket=card.ticket,
        customer="滨江置业",
        contact="李四",
        accounts=(AccountCount("wecom_kf", 2),),
        notices=1,
        staying=(ContactLine("wang", True, True),),
        count=1,
        can_redeem=True,
    )
    [ticket] = [t for t in unit.state().tickets.values() if t.kind is TicketKind.LEAVE]
    assert (ticket.id, ticket.member) == (card.ticket, "sun")
    assert replace(unit.state(), tickets=before.tickets, cards=before.cards) == before


def test_when_nobody_is_left_who_redeems_it_is_said(unit: Chat) -> None:
    card = preview(unit, "离职 滨江置业 wang")
    assert (card.can_redeem, card.staying) == (False, (ContactLine("李四", True, False),))
    alone = preview(unit, "离职 城南建设 chen")
    assert (alone.can_redeem, alone.staying, alone.count) == (False, (), 0)


def test_confirmed_everything_of_the_contact_ends_and_the_units_stays(unit: Chat) -> None:
    unit.says("lisi", "你好")
    unit.pass_time(hours=49)
    record(unit)
    wallet = unit.store.committed(MAIN).wallets["C001"]
    customer = a_customer("C001", "滨江置业", "sun")
    code = unit.acts(lambda ctx: invite_contact(ctx, customer, "李四", None)).code
    with unit.store.work(MAIN) as work:
        work.tickets.add(a_ticket(TicketKind.FOLLOW_UP, member=None, contact=ContactId("李四")))
        work.commit()
    done = leaves(unit, "离职 滨江置业 李四")
    assert done == LeaveDone(
        customer="滨江置业",
        contact="李四",
        accounts=(AccountCount("wecom_kf", 2),),
        notices=1,
        staying=(ContactLine("wang", True, True),),
        count=1,
        can_redeem=True,
        done_by="sun",
        done_at="2026-11-24T03:00:00+00:00",
    )
    rows = unit.store.committed(MAIN)
    assert not rows.contacts["李四"].is_active
    assert {rows.identities[KF, account].contact for account in ("wm-lisi", "wm-lisi-2")} == {None}
    assert rows.tickets["ticket-1"].used_at == unit.clock.now()
    [held] = unit.deliveries("lisi")
    assert (held.state, held.reason) == (DEAD, Withheld.LEFT)
    told = [view for view in unit.phone("sun") if isinstance(view, TellCustomerDone)]
    assert [(view.contact, view.withheld) for view in told] == [("李四", "contact_left")]
    assert isinstance(unit.says("newcomer", f"绑定 {code}"), Refusal)
    assert rows.wallets["C001"] == wallet
    assert isinstance(unit.says("wang", "余额"), Balance)


def test_it_is_written_down_who_did_it_and_what_ended(unit: Chat) -> None:
    record(unit)
    unit.says("sun", "邀请 滨江置业 李四")
    leaves(unit, "离职 滨江置业 李四")
    [left] = notes(unit, "contact_left")
    assert (left.actor, left.subject) == ("member:sun", "contact:李四")
    assert left.before == {"is_active": True, "may_see": True, "may_redeem": False}
    ended = {"is_active": False, "invitations": 1, "notices": 1}
    assert left.after == {"may_see": True, "may_redeem": False} | ended
    unbound = [note.subject for note in notes(unit, "account_unbound")]
    assert unbound == ["account:kf:wm-lisi", "account:kf:wm-lisi-2"]


@pytest.mark.parametrize("who", ["lisi", "lisi@2"])
def test_who_has_left_is_a_stranger_on_every_account(unit: Chat, who: str) -> None:
    leaves(unit, "离职 滨江置业 李四")
    assert unit.says(who, "余额") == BindAsk(is_kept=True)


def test_t60_an_old_button_of_who_has_left_is_refused_and_written_down(unit: Chat) -> None:
    unit.says("lisi", "评价 滨江一期 1 渗水三次没人管")
    unit.says("zhang", "接手 1")
    unit.says("zhang", "解决 1 施工质量 返工")
    asked = unit.last("lisi")
    assert isinstance(asked, FollowUp)
    leaves(unit, "离职 滨江置业 李四")
    before = unit.state()
    seen = {who: unit.phone(who) for who in ("zhang", "sun", "wang")}
    assert unit.presses("lisi", asked, "unsolved") == BindAsk(is_kept=False)
    assert replace(unit.state(), audit=before.audit) == before
    assert {who: unit.phone(who) for who in seen} == seen
    [note] = notes(unit, "press_refused")
    assert (note.actor, note.subject) == ("account:kf:wm-lisi", f"ticket:{asked.ticket}")


def test_t36_a_button_of_the_others_is_refused_to_who_has_left_and_stays_as_it_is(
    unit: Chat,
) -> None:
    card = preview(unit, "离职 滨江置业 wang", "fang")
    leaves(unit, "离职 滨江置业 李四")
    before = unit.state()
    shown = unit.phone("fang")
    assert unit.presses("lisi", card, "confirm") == BindAsk(is_kept=False)
    assert unit.phone("fang") == shown
    assert replace(unit.state(), audit=before.audit) == before
    assert len(notes(unit, "press_refused")) == 1


def test_an_old_link_to_a_proof_stays_shut_also_when_the_contact_is_back(unit: Chat) -> None:
    record(unit)
    link = unit.says("lisi", "凭证")
    assert isinstance(link, ProofLink)
    leaves(unit, "离职 滨江置业 李四")
    for _ in range(2):
        with unit.store.reading(MAIN) as work, pytest.raises(TicketNotYours):
            proof_by_ticket(work, TicketId(link.token.partition(".")[2]), unit.clock.now())
        unit.says("sun", "邀请 滨江置业 李四")
    assert unit.store.committed(MAIN).contacts["李四"].is_active


def test_a_card_is_confirmed_once(unit: Chat) -> None:
    card = preview(unit, "离职 滨江置业 李四")
    assert isinstance(unit.presses("sun", card, "confirm"), LeaveDone)
    refused = unit.refused("sun", lambda: unit.presses("sun", card, "confirm"))
    assert refused.code == ErrorCode.TICKET_USED


def test_of_two_who_confirm_the_second_is_told_that_it_is_done(unit: Chat) -> None:
    cards = {who: preview(unit, "离职 滨江置业 李四", who) for who in ("sun", "fang")}
    unit.presses("sun", cards["sun"], "confirm")
    refused = unit.refused("fang", lambda: unit.presses("fang", cards["fang"], "confirm"))
    assert refused.code == ErrorCode.CONTACT_LEFT
    assert refused.details == {"contact": "李四", "customer": "滨江置业"}


def test_dropped_everything_stays(unit: Chat) -> None:
    card = preview(unit, "离职 滨江置业 李四")
    before = unit.state()
    assert unit.presses("sun", card, "cancel") == LeaveDropped("滨江置业", "李四")
    assert replace(unit.state(), tickets=before.tickets) == before
    refused = unit.refused("sun", lambda: unit.presses("sun", card, "confirm"))
    assert refused.code == ErrorCode.TICKET_USED


def test_the_card_is_good_for_an_hour(unit: Chat) -> None:
    card = preview(unit, "离职 滨江置业 李四")
    unit.pass_time(hours=1)
    refused = unit.refused("sun", lambda: unit.presses("sun", card, "confirm"))
    assert refused.code == ErrorCode.TICKET_EXPIRED


def test_nobody_is_guessed(unit: Chat) -> None:
    refused = unit.refused("sun", lambda: unit.says("sun", "离职 滨江置业 赵六"))
    assert refused.code == ErrorCode.UNKNOWN_CONTACT
    card = unit.says("sun", "离职 滨江置业")
    assert isinstance(card, ChooseCard)
    ticket, _, number = card.choices[1].action.partition(":")
    assert preview_of(unit.presses("sun", ticket, number)).contact == "李四"


def preview_of(view: Any) -> LeavePreview:
    assert isinstance(view, LeavePreview)
    return view


def test_an_invitation_brings_the_contact_back_with_a_new_ones_rights(unit: Chat) -> None:
    leaves(unit, "离职 滨江置业 wang")
    created = unit.says("sun", "邀请 滨江置业 wang 138-0013-8000")
    assert isinstance(created, InviteCreated)
    assert (created.may_see, created.may_redeem) == (True, True)
    rows = unit.store.committed(MAIN)
    assert [c.id for c in rows.contacts.values() if c.name == "wang"] == ["wang"]
    [back] = notes(unit, "contact_returned")
    assert (back.subject, back.after["is_active"]) == ("contact:wang", True)
    # The account is not theirs again before it has been bound again.
    assert unit.says("wang", "余额") == BindAsk(is_kept=True)
    unit.says("wang", created.code)
    assert isinstance(unit.says("wang", "余额"), Balance)


def test_who_comes_back_redeems_only_if_nobody_else_does(unit: Chat) -> None:
    leaves(unit, "离职 滨江置业 wang")
    unit.acts(lambda ctx: set_rights(ctx, ContactId("李四"), redeem=True))
    created = unit.says("sun", "邀请 滨江置业 wang")
    assert isinstance(created, InviteCreated)
    assert (created.may_see, created.may_redeem) == (True, False)


@pytest.mark.parametrize(
    ("phone", "is_back"), [("", True), ("13900139000", True), ("13700137000", False)]
)
def test_another_phone_is_another_person(unit: Chat, phone: str, is_back: bool) -> None:
    leaves(unit, "离职 滨江置业 李四")
    unit.says("sun", f"邀请 滨江置业 李四 {phone}")
    of_name = [c for c in unit.store.committed(MAIN).contacts.values() if c.name == "李四"]
    assert len(of_name) == (1 if is_back else 2)
    assert unit.store.committed(MAIN).contacts["李四"].is_active is is_back


def test_of_two_of_one_name_who_have_left_none_is_guessed(unit: Chat) -> None:
    twin = replace(a_contact("twin", is_active=False, may_redeem=False), name="李四")
    with unit.store.work(MAIN) as work:
        work.customers.add_contact(twin)
        work.commit()
    leaves(unit, "离职 滨江置业 李四")
    unit.says("sun", "邀请 滨江置业 李四")
    of_name = [c for c in unit.store.committed(MAIN).contacts.values() if c.name == "李四"]
    assert [c.is_active for c in of_name if c.id in {"twin", "李四"}] == [False, False]
    assert len(of_name) == 3


def test_a_customer_of_another_name_is_left_alone(unit: Chat) -> None:
    with unit.store.work(MAIN) as work:
        work.customers.add(a_customer("C003", "江北实业"))
        work.customers.add_contact(replace(a_contact("other", "C003"), name="李四"))
        work.commit()
    leaves(unit, "离职 滨江置业 李四")
    assert unit.store.committed(MAIN).contacts["other"].is_active


def test_an_invitation_that_has_ended_is_not_counted(unit: Chat) -> None:
    unit.says("sun", "邀请 滨江置业 李四")
    unit.clock.forward(timedelta(hours=73))
    leaves(unit, "离职 滨江置业 李四")
    [left] = notes(unit, "contact_left")
    assert left.after["invitations"] == 0
