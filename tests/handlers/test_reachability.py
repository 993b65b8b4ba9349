"""How contacts can be reached by all accounts; a notice that can't go by one takes another."""

from dataclasses import asdict
from typing import Any

import pytest

from domain.channels import Channel, ChannelKind, Identity, Unreachable
from domain.deliveries import Delivery, DeliveryKind, DeliveryState
from domain.errors import ErrorCode
from domain.facts import NoticeHeld
from domain.ids import ChannelId, ContactId, CustomerId, DeliveryId
from domain.ports import Attempt
from handlers.addressing import ToContact, address
from handlers.contract import Context
from handlers.reach_views import delivery_lines, reach_lines
from handlers.system import keep_back, take_refusal
from handlers.usecases.reachability import read_notices, read_reach
from handlers.views import (
    ChooseCard,
    DeliveryLine,
    PersonComing,
    ReachLine,
    ReachReport,
    TellCustomer,
)
from storage.channels import ChannelConfig
from tests.handlers.test_notices import record
from tests.support.chat import Chat
from tests.support.make import a_contact, a_customer, a_delivery
from tests.support.stores import DING, KF, MAIN

HELD, QUEUED, SENDING = DeliveryState.HELD, DeliveryState.QUEUED, DeliveryState.SENDING
SENT, MERGED = DeliveryState.SENT, DeliveryState.MERGED
WANG = ContactId("wang")
BINJIANG = CustomerId("C001")
HALF_PAST = "2026-11-22T02:00:00+00:00"
KF2 = ChannelId("kf-2")


@pytest.fixture
def second_desk(chat: Chat) -> None:
    """Give Wang an account on a second customer service account; it has not written yet."""
    chat.store.save_channel(MAIN, ChannelConfig(Channel(KF2, ChannelKind.WECOM_KF), "wk-2"))
    with chat.store.work(MAIN) as work:
        work.identities.save(Identity(KF2, ChannelKind.WECOM_KF, "wm2-wang", contact=WANG))
        work.commit()


def sending(chat: Chat, name: str = "delivery-1", **changes: Any) -> Delivery:
    """Store a notice as its sender has it."""
    fields = {
        "id": DeliveryId(name),
        "dedupe_key": name,
        "contact": WANG,
        "state": SENDING,
        "view": PersonComing.view_name,
        "data": {"account_manager": "+50"},
    }
    delivery = a_delivery(**(fields | changes))
    with chat.store.work(MAIN) as work:
        assert work.deliveries.add(delivery)
        work.commit()
    return delivery


def kept_back(chat: Chat, obstacle: Unreachable, name: str = "delivery-1") -> Delivery:
    """Let the sender keep it back; give it as it then stands, before anything more is sent."""
    seen: list[Delivery] = []

    def act(ctx: Context) -> None:
        keep_back(ctx, DeliveryId(name), obstacle, "reach")
        seen.append(ctx.work.deliveries.get(DeliveryId(name)))

    chat.acts(act)
    return seen[0]


@pytest.mark.parametrize(
    "obstacle", [Unreachable.WINDOW_CLOSED, Unreachable.BLOCKED, Unreachable.NO_ACCOUNT]
)
def test_what_one_account_can_not_take_goes_to_an_open_one(
    chat: Chat, obstacle: Unreachable
) -> None:
    chat.joins("wang@ding", DING, "ding-wang", contact="wang")
    sending(chat)
    moved = kept_back(chat, obstacle)
    assert (moved.channel, moved.external_id, moved.state) == (DING, "ding-wang", QUEUED)
    assert chat.facts == []
    assert chat.phone("sun") == []


@pytest.mark.usefixtures("second_desk")
def test_a_notice_goes_in_no_circle_between_accounts_that_both_owe_answers(chat: Chat) -> None:
    for channel, account in ((KF, "wm-wang"), (KF2, "wm2-wang")):
        with chat.store.work(MAIN) as work:
            work.identities.heard_from(channel, account, chat.clock.now())
            for number in range(5):
                answer = a_delivery(
                    id=DeliveryId(f"{channel}-{number}"),
                    channel=channel,
                    external_id=account,
                    dedupe_key=f"reply:{number}",
                    kind=DeliveryKind.REPLY,
                    state=SENDING,
                )
                work.deliveries.add(answer)
            work.commit()
    sending(chat)
    held = kept_back(chat, Unreachable.ALLOWANCE_USED)
    assert (held.channel, held.state, held.reason) == (KF, HELD, "allowance_used")
    [fact] = chat.facts
    assert isinstance(fact, NoticeHeld)


def test_with_all_accounts_blocked_a_person_is_asked(chat: Chat) -> None:
    chat.joins("wang@ding", DING, "ding-wang", contact="wang")
    with chat.store.work(MAIN) as work:
        work.identities.block(DING, "ding-wang", "left")
        work.commit()
    sending(chat)
    chat.acts(lambda ctx: take_refusal(ctx, DeliveryId("delivery-1"), Unreachable.BLOCKED, "95018"))
    assert [d.state for d in chat.deliveries("wang")] == [HELD]
    assert chat.last("sun").obstacle == "blocked"


def test_of_two_accounts_the_blocked_one_is_not_what_is_named(chat: Chat) -> None:
    chat.joins("wang@ding", DING, "ding-wang", contact="wang")
    with chat.store.work(MAIN) as work:
        work.identities.block(DING, "ding-wang", "left")
        work.commit()
    record(chat)
    assert isinstance(chat.last("sun"), TellCustomer)
    assert chat.last("sun").obstacle == "never_wrote"


@pytest.mark.usefixtures("second_desk")
def test_a_notice_is_told_a_contact_once_by_whichever_account(chat: Chat) -> None:
    notice = ToContact(a_contact("wang"), PersonComing("+50"), "points:1")

    def told(ctx: Context) -> list[Delivery]:
        return address(ctx, [notice], asdict)  # type: ignore[arg-type]

    assert chat.acts(told) == []
    assert len(chat.deliveries("wang")) == 1
    chat.joins("wang@ding", DING, "ding-wang", contact="wang")
    before = chat.state()
    assert chat.acts(told) == []
    assert chat.state().deliveries == before.deliveries


def test_an_answer_that_waits_makes_a_notice_take_the_other_account(chat: Chat) -> None:
    chat.says("wang", "你好")
    with chat.store.work(MAIN) as work:
        for _ in range(5):
            work.identities.count_send(KF, "wm-wang")
        work.commit()
    chat.joins("wang@ding", DING, "ding-wang", contact="wang")
    record(chat)
    assert chat.deliveries("wang") == []
    assert [d.state for d in chat.deliveries("wang@ding")] == [SENT]


def looks(chat: Chat, look: Any) -> Any:
    return chat.acts(look)


def test_each_contact_is_described_by_account(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(a_contact("liu", "C001"))
        work.customers.add_contact(a_contact("left", "C001", is_active=False))
        work.commit()
    chat.joins("wang@ding", DING, "ding-wang", contact="wang")
    chat.says("wang", "你好")
    found = looks(chat, lambda ctx: read_reach(ctx, BINJIANG))
    assert [(one.contact.name, one.is_open, len(one.roads)) for one in found] == [
        ("liu", False, 0),
        ("wang", True, 2),
    ]
    lines = looks(chat, lambda ctx: reach_lines(ctx, BINJIANG))
    assert lines == (
        ReachLine("liu", "", "no_account", "", None),
        ReachLine("wang", "dingtalk", "", "", None),
        ReachLine("wang", "wecom_kf", "", "2026-11-24T02:00:00+00:00", 5),
    )


def test_a_shut_window_is_said_with_when_it_shut(chat: Chat) -> None:
    chat.says("wang", "你好")
    chat.pass_time(hours=48)
    [line] = looks(chat, lambda ctx: reach_lines(ctx, BINJIANG))
    assert (line.obstacle, line.until) == ("window_closed", "2026-11-24T02:00:00+00:00")


def lines(chat: Chat, limit: int = 8) -> tuple[DeliveryLine, ...]:
    found: tuple[DeliveryLine, ...] = chat.acts(lambda ctx: delivery_lines(ctx, BINJIANG, limit))
    return found


def test_the_last_notices_say_what_really_became_of_them(chat: Chat) -> None:
    record(chat)
    [held] = lines(chat)
    assert (held.contact, held.channel, held.about_view) == ("wang", "wecom_kf", "points_notice")
    assert (held.state, held.reason, held.since) == ("held", "never_wrote", HALF_PAST)
    chat.pass_time(minutes=30)
    chat.presses("sun", chat.last("sun"), "told")
    [told] = lines(chat)
    assert (told.state, told.told_by, told.since) == ("by_hand", "sun", "2026-11-22T02:30:00+00:00")
    chat.says("wang", "你好")
    chat.pass_time(minutes=30)
    record(chat, "滨江一期 竣工昨天验收通过")
    newest, older = lines(chat)
    assert (newest.state, newest.since, newest.reason) == ("sent", "2026-11-22T03:00:00+00:00", "")
    assert older == told
    assert lines(chat, limit=1) == (newest,)


def test_what_was_carried_stands_as_its_carrier_does(chat: Chat) -> None:
    sending(chat, "carrier", state=SENT)
    carried = sending(chat, "carried")
    attempt = Attempt(carried.id, chat.clock.now(), "merged")
    chat.store.queue.finish(MAIN, carried, MERGED, attempt, carried_by=DeliveryId("carrier"))
    first, second = lines(chat)
    assert {line.state for line in (first, second)} == {"sent"}
    assert {line.is_joint for line in (first, second)} == {True, False}
    chat.acts(lambda ctx: keep_back(ctx, DeliveryId("carrier"), Unreachable.BLOCKED, "x"))
    assert {(line.state, line.reason, line.is_joint) for line in lines(chat)} == {
        ("held", "blocked", False)
    }


def test_notices_of_two_contacts_are_listed_together(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add_contact(a_contact("liu", "C001"))
        work.commit()
    record(chat)
    told = looks(chat, lambda ctx: read_notices(ctx, BINJIANG, 8))
    assert sorted(one.contact.name for one in told) == ["liu", "wang"]
    assert [line.channel for line in lines(chat) if line.contact == "liu"] == [""]


def test_staff_see_both_with_one_command(chat: Chat) -> None:
    record(chat)
    for words in ("送达 滨江", "触达 C001", "通知记录 滨江置业", "送達 bjzy"):
        shown = chat.says("sun", words)
        assert isinstance(shown, ReachReport)
        assert (shown.customer, len(shown.reach), len(shown.notices)) == ("滨江置业", 1, 1)


def test_an_unclear_customer_is_asked_for(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.customers.add(a_customer("C003", "滨江地产"))
        work.commit()
    assert isinstance(chat.says("sun", "送达 滨江"), ChooseCard)
    unknown = chat.refused("sun", lambda: chat.says("sun", "送达 xyzxyz"))
    assert unknown.code == ErrorCode.UNKNOWN_CUSTOMER
    missing = chat.refused("sun", lambda: chat.says("sun", "送达"))
    assert missing.code == ErrorCode.USAGE


@pytest.mark.parametrize("who", ["li", "zhou"])
def test_who_may_not_see_customers_does_not(chat: Chat, who: str) -> None:
    refused = chat.refused(who, lambda: chat.says(who, "送达 滨江"))
    assert refused.code == ErrorCode.NOT_PERMITTED


def test_a_customer_has_no_such_command(chat: Chat) -> None:
    refused = chat.refused("wang", lambda: chat.says("wang", "送达 滨江"))
    assert refused.code == ErrorCode.NOT_PERMITTED
