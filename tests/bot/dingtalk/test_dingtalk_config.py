"""A configuration that can't work, or would be open to anybody, is refused at once."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from domain.ids import ChannelId
from tests.bot.dingtalk.stage import CONFIG


@pytest.mark.parametrize(
    "changes",
    [
        {"channel": ChannelId("")},
        {"client_id": ""},
        {"client_id": "  "},
        {"client_secret": SecretStr("")},
        {"robot_code": ""},
        {"corp_id": ""},
        {"event_token": SecretStr("")},
        {"event_aes_key": SecretStr("")},
        {"event_aes_key": SecretStr("short")},
        {"event_aes_key": SecretStr("!" * 43)},
        {"api_base": ""},
        {"api_base": "http://api.dingtalk.com"},
        {"oapi_base": "ftp://oapi.dingtalk.com"},
        {"oapi_base": "oapi.dingtalk.com"},
    ],
)
def test_an_unsafe_configuration_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"empty|https|together|43"):
        replace(CONFIG, **changes)


def test_no_secret_is_shown() -> None:
    shown = repr(CONFIG) + str(CONFIG)

    for secret in (CONFIG.client_secret, CONFIG.event_token, CONFIG.event_aes_key):
        assert secret.get_secret_value() not in shown


def test_the_secret_of_card_callbacks_is_neither_empty_nor_the_apps() -> None:
    other = replace(CONFIG, client_secret=SecretStr("another"))

    assert len(CONFIG.card_secret) == 64
    assert CONFIG.card_secret != other.card_secret
    assert CONFIG.client_secret.get_secret_value() not in CONFIG.card_secret
