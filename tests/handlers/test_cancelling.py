"""取消: the newest thing one has begun and not confirmed is dropped, as its card's button would."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from domain.errors import ErrorCode
from domain.ids import ContactId, MemberId, TicketId
from domain.tickets import IS_BEGUN, TicketKind
from handlers.contract import View
from handlers.registry import router
from handlers.usecases.tickets import VALID
from handlers.views import (
    Cancelled,
    ChoiceDropped,
    ChooseCard,
    RecordCancelled,
    RecordDone,
    Refusal,
)
from tests.handlers.approval_steps import ask, earn
from tests.handlers.lottery_steps import opened, previewed
from tests.handlers.mall_steps import on_offer, preview_of
from tests.handlers.reward_steps import put
from tests.handlers.voucher_steps import buy, preview as voucher_preview
from tests.support.chat import Chat
from tests.support.fake_state import TenantState
from tests.support.make import a_member, a_reward, a_ticket
from tests.support.stores import DING, MAIN

RECORDED = "滨江一期 主体昨天验收通过"
BEGUN = [kind for kind, is_begun in IS_BEGUN.items() if is_begun]
OTHERS = [kind for kind, is_begun in IS_BEGUN.items() if not is_begun]
FOR_LI = ("undo",)
"""What a project manager is told when there is nothing to cancel."""


@dataclass(frozen=True)
class Begun:
    """Something that waits for a yes on somebody's card."""

    who: str
    card: View
    button: str = "cancel"
    yes: str = "confirm"

    @property
    def ticket(self) -> str:
        if isinstance(self.card, ChooseCard):
            return self.card.choices[0].action.partition(":")[0]
        ticket: str = self.card.ticket  # type: ignore[attr-defined]
        return ticket


def says(who: str, words: str) -> Callable[[Chat], Begun]:
    return lambda chat: Begun(who, chat.says(who, words))


def undoing(chat: Chat) -> Begun:
    chat.presses("li", chat.says("li", RECORDED), "confirm")
    return Begun("li", chat.says("li", "撤销"))


def giving(chat: Chat) -> Begun:
    earn(chat, 200)
    return Begun("wang", chat.says("wang", "赠送 城南建设 80"))


def redeeming(chat: Chat) -> Begun:
    earn(chat, 200)
    on_offer(chat)
    return Begun("wang", preview_of(chat))


def drawing(chat: Chat) -> Begun:
    earn(chat, 200)
    put(chat, a_reward(number=7, cost=20_000, has_stock=True), 5)
    opened(chat)
    return Begun("wang", previewed(chat))


def shelving(chat: Chat) -> Begun:
    put(chat, a_reward(cost=60_000, has_stock=True), 4)
    return Begun("fang", chat.says("fang", "下架 1"))


def using(chat: Chat) -> Begun:
    buy(chat)
    return Begun("zhou", voucher_preview(chat), yes="use1")


BEGINS: dict[TicketKind, Callable[[Chat], Begun]] = {
    TicketKind.RECORD: says("li", RECORDED),
    TicketKind.CHOOSE: lambda chat: replace(says("li", "滨江 主体昨天验收通过")(chat), yes="0"),
    TicketKind.UNDO: undoing,
    TicketKind.CAMPAIGN: says("zhou", "活动 双倍积分 12月1日到12月31日"),
    TicketKind.LEAVE: says("sun", "离职 滨江置业 wang"),
    TicketKind.GIFT: giving,
    TicketKind.REDEEM: redeeming,
    TicketKind.SHELF: shelving,
    TicketKind.VOUCHER: using,
    TicketKind.DRAW: drawing,
}


def begin(chat: Chat, kind: TicketKind) -> Begun:
    begun = BEGINS[kind](chat)
    assert chat.store.committed(MAIN).tickets[begun.ticket].kind is kind
    return begun


def rows(chat: Chat) -> TenantState:
    """Give all that is stored but the messages."""
    return replace(chat.state(), deliveries={}, attempts={}, cards={})


def test_it_is_decided_for_every_kind() -> None:
    assert set(IS_BEGUN) == set(TicketKind)
    assert set(BEGINS) == set(BEGUN)
    for kind, button in router.presses.items():
        if IS_BEGUN[kind]:
            assert "cancel" in button.choices
        else:
            # What has a yes and a no of the same person has been begun by that person.
            assert not {"confirm", "cancel"} <= button.choices


@pytest.mark.parametrize("kind", BEGUN)
def test_what_is_begun_is_dropped_as_its_button_does(chat: Chat, kind: TicketKind) -> None:
    begun = begin(chat, kind)
    before = rows(chat)
    said = chat.says(begun.who, "取消")
    phone = chat.phone(begun.who)
    assert begun.card not in phone
    assert phone.count(said) == 2
    assert before.tickets.pop(begun.ticket).used_at is None
    after = rows(chat)
    assert after.tickets.pop(begun.ticket).used_at == chat.clock.now()
    assert after == before
    late = chat.refused(begun.who, lambda: chat.presses(begun.who, begun.ticket, begun.yes))
    assert late.code == ErrorCode.TICKET_USED


@pytest.mark.parametrize("kind", BEGUN)
def test_the_word_says_what_the_button_says(chat: Chat, kind: TicketKind) -> None:
    begun = begin(chat, kind)
    pressed = chat.presses(begun.who, begun.ticket, "cancel")
    assert not isinstance(pressed, Refusal | Cancelled)
    tickets = chat.store.committed(MAIN).tickets
    tickets[begun.ticket] = replace(tickets[begun.ticket], used_at=None)
    assert chat.says(begun.who, "取消") == pressed


def test_what_was_dropped_is_named(chat: Chat) -> None:
    begin(chat, TicketKind.RECORD)
    assert chat.says("li", "取消") == RecordCancelled("滨江一期", "主体验收")
    begin(chat, TicketKind.CHOOSE)
    assert chat.says("li", "算了") == ChoiceDropped("记录")
    begin(chat, TicketKind.UNDO)
    assert chat.says("li", "不要了") == RecordCancelled("滨江一期", "主体验收", is_undo=True)


@pytest.mark.parametrize("kind", OTHERS)
def test_nothing_else_is_ever_dropped(chat: Chat, kind: TicketKind) -> None:
    with chat.store.work(MAIN) as work:
        work.tickets.add(a_ticket(kind, id=TicketId("t-1"), member=MemberId("qian")))
        work.tickets.add(a_ticket(kind, id=TicketId("t-2"), member=None, contact=ContactId("wang")))
        work.commit()
    before = chat.state()
    for who in ("qian", "wang"):
        said = chat.says(who, "取消")
        assert isinstance(said, Cancelled)
        assert not said.had_something
    assert chat.state() == before


@pytest.mark.parametrize("kind", BEGUN)
def test_cancelling_twice_drops_one(chat: Chat, kind: TicketKind) -> None:
    begun = begin(chat, kind)
    chat.says(begun.who, "取消")
    before = chat.state()
    said = chat.says(begun.who, "取消")
    assert isinstance(said, Cancelled)
    assert not said.had_something
    assert chat.state() == before


@pytest.mark.parametrize("kind", BEGUN)
def test_what_has_expired_is_not_dropped(chat: Chat, kind: TicketKind) -> None:
    begun = begin(chat, kind)
    chat.clock.at += VALID[kind]
    before = chat.state()
    assert isinstance(chat.says(begun.who, "取消"), Cancelled)
    assert chat.state() == before
    late = chat.refused(begun.who, lambda: chat.presses(begun.who, begun.ticket, begun.yes))
    assert late.code == ErrorCode.TICKET_EXPIRED


@pytest.mark.parametrize("kind", BEGUN)
def test_until_it_expires_it_can_be_dropped(chat: Chat, kind: TicketKind) -> None:
    begun = begin(chat, kind)
    chat.clock.at += VALID[kind] - timedelta(microseconds=1)
    assert not isinstance(chat.says(begun.who, "取消"), Cancelled)


@pytest.mark.parametrize("kind", BEGUN)
def test_another_persons_card_is_left_alone(chat: Chat, kind: TicketKind) -> None:
    begun = begin(chat, kind)
    before = rows(chat)
    for who in ("li", "ma", "fang", "zhou", "qian", "chen", "wang", "sun"):
        if who != begun.who:
            assert isinstance(chat.says(who, "取消"), Cancelled)
    assert rows(chat) == before
    assert begun.card in chat.phone(begun.who)


@pytest.mark.parametrize("kind", BEGUN)
def test_whatever_is_written_in_between_it_can_still_be_confirmed(
    chat: Chat, kind: TicketKind
) -> None:
    begun = begin(chat, kind)
    for words in (
        "帮助",
        "项目",
        "今天天气不错",
        "客户",
        "余额",
        "兑换 99",
        "滨江二期 主体验收 通过",
    ):
        chat.says(begun.who, words)
    assert begun.card in chat.phone(begun.who)
    assert not isinstance(chat.presses(begun.who, begun.ticket, begun.yes), Refusal)


def test_the_newest_goes_first_of_whatever_kind(chat: Chat) -> None:
    older = begin(chat, TicketKind.RECORD)
    chat.pass_time(minutes=1)
    newer = begin(chat, TicketKind.CHOOSE)
    chat.pass_time(minutes=1)
    assert chat.says("li", "取消") == ChoiceDropped("记录")
    assert older.card in chat.phone("li")
    assert newer.card not in chat.phone("li")
    assert chat.says("li", "取消") == RecordCancelled("滨江一期", "主体验收")
    assert older.card not in chat.phone("li")
    assert chat.says("li", "取消") == Cancelled(had_something=False, instead=FOR_LI)


def test_what_is_confirmed_is_not_cancelled_and_the_way_back_is_said(chat: Chat) -> None:
    begun = begin(chat, TicketKind.RECORD)
    assert isinstance(chat.presses("li", begun.ticket, "confirm"), RecordDone)
    before = chat.state()
    assert chat.says("li", "取消") == Cancelled(had_something=False, instead=FOR_LI)
    assert chat.state() == before


def test_each_is_told_the_ways_back_that_are_theirs(chat: Chat) -> None:
    ways = {
        "wang": ("drop_redemption",),
        "zhou": ("take_back_use",),
        "qian": ("undo", "take_back_use"),
        "sun": (),
    }
    for who, instead in ways.items():
        assert chat.says(who, "取消") == Cancelled(had_something=False, instead=instead)


def test_what_others_are_to_decide_is_named_to_who_has_asked_only(chat: Chat) -> None:
    card = ask(chat)
    before = chat.state()
    said = chat.says("zhou", "取消")
    assert said == Cancelled(
        had_something=False, instead=("take_back_use",), waiting=(card.number,)
    )
    assert chat.state() == before
    for who, group in (("zhou", True), ("qian", False), ("wang", False)):
        said = chat.says(who, "取消", group=group)
        assert isinstance(said, Cancelled) == (not group or who == "zhou")
        assert getattr(said, "waiting", ()) == ()


def test_in_a_group_it_is_dropped_and_not_named(chat: Chat) -> None:
    begun = begin(chat, TicketKind.RECORD)
    assert chat.says("li", "@小筑 取消", group=True) == Cancelled(had_something=True)
    assert begun.card not in chat.phone("li")
    assert RecordCancelled("滨江一期", "主体验收") in chat.phone("li")
    said = chat.says("li", "@小筑 取消", group=True)
    assert said == Cancelled(had_something=False, instead=FOR_LI)


def test_in_a_group_without_a_mention_nothing_happens(chat: Chat) -> None:
    begin(chat, TicketKind.RECORD)
    before = chat.state()
    chat.says("li", "取消", group=True, mentioned=False)
    assert chat.state() == before


def test_a_customers_business_is_not_for_a_group(chat: Chat) -> None:
    begun = begin(chat, TicketKind.REDEEM)
    refused = chat.refused("wang", lambda: chat.says("wang", "@小筑 取消", group=True))
    assert refused.code == ErrorCode.PRIVATE_ONLY
    assert begun.card in chat.phone("wang")


def test_what_is_begun_on_one_account_can_be_dropped_on_another(chat: Chat) -> None:
    card = chat.says("zhang", "活动 双倍积分 12月1日到12月31日")
    assert card in chat.phone("zhang")
    said = chat.says("zhang@app", "取消")
    assert said in chat.phone("zhang@app")
    assert said in chat.phone("zhang")
    assert card not in chat.phone("zhang")


def test_a_card_on_an_account_that_is_somebody_elses_now_is_left_alone(chat: Chat) -> None:
    card = chat.says("zhang", "活动 双倍积分 12月1日到12月31日")
    chat.joins("ma", DING, "ding-zhang", member="ma")
    chat.says("zhang@app", "取消")
    assert card in chat.phone("ma")
    assert isinstance(chat.says("ma", "取消"), Cancelled)


def test_who_may_no_longer_confirm_has_nothing_to_cancel(chat: Chat) -> None:
    begun = begin(chat, TicketKind.RECORD)
    chat.store.committed(MAIN).members["li"] = a_member("li")
    before = chat.state()
    assert chat.says("li", "取消") == Cancelled(had_something=False)
    assert chat.state() == before
    assert begun.card in chat.phone("li")


def test_a_choice_can_be_left_by_its_ticket_and_a_made_up_one_can_not(chat: Chat) -> None:
    begun = begin(chat, TicketKind.CHOOSE)
    refused = chat.refused("li", lambda: chat.presses("li", begun.ticket, "cancel "))
    assert refused.code == ErrorCode.TICKET_NOT_YOURS
    assert chat.presses("li", begun.ticket, "cancel") == ChoiceDropped("记录")
    used = chat.refused("li", lambda: chat.presses("li", begun.ticket, "0"))
    assert used.code == ErrorCode.TICKET_USED


def test_a_preview_that_took_the_place_of_another_is_dropped_where_it_stands(chat: Chat) -> None:
    earn(chat, 500)
    reward = on_offer(chat)
    old = preview_of(chat)
    rewards = chat.store.committed(MAIN).rewards
    rewards[reward.id] = replace(reward, points=150, version=2)
    changed = chat.presses("wang", old, "confirm")
    assert changed in chat.phone("wang")
    said = chat.says("wang", "取消")
    assert changed not in chat.phone("wang")
    assert chat.phone("wang").count(said) == 2
