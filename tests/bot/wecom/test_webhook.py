"""The group robot."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bot.platform import CardNotUpdatable, DeliveryError, Sent
from bot.wecom.webhook import GroupWebhook
from tests.bot.wecom.stub import StubWecom
from tests.bot.wecom.town import a_card, change, outgoing

SEND = "webhook/send"


@pytest.fixture
def webhook(stub: StubWecom) -> Iterator[GroupWebhook]:
    webhook = GroupWebhook(SecretStr(f"{stub.url}/cgi-bin/webhook/send?key=robot-key"))
    yield webhook
    webhook.close()


def test_the_plain_text_goes_to_the_group_without_any_token(
    webhook: GroupWebhook, stub: StubWecom
) -> None:
    assert webhook.send(outgoing(a_card(), text="差评 1 星")) == Sent()

    (request,) = stub.requests
    assert request.path == SEND
    assert request.query == {"key": "robot-key"}
    assert request.body == {"msgtype": "text", "text": {"content": "差评 1 星"}}


@pytest.mark.parametrize("code", [93000, 93004, 93008])
def test_a_robot_that_is_gone_is_the_operators_matter(
    webhook: GroupWebhook, stub: StubWecom, code: int
) -> None:
    stub.will(SEND, {"errcode": code})

    with pytest.raises(DeliveryError) as caught:
        webhook.send(outgoing())

    assert (caught.value.permanent, caught.value.is_operator_matter) == (True, True)
    assert "robot-key" not in f"{caught.value!r}"


def test_too_many_messages_wait(webhook: GroupWebhook, stub: StubWecom) -> None:
    stub.will(SEND, {"errcode": 45009})

    with pytest.raises(DeliveryError) as caught:
        webhook.send(outgoing())

    assert not caught.value.permanent
    assert caught.value.retry_after is not None


def test_what_was_posted_cannot_be_changed(webhook: GroupWebhook, stub: StubWecom) -> None:
    with pytest.raises(CardNotUpdatable):
        webhook.update(change(a_card(), "rc-1"))

    assert stub.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
        "https://qyapi.weixin.qq.com/elsewhere?key=a",
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
        "https://user@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
        "file:///cgi-bin/webhook/send?key=a",
    ],
)
def test_an_address_that_is_no_robots_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"not the address|must be https"):
        GroupWebhook(SecretStr(url))
