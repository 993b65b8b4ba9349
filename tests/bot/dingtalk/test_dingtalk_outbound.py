"""Sending, against the emulated platform: which way a message goes, and what may go wrong."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from bot.dingtalk.actioncard import press_link
from bot.dingtalk.answers import card_params
from bot.dingtalk.client import DingtalkClient
from bot.dingtalk.outbound import DingtalkOutbound
from bot.emulator.dingtalk import Limits, Push
from bot.emulator.faults import FaultKind
from bot.platform import CardNotUpdatable, CardUpdate, DeliveryError, Outgoing, Rendered
from domain.ids import CardKey, DeliveryId
from handlers.incoming import ReplyHandle
from tests.bot.dingtalk.stage import (
    CONFIG,
    CONVERSATION,
    LI,
    TEMPLATE,
    WANG,
    Emulated,
    StandingClock,
    half,
)

TICKET = "ABCDEFGHJKMNPQRSTVWXYZ0123"
TEXT = Rendered("help", "你好\n[x](javascript:y)")
CARD = Rendered(
    "alert_card",
    "文字版",
    {
        "title": "差评预警",
        "markdown": "滨江一期",
        "status": "待处理",
        "buttons": [{"text": "我来处理", "action": f"{TICKET}:take", "style": "primary"}],
        "form": None,
    },
)
DONE = replace(CARD, card={**(CARD.card or {}), "status": "已处理", "buttons": []})
BATCH, CREATE, SESSION = "batchSend", "createAndDeliver", "sendBySession"


class Sender:
    """An outbound with its clock, for one emulated platform."""

    def __init__(
        self, emulated: Emulated, timeout: httpx2.Timeout | None = None, **changes: Any
    ) -> None:
        self.emulated = emulated
        self.clock = StandingClock()
        config = emulated.config(**changes)
        self.client = DingtalkClient(
            config,
            None,
            clock=self.clock,
            jitter=half,
            timeout=timeout or httpx2.Timeout(5.0),
        )
        self.outbound = DingtalkOutbound(config, self.client, self.clock)

    def send(self, message: Rendered = TEXT, **changes: Any) -> Any:
        outgoing = Outgoing(DeliveryId("01JD01"), CONFIG.channel, LI, message, attempt=1)
        return self.outbound.send(replace(outgoing, **changes))

    def refused(self, message: Rendered = TEXT, **changes: Any) -> DeliveryError:
        with pytest.raises(DeliveryError) as error:
            self.send(message, **changes)
        return error.value

    def update(self, message: Rendered, card: str = "01JD01") -> Any:
        return self.outbound.update(CardUpdate(CardKey(card), CONFIG.channel, LI, message, None))

    def handle(self, group: str | None = None) -> ReplyHandle:
        """Give the reply address of a message somebody really sent."""
        push = self.emulated.do(self.emulated.platform.member_says(LI, "积分", group=group))
        assert isinstance(push, Push)
        url = push.payload["sessionWebhook"]
        return ReplyHandle(url, self.clock.now() + timedelta(minutes=90))


@pytest.fixture
def sender(emulated: Emulated) -> Iterator[Sender]:
    sender = Sender(emulated)
    yield sender
    sender.client.close()


@pytest.fixture
def carded(emulated: Emulated) -> Iterator[Sender]:
    """Have a card template."""
    sender = Sender(emulated, card_template_id=TEMPLATE)
    yield sender
    sender.client.close()


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


def test_t66_somebody_unknown_blocks_the_account(sender: Sender) -> None:
    error = sender.refused(external_id="0499999")

    assert (error.permanent, error.blocks_account) == (True, True)


def test_a_throttled_person_is_tried_again_later(sender: Sender) -> None:
    sender.emulated.platform.flow_controlled.add(LI)

    error = sender.refused()

    assert (error.code, error.permanent) == ("flow_controlled", False)
    assert error.retry_after == timedelta(seconds=30)
    assert sender.emulated.shown(LI) == []


def test_t65_an_expired_token_is_renewed_once_for_everybody(sender: Sender) -> None:
    sender.send()
    sender.emulated.platform.expire_token()
    before = len(sender.emulated.names("accessToken"))

    with ThreadPoolExecutor(16) as pool:
        sent = list(pool.map(lambda _: sender.send(), range(32)))

    assert len(sent) == 32
    assert len(sender.emulated.names("accessToken")) == before + 1
    assert len(sender.emulated.shown(LI)) == 33


@pytest.mark.parametrize(
    ("fault", "value", "permanent", "operator"),
    [
        (FaultKind.QUOTA_FULL, "qps", False, False),
        (FaultKind.QUOTA_FULL, None, True, True),
        (FaultKind.HTTP_STATUS, 500, False, False),
        (FaultKind.HTTP_STATUS, 504, False, False),
        (FaultKind.ERRCODE, "Forbidden.AccessDenied.AccessTokenPermissionDenied", True, True),
        (FaultKind.ERRCODE, "contain.unsafe.url", True, False),
    ],
)
def test_t66_a_refusal_says_whether_to_try_again(
    sender: Sender, fault: FaultKind, value: Any, *, permanent: bool, operator: bool
) -> None:
    sender.emulated.faults.arm("dingtalk.batchSend", fault, value=value, times=1)

    error = sender.refused()

    assert (error.permanent, error.is_operator_matter) == (permanent, operator)
    assert permanent or (error.retry_after or timedelta(0)) >= timedelta(seconds=1)
    assert sender.emulated.shown(LI) == []
    sender.send()
    assert len(sender.emulated.shown(LI)) == 1


@pytest.mark.parametrize("style", [None, "1111"])
def test_t68_a_ban_quiets_the_whole_channel_for_five_minutes(
    sender: Sender, style: str | None
) -> None:
    sender.send()
    sender.emulated.faults.arm("dingtalk.batchSend", FaultKind.HTML_BODY, value=style, times=1)

    first = sender.refused()
    calls = len(sender.emulated.platform.calls)
    sender.clock.forward(minutes=4)
    second = sender.refused(reply_handle=sender.handle())

    assert (first.code, first.permanent) == ("address_banned", False)
    assert first.retry_after == timedelta(seconds=330)
    assert second.retry_after == timedelta(seconds=90)
    assert len(sender.emulated.platform.calls) == calls
    sender.clock.forward(minutes=2)
    sender.send()
    assert len(sender.emulated.shown(LI)) == 2


def test_a_wrong_secret_is_the_operators_matter(emulated: Emulated) -> None:
    sender = Sender(emulated, client_secret=CONFIG.event_token)

    error = sender.refused()

    assert (error.code, error.permanent, error.is_operator_matter) == (
        "invalidClientIdOrSecret",
        True,
        True,
    )
    assert "secret" not in str(error).replace(error.code, "").lower()
    sender.client.close()


def test_a_platform_that_is_not_there_is_tried_again(sender: Sender) -> None:
    config = replace(CONFIG, api_base="http://127.0.0.1:1", oapi_base="http://127.0.0.1:1")
    client = DingtalkClient(config, None, clock=sender.clock, jitter=half)

    with pytest.raises(DeliveryError) as error:
        client.send_to_member(LI, "sampleText", '{"content":"x"}')

    assert (error.value.code, error.value.permanent) == ("network", False)
    assert error.value.__cause__ is None
    client.close()


def test_the_callback_address_is_registered_with_our_secret(emulated: Emulated) -> None:
    sender = Sender(emulated, mode="http", card_template_id=TEMPLATE)
    url = f"{emulated.url}/somewhere"

    sender.client.register_card_address(url)
    sender.client.register_card_address(url)
    sender.send(CARD)

    route = emulated.platform.cards.routes["zhufen-dingtalk-main"]
    assert (route.url, route.api_secret) == (url, CONFIG.card_secret)
    assert emulated.errors == []
    sender.client.close()


def test_a_login_code_names_its_member_once(sender: Sender) -> None:
    code = sender.emulated.platform.auth_code(WANG)

    assert sender.client.member_of(code) == WANG
    with pytest.raises(DeliveryError) as error:
        sender.client.member_of(code)

    assert (error.value.code, error.value.permanent) == ("40078", True)


def test_a_login_survives_an_expired_token(sender: Sender) -> None:
    sender.send()
    sender.emulated.platform.expire_token()

    assert sender.client.member_of(sender.emulated.platform.auth_code(LI)) == LI


def test_the_monthly_allowance_is_the_operators_matter() -> None:
    with Emulated(limits=Limits(calls_per_second=None, monthly_calls=1)) as emulated:
        sender = Sender(emulated)
        sender.send()

        error = sender.refused()

        assert (error.permanent, error.is_operator_matter) == (True, True)
        assert len(emulated.shown(LI)) == 1
        sender.client.close()


def test_what_goes_over_the_wire_is_json_text_inside_json(sender: Sender) -> None:
    sender.send(CARD)

    [call] = [c for c in sender.emulated.platform.calls if BATCH in c.name]
    assert call.params["userIds"] == [LI]
    assert json.loads(call.params["msgParam"])["singleURL"] == press_link(f"{TICKET}:take")
