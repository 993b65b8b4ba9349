"""The three signatures and the window, by the vendor's examples."""

from datetime import timedelta

import pytest

from bot.dingtalk.signing import (
    card_sign,
    event_sign,
    require_fresh,
    require_signature,
    robot_sign,
)
from bot.platform import Rejected
from tests.bot.dingtalk.stage import NOW, fixture


def test_the_robot_signature_is_the_vendors() -> None:
    signature = robot_sign("1577262236757", "this is a secret")

    assert signature == "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA="


def test_the_card_signature_is_the_vendors() -> None:
    signature = card_sign("1700000000000", "apisecret")

    assert signature == "XwveFfRq9dj2nNKU+l0jACbkV/L/MoEeIU1gAt8QbHI="


def test_the_event_signature_is_the_vendors() -> None:
    v = fixture("event_check_url")

    assert event_sign(v["token"], v["timestamp"], v["nonce"], v["encrypt"]) == v["signature"]


@pytest.mark.parametrize("given", ["", "abc", "签名", "\udcff", "a" * 100_000])
def test_any_other_signature_is_refused(given: str) -> None:
    with pytest.raises(Rejected) as refusal:
        require_signature(given, robot_sign("1577262236757", "this is a secret"))

    assert (refusal.value.status, refusal.value.reason) == (401, "signature")


@pytest.mark.parametrize("seconds", [-300, -10, 0, 10, 300])
def test_a_timestamp_within_five_minutes_is_fresh(seconds: int) -> None:
    instant = NOW + timedelta(seconds=seconds)

    require_fresh(str(int(instant.timestamp() * 1000)), NOW)
    require_fresh(str(int(instant.timestamp())), NOW)


@pytest.mark.parametrize("seconds", [-3600, -301, 301, 600, 3600])
def test_t02_a_timestamp_outside_the_window_is_refused(seconds: int) -> None:
    instant = NOW + timedelta(seconds=seconds)

    with pytest.raises(Rejected) as refusal:
        require_fresh(str(int(instant.timestamp() * 1000)), NOW)

    assert (refusal.value.status, refusal.value.reason) == (401, "stale")


@pytest.mark.parametrize(
    "text",
    ["", "now", "-1795300000000", "1795300000000.0", "１７９５３００００００００", "9" * 5000],
)
def test_a_timestamp_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as refusal:
        require_fresh(text, NOW)

    assert (refusal.value.status, refusal.value.reason) == (401, "timestamp")
