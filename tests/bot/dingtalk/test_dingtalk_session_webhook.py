"""T71: a message's reply address is called only when it is DingTalk's."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.dingtalk.callbacks import DingtalkCallbacks
from bot.dingtalk.session_webhook import is_trusted_webhook
from tests.bot.dingtalk.stage import CONFIG, StandingClock, fixture

REFUSED = [
    "",
    "http://oapi.dingtalk.com/robot/sendBySession?session=ab",
    "HTTPS://oapi.dingtalk.com/robot/sendBySession?session=ab",
    "https://oapi.dingtalk.com",
    "https://oapi.dingtalk.com:443/robot",
    "https://oapi.dingtalk.com:8443/robot",
    "https://oapi.dingtalk.com./robot",
    "https://OAPI.dingtalk.com/robot",
    "https://oapi.dingtalk.com.evil.example/robot",
    "https://oapi.dingtalk.comevil.example/robot",
    "https://evil.example/oapi.dingtalk.com/",
    "https://evil.example/https://oapi.dingtalk.com/",
    "https://oapi.dingtalk.com@evil.example/robot",
    "https://user:pass@oapi.dingtalk.com/robot",
    "https://evil.example#https://oapi.dingtalk.com/",
    "https://evil.example?https://oapi.dingtalk.com/",
    "https://oapi.dingtalk.com\\@evil.example/robot",
    "https://oapi.dingtalk.com/\\evil",
    "https://169.254.169.254/latest/meta-data",
    "https://127.0.0.1/robot",
    "http://[::1]/robot",
    "https://0x7f000001/robot",
    "https://login.dingtalk.com/robot",
    "//oapi.dingtalk.com/robot",
    " https://oapi.dingtalk.com/robot",
    "https://oapi.dingtalk.com/robot\r\nHost: evil.example",
    "https://oapi.dingtalk.com/ro bot",
    "https://oapi.dingtalk。com/robot",
    "https://οapi.dingtalk.com/robot",
    "file:///etc/passwd",
    "gopher://oapi.dingtalk.com/",
    "https://oapi.dingtalk.com/" + "a" * 3000,
]


@pytest.mark.parametrize("url", REFUSED)
def test_t71_a_reply_address_elsewhere_is_no_handle_and_is_noted(
    callbacks: DingtalkCallbacks, url: str
) -> None:
    with capture_logs() as logs:
        incoming = callbacks.robot_incoming(fixture("robot_text", sessionWebhook=url))

    assert incoming.reply_handle is None
    noted = [line["event"] for line in logs]
    assert noted == (["dingtalk_webhook_refused"] if url else [])
    assert url == "" or url not in repr(logs)


@pytest.mark.parametrize(
    "url",
    [
        "https://oapi.dingtalk.com/robot/sendBySession?session=ab%2Fc",
        "https://api.dingtalk.com/v1.0/robot/session?key=1",
    ],
)
def test_the_vendors_own_addresses_are_handles(callbacks: DingtalkCallbacks, url: str) -> None:
    incoming = callbacks.robot_incoming(fixture("robot_text", sessionWebhook=url))

    assert incoming.reply_handle is not None
    assert incoming.reply_handle.url == url


def test_a_configured_server_is_trusted_by_its_exact_origin(clock: StandingClock) -> None:
    config = replace(CONFIG, oapi_base="http://127.0.0.1:9001", api_base="http://127.0.0.1:9001")
    origins = config.webhook_origins

    assert is_trusted_webhook("http://127.0.0.1:9001/robot/sendBySession?session=1", origins)
    assert not is_trusted_webhook("http://127.0.0.1:90010/robot", origins)
    assert not is_trusted_webhook("http://127.0.0.1:9002/robot", origins)
    assert not is_trusted_webhook("http://127.0.0.1/robot", origins)
