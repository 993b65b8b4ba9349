"""Robot messages over HTTP: what is let in, and what it says."""

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.dingtalk.signing import robot_sign
from bot.platform import Rejected
from handlers.incoming import (
    Content,
    MediaKind,
    QuotaExhausted,
    Said,
    SentMedia,
    Unsupported,
)
from tests.bot.dingtalk.stage import CONFIG, NOW, StandingClock, body_of, fixture

SECRET = CONFIG.client_secret.get_secret_value()


def signed(seconds: float = 0, secret: str = SECRET) -> dict[str, str]:
    timestamp = str(int((NOW + timedelta(seconds=seconds)).timestamp() * 1000))
    return {"Timestamp": timestamp, "Sign": robot_sign(timestamp, secret)}


def refused(callbacks: DingtalkCallbacks, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    with pytest.raises(Rejected) as refusal:
        callbacks.read_robot(headers, body)
    return refusal.value.status, refusal.value.reason


def test_a_signed_text_is_said(callbacks: DingtalkCallbacks) -> None:
    incoming = callbacks.read_robot(signed(), body_of(fixture("robot_text")))

    assert incoming.channel == CONFIG.channel
    assert incoming.source_id == "robot:msgAb12=="
    assert incoming.sender == "0412337"
    assert incoming.sent_at == NOW
    assert incoming.content == Said("积分")
    assert not incoming.in_group
    assert incoming.is_mentioned
    assert incoming.reply_handle is not None
    assert incoming.reply_handle.expires_at == NOW + timedelta(seconds=5400)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"timestamp": str(int(NOW.timestamp() * 1000))},
        {"sign": "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA="},
        signed(secret="another"),
        {**signed(), "Timestamp": "1795300000001"},
        {**signed(), "Sign": "签名"},
    ],
)
def test_t01_a_wrong_signature_is_refused_before_the_body_is_read(
    callbacks: DingtalkCallbacks, headers: dict[str, str]
) -> None:
    with capture_logs() as logs:
        assert refused(callbacks, headers, b"[" * 60_000) == (401, "signature")

    assert logs == []


@pytest.mark.parametrize("seconds", [-3600, -301, 301])
def test_t02_a_stale_message_is_refused(callbacks: DingtalkCallbacks, seconds: int) -> None:
    body = body_of(fixture("robot_text"))

    assert refused(callbacks, signed(seconds), body) == (401, "stale")


def test_t03_a_repeat_carries_the_same_source_id(callbacks: DingtalkCallbacks) -> None:
    headers, body = signed(), body_of(fixture("robot_text"))

    assert callbacks.read_robot(headers, body) == callbacks.read_robot(headers, body)


def test_two_real_messages_may_share_a_signature(callbacks: DingtalkCallbacks) -> None:
    headers = signed()
    first = callbacks.read_robot(headers, body_of(fixture("robot_text")))
    second = callbacks.read_robot(headers, body_of(fixture("robot_text", msgId="msgOther==")))

    assert first.source_id != second.source_id


def test_t14_a_body_over_64_kib_is_refused_unsigned_or_signed(callbacks: DingtalkCallbacks) -> None:
    body = b" " * (64 * 1024 + 1)

    assert refused(callbacks, {}, body) == (413, "too_large")
    assert refused(callbacks, signed(), body) == (413, "too_large")


@pytest.mark.parametrize(
    "body", [b'{"a":NaN}', b'{"msgId":"1","msgId":"2"}', b"[" * 60_000, b"[]", b""]
)
def test_t15_a_signed_body_that_is_no_json_is_refused(
    callbacks: DingtalkCallbacks, body: bytes
) -> None:
    assert refused(callbacks, signed(), body)[0] == 400


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"chatbotCorpId": "dingother"}, "foreign_corp"),
        ({"chatbotCorpId": None}, "foreign_corp"),
        ({"chatbotCorpId": ""}, "foreign_corp"),
        ({"chatbotCorpId": ["dingcorp0001"]}, "foreign_corp"),
        ({"senderCorpId": "dingother"}, "foreign_corp"),
        ({"senderCorpId": None}, "foreign_corp"),
        ({"robotCode": "dingother"}, "foreign_robot"),
        ({"robotCode": None}, "foreign_robot"),
    ],
)
def test_t17_another_company_or_robot_is_refused(
    callbacks: DingtalkCallbacks, changes: dict[str, Any], reason: str
) -> None:
    body = body_of(fixture("robot_text", **changes))

    assert refused(callbacks, signed(), body) == (403, reason)


@pytest.mark.parametrize("changes", [{"msgId": None}, {"msgId": 5}, {"msgId": "m" * 300}])
def test_a_message_without_a_usable_id_is_refused(
    callbacks: DingtalkCallbacks, changes: dict[str, Any]
) -> None:
    body = body_of(fixture("robot_text", **changes))

    assert refused(callbacks, signed(), body) == (400, "no_msgId")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("robot_text", Said("积分")),
        ("robot_text_in_content", Said("积分")),
        ("robot_group_text", Said("积分")),
        ("robot_rich_text", Said("滨江一期 主体昨天验收通过")),
        ("robot_rich_picture", SentMedia(MediaKind.IMAGE, reference="dl1")),
        ("robot_picture", SentMedia(MediaKind.IMAGE, reference="dl2")),
        ("robot_video", SentMedia(MediaKind.VIDEO, reference="dl4")),
        ("robot_file", SentMedia(MediaKind.FILE, reference="dl5")),
        (
            "robot_audio",
            SentMedia(MediaKind.VOICE, reference="dl3", recognition="滨江一期主体昨天验收通过"),
        ),
        ("robot_unknown", Unsupported("unknownMsgType", is_message=True)),
        ("robot_over_quota", QuotaExhausted()),
        ("robot_outsider", Said("你好")),
    ],
)
def test_every_kind_of_message_is_read(
    callbacks: DingtalkCallbacks, name: str, content: Content
) -> None:
    assert callbacks.robot_incoming(fixture(name)).content == content


@pytest.mark.parametrize(
    "changes",
    [
        {"msgtype": None},
        {"msgtype": 5},
        {"msgtype": "text", "text": None},
        {"msgtype": "text", "text": "plain"},
        {"msgtype": "text", "text": {"content": ["x"]}},
        {"msgtype": "richText", "content": {"richText": "x"}},
        {"msgtype": "richText", "content": {"richText": [None, 1, "x", {}]}},
        {"msgtype": "richText", "content": []},
        {"msgtype": "audio", "content": None},
        {"msgtype": "future", "content": {"new": True}, "unheardOf": [1, 2]},
        {"createAt": "soon"},
        {"createAt": True},
        {"createAt": -5},
        {"createAt": 10**18},
        {"sessionWebhook": {"url": 1}},
        {"sessionWebhookExpiredTime": "later"},
        {"conversationType": 1},
        {"isInAtList": "yes"},
    ],
)
def test_t16_unexpected_fields_are_survived(
    callbacks: DingtalkCallbacks, changes: dict[str, Any]
) -> None:
    incoming = callbacks.robot_incoming(fixture("robot_text", **changes))

    assert incoming.sender == "0412337"
    assert incoming.sent_at == NOW


@pytest.mark.parametrize("text", ["", "   ", "\u3000\n", " 👍 "])
def test_t20_an_empty_text_is_said_as_it_is(callbacks: DingtalkCallbacks, text: str) -> None:
    incoming = callbacks.robot_incoming(fixture("robot_text", text={"content": text}))

    assert incoming.content == Said(text.strip())


def test_t21_twenty_thousand_characters_are_accepted(callbacks: DingtalkCallbacks) -> None:
    text = "长" * 20_000

    incoming = callbacks.read_robot(
        signed(), body_of(fixture("robot_text", text={"content": text}))
    )

    assert incoming.content == Said(text)


def test_a_group_message_says_whether_it_mentions_the_robot(callbacks: DingtalkCallbacks) -> None:
    mentioned = callbacks.robot_incoming(fixture("robot_group_text"))
    overheard = callbacks.robot_incoming(fixture("robot_group_text", isInAtList=False))

    assert (mentioned.in_group, mentioned.is_mentioned) == (True, True)
    assert (overheard.in_group, overheard.is_mentioned) == (True, False)


def test_somebody_without_a_user_id_is_an_outsider(callbacks: DingtalkCallbacks) -> None:
    incoming = callbacks.robot_incoming(fixture("robot_outsider"))

    assert incoming.sender == "outsider:$:LWCP_v1:$ou"


def test_an_outsider_cannot_pass_for_a_member(callbacks: DingtalkCallbacks) -> None:
    member = callbacks.robot_incoming(fixture("robot_text"))
    forged = fixture("robot_outsider", senderId=member.sender)

    assert callbacks.robot_incoming(forged).sender == "outsider:0412337"


def test_a_message_from_nobody_is_refused(callbacks: DingtalkCallbacks) -> None:
    with pytest.raises(Rejected) as refusal:
        callbacks.robot_incoming(fixture("robot_text", senderStaffId="", senderId=None))

    assert (refusal.value.status, refusal.value.reason) == (400, "no_senderId")


def test_an_address_that_has_run_out_is_no_reply_handle(
    callbacks: DingtalkCallbacks, clock: StandingClock
) -> None:
    clock.forward(seconds=5400)

    assert callbacks.robot_incoming(fixture("robot_text")).reply_handle is None
