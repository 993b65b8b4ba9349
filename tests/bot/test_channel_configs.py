"""Platforms out of settings and out of rows: the same connection either way, secrets sealed."""

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from bot.channel_configs import (
    DINGTALK,
    GROUP,
    KF,
    WECOM,
    SealedChannel,
    platforms_of_rows,
    platforms_of_settings,
    seal,
)
from bot.settings import DingtalkSettings, Settings, WecomSettings
from domain.channels import Channel, ChannelKind
from domain.ids import ChannelId
from storage.cipher import AesGcmCipher, Undecipherable
from tests.support.stores import CIPHER, MAIN, OTHER

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP = {
    "corp_id": "ww1",
    "agent_id": "7",
    "secret": "sesame-app",
    "callback_token": "sesame-token",
    "callback_aes_key": AES_KEY,
    "api_base": "https://wecom.example.org",
}
ACCOUNT = {"open_kfid": "wk1", "secret": "sesame-kf"}
ROBOT = {
    "client_id": "ding1",
    "client_secret": "sesame-ding",
    "robot_code": "robot1",
    "corp_id": "dingcorp1",
    "event_token": "sesame-event",
    "event_aes_key": AES_KEY,
    "card_template_id": "t.schema",
    "mode": "http",
    "api_base": "https://ding.example.org",
    "oapi_base": "https://oding.example.org",
}
WEBHOOK = {"url": "https://qyapi.example.org/send?key=sesame-group"}


def sealed(channel: ChannelId, kind: ChannelKind, values: dict[str, str]) -> SealedChannel:
    return seal(OTHER, Channel(channel, kind), values, CIPHER)


def given(**wecom: Any) -> Settings:
    app = {name: APP[name] for name in APP if name != "agent_id"}
    return Settings(
        _env_file=None,
        wecom=WecomSettings.model_validate({**app, "agent_id": 7, **wecom}),
        dingtalk=DingtalkSettings.model_validate(ROBOT),
    )


ROWS = (
    sealed(WECOM, ChannelKind.WECOM_APP, APP),
    sealed(KF, ChannelKind.WECOM_KF, ACCOUNT),
    sealed(GROUP, ChannelKind.WECOM_GROUP, WEBHOOK),
    sealed(DINGTALK, ChannelKind.DINGTALK, ROBOT),
)


def test_rows_connect_what_settings_with_the_same_values_connect() -> None:
    settings = given(kf_id="wk1", kf_secret="sesame-kf", group_webhook=WEBHOOK["url"])

    of_rows = platforms_of_rows(OTHER, ROWS, CIPHER)

    assert of_rows == platforms_of_settings(settings)
    assert of_rows.wecom is not None
    assert of_rows.wecom.kf is not None
    assert of_rows.wecom.kf.secret == SecretStr("sesame-kf")
    assert of_rows.group_webhook is not None
    assert of_rows.dingtalk is not None
    assert of_rows.dingtalk.mode == "http"


def test_a_row_shows_no_secret() -> None:
    for row in ROWS:
        shown = repr(row) + json.dumps(row.settings)
        assert "sesame" not in shown
        assert AES_KEY not in shown
    assert "sesame" not in repr(platforms_of_rows(OTHER, ROWS, CIPHER))


def test_an_account_without_its_own_secret_uses_the_apps() -> None:
    account = sealed(KF, ChannelKind.WECOM_KF, {"open_kfid": "wk1"})
    of_rows = platforms_of_rows(OTHER, [ROWS[0], account], CIPHER)
    of_settings = platforms_of_settings(given(kf_id="wk1"))

    for platforms in (of_rows, of_settings):
        assert platforms.wecom is not None
        assert platforms.wecom.kf is not None
        assert platforms.wecom.kf.secret == SecretStr("sesame-app")


def test_nothing_configured_connects_nothing() -> None:
    nothing = platforms_of_settings(Settings(_env_file=None))

    assert (nothing.wecom, nothing.dingtalk, nothing.group_webhook) == (None, None, None)
    assert platforms_of_rows(OTHER, [], CIPHER) == nothing


def test_a_row_may_leave_out_what_has_a_default() -> None:
    robot = {name: ROBOT[name] for name in ("client_id", "client_secret", "robot_code", "corp_id")}
    platforms = platforms_of_rows(OTHER, [sealed(DINGTALK, ChannelKind.DINGTALK, robot)], CIPHER)

    assert platforms.dingtalk is not None
    assert platforms.dingtalk.mode == "stream"
    assert platforms.dingtalk.api_base == "https://api.dingtalk.com"
    assert not platforms.dingtalk.takes_http_events


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (ChannelKind.WECOM_APP, {**APP, "callback_token": ""}),
        (ChannelKind.WECOM_APP, {**APP, "agent_id": "0"}),
        (ChannelKind.WECOM_APP, {**APP, "agent_id": "seven"}),
        (ChannelKind.WECOM_APP, {**APP, "api_base": "http://example.org"}),
        (ChannelKind.WECOM_GROUP, {}),
        (ChannelKind.DINGTALK, {**ROBOT, "event_token": ""}),
        (ChannelKind.DINGTALK, {**ROBOT, "client_secret": " "}),
        (ChannelKind.DINGTALK, {**ROBOT, "mode": "pigeon"}),
    ],
)
def test_a_row_that_cannot_work_is_refused_without_its_secrets(
    kind: ChannelKind, values: dict[str, str]
) -> None:
    with pytest.raises((ValueError, LookupError)) as refusal:
        platforms_of_rows(OTHER, [sealed(ChannelId("x"), kind, values)], CIPHER)
    assert "sesame" not in str(refusal.value)


def test_sealed_secrets_open_only_with_the_key_and_for_their_tenant_and_channel() -> None:
    with pytest.raises(Undecipherable):
        platforms_of_rows(MAIN, ROWS[:1], CIPHER)
    with pytest.raises(Undecipherable):
        platforms_of_rows(OTHER, ROWS[:1], AesGcmCipher(bytes(32)))
    moved = replace(ROWS[0], channel=Channel(ChannelId("elsewhere"), ChannelKind.WECOM_APP))
    with pytest.raises(Undecipherable):
        platforms_of_rows(OTHER, [moved], CIPHER)
