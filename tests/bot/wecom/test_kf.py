"""Messages to customers, handing over, links."""

from datetime import timedelta
from typing import Any

import pytest

from bot.platform import CardNotUpdatable, DeliveryError, Sent
from bot.wecom import KfConfig, WecomConfig
from bot.wecom.client import WecomClient
from bot.wecom.kf import KfAccount, KfOutbound, welcome_handle
from handlers.incoming import ReplyHandle
from tests.bot.wecom.stub import StubWecom
from tests.bot.wecom.town import DELIVERY, Clock, a_card, change, outgoing

SEND = "kf/send_msg"
ON_EVENT = "kf/send_msg_on_event"
TRANS = "kf/service_state/trans"
MENU = {
    "msgtype": "msgmenu",
    "msgmenu": {
        "head_content": "积分 1280",
        "list": [{"type": "click", "click": {"id": "t:yes", "content": "换"}}],
    },
}


@pytest.fixture
def kf(config: WecomConfig) -> KfConfig:
    assert config.kf is not None
    return config.kf


@pytest.fixture
def outbound(client: WecomClient, kf: KfConfig, clock: Clock) -> KfOutbound:
    return KfOutbound(client, kf, clock)


@pytest.fixture
def account(client: WecomClient, kf: KfConfig) -> KfAccount:
    return KfAccount(client, kf)


def posted(stub: StubWecom, path: str) -> dict[str, Any]:
    (request,) = stub.asked(path)
    return request.body


class TestSend:
    def test_a_text_carries_the_delivery_as_its_id(
        self, outbound: KfOutbound, stub: StubWecom
    ) -> None:
        stub.will(SEND, {"errcode": 0, "msgid": DELIVERY})

        assert outbound.send(outgoing(to="wmWang")) == Sent(platform_ref=DELIVERY)
        assert posted(stub, SEND) == {
            "touser": "wmWang",
            "open_kfid": "wkDEMO",
            "msgid": DELIVERY,
            "msgtype": "text",
            "text": {"content": "积分 1280"},
        }

    def test_a_menu_is_sent_as_rendered(self, outbound: KfOutbound, stub: StubWecom) -> None:
        outbound.send(outgoing(MENU, to="wmWang"))

        body = posted(stub, SEND)
        assert (body["msgtype"], body["msgmenu"]) == ("msgmenu", MENU["msgmenu"])

    @pytest.mark.parametrize(
        ("code", "obstacle"),
        [
            (95001, "allowance_used"),
            (95002, "window_closed"),
            (95013, "session_ended"),
            (95018, "with_a_person"),
        ],
    )
    def test_a_customer_out_of_reach_is_an_obstacle(
        self, outbound: KfOutbound, stub: StubWecom, code: int, obstacle: str
    ) -> None:
        stub.will(SEND, {"errcode": code})

        with pytest.raises(DeliveryError) as caught:
            outbound.send(outgoing(to="wmWang"))

        assert (caught.value.obstacle, caught.value.is_operator_matter) == (obstacle, False)

    def test_a_repeat_refused_as_a_request_may_have_arrived_before(
        self, outbound: KfOutbound, stub: StubWecom
    ) -> None:
        stub.will(SEND, {"errcode": 40058})

        for attempt, code in ((1, "40058"), (2, "maybe_sent")):
            with pytest.raises(DeliveryError) as caught:
                outbound.send(outgoing(to="wmWang", attempt=attempt))
            assert (caught.value.code, caught.value.permanent) == (code, True)

    def test_nothing_can_be_changed(self, outbound: KfOutbound, stub: StubWecom) -> None:
        with pytest.raises(CardNotUpdatable):
            outbound.update(change(a_card(), "rc-1"))

        assert stub.requests == []


class TestWelcome:
    def test_a_fresh_welcome_goes_by_its_code(
        self, outbound: KfOutbound, stub: StubWecom, clock: Clock
    ) -> None:
        handle = welcome_handle("wc-1", clock.now())
        clock.pass_by(seconds=17)

        outbound.send(outgoing(MENU, to="wmWang", handle=handle))

        assert posted(stub, ON_EVENT) == {"code": "wc-1", "msgid": DELIVERY, **MENU}
        assert stub.asked(SEND) == []

    def test_a_late_welcome_is_an_ordinary_message(
        self, outbound: KfOutbound, stub: StubWecom, clock: Clock
    ) -> None:
        handle = welcome_handle("wc-1", clock.now())
        clock.pass_by(seconds=18)

        outbound.send(outgoing(to="wmWang", handle=handle))

        assert stub.asked(ON_EVENT) == []
        assert posted(stub, SEND)["touser"] == "wmWang"

    def test_another_platforms_handle_is_not_a_welcome(
        self, outbound: KfOutbound, stub: StubWecom, clock: Clock
    ) -> None:
        handle = ReplyHandle("https://example.com", clock.now() + timedelta(hours=1))

        outbound.send(outgoing(to="wmWang", handle=handle))

        assert len(stub.asked(SEND)) == 1


class TestHandingOver:
    def test_a_conversation_goes_to_whoever_is_free(
        self, account: KfAccount, stub: StubWecom
    ) -> None:
        account.hand_over("wmWang")

        assert posted(stub, TRANS) == {
            "open_kfid": "wkDEMO",
            "external_userid": "wmWang",
            "service_state": 2,
        }

    def test_a_conversation_goes_to_the_named_person(
        self, account: KfAccount, stub: StubWecom
    ) -> None:
        account.hand_over("wmWang", "sup01")

        body = posted(stub, TRANS)
        assert (body["service_state"], body["servicer_userid"]) == (3, "sup01")

    @pytest.mark.parametrize("state", [2, 3])
    def test_handing_over_again_changes_nothing(
        self, account: KfAccount, stub: StubWecom, state: int
    ) -> None:
        stub.will(TRANS, {"errcode": 95016})
        stub.will("kf/service_state/get", {"errcode": 0, "service_state": state})

        account.hand_over("wmWang")

        assert len(stub.asked(TRANS)) == 1

    @pytest.mark.parametrize(("code", "state"), [(95016, 4), (95016, 1), (95014, 3)])
    def test_a_refusal_is_told(
        self, account: KfAccount, stub: StubWecom, code: int, state: int
    ) -> None:
        stub.will(TRANS, {"errcode": code})
        stub.will("kf/service_state/get", {"errcode": 0, "service_state": state})

        with pytest.raises(DeliveryError) as caught:
            account.hand_over("wmWang")

        assert caught.value.code == str(code)


class TestLink:
    def test_a_link_carries_scene_and_parameter(self, account: KfAccount, stub: StubWecom) -> None:
        stub.will("kf/add_contact_way", {"errcode": 0, "url": "https://work.example/kf?enc=1"})

        link = account.contact_link("site", "绑 1&x")

        assert link == "https://work.example/kf?enc=1&scene_param=%E7%BB%91%201%26x"
        assert posted(stub, "kf/add_contact_way") == {"open_kfid": "wkDEMO", "scene": "site"}

    def test_a_bare_link_is_given_as_it_is(self, account: KfAccount, stub: StubWecom) -> None:
        stub.will("kf/add_contact_way", {"errcode": 0, "url": "https://work.example/kf"})

        assert account.contact_link("site") == "https://work.example/kf"
        assert account.contact_link("site", "p") == "https://work.example/kf?scene_param=p"

    @pytest.mark.parametrize(
        ("scene", "parameter"), [("", None), ("s" * 33, None), ("a b", None), ("s", "p" * 129)]
    )
    def test_what_the_platform_would_refuse_is_not_asked(
        self, account: KfAccount, stub: StubWecom, scene: str, parameter: str | None
    ) -> None:
        with pytest.raises(ValueError, match="scene"):
            account.contact_link(scene, parameter)

        assert stub.requests == []

    def test_an_answer_without_a_link_is_temporary(self, account: KfAccount) -> None:
        with pytest.raises(DeliveryError) as caught:
            account.contact_link("site")

        assert (caught.value.code, caught.value.permanent) == ("bad_answer", False)
