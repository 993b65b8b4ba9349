"""What is not understood: choose or say it otherwise first, a human the second time in a row."""

import pytest

from domain.channels import SessionState
from domain.facts import CallCause, PersonWanted
from domain.ids import ContactId, CustomerId
from handlers.incoming import MediaKind, SentMedia
from handlers.views import (
    Balance,
    BindAsk,
    DidYouMean,
    HelpMenu,
    PersonComing,
    Refusal,
    Silence,
)
from tests.handlers.talk_steps import told, wanted
from tests.support.chat import Chat
from tests.support.make import a_contact
from tests.support.stores import KF, MAIN

NONSENSE = "今天天气不错"
REPHRASE = DidYouMean((), ("balance", "redeem"))
CALLED = DidYouMean((), ("balance", "redeem"), is_called=True)
COMING = PersonComing("sun", is_missed=True)


def test_the_first_miss_asks_to_say_it_otherwise_the_second_calls_a_human(chat: Chat) -> None:
    before = chat.state()
    assert chat.says("wang", NONSENSE) == REPHRASE
    assert chat.state() == before
    assert chat.says("wang", "哎呀怎么弄") == COMING
    assert chat.facts == [PersonWanted(CustomerId("C001"), ContactId("wang"), CallCause.MISSED)]
    [card] = wanted(chat)
    assert card.cause == "missed"
    assert told(card) == [("said", NONSENSE, "did_you_mean"), ("said", "哎呀怎么弄", "")]


def test_what_may_have_been_meant_is_offered_all_the_same(chat: Chat) -> None:
    assert chat.says("wang", "明习") == DidYouMean(("明细",))
    assert chat.says("wang", "余鹅") == PersonComing("sun", is_missed=True, guesses=("余额",))
    assert isinstance(chat.taps("wang", "cmd:余额"), Balance)


def test_without_an_account_manager_the_supervisors_are_called(chat: Chat) -> None:
    chat.says("chen", NONSENSE)
    assert chat.says("chen", NONSENSE) == PersonComing("", is_missed=True)
    assert [card.cause for card in wanted(chat, "zhao")] == ["missed"]


@pytest.mark.parametrize("between", ["余额", "帮助", "取消", "...", "赠送"])
def test_what_was_understood_in_between_ends_the_row(chat: Chat, between: str) -> None:
    assert chat.says("wang", NONSENSE) == REPHRASE
    assert not isinstance(chat.says("wang", between), DidYouMean | PersonComing)
    assert chat.says("wang", NONSENSE) == REPHRASE
    assert wanted(chat) == []


@pytest.mark.parametrize("text", ["你好", "在吗？", "好的，谢谢", "收到"])
def test_greetings_and_thanks_are_no_misses(chat: Chat, text: str) -> None:
    for _ in range(3):
        assert isinstance(chat.says("wang", text), HelpMenu)
    assert wanted(chat) == []
    before = chat.state()
    # Nor does a stranger's wait for anything.
    assert chat.says("mo", text) == BindAsk(is_kept=False)
    assert chat.state() == before


def test_what_was_refused_was_understood(chat: Chat) -> None:
    chat.says("wang", NONSENSE)
    assert isinstance(chat.says("wang", "评价 没有这个项目 1 渗水"), Refusal)
    assert chat.says("wang", NONSENSE) == REPHRASE


def test_a_miss_of_more_than_half_an_hour_ago_does_not_count(chat: Chat) -> None:
    assert chat.says("wang", NONSENSE) == REPHRASE
    chat.pass_time(minutes=30)
    assert chat.says("wang", NONSENSE) == REPHRASE
    chat.pass_time(minutes=29, seconds=59)
    assert chat.says("wang", NONSENSE) == COMING


def test_ten_lines_of_nonsense_in_a_minute_call_once(chat: Chat) -> None:
    answers = []
    for number in range(10):
        answers.append(chat.says("wang", f"{NONSENSE}{number}"))
        chat.pass_time(seconds=6)
    assert answers == [REPHRASE, COMING, *[CALLED] * 8]
    assert len(wanted(chat)) == 1


def test_within_the_hour_nobody_is_called_again_however_much_is_typed(chat: Chat) -> None:
    chat.says("wang", NONSENSE)
    assert chat.says("wang", NONSENSE) == COMING
    for _ in range(59):
        chat.pass_time(minutes=1)
        assert chat.says("wang", NONSENSE) == CALLED
    assert len(wanted(chat)) == 1
    chat.pass_time(minutes=1)
    assert chat.says("wang", NONSENSE) == COMING
    assert len(wanted(chat)) == 2


def test_who_has_asked_for_a_human_is_not_called_one_unasked(chat: Chat) -> None:
    chat.says("wang", "转人工")
    chat.pass_time(minutes=5)
    assert [chat.says("wang", NONSENSE) for _ in range(3)] == [CALLED] * 3
    assert len(wanted(chat)) == 1
    # Asking oneself is always possible.
    assert chat.says("wang", "转人工") == PersonComing("sun")
    assert len(wanted(chat)) == 2


def test_each_contact_of_a_customer_counts_alone(unit: Chat) -> None:
    assert unit.says("wang", NONSENSE) == REPHRASE
    assert unit.says("lisi", NONSENSE) == REPHRASE
    assert unit.says("wang", NONSENSE) == COMING
    assert unit.says("lisi", NONSENSE) == COMING
    assert [card.contact for card in wanted(unit)] == ["wang", "李四"]


def test_a_call_on_one_account_holds_on_the_contacts_other_one(chat: Chat) -> None:
    chat.joins("wang@home", KF, "wm-wang-2", contact="wang")
    chat.says("wang", NONSENSE)
    assert chat.says("wang@home", NONSENSE) == REPHRASE
    assert chat.says("wang", NONSENSE) == COMING
    assert chat.says("wang@home", NONSENSE) == CALLED
    assert len(wanted(chat)) == 1


def test_a_call_to_whoever_had_the_account_before_does_not_count(chat: Chat) -> None:
    assert chat.says("wang", "转人工") == PersonComing("sun")
    code = chat.says("sun", "邀请 城南建设 周工").code  # type: ignore[attr-defined]
    chat.says("wang", f"绑定 {code}")
    assert chat.says("wang", NONSENSE) == REPHRASE
    assert chat.says("wang", NONSENSE) == PersonComing("", is_missed=True)
    assert [card.contact for card in wanted(chat, "zhao")] == ["周工"]
    assert chat.says("wang", NONSENSE) == CALLED


def test_a_call_that_waited_for_the_account_to_be_bound_counts(chat: Chat) -> None:
    chat.says("mo", "转人工")
    code = chat.says("sun", "邀请 滨江置业 王建国").code  # type: ignore[attr-defined]
    chat.says("mo", code)
    assert [chat.says("mo", NONSENSE) for _ in range(2)] == [CALLED] * 2
    assert len(wanted(chat)) == 1


def test_what_is_said_to_a_human_who_holds_the_talk_calls_nobody(chat: Chat) -> None:
    holds(chat, SessionState.HUMAN)
    assert [chat.says("wang", NONSENSE) for _ in range(3)] == [Silence()] * 3
    assert wanted(chat) == []
    holds(chat, SessionState.ENDED)
    assert chat.says("wang", NONSENSE) == REPHRASE
    assert chat.says("wang", NONSENSE) == COMING


def holds(chat: Chat, session: SessionState) -> None:
    with chat.store.work(MAIN) as work:
        work.identities.set_session(KF, "wm-wang", session)
        work.commit()


def test_what_was_heard_counts_like_what_was_typed(chat: Chat) -> None:
    chat.gives("wang", SentMedia(MediaKind.VOICE, recognition=NONSENSE))
    assert chat.gives("wang", SentMedia(MediaKind.VOICE, recognition=NONSENSE)) == COMING
    assert told(wanted(chat)[0])[0] == ("voice", NONSENSE, "did_you_mean")


def test_pictures_are_no_misses(chat: Chat) -> None:
    for _ in range(3):
        assert isinstance(chat.gives("wang", SentMedia(MediaKind.IMAGE)), HelpMenu)
    assert wanted(chat) == []


def test_members_are_never_called_for(chat: Chat) -> None:
    assert [chat.says("sun", NONSENSE) for _ in range(4)] == [DidYouMean(())] * 4
    assert chat.facts == []
    assert wanted(chat) == wanted(chat, "zhao") == []


def test_strangers_are_asked_to_bind_as_often_as_they_write(chat: Chat) -> None:
    assert [chat.says("mo", NONSENSE) for _ in range(3)] == [BindAsk(is_kept=True)] * 3
    assert chat.facts == []


def test_talk_among_others_in_a_group_is_neither_a_miss_nor_breaks_the_row(chat: Chat) -> None:
    quiet = [chat.says("wang", NONSENSE, group=True, mentioned=False) for _ in range(3)]
    assert quiet == [Silence()] * 3
    assert chat.says("wang", NONSENSE) == REPHRASE
    chat.says("wang", "我们几点碰头", group=True, mentioned=False)
    assert chat.says("wang", NONSENSE) == COMING
    # What was said to others is nobody's business.
    assert [line.text for line in wanted(chat)[0].talk] == [NONSENSE] * 2


def test_who_may_not_see_points_is_shown_what_they_can_do(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(a_contact("bai", may_see=False, may_redeem=False))
        work.commit()
    chat.joins("bai", KF, "wm-bai", contact="bai")
    assert chat.says("bai", NONSENSE) == DidYouMean((), ("check_in", "projects"))
    assert chat.says("bai", NONSENSE) == COMING


@pytest.mark.parametrize(
    "text", ["说" * 2000, "半个\ud83d字", "{{7*7}}", "<b>甲</b>", "**甲** _乙_", "\u202e甲"]
)
def test_whatever_was_typed_a_human_is_called(chat: Chat, text: str) -> None:
    chat.says("wang", text)
    assert chat.says("wang", text) == COMING
    [card] = wanted(chat)
    assert len(card.talk) == 2
    assert all(0 < len(line.text) <= 200 for line in card.talk)
