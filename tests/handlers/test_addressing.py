"""From "this person should learn of it" to deliveries."""

from dataclasses import asdict, replace
from typing import Any

from domain.alerts import AlertState
from domain.channels import Channel, ChannelKind
from domain.deliveries import Delivery, DeliveryKind, DeliveryState
from domain.facts import AlertChanged, NoticeHeld
from domain.ids import CardKey, ChannelId, DeliveryId, InboxId, MemberId
from domain.repositories import Card
from handlers.addressing import Push, ToCards, ToContact, ToGroups, ToMember, address
from handlers.contract import Context, View
from handlers.reactions import react
from handlers.views import PersonComing
from storage.channels import ChannelConfig
from tests.support.chat import Chat
from tests.support.make import a_contact, a_member, an_alert
from tests.support.stores import APP, DING, KF, MAIN


def encode(view: Any) -> dict[str, Any]:
    return asdict(view)


def addressed(chat: Chat, *pushes: Push, pressed: str | None = None) -> list[Delivery]:
    def act(ctx: Context) -> list[Delivery]:
        mine = replace(ctx, pressed_card=CardKey(pressed) if pressed else None)
        return address(mine, pushes, encode)

    found: list[Delivery] = chat.acts(act)
    return found


def to_member(name: str, key: str = "k", *, is_alert: bool = False) -> ToMember:
    return ToMember(MemberId(name), lambda m: PersonComing(m.name), key, is_alert=is_alert)


def where(deliveries: list[Delivery]) -> list[tuple[str, str]]:
    return [(delivery.channel, delivery.external_id) for delivery in deliveries]


def test_a_message_goes_to_every_account_of_a_member(chat: Chat) -> None:
    found = addressed(chat, to_member("zhang"))
    assert where(found) == [(APP, "zhang"), (DING, "ding-zhang")]
    assert {d.data["account_manager"] for d in found} == {"zhang"}
    assert {d.kind for d in found} == {DeliveryKind.PUSH}


def test_an_alert_goes_where_alerts_are_wanted_or_everywhere(chat: Chat) -> None:
    assert where(addressed(chat, to_member("zhang", is_alert=True))) == [(APP, "zhang")]
    assert where(addressed(chat, to_member("zhao", is_alert=True))) == [(DING, "ding-zhao")]


def test_an_alert_goes_to_another_account_when_the_wanted_one_is_blocked(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.identities.block(APP, "zhang", "left")
        work.commit()
    assert where(addressed(chat, to_member("zhang", is_alert=True))) == [(DING, "ding-zhang")]


def test_a_member_without_an_account_gets_nothing_and_no_card_is_made(chat: Chat) -> None:
    with chat.store.work(MAIN) as work:
        work.members.add(a_member("new"))
        work.commit()

    def fail(_: Any) -> View:
        raise AssertionError

    assert addressed(chat, ToMember(MemberId("new"), fail, "k")) == []


def test_the_same_key_is_queued_once_per_account(chat: Chat) -> None:
    assert len(addressed(chat, to_member("zhao"), to_member("zhao"))) == 1
    assert addressed(chat, to_member("zhao")) == []
    assert len(addressed(chat, to_member("zhao", "other"), to_member("li"))) == 2


def test_a_notice_is_held_once(chat: Chat) -> None:
    notice = ToContact(a_contact("wang"), PersonComing("+50"), "points:1")
    assert addressed(chat, notice, notice) == []
    assert [type(fact) for fact in chat.facts] == [NoticeHeld]
    [held] = chat.deliveries("wang")
    assert (held.state, held.reason) == (DeliveryState.HELD, "never_wrote")


def test_a_notice_is_pushed_once(chat: Chat) -> None:
    chat.says("wang", "你好")
    notice = ToContact(a_contact("wang"), PersonComing("+50"), "points:1")
    assert where(addressed(chat, notice, notice)) == [(KF, "wm-wang")]
    assert chat.facts == []


def cards(chat: Chat, *keys_and_accounts: tuple[str, str]) -> None:
    with chat.store.work(MAIN) as work:
        for key, account in keys_and_accounts:
            work.cards.save(
                Card(CardKey(key), DING, account, "alert:1", "alert_card", chat.clock.now())
            )
        work.commit()


def to_cards(key: str = "v2") -> ToCards:
    return ToCards("alert:1", lambda member: PersonComing(member.name), key)


def test_every_accounts_newest_card_changes_but_the_one_that_was_pressed(chat: Chat) -> None:
    cards(chat, ("c1", "ding-zhang"), ("c2", "ding-zhao"), ("c3", "ding-zhao"))
    found = addressed(chat, to_cards(), pressed="c1")
    assert [(d.card, d.data["account_manager"], d.kind, d.subject) for d in found] == [
        ("c3", "zhao", DeliveryKind.UPDATE, "alert:1"),
    ]


def test_a_card_on_its_way_changes_rather_than_the_one_before_it(chat: Chat) -> None:
    cards(chat, ("c1", "ding-zhao"))
    coming(chat, "coming", "ding-zhao", DeliveryKind.PUSH)
    assert [d.card for d in addressed(chat, to_cards())] == ["coming"]


def test_the_reply_to_what_changed_a_subject_is_not_changed_itself(chat: Chat) -> None:
    cards(chat, ("c1", "ding-zhao"))
    coming(chat, "own", "ding-zhao", DeliveryKind.REPLY, InboxId("i-1"))
    coming(chat, "other", "ding-zhang", DeliveryKind.REPLY, InboxId("i-2"))

    def act(ctx: Context) -> list[Delivery]:
        return address(replace(ctx, inbox=InboxId("i-1")), [to_cards()], encode)

    assert {(d.card, d.external_id) for d in chat.acts(act)} == {
        ("c1", "ding-zhao"),
        ("other", "ding-zhang"),
    }


def coming(
    chat: Chat, name: str, account: str, kind: DeliveryKind, inbox: InboxId | None = None
) -> None:
    delivery = Delivery(
        id=DeliveryId(name),
        channel=DING,
        external_id=account,
        kind=kind,
        view=PersonComing.view_name,
        data={"account_manager": name},
        dedupe_key=name,
        created_at=chat.clock.now(),
        subject="alert:1",
        inbox=inbox,
    )
    with chat.store.work(MAIN) as work:
        work.deliveries.add(delivery)
        work.commit()


def test_a_card_changes_once_per_key(chat: Chat) -> None:
    cards(chat, ("c1", "ding-zhang"))
    assert len(addressed(chat, to_cards(), to_cards())) == 1
    assert addressed(chat, to_cards()) == []
    assert len(addressed(chat, to_cards("v3"))) == 1


def test_a_card_of_nobody_or_of_a_customer_is_left_alone(chat: Chat) -> None:
    cards(chat, ("c1", "ding-unknown"), ("c2", "ding-wang"))
    chat.joins("wang@ding", DING, "ding-wang", contact="wang")
    assert addressed(chat, to_cards()) == []


def with_groups(chat: Chat, *names: str) -> None:
    for name in names:
        channel = Channel(ChannelId(name), ChannelKind.WECOM_GROUP)
        chat.store.save_channel(MAIN, ChannelConfig(channel, name))


def test_a_warning_goes_to_every_group_robot_once(chat: Chat) -> None:
    with_groups(chat, "north", "south")
    warning = ToGroups(PersonComing("!"), "alert:1:v1")
    assert where(addressed(chat, warning, warning)) == [("north", "group"), ("south", "group")]
    assert addressed(chat, warning) == []


def test_without_a_group_robot_a_warning_goes_nowhere(chat: Chat) -> None:
    assert addressed(chat, ToGroups(PersonComing("!"), "alert:1:v1")) == []


def test_a_group_reads_the_alert_without_phone_and_button(chat: Chat) -> None:
    with_groups(chat, "north")
    chat.says("wang", "评价 滨江一期 1 渗水三次没人管")
    [row] = [
        row.delivery
        for row in chat.store.committed(MAIN).deliveries.values()
        if row.delivery.channel == "north"
    ]
    shown = {name: row.data[name] for name in ("text", "contact", "phone", "ticket", "is_mine")}
    assert shown == {
        "text": "渗水三次没人管",
        "contact": "wang",
        "phone": "",
        "ticket": "",
        "is_mine": False,
    }


def test_the_follow_up_of_an_alert_nobody_wrote_asks_nobody(chat: Chat) -> None:
    before = an_alert(state=AlertState.TAKEN, taken_by=MemberId("zhang"), review=None)
    after = replace(before, state=AlertState.RESOLVED)
    pushes = chat.acts(lambda ctx: list(react(ctx, AlertChanged(after, before))))
    assert [type(push) for push in pushes] == [ToCards]
