"""The adapter against the emulated platform, which checks every byte it gets."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import httpx2
import pytest

from bot.emulator.faults import FaultKind
from bot.platform import CardNotUpdatable, DeliveryError, Outgoing, Rendered
from bot.wecom.kf import welcome_handle
from bot.wecom.webhook import GroupWebhook
from domain.ids import DeliveryId
from handlers.incoming import Entered, Pressed, PullWanted, Said, SendFailed, SessionChanged
from tests.bot.wecom.emulated import Emulated, Ground, in_band
from tests.bot.wecom.town import CARD, DELIVERY, Clock, a_card, a_notice, change, outgoing

TAKE = "01JABCDEFGHJKMNPQRSTVWXYZ0:take"
MENU = {
    "msgtype": "msgmenu",
    "msgmenu": {
        "head_content": "积分 1280",
        "list": [{"type": "click", "click": {"id": "t:yes", "content": "换 50 元券"}}],
    },
}


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with closing(Ground()) as ground:
        yield ground


@pytest.fixture
def town(ground: Ground, clock: Clock) -> Iterator[Emulated]:
    town = Emulated(ground, clock)
    yield town
    town.close()
    # Whatever a test does, the platform has found nothing wrong with what we sent.
    assert town.platform.protocol_errors == []


class TestMembers:
    def test_the_address_check_passes(self, town: Emulated) -> None:
        town.run(town.platform.verify_url())

        assert town.refused == []

    def test_a_word_is_answered_in_band(self, town: Emulated) -> None:
        town.reply = in_band(Rendered("balance", "积分 1280 ]]> &<b>"))

        outcome = town.run(town.platform.member_says("pm01", "余额"))

        assert outcome.accepted
        assert [item.content for item in town.incoming] == [Said("余额")]
        assert [bubble.body for bubble in town.shown("wecom:pm01")] == [
            {"text": "积分 1280 ]]> &<b>"}
        ]

    @pytest.mark.parametrize("event", ["enter_agent", "subscribe", "unsubscribe", "view"])
    def test_events_are_accepted(self, town: Emulated, event: str) -> None:
        town.reply = in_band(Rendered("help", "帮助"))

        assert town.run(town.platform.member_event("pm01", event)).accepted

    @pytest.mark.parametrize("kind", ["image", "voice", "video", "location", "link", "hologram"])
    def test_media_are_accepted(self, town: Emulated, kind: str) -> None:
        town.reply = in_band(Rendered("help", "帮助"))

        assert town.run(town.platform.member_sends("pm01", kind)).accepted
        assert len(town.shown("wecom:pm01")) == 1

    def test_a_card_is_sent_pressed_and_replaced_in_band(self, town: Emulated) -> None:
        sent = town.outbound.send(outgoing(a_card()))
        assert sent.card == CARD
        town.reply = in_band(Rendered("alert", "x", a_card_taken()), replaces_card=True)

        town.run(town.platform.member_presses("pm01", DELIVERY, TAKE, {"cause": ["quality"]}))

        (pressed,) = [item.content for item in town.incoming]
        assert isinstance(pressed, Pressed)
        assert (pressed.action, pressed.card) == (TAKE, CARD)
        assert pressed.form == {"cause": "quality"}
        (bubble,) = town.shown("wecom:pm01")
        assert bubble.version == 2
        assert bubble.body["main_title"] == {"title": "王总已接手"}

    def test_a_greyed_button_is_shown(self, town: Emulated) -> None:
        town.outbound.send(outgoing(a_card()))
        greyed = Rendered("alert", "x", {"button": {"replace_name": "已受理"}})
        town.reply = in_band(greyed, replaces_card=True)

        town.run(town.platform.member_presses("pm01", DELIVERY, TAKE))

        (bubble,) = town.shown("wecom:pm01")
        assert bubble.version == 2

    def test_a_card_is_changed_by_the_code_of_its_sending(self, town: Emulated) -> None:
        sent = town.outbound.send(outgoing(a_card()))

        town.outbound.update(change(a_card_taken(), sent.response_code))

        (bubble,) = town.shown("wecom:pm01")
        assert bubble.body["main_title"] == {"title": "王总已接手"}

    def test_a_code_works_once_and_each_click_brings_a_new_one(self, town: Emulated) -> None:
        sent = town.outbound.send(outgoing(a_card()))
        town.outbound.update(change({**a_card(), "sub_title_text": "1"}, sent.response_code))

        with pytest.raises(CardNotUpdatable):
            town.outbound.update(change(a_card_taken(), sent.response_code))

        town.run(town.platform.member_presses("pm01", DELIVERY, TAKE))
        (pressed,) = [item.content for item in town.incoming]
        assert isinstance(pressed, Pressed)
        town.outbound.update(change(a_card_taken(), pressed.response_code))
        (bubble,) = town.shown("wecom:pm01")
        assert bubble.body["main_title"] == {"title": "王总已接手"}

    def test_t70_a_code_dies_after_72_hours(self, town: Emulated, clock: Clock) -> None:
        sent = town.outbound.send(outgoing(a_card()))
        clock.pass_by(hours=72, seconds=1)

        with pytest.raises(CardNotUpdatable):
            town.outbound.update(change(a_card_taken(), sent.response_code))

        (bubble,) = town.shown("wecom:pm01")
        assert bubble.version == 1

    def test_t69_a_card_repeated_after_a_lost_answer_is_shown_once(self, town: Emulated) -> None:
        town.faults.arm("wecom.message.send", FaultKind.HANG_AFTER_ACCEPT, value=1.0, times=1)
        town.client._http._http.timeout = httpx2.Timeout(0.2)
        with pytest.raises(DeliveryError) as caught:
            town.outbound.send(outgoing(a_card()))
        assert (caught.value.code, caught.value.permanent) == ("timeout", False)
        town.client._http._http.timeout = httpx2.Timeout(5)

        town.outbound.send(outgoing(a_card(), attempt=2))

        assert len(town.shown("wecom:pm01")) == 1

    def test_an_unknown_member_is_told_apart(self, town: Emulated) -> None:
        with pytest.raises(DeliveryError) as caught:
            town.outbound.send(outgoing(to="nobody"))

        assert caught.value.blocks_account

    def test_an_expired_token_is_not_noticed(self, town: Emulated) -> None:
        town.outbound.send(outgoing())
        town.platform.tokens.revoke_all()

        town.outbound.send(outgoing(a_notice()))

        assert len(town.shown("wecom:pm01")) == 2

    def test_trouble_of_the_platform_is_temporary(self, town: Emulated) -> None:
        for kind, value in (
            (FaultKind.HTTP_STATUS, 502),
            (FaultKind.HTML_BODY, None),
            (FaultKind.ERRCODE, 45033),
        ):
            town.faults.arm("wecom.message.send", kind, value=value, times=1)
            with pytest.raises(DeliveryError) as caught:
                town.outbound.send(outgoing())
            assert not caught.value.permanent

        assert town.shown("wecom:pm01") == []

    def test_the_group_robot_posts(self, town: Emulated) -> None:
        with closing(GroupWebhook(town.webhook_url)) as webhook:
            webhook.send(outgoing(text="差评 1 星"))

        assert [bubble.body["text"] for bubble in town.shown("wecom-group:预警群")] == ["差评 1 星"]


class TestCustomers:
    def test_a_customer_who_comes_in_is_welcomed(self, town: Emulated) -> None:
        link = town.kf_account.contact_link("site", "bind-1")
        town.run(town.platform.customer_follows("wmWang", link, "bind-1"))
        (ping,) = town.incoming
        assert isinstance(ping.content, PullWanted)
        assert ping.channel == "kf"

        (page,) = town.puller.pages(None, ping.content.token)
        (entered,) = page.items
        assert isinstance(entered.content, Entered)
        assert entered.content.scene_param == "bind-1"
        assert entered.content.welcome_code is not None
        assert entered.reply_handle == welcome_handle(entered.content.welcome_code, entered.sent_at)

        sent = town.kf_outbound.send(outgoing(MENU, to=entered.sender, handle=entered.reply_handle))

        assert sent.platform_ref == DELIVERY
        assert [bubble.kind for bubble in town.shown("wechat:wmWang")] == ["menu"]

    def test_a_menu_item_comes_back_with_its_id(self, town: Emulated) -> None:
        town.run(town.platform.customer_says("wmWang", "余额"))
        town.kf_outbound.send(outgoing(MENU, to="wmWang"))
        (menu,) = town.shown("wechat:wmWang")

        town.run(town.platform.customer_presses("wmWang", menu, "t:yes"))

        assert [item.content for item in town.pulled()] == [
            Said("余额"),
            Said("换 50 元券", "t:yes"),
        ]

    def test_pages_lead_to_each_other(self, town: Emulated) -> None:
        for number in range(5):
            town.run(town.platform.customer_says("wmWang", str(number)))

        pages = list(town.puller.pages(None, None))

        assert [item.content for page in pages for item in page.items] == [
            Said(str(number)) for number in range(5)
        ]
        assert [page.items for page in town.puller.pages(pages[-1].next_cursor, None)] == [[]]

    def test_pulling_survives_an_empty_page(self, town: Emulated) -> None:
        town.run(town.platform.customer_says("wmWang", "余额"))
        (page,) = town.puller.pages(None, None)
        town.run(town.platform.customer_says("wmWang", "明细"))
        town.faults.arm("wecom.kf.sync_msg", FaultKind.DROP, times=1)

        items = [item for p in town.puller.pages(page.next_cursor, None) for item in p.items]

        assert [item.content for item in items] == [Said("明细")]

    def test_the_sixth_message_meets_the_allowance(self, town: Emulated) -> None:
        town.run(town.platform.customer_says("wmWang", "余额"))
        for number in range(5):
            town.kf_outbound.send(numbered(number))

        with pytest.raises(DeliveryError) as caught:
            town.kf_outbound.send(numbered(6))

        assert caught.value.obstacle == "allowance_used"
        assert len(town.shown("wechat:wmWang")) == 5

    def test_after_48_hours_the_window_is_closed(self, town: Emulated, clock: Clock) -> None:
        town.run(town.platform.customer_says("wmWang", "余额"))
        clock.pass_by(hours=48, seconds=1)

        with pytest.raises(DeliveryError) as caught:
            town.kf_outbound.send(outgoing(to="wmWang"))

        assert caught.value.obstacle == "window_closed"

    def test_a_conversation_handed_over_is_silent_for_the_bot(self, town: Emulated) -> None:
        town.run(town.platform.customer_says("wmWang", "转人工"))

        town.kf_account.hand_over("wmWang", "sup01")

        assert town.platform.kf_state("wmWang") == 3
        with pytest.raises(DeliveryError) as caught:
            town.kf_outbound.send(outgoing(to="wmWang"))
        assert caught.value.obstacle == "with_a_person"
        town.kf_account.hand_over("wmWang", "sup01")
        assert town.platform.kf_state("wmWang") == 3

    def test_a_person_taking_over_is_heard_of(self, town: Emulated) -> None:
        town.run(town.platform.customer_says("wmWang", "余额"))
        town.run(town.platform.set_kf_state("wmWang", 3, servicer="sup01", announce=True))

        assert SessionChanged("human") in [item.content for item in town.pulled()]

    def test_a_message_that_never_arrives_is_heard_of(self, town: Emulated) -> None:
        town.run(town.platform.customer_says("wmWang", "余额"))
        town.faults.arm("wecom.kf.send_msg", FaultKind.DELIVERY_FAILED, value=10, times=1)
        sent = town.kf_outbound.send(outgoing(to="wmWang"))
        town.run(town.platform.settle())

        assert sent.platform_ref == DELIVERY
        assert SendFailed(DELIVERY, "blocked") in [item.content for item in town.pulled()]
        assert town.shown("wechat:wmWang") == []


def a_card_taken() -> dict[str, object]:
    """Give the card as everybody sees it once somebody has taken the matter."""
    return {**a_card(), "main_title": {"title": "王总已接手"}, "replace_text": "已接手"}


def numbered(number: int) -> Outgoing:
    """Give a message with an id of its own."""
    return replace(outgoing(to="wmWang"), delivery=DeliveryId(f"{CARD[:-1]}{number}"))
