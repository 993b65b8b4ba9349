"""Messages and card changes to members."""

from typing import Any

import pytest

from bot.platform import CardNotUpdatable, DeliveryError, Sent
from bot.wecom import WecomConfig
from bot.wecom.client import WecomClient
from bot.wecom.outbound import WecomAppOutbound
from tests.bot.wecom.stub import StubWecom
from tests.bot.wecom.town import CARD, DELIVERY, a_card, a_notice, change, outgoing

SEND = "message/send"
UPDATE = "message/update_template_card"


@pytest.fixture
def outbound(client: WecomClient, config: WecomConfig) -> WecomAppOutbound:
    return WecomAppOutbound(client, config)


def posted(stub: StubWecom, path: str = SEND) -> dict[str, Any]:
    (request,) = stub.asked(path)
    return request.body


class TestText:
    def test_a_text_goes_to_one_member(self, outbound: WecomAppOutbound, stub: StubWecom) -> None:
        stub.will(SEND, {"errcode": 0, "msgid": "m-1"})

        sent = outbound.send(outgoing())

        assert sent == Sent(platform_ref="m-1")
        assert posted(stub) == {
            "touser": "pm01",
            "toparty": "",
            "totag": "",
            "agentid": 1000002,
            "msgtype": "text",
            "text": {"content": "积分 1280"},
        }

    def test_a_repeat_asks_the_platform_to_drop_duplicates_for_a_while(
        self, outbound: WecomAppOutbound, stub: StubWecom
    ) -> None:
        outbound.send(outgoing(attempt=2))

        body = posted(stub)
        assert (body["enable_duplicate_check"], body["duplicate_check_interval"]) == (1, 300)
        assert body["text"] == {"content": "积分 1280"}

    def test_a_long_text_is_cut_to_2048_bytes(
        self, outbound: WecomAppOutbound, stub: StubWecom
    ) -> None:
        outbound.send(outgoing(text="筑" * 1000))

        assert len(posted(stub)["text"]["content"].encode()) <= 2048


class TestCard:
    def test_an_interactive_card_is_named_after_its_delivery(
        self, outbound: WecomAppOutbound, stub: StubWecom
    ) -> None:
        stub.will(SEND, {"errcode": 0, "msgid": "m-1", "response_code": "rc-1"})
        card = a_card()

        sent = outbound.send(outgoing(card))

        assert sent == Sent(card=CARD, response_code="rc-1", platform_ref="m-1")
        body = posted(stub)
        assert body["template_card"] == {**a_card(), "task_id": DELIVERY}
        assert (body["enable_duplicate_check"], body["duplicate_check_interval"]) == (1, 1800)
        assert card == a_card()  # the rendered message is left as it was

    def test_a_repeat_is_the_same_request_so_that_the_platform_can_drop_it(
        self, outbound: WecomAppOutbound, stub: StubWecom
    ) -> None:
        outbound.send(outgoing(a_card()))
        outbound.send(outgoing(a_card(), attempt=2))

        first, second = stub.asked(SEND)
        assert first.body == second.body

    def test_a_notice_cannot_be_updated_later(
        self, outbound: WecomAppOutbound, stub: StubWecom
    ) -> None:
        stub.will(SEND, {"errcode": 0, "msgid": "m-1"})

        sent = outbound.send(outgoing(a_notice()))

        assert sent == Sent(platform_ref="m-1")
        assert posted(stub)["template_card"] == a_notice()

    def test_a_notice_with_a_menu_can(self, outbound: WecomAppOutbound, stub: StubWecom) -> None:
        stub.will(SEND, {"errcode": 0, "response_code": "rc-1"})
        menu = {"desc": "更多", "action_list": [{"text": "静音", "key": "t:mute"}]}

        sent = outbound.send(outgoing({**a_notice(), "action_menu": menu}))

        assert sent.card == CARD
        assert posted(stub)["template_card"]["task_id"] == DELIVERY


class TestT66Recipients:
    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (
                {"errcode": 0, "invaliduser": "pm01"},
                DeliveryError("invaliduser", permanent=True, blocks_account=True),
            ),
            (
                {"errcode": 0, "unlicenseduser": "pm01"},
                DeliveryError("unlicenseduser", permanent=True, is_operator_matter=True),
            ),
        ],
    )
    def test_success_that_reached_nobody_is_an_error(
        self,
        outbound: WecomAppOutbound,
        stub: StubWecom,
        answer: dict[str, Any],
        expected: DeliveryError,
    ) -> None:
        stub.will(SEND, answer)

        with pytest.raises(DeliveryError) as caught:
            outbound.send(outgoing())

        assert vars(caught.value) == vars(expected)

    @pytest.mark.parametrize(
        "to", ["", "@all", "pm01|pm02", "pm 01", "pm01\n", "p" * 65, "项目经理"]
    )
    def test_a_recipient_that_is_not_one_member_is_never_sent_to(
        self, outbound: WecomAppOutbound, stub: StubWecom, to: str
    ) -> None:
        with pytest.raises(DeliveryError) as sending:
            outbound.send(outgoing(to=to))
        with pytest.raises(DeliveryError) as updating:
            outbound.update(change(a_card(), "rc-1", to=to))

        for error in (sending.value, updating.value):
            assert (error.code, error.permanent) == ("bad_recipient", True)
        assert stub.requests == []


class TestUpdate:
    def test_a_card_is_changed_on_its_owners_phone(
        self, outbound: WecomAppOutbound, stub: StubWecom
    ) -> None:
        card = {**a_card(), "replace_text": "王总已接手"}

        sent = outbound.update(change(card, "rc-1"))

        assert sent == Sent(card=CARD)
        assert posted(stub, UPDATE) == {
            "userids": ["pm01"],
            "agentid": 1000002,
            "response_code": "rc-1",
            "template_card": {**card, "task_id": DELIVERY},
        }

    def test_a_button_is_greyed(self, outbound: WecomAppOutbound, stub: StubWecom) -> None:
        outbound.update(change({"button": {"replace_name": "已受理"}}, "rc-1"))

        body = posted(stub, UPDATE)
        assert body["button"] == {"replace_name": "已受理"}
        assert "template_card" not in body

    def test_t70_a_used_or_old_code_asks_for_a_new_message(
        self, outbound: WecomAppOutbound, stub: StubWecom
    ) -> None:
        stub.will(UPDATE, {"errcode": 60140})

        with pytest.raises(CardNotUpdatable) as caught:
            outbound.update(change(a_card(), "rc-used"))

        assert (caught.value.code, caught.value.permanent) == ("60140", True)

    @pytest.mark.parametrize(
        ("card", "code", "why"),
        [
            (a_card(), None, "no_response_code"),
            (a_card(), "", "no_response_code"),
            (None, "rc", "no_card"),
        ],
    )
    def test_nothing_is_asked_without_code_or_card(
        self,
        outbound: WecomAppOutbound,
        stub: StubWecom,
        card: dict[str, Any] | None,
        code: str | None,
        why: str,
    ) -> None:
        with pytest.raises(CardNotUpdatable) as caught:
            outbound.update(change(card, code))

        assert caught.value.code == why
        assert stub.requests == []
