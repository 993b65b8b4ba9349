"""Which way a message goes, against the emulated platform."""

import json
from datetime import timedelta

import httpx2
import pytest
from structlog.testing import capture_logs

from bot.dingtalk.actioncard import press_link
from bot.dingtalk.answers import card_params
from bot.emulator.dingtalk import Push
from bot.emulator.faults import FaultKind
from bot.platform import CardNotUpdatable
from handlers.incoming import ReplyHandle
from tests.bot.dingtalk.sender import BATCH, CARD, DONE, SESSION, TEXT, TICKET, Sender
from tests.bot.dingtalk.stage import CONVERSATION, LI, TEMPLATE, WANG, Emulated


def test_a_text_arrives_literally(sender: Sender) -> None:
    sent = sender.send()

    [bubble] = sender.emulated.shown(LI)
    assert (bubble.kind, bubble.body) == ("text", {"text": TEXT.text})
    assert sent.platform_ref
    assert sent.card is None
    assert sender.emulated.shown(WANG) == []
    assert sender.emulated.errors == []


def test_a_card_without_template_becomes_buttons_that_type(sender: Sender) -> None:
    sent = sender.send(CARD)

    [bubble] = sender.emulated.shown(LI)
    assert bubble.kind == "actioncard"
    assert bubble.body["buttons"] == [{"title": "我来处理", "url": press_link(f"{TICKET}:take")}]
    assert sent.card is None
    assert sender.emulated.errors == []


def test_pressing_such_a_button_says_the_action(sender: Sender) -> None:
    sender.send(CARD)
    [bubble] = sender.emulated.shown(LI)

    push = sender.emulated.do(
        sender.emulated.platform.member_opens_link(LI, bubble.body["buttons"][0]["url"])
    )

    assert isinstance(push, Push)
    assert push.payload["text"]["content"] == f"/按 {TICKET}:take"


def test_a_card_with_template_is_delivered_and_can_be_changed(carded: Sender) -> None:
    sent = carded.send(CARD)
    [bubble] = carded.emulated.shown(LI)
    assert (bubble.kind, bubble.key, sent.card) == ("card", "01JD01", "01JD01")
    assert bubble.body["data"] == card_params(CARD)

    carded.update(DONE)

    [changed] = carded.emulated.shown(LI)
    assert changed.body["data"] == card_params(DONE)
    assert carded.emulated.errors == []


def test_a_card_goes_to_the_person_even_when_an_answer_there_is_possible(carded: Sender) -> None:
    carded.send(CARD, reply_handle=carded.handle())

    assert [b.kind for b in carded.emulated.shown(LI)] == ["card"]
    assert carded.emulated.names(SESSION) == []


def test_t69_t75_a_repeat_of_a_delivery_makes_no_second_card(emulated: Emulated) -> None:
    carded = Sender(emulated, httpx2.Timeout(0.2), card_template_id=TEMPLATE)
    emulated.faults.arm("dingtalk.card.create", FaultKind.HANG_AFTER_ACCEPT, value=0.6, times=1)

    error = carded.refused(CARD)
    again = carded.send(CARD, attempt=2)

    assert (error.code, error.permanent) == ("timeout", False)
    assert again.card == "01JD01"
    assert len(emulated.shown(LI)) == 1
    carded.client.close()


def test_a_card_for_somebody_who_is_not_there_is_refused_although_http_says_ok(
    carded: Sender,
) -> None:
    error = carded.refused(CARD, external_id="0499999")

    assert (error.code, error.permanent) == ("card_not_delivered", True)
    assert carded.emulated.names(BATCH) == []


def test_a_template_the_platform_refuses_costs_nobody_the_message(emulated: Emulated) -> None:
    sender = Sender(emulated, card_template_id="99999999.schema")

    with capture_logs() as logs:
        sent = sender.send(CARD)

    assert [b.kind for b in emulated.shown(LI)] == ["actioncard"]
    assert sent.card is None
    assert ("dingtalk_template_refused", "param.templateNotExist") in [
        (line["event"], line.get("code")) for line in logs
    ]
    sender.client.close()


def test_without_a_template_no_card_can_be_changed(sender: Sender) -> None:
    with pytest.raises(CardNotUpdatable):
        sender.update(DONE)

    assert sender.emulated.platform.calls == []


def test_t70_a_card_that_is_not_there_asks_for_a_new_message(carded: Sender) -> None:
    with pytest.raises(CardNotUpdatable) as error:
        carded.update(DONE, card="never-sent")

    assert error.value.permanent


def test_an_answer_goes_where_the_message_came_from(sender: Sender) -> None:
    handle = sender.handle(group=CONVERSATION)

    sender.send(reply_handle=handle)

    assert [b.body["text"] for b in sender.emulated.shown(LI) if b.kind == "text"][-1] == TEXT.text
    assert sender.emulated.shown(WANG)[-1].body["text"] == TEXT.text
    assert sender.emulated.names(BATCH) == []
    assert sender.emulated.errors == []


def test_an_answer_there_may_have_buttons(sender: Sender) -> None:
    sender.send(CARD, reply_handle=sender.handle())

    assert sender.emulated.shown(LI)[-1].kind == "actioncard"
    assert sender.emulated.errors == []


def test_an_ended_session_falls_back_to_a_message(sender: Sender) -> None:
    handle = sender.handle()
    sender.emulated.platform.end_sessions()

    sender.send(reply_handle=handle)

    assert [b.body["text"] for b in sender.emulated.shown(LI)] == [TEXT.text]
    assert len(sender.emulated.names(BATCH)) == 1


def test_an_expired_address_is_not_even_called(sender: Sender) -> None:
    handle = sender.handle()
    sender.clock.forward(minutes=91)

    sender.send(reply_handle=handle)

    assert sender.emulated.names(SESSION) == []
    assert len(sender.emulated.shown(LI)) == 1


def test_a_refusal_there_that_is_not_the_end_is_told(sender: Sender) -> None:
    sender.emulated.faults.arm("dingtalk.session", FaultKind.ERRCODE, value=-1, times=1)

    error = sender.refused(reply_handle=sender.handle())

    assert (error.code, error.permanent) == ("-1", False)
    assert sender.emulated.names(BATCH) == []


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/", "http://127.0.0.1:1/x", "https://evil.example/"]
)
def test_t71_an_address_elsewhere_is_not_called_and_noted(sender: Sender, url: str) -> None:
    handle = ReplyHandle(url, sender.clock.now() + timedelta(minutes=90))

    with capture_logs() as logs:
        sender.send(reply_handle=handle)

    assert len(sender.emulated.names(BATCH)) == 1
    assert "dingtalk_webhook_refused" in [line["event"] for line in logs]


def test_an_outsider_is_answered_there_or_not_at_all(sender: Sender) -> None:
    account = "outsider:$:LWCP_v1:$ou"

    sender.send(external_id=account, reply_handle=sender.handle())
    error = sender.refused(external_id=account)

    assert (error.code, error.permanent, error.blocks_account) == ("outsider", True, False)
    assert len(sender.emulated.names(SESSION)) == 1
    assert sender.emulated.names(BATCH) == []


def test_a_group_is_addressed_by_its_conversation(carded: Sender) -> None:
    carded.send(CARD, external_id=f"group:{CONVERSATION}")

    assert [b.kind for b in carded.emulated.shown(WANG)] == ["actioncard"]
    assert carded.emulated.errors == []


def test_what_goes_over_the_wire_is_json_text_inside_json(sender: Sender) -> None:
    sender.send(CARD)

    [call] = [c for c in sender.emulated.platform.calls if BATCH in c.name]
    assert call.params["userIds"] == [LI]
    assert json.loads(call.params["msgParam"])["singleURL"] == press_link(f"{TICKET}:take")
