"""Notices for customers: pushed, held and told by hand, or sent when the customer writes."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from domain.channels import SessionState
from domain.deliveries import DeliveryState
from domain.errors import ErrorCode
from domain.facts import CustomerTold, NoticeHeld, NoticesReleased
from domain.ids import ContactId, DeliveryId
from handlers.addressing import ToContact, address
from handlers.contract import Context
from handlers.usecases.notices import release
from handlers.views import (
    BoundCustomer,
    PersonComing,
    PointsNotice,
    RecordDone,
    RecordPreview,
    TellCustomer,
    TellCustomerDone,
)
from tests.support.chat import Chat
from tests.support.make import (
    a_contact,
    a_customer,
    a_member,
    a_milestone,
    a_project,
    an_invitation,
)
from tests.support.stores import APP, DING, KF, MAIN

NOON = "2026-11-22T02:00:00+00:00"
HELD, SENT, BY_HAND = DeliveryState.HELD, DeliveryState.SENT, DeliveryState.BY_HAND


def record(chat: Chat, text: str = "滨江一期 主体昨天验收通过", who: str = "li") -> RecordDone:
    shown = chat.says(who, text)
    assert isinstance(shown, RecordPreview), shown
    done = chat.presses(who, shown, "confirm")
    assert isinstance(done, RecordDone), done
    return done


def state_of(chat: Chat, delivery: DeliveryId) -> DeliveryState:
    with chat.store.reading(MAIN) as work:
        return work.deliveries.get(delivery).state


def history(chat: Chat, delivery: DeliveryId) -> list[tuple[str, str | None]]:
    attempts = chat.store.committed(MAIN).attempts
    return [(a.outcome, a.code) for (of, _), a in attempts.items() if of == delivery]


def task(chat: Chat, who: str = "sun") -> TellCustomer:
    card = chat.last(who)
    assert isinstance(card, TellCustomer), card
    return card


def test_who_wrote_within_48_hours_is_told_at_once(chat: Chat) -> None:
    chat.says("wang", "你好")
    chat.pass_time(hours=47)
    record(chat)
    assert isinstance(chat.last("wang"), PointsNotice)
    assert [d.state for d in chat.deliveries("wang")] == [SENT]
    assert chat.phone("sun") == []


def test_who_cannot_be_reached_is_told_by_the_account_manager(chat: Chat) -> None:
    record(chat)
    card = task(chat)
    assert card == TellCustomer(
        ticket=card.ticket,
        customer="滨江置业",
        contact="wang",
        phone="13800138000",
        obstacle="never_wrote",
        about_view="points_notice",
        about_data=chat.deliveries("wang")[0].data,
    )
    assert card.about_data["points"] == 50
    [held] = chat.deliveries("wang")
    assert (held.state, held.reason) == (HELD, "never_wrote")
    assert chat.phone("wang") == []


@pytest.mark.parametrize(
    ("reason", "obstacle"),
    [
        ("window", "window_closed"),
        ("blocked", "blocked"),
        ("human", "with_a_person"),
        ("ended", "session_ended"),
        ("allowance", "allowance_used"),
    ],
)
def test_the_task_says_why_the_chat_cannot_carry_it(chat: Chat, reason: str, obstacle: str) -> None:
    chat.says("wang", "你好")
    with chat.store.work(MAIN) as work:
        match reason:
            case "window":
                chat.pass_time(hours=48)
            case "blocked":
                work.identities.block(KF, "wm-wang", "refuses")
            case "human":
                work.identities.set_session(KF, "wm-wang", SessionState.HUMAN)
            case "ended":
                work.identities.set_session(KF, "wm-wang", SessionState.ENDED)
            case _:
                work.identities.use_up_allowance(KF, "wm-wang")
        work.commit()
    record(chat)
    assert task(chat).obstacle == obstacle


def test_a_contact_without_an_account_is_told_by_hand(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(a_contact("liu", "C001", phone=None))
        work.commit()
    record(chat)
    [for_liu] = [c for c in chat.phone("sun") if isinstance(c, TellCustomer) and c.contact == "liu"]
    assert (for_liu.obstacle, for_liu.phone) == ("no_account", "")
    done = chat.presses("sun", for_liu, "told")
    assert done == TellCustomerDone("滨江置业", "liu", "sun", NOON)
    [told] = chat.facts
    assert isinstance(told, CustomerTold)
    assert state_of(chat, told.deliveries[0]) is BY_HAND


def test_what_waited_for_a_contact_without_an_account_goes_to_the_first_one(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(a_contact("liu", "C001"))
        work.customers.add_invitation(an_invitation("ABCD2345", contact=ContactId("liu")))
        work.commit()
    record(chat)
    assert isinstance(chat.says("mo", "绑定 ABCD2345"), BoundCustomer)
    assert [d.state for d in chat.deliveries("mo")] == [SENT]
    assert [fact.contact for fact in chat.facts if isinstance(fact, NoticesReleased)] == ["liu"]


def test_without_an_account_manager_the_supervisors_are_asked(chat: Chat) -> None:
    record(chat, "城南广场 主体昨天验收通过", "ma")
    assert task(chat, "zhang").contact == task(chat, "zhao").contact == "chen"
    assert task(chat, "zhang").ticket != task(chat, "zhao").ticket


def test_an_account_manager_who_has_left_is_not_asked(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.members.add(a_member("gone", is_active=False))
        work.customers.add(a_customer("C003", "望江集团", "gone"))
        work.customers.add_contact(a_contact("liu", "C003"))
        work.projects.add(a_project("P009", "望江中心", "C003", "li"))
        work.projects.add_milestone(
            a_milestone("P009", "封顶", (chat.clock.now() + timedelta(days=9)).date())
        )
        work.commit()
    chat.joins("gone", DING, "ding-gone", member="gone")
    record(chat, "望江中心 封顶昨天验收通过")
    assert chat.phone("gone") == []
    assert task(chat, "zhao").contact == "liu"


def test_telling_by_hand_is_noted_and_the_notice_goes_out_no_more(chat: Chat) -> None:
    record(chat)
    done = chat.presses("sun", task(chat), "told")
    assert done == TellCustomerDone("滨江置业", "wang", "sun", NOON)
    assert chat.phone("sun") == [done]
    [held] = chat.deliveries("wang")
    assert (held.state, held.reason) == (BY_HAND, "never_wrote")
    assert chat.actions()[-1] == "customer_told_by_hand"
    assert [type(fact) for fact in chat.facts] == [CustomerTold]
    chat.says("wang", "你好")
    assert not any(isinstance(view, PointsNotice) for view in chat.phone("wang"))


def test_when_one_supervisor_has_told_the_others_cards_show_it(chat: Chat) -> None:
    record(chat, "城南广场 主体昨天验收通过", "ma")
    theirs = task(chat, "zhang")
    chat.presses("zhao", task(chat, "zhao"), "told")
    done = TellCustomerDone("城南建设", "chen", "zhao", NOON)
    assert chat.phone("zhang") == chat.phone("zhao") == [done]
    late = chat.presses("zhang", theirs, "told")
    assert late == TellCustomerDone("城南建设", "chen", "zhang", NOON)
    assert chat.facts == []


def test_telling_is_noted_once(chat: Chat) -> None:
    record(chat)
    card = task(chat)
    chat.presses("sun", card, "told")
    refused = chat.refused("sun", lambda: chat.presses("sun", card, "told"))
    assert refused.code == ErrorCode.TICKET_USED


def test_what_was_held_goes_out_when_the_customer_writes(chat: Chat) -> None:
    record(chat)
    chat.pass_time(hours=3)
    chat.says("wang", "你好")
    assert isinstance(chat.phone("wang")[0], PointsNotice)
    [sent] = chat.deliveries("wang")
    assert (sent.state, sent.reason) == (SENT, None)
    done = TellCustomerDone("滨江置业", "wang", "", "2026-11-22T05:00:00+00:00")
    assert chat.phone("sun") == [done]
    assert [type(fact) for fact in chat.facts] == [NoticesReleased]


def test_pressing_told_after_it_went_out_only_notes_it(chat: Chat) -> None:
    record(chat)
    card = task(chat)
    chat.says("wang", "你好")
    chat.presses("sun", card, "told")
    assert [d.state for d in chat.deliveries("wang")] == [SENT]
    assert chat.facts == []


def four_held(chat: Chat) -> None:
    texts = ["滨江一期 主体昨天验收通过", "滨江一期 竣工昨天验收通过", "滨江二期 主体昨天验收通过"]
    for text in texts:
        record(chat, text)
        chat.pass_time(minutes=1)
    undo = chat.says("li", "撤销")
    chat.presses("li", undo, "confirm")
    assert [d.state for d in chat.deliveries("wang")] == [HELD] * 4


def test_all_that_was_held_is_let_go_after_the_answer(chat: Chat) -> None:
    # Together they are one message; the sender joins them.
    four_held(chat)
    chat.says("wang", "你好")
    held = chat.deliveries("wang")
    assert [d.state for d in held] == [SENT] * 4
    assert [d.let_go for d in held] == [1] * 4
    [fact] = chat.facts
    assert isinstance(fact, NoticesReleased)
    assert fact.deliveries == tuple(d.id for d in held)
    before = chat.state()
    chat.says("wang", "你好")
    assert chat.state().deliveries == before.deliveries


def test_what_is_let_go_waits_for_the_answer_and_forgets_its_tries(chat: Chat) -> None:
    record(chat)

    def act(ctx: Context) -> None:
        ctx.work.identities.heard_from(KF, "wm-wang", ctx.now)
        [released] = release(replace(ctx, channel=KF, sender="wm-wang"), a_contact("wang"))
        queued = ctx.work.deliveries.get(released)
        assert queued.state is DeliveryState.QUEUED
        assert queued.next_at == ctx.now + timedelta(seconds=2)
        assert (queued.attempts, queued.reason) == (0, None)

    chat.acts(act)


def test_who_writes_from_another_account_gets_there_what_was_held(chat: Chat) -> None:
    record(chat)
    chat.joins("wang@ding", DING, "ding-wang", contact="wang")
    chat.pass_time(minutes=5)
    chat.says("wang@ding", "你好")
    assert chat.deliveries("wang") == []
    [moved] = chat.deliveries("wang@ding")
    assert (moved.state, moved.reason, moved.contact) == (SENT, None, "wang")
    assert history(chat, moved.id) == [("moved", "kf"), ("sent", None)]
    assert isinstance(chat.last("sun"), TellCustomerDone)
    chat.says("wang", "你好")
    assert chat.deliveries("wang") == []
    assert not any(isinstance(view, PointsNotice) for view in chat.phone("wang"))


def test_an_account_that_counts_no_messages_gets_everything_at_once(chat: Chat) -> None:
    four_held(chat)
    chat.joins("wang@ding", DING, "ding-wang", contact="wang")
    chat.says("wang@ding", "你好")
    assert [d.state for d in chat.deliveries("wang@ding")] == [SENT] * 4


def test_an_account_that_is_no_longer_the_contacts_lets_nothing_go(chat: Chat) -> None:
    record(chat)

    def act(ctx: Context) -> list[DeliveryId]:
        ctx.work.identities.heard_from(KF, "wm-wang", ctx.now)
        return release(replace(ctx, channel=KF, sender="wm-wang"), a_contact("liu"))

    assert chat.acts(act) == []
    assert [d.state for d in chat.deliveries("wang")] == [HELD]


def test_a_conversation_a_person_holds_lets_nothing_go(chat: Chat) -> None:
    record(chat)
    with chat.store.work(MAIN) as work:
        work.identities.set_session(KF, "wm-wang", SessionState.HUMAN)
        work.commit()
    chat.says("wang", "你好")
    assert [d.state for d in chat.deliveries("wang")] == [HELD]


def test_what_is_held_soon_after_is_added_to_the_card_that_stands(chat: Chat) -> None:
    record(chat)
    first = task(chat)
    chat.pass_time(minutes=59)
    record(chat, "滨江一期 竣工昨天验收通过")
    [card] = chat.phone("sun")
    assert isinstance(card, TellCustomer)
    assert card.about_view == "notice_digest"
    assert [each["data"]["milestone"] for each in card.about_data["notices"]] == [
        "主体验收",
        "竣工验收",
    ]
    # Who presses an older copy has told what it shows, and no more.
    rest = chat.presses("sun", first, "told")
    assert isinstance(rest, TellCustomer)
    assert rest.about_data["milestone"] == "竣工验收"
    assert [d.state for d in chat.deliveries("wang")] == [BY_HAND, HELD]
    assert isinstance(chat.presses("sun", rest, "told"), TellCustomerDone)
    assert [d.state for d in chat.deliveries("wang")] == [BY_HAND, BY_HAND]


def test_later_a_new_card_asks_again_for_everything(chat: Chat) -> None:
    record(chat)
    chat.pass_time(minutes=60)
    record(chat, "滨江一期 竣工昨天验收通过")
    old, new = chat.phone("sun")
    assert isinstance(old, TellCustomer)
    assert isinstance(new, TellCustomer)
    assert len(new.about_data["notices"]) == 2
    assert isinstance(chat.presses("sun", new, "told"), TellCustomerDone)
    assert [d.state for d in chat.deliveries("wang")] == [BY_HAND, BY_HAND]
    # The old card has nothing left to tell.
    assert isinstance(chat.presses("sun", old, "told"), TellCustomerDone)
    assert chat.facts == []


def test_after_everything_was_told_the_next_notice_has_a_card_of_its_own(chat: Chat) -> None:
    record(chat)
    chat.presses("sun", task(chat), "told")
    chat.pass_time(minutes=1)
    record(chat, "滨江一期 竣工昨天验收通过")
    done, card = chat.phone("sun")
    assert isinstance(done, TellCustomerDone)
    assert isinstance(card, TellCustomer)
    assert card.about_data["milestone"] == "竣工验收"


def test_a_card_shows_two_and_the_rest_once_they_are_told(chat: Chat) -> None:
    four_held(chat)
    [card] = chat.phone("sun")
    assert isinstance(card, TellCustomer)
    assert (len(card.about_data["notices"]), card.more) == (2, 2)
    rest = chat.presses("sun", card, "told")
    assert isinstance(rest, TellCustomer)
    assert (len(rest.about_data["notices"]), rest.more) == (2, 0)
    assert rest.about_data["notices"][1]["data"]["is_undo"] is True
    assert [d.state for d in chat.deliveries("wang")] == [BY_HAND] * 2 + [HELD] * 2


def test_two_notices_of_one_message_make_one_card(chat: Chat) -> None:
    notices = [ToContact(a_contact("wang"), PersonComing(f"+{n}"), f"points:{n}") for n in range(2)]
    chat.acts(lambda ctx: address(ctx, notices, asdict))  # type: ignore[arg-type]
    [card] = chat.phone("sun")
    assert isinstance(card, TellCustomer)
    assert len(card.about_data["notices"]) == 2


def test_a_card_asks_who_looked_after_the_customer_on_every_account(chat: Chat) -> None:
    chat.joins("sun@app", APP, "sun", member="sun")
    record(chat)
    assert isinstance(chat.last("sun@app"), TellCustomer)
    chat.presses("sun", task(chat), "told")
    assert isinstance(chat.last("sun@app"), TellCustomerDone)


def test_nothing_is_released_for_somebody_else(chat: Chat) -> None:
    record(chat)
    chat.says("chen", "你好")
    chat.says("mo", "你好")
    assert [d.state for d in chat.deliveries("wang")] == [HELD]


def test_of_two_accounts_the_reachable_one_is_used(chat: Chat) -> None:
    chat.joins("wang@ding", DING, "ding-wang", contact="wang")
    record(chat)
    assert isinstance(chat.last("wang@ding"), PointsNotice)
    assert chat.deliveries("wang") == []


def test_every_contact_of_the_customer_hears_of_it(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(a_contact("liu", "C001"))
        work.customers.add_contact(a_contact("left", "C001", is_active=False))
        work.commit()
    chat.joins("liu", DING, "ding-liu", contact="liu")
    assert record(chat).notice == "pushed"
    assert isinstance(chat.last("liu"), PointsNotice)
    held = [fact for fact in chat.facts if isinstance(fact, NoticeHeld)]
    assert [fact.contact for fact in held] == [ContactId("wang")]
