"""What may go wrong with a call, against the emulated platform: tokens, refusals, bans."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.dingtalk.client import DingtalkClient
from bot.emulator.dingtalk import Limits
from bot.emulator.faults import FaultKind
from bot.platform import DeliveryError
from tests.bot.dingtalk.sender import CARD, Sender
from tests.bot.dingtalk.stage import CONFIG, LI, TEMPLATE, WANG, Emulated, half


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
