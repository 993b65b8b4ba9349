"""Passive replies, opened by the tests' own code as WeCom would open them."""

from typing import Any

import pytest
import xmltodict

from bot.platform import HttpAnswer, Rendered
from bot.wecom.callbacks import WecomCallbacks
from handlers.incoming import Incoming, Pressed
from tests.bot.wecom.envelope import Envelope
from tests.bot.wecom.town import CORP, NOW, a_card, xml


def incoming_of(callbacks: WecomCallbacks, envelope: Envelope, name: str) -> Incoming:
    posted = envelope.post(xml(name), NOW)
    return callbacks.read(posted.query, posted.body)


def opened(envelope: Envelope, answer: HttpAnswer | None) -> dict[str, Any]:
    assert answer is not None
    assert answer.status == 200
    reply: dict[str, Any] = xmltodict.parse(envelope.open_reply(answer.body))["xml"]
    assert (reply["ToUserName"], reply["FromUserName"]) == ("pm01", CORP)
    assert reply["CreateTime"] == str(NOW)
    return reply


def replied(
    callbacks: WecomCallbacks, envelope: Envelope, name: str, message: Rendered
) -> dict[str, Any]:
    incoming = incoming_of(callbacks, envelope, name)
    return opened(envelope, callbacks.answer(incoming, message, replaces_card=True))


def test_an_acknowledgement_shows_nothing(callbacks: WecomCallbacks) -> None:
    assert callbacks.acknowledge() == HttpAnswer(status=200, body=b"")


class TestText:
    @pytest.mark.parametrize(
        "name",
        [
            "message_text",
            "message_voice",
            "message_unknown",
            "event_click",
            "event_enter_agent",
            "event_subscribe",
        ],
    )
    def test_a_person_is_answered_in_band(
        self, callbacks: WecomCallbacks, envelope: Envelope, name: str
    ) -> None:
        reply = replied(callbacks, envelope, name, Rendered("balance", "积分 1280"))

        assert (reply["MsgType"], reply["Content"]) == ("text", "积分 1280")

    def test_a_long_text_is_cut_between_characters(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        for offset in range(3):
            text = "a" * offset + "筑" * 2000
            reply = replied(callbacks, envelope, "message_text", Rendered("v", text))
            assert 2042 < len(reply["Content"].encode()) <= 2048
            assert text.startswith(reply["Content"].removesuffix("…"))

    def test_text_cannot_leave_its_element(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        hostile = "a]]><MsgType>image</MsgType><![CDATA[b]]"

        reply = replied(callbacks, envelope, "message_text", Rendered("v", hostile))

        assert (reply["MsgType"], reply["Content"]) == ("text", hostile)

    def test_characters_xml_forbids_are_left_out(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        reply = replied(callbacks, envelope, "message_text", Rendered("v", "a\x00b\x1f\ud800c"))

        assert reply["Content"] == "abc"


class TestCard:
    def test_a_press_is_answered_by_the_changed_card(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        message = Rendered("alert", "plain", {**a_card(), "replace_text": "已接手"})

        reply = replied(callbacks, envelope, "event_card_button", message)

        assert reply["MsgType"] == "update_template_card"
        assert reply["TemplateCard"] == {
            "CardType": "button_interaction",
            "TaskId": "01JZZZZZZZZZZZZZZZZZZZZZZZ",
            "Source": {"Desc": "预警", "DescColor": "2"},
            "MainTitle": {"Title": "差评 1 星", "Desc": "滨江一期 · 王女士"},
            "HorizontalContentList": [
                {"KeyName": "客户", "Value": "滨江置业"},
                {
                    "KeyName": "详情",
                    "Value": "打开",
                    "Type": "1",
                    "Url": "https://example.com/app/alerts/1",
                },
            ],
            "ButtonSelection": {
                "QuestionKey": "cause",
                "Title": "原因",
                "SelectedId": "late",
                "OptionList": [{"Id": "late", "Text": "工期"}, {"Id": "quality", "Text": "质量"}],
            },
            "ButtonList": [
                {"Text": "我来处理", "Style": "1", "Key": "01JABCDEFGHJKMNPQRSTVWXYZ0:take"},
                {"Text": "转给别人", "Style": "2", "Key": "01JABCDEFGHJKMNPQRSTVWXYZ0:pass"},
            ],
            "ReplaceText": "已接手",
        }

    def test_the_odd_names_are_spelt_as_the_platform_spells_them(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        card = {
            "card_type": "vote_interaction",
            "quote_area": {"type": 2, "appid": "wx1", "pagepath": "/a"},
            "horizontal_content_list": [{"type": 3, "keyname": "人", "userid": "pm01"}],
            "checkbox": {
                "question_key": "q",
                "disable": True,
                "option_list": [{"id": "a", "text": "好", "is_checked": False}],
            },
            "card_image": {"url": "https://example.com/i", "aspect_ratio": 1.3},
            "vertical_content_list": [],
            "replace_text": None,
        }

        reply = replied(callbacks, envelope, "event_card_menu", Rendered("v", "plain", card))

        assert reply["TemplateCard"] == {
            "CardType": "vote_interaction",
            "TaskId": "01JZZZZZZZZZZZZZZZZZZZZZZZ",
            "QuoteArea": {"Type": "2", "AppId": "wx1", "PagePath": "/a"},
            "HorizontalContentList": {"Type": "3", "KeyName": "人", "UserId": "pm01"},
            "CheckBox": {
                "QuestionKey": "q",
                "Disable": "true",
                "OptionList": {"Id": "a", "Text": "好", "IsChecked": "false"},
            },
            "CardImage": {"Url": "https://example.com/i", "AspectRatio": "1.3"},
        }

    def test_a_button_can_be_greyed_alone(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        message = Rendered("alert", "plain", {"button": {"replace_name": "已受理]]>"}})

        reply = replied(callbacks, envelope, "event_card_button", message)

        assert reply["MsgType"] == "update_button"
        assert reply["Button"] == {"ReplaceName": "已受理]]>"}

    def test_card_texts_cannot_leave_their_element(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        hostile = "x]]></Title></MainTitle><CardType>evil</CardType><![CDATA["
        card = {"card_type": "text_notice", "main_title": {"title": hostile}}

        reply = replied(callbacks, envelope, "event_card_button", Rendered("v", "plain", card))

        assert reply["TemplateCard"]["MainTitle"] == {"Title": hostile}
        assert reply["TemplateCard"]["CardType"] == "text_notice"

    @pytest.mark.parametrize("name", ["a b", "a>", "1a", ""])
    def test_a_field_name_that_is_no_name_is_refused(
        self, callbacks: WecomCallbacks, envelope: Envelope, name: str
    ) -> None:
        incoming = incoming_of(callbacks, envelope, "event_card_button")
        message = Rendered("v", "plain", {"card_type": "text_notice", name: "x"})

        with pytest.raises(ValueError, match="not a field name"):
            callbacks.answer(incoming, message, replaces_card=True)


class TestNotInBand:
    @pytest.mark.parametrize("name", ["message_text", "event_click", "event_enter_agent"])
    def test_a_new_card_must_be_sent(
        self, callbacks: WecomCallbacks, envelope: Envelope, name: str
    ) -> None:
        incoming = incoming_of(callbacks, envelope, name)
        message = Rendered("alert", "plain", a_card())

        assert callbacks.answer(incoming, message, replaces_card=False) is None
        assert callbacks.answer(incoming, message, replaces_card=True) is None

    def test_a_press_that_leaves_its_card_is_answered_by_a_message(
        self, callbacks: WecomCallbacks, envelope: Envelope
    ) -> None:
        incoming = incoming_of(callbacks, envelope, "event_card_button")
        assert isinstance(incoming.content, Pressed)

        card, text = Rendered("v", "plain", a_card()), Rendered("v", "plain")

        assert callbacks.answer(incoming, card, replaces_card=False) is None
        assert callbacks.answer(incoming, text, replaces_card=True) is None

    @pytest.mark.parametrize(
        "name",
        [
            "event_unsubscribe",
            "event_member_deleted",
            "event_view",
            "event_unknown",
            "event_batch_job",
            "event_kf_ping",
        ],
    )
    def test_what_no_person_said_is_not_answered(
        self, callbacks: WecomCallbacks, envelope: Envelope, name: str
    ) -> None:
        incoming = incoming_of(callbacks, envelope, name)

        assert callbacks.answer(incoming, Rendered("v", "plain"), replaces_card=False) is None
