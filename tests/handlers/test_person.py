"""转人工: a human is asked to take over, and the customer hears who."""

import pytest

from domain.channels import SessionState
from domain.facts import CallCause, PersonWanted
from domain.ids import ContactId, CustomerId, MemberId
from handlers.incoming import MediaKind, SentMedia
from handlers.views import (
    BindAsk,
    BoundCustomer,
    ChooseCard,
    DidYouMean,
    HelpMenu,
    NobodyComes,
    PersonComing,
    PersonWantedCard,
    RedeemPreview,
    RedemptionCard,
    ReviewReceived,
)
from tests.handlers.expiring import sign
from tests.handlers.mall_steps import on_offer
from tests.handlers.talk_steps import told, wanted
from tests.handlers.test_bind import CODE, invite
from tests.support.chat import Chat
from tests.support.make import a_contact, a_customer, a_member
from tests.support.stores import DING, KF, MAIN


def asked(customer: str, contact: str, phone: str, card: PersonWantedCard) -> PersonWantedCard:
    """Say what a card of somebody who asked for a human has besides the talk."""
    return PersonWantedCard(customer, contact, phone, "asked", card.talk)


def test_the_account_manager_is_asked_and_named(chat: Chat) -> None:
    assert chat.says("wang", "转人工") == PersonComing("sun")
    assert chat.facts == [PersonWanted(CustomerId("C001"), ContactId("wang"), CallCause.ASKED)]
    [card] = wanted(chat)
    assert card == asked("滨江置业", "wang", "13800138000", card)
    assert told(card) == [("said", "转人工", "")]


def test_without_an_account_manager_the_supervisors_are_asked(chat: Chat) -> None:
    assert chat.says("chen", "人工") == PersonComing("")
    for who in ("zhang", "zhang@app", "zhao"):
        [card] = wanted(chat, who)
        assert card == asked("城南建设", "chen", "", card)


def test_an_account_manager_who_has_left_is_neither_asked_nor_named(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.members.add(a_member("gone", is_active=False))
        work.customers.add(a_customer("C003", "望江集团", "gone"))
        work.customers.add_contact(a_contact("liu", "C003"))
        work.commit()
    chat.joins("liu", KF, "wm-liu", contact="liu")
    assert chat.says("liu", "转人工") == PersonComing("")
    [card] = wanted(chat, "zhao")
    assert card == asked("望江集团", "liu", "13800138000", card)


def block(chat: Chat, *who: str) -> None:
    """Let the platforms refuse people's accounts."""
    with chat.store.work(MAIN) as work:
        for name in who:
            account = chat.account(name)
            work.identities.block(account.channel, account.external_id, "left")
        work.commit()


def test_an_account_manager_who_cannot_be_told_is_stood_in_for(chat: Chat) -> None:
    block(chat, "sun")
    assert chat.says("wang", "转人工") == PersonComing("")
    assert [len(wanted(chat, who)) for who in ("sun", "zhang", "zhao", "qian")] == [0, 1, 1, 0]
    block(chat, "zhang", "zhang@app", "zhao")
    assert chat.says("wang", "转人工") == PersonComing("")
    assert [len(wanted(chat, who)) for who in ("sun", "zhang", "zhao", "qian")] == [0, 1, 1, 1]


def test_that_nobody_can_be_told_is_said(chat: Chat) -> None:
    block(chat, "sun", "zhang", "zhang@app", "zhao", "qian")
    before = chat.state()
    assert chat.says("wang", "转人工") == NobodyComes()
    assert [chat.says("wang", "今天天气不错") for _ in range(2)][1] == NobodyComes()
    assert chat.facts == []
    assert chat.state() == before


def test_where_nobody_can_be_told_what_may_have_been_meant_is_still_offered(chat: Chat) -> None:
    block(chat, "sun", "zhang", "zhang@app", "zhao", "qian")
    assert [chat.says("wang", "余鹅") for _ in range(2)] == [DidYouMean(("余额",))] * 2
    assert chat.facts == []


def test_asking_twice_asks_twice(chat: Chat) -> None:
    chat.says("wang", "转人工")
    chat.says("wang", "转人工")
    assert len(chat.phone("sun")) == 2


@pytest.mark.parametrize(
    "text", ["转人工，我家漏水了", "请帮我转人工", "人工服务 现在", "轉人工！", "找人 修水管"]
)
def test_what_follows_the_word_does_not_hide_it(chat: Chat, text: str) -> None:
    assert chat.says("wang", text) == PersonComing("sun")
    assert [line.text for line in wanted(chat)[0].talk] == [
        text.replace("，", ",").replace("！", "!")
    ]


@pytest.mark.parametrize("text", ["人工费怎么算", "找人家问问"])
def test_what_only_begins_like_the_word_calls_nobody(chat: Chat, text: str) -> None:
    before = chat.state()
    assert not isinstance(chat.says("wang", text), PersonComing)
    assert chat.state() == before


def test_a_member_who_types_it_gets_the_menu(chat: Chat) -> None:
    assert isinstance(chat.says("li", "转人工"), HelpMenu)
    assert chat.facts == []


def test_a_tap_on_the_menu_asks_for_a_human(chat: Chat) -> None:
    assert "person" in chat.says("wang", "帮助").commands  # type: ignore[attr-defined]
    assert chat.taps("wang", "cmd:转人工") == PersonComing("sun")
    assert told(wanted(chat)[0]) == [("said", "帮助", "help_menu"), ("said", "(caption)", "")]


def test_with_an_open_choice_the_human_comes_and_the_choice_still_stands(chat: Chat) -> None:
    card = chat.says("wang", "评价 滨江 2星 地面起砂")
    assert isinstance(card, ChooseCard)
    assert chat.says("wang", "转人工") == PersonComing("sun")
    assert told(wanted(chat)[0]) == [
        ("said", "评价 滨江 2星 地面起砂", "choose_card"),
        ("said", "转人工", ""),
    ]
    ticket, _, choice = card.choices[0].action.partition(":")
    assert isinstance(chat.presses("wang", ticket, choice), ReviewReceived)


def test_in_the_middle_of_a_preview_the_human_comes_and_the_preview_still_stands(
    chat: Chat,
) -> None:
    on_offer(chat)
    sign(chat, 300)
    preview = chat.says("wang", "兑换 空调保养")
    assert isinstance(preview, RedeemPreview)
    assert chat.says("wang", "转人工") == PersonComing("sun")
    [card] = wanted(chat)
    assert told(card)[-2:] == [("said", "兑换 空调保养", "redeem_preview"), ("said", "转人工", "")]
    quoted = card.talk[-2].answer_data
    assert quoted is not None
    assert quoted["name"] == "空调保养"
    assert isinstance(chat.presses("wang", preview, "confirm"), RedemptionCard)


def test_after_something_that_is_not_text_the_human_hears_what_it_was(chat: Chat) -> None:
    chat.gives("wang", SentMedia(MediaKind.IMAGE))
    chat.gives("wang", SentMedia(MediaKind.VOICE, recognition="转人工"))
    assert told(wanted(chat)[0]) == [("image", "", "help_menu"), ("voice", "转人工", "")]


def test_who_may_not_see_points_can_ask_as_well(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(a_contact("bai", may_see=False, may_redeem=False))
        work.commit()
    chat.joins("bai", KF, "wm-bai", contact="bai")
    assert chat.says("bai", "转人工") == PersonComing("sun")
    assert wanted(chat)[0].contact == "bai"


def test_a_stranger_hears_how_to_be_known_and_the_human_is_called_then(chat: Chat) -> None:
    before = chat.state()
    assert chat.says("mo", "转人工") == BindAsk(is_kept=True, wants_person=True)
    assert chat.facts == []
    assert chat.state().deliveries == before.deliveries
    code = chat.says("sun", "邀请 滨江置业 王建国").code  # type: ignore[attr-defined]
    assert isinstance(chat.says("mo", code), BoundCustomer)
    assert chat.last("mo") == PersonComing("sun")
    [card] = wanted(chat)
    assert (card.contact, told(card)) == ("王建国", [("said", "转人工", "")])


def test_a_stranger_who_asks_over_and_over_is_called_one_human(chat: Chat) -> None:
    heard = SentMedia(MediaKind.VOICE, recognition="找人")
    asked = BindAsk(is_kept=True, wants_person=True)
    assert chat.says("mo", "我家漏水了") == BindAsk(is_kept=True)
    assert chat.gives("mo", heard) == asked
    assert [chat.says("mo", words) for words in ("转人工", "人工", "转人工，快点")] == [asked] * 3
    assert chat.gives("mo", heard) == asked
    code = chat.says("sun", "邀请 滨江置业 王建国").code  # type: ignore[attr-defined]
    chat.says("mo", code)
    assert len(wanted(chat)) == 1
    assert chat.phone("mo").count(PersonComing("sun")) == 1


def test_a_member_who_is_not_bound_yet_is_promised_nobody(chat: Chat) -> None:
    chat.joins("neu", DING, "ding-neu")
    assert chat.says("neu", "转人工") == BindAsk(is_kept=True)
    invite(chat, contact=None, member=MemberId("li"))
    chat.says("neu", CODE)
    assert isinstance(chat.last("neu"), HelpMenu)
    assert chat.facts == []


def test_what_a_stranger_said_is_handed_over_however_late_the_account_is_bound(chat: Chat) -> None:
    chat.says("mo", "转人工，我家漏水了")
    chat.pass_time(hours=13)
    code = chat.says("sun", "邀请 滨江置业 王建国").code  # type: ignore[attr-defined]
    chat.says("mo", code)
    assert told(wanted(chat)[0]) == [("said", "转人工,我家漏水了", "")]


def test_while_a_human_holds_the_talk_the_word_still_calls(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.identities.set_session(KF, "wm-wang", SessionState.HUMAN)
        work.commit()
    assert chat.says("wang", "转人工") == PersonComing("sun")
    assert len(wanted(chat)) == 1
