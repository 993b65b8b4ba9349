"""A tenant's platforms as configuration: settings for `main`, rows for others.

Secrets of a row are one encrypted JSON object, bound to tenant and channel.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, get_args

from pydantic import SecretStr

from bot.connections import GroupConfig, Platforms
from bot.dingtalk.config import DingtalkConfig, Mode
from bot.settings import Settings
from bot.wecom import KfConfig, WecomConfig
from domain.channels import Channel, ChannelKind
from domain.ids import ChannelId, TenantId

WECOM: Final = ChannelId("wecom")
KF: Final = ChannelId("kf")
GROUP: Final = ChannelId("group")
DINGTALK: Final = ChannelId("dingtalk")

SECRET_FIELDS: Final[dict[ChannelKind, tuple[str, ...]]] = {
    ChannelKind.WECOM_APP: ("secret", "callback_token", "callback_aes_key"),
    ChannelKind.WECOM_KF: ("secret",),
    ChannelKind.WECOM_GROUP: ("url",),
    ChannelKind.DINGTALK: ("client_secret", "event_token", "event_aes_key"),
}
PLAIN_FIELDS: Final[dict[ChannelKind, tuple[str, ...]]] = {
    ChannelKind.WECOM_APP: ("corp_id", "agent_id", "api_base"),
    ChannelKind.WECOM_KF: ("open_kfid",),
    ChannelKind.WECOM_GROUP: (),
    ChannelKind.DINGTALK: (
        "client_id",
        "robot_code",
        "corp_id",
        "card_template_id",
        "mode",
        "api_base",
        "oapi_base",
    ),
}


class Cipher(Protocol):
    """Encrypts a text for one place."""

    def encrypt(self, text: str, place: str) -> str:
        """Encrypt."""
        ...

    def decrypt(self, encrypted: str, place: str) -> str:
        """Decrypt what was encrypted for the same place."""
        ...


@dataclass(frozen=True, slots=True)
class SealedChannel:
    """A channel row: plain settings, encrypted secrets."""

    channel: Channel
    settings: dict[str, Any]
    secrets: str | None


def seal(
    tenant: TenantId, channel: Channel, values: Mapping[str, str], cipher: Cipher
) -> SealedChannel:
    """Split a channel's values into plain settings and encrypted secrets."""
    hidden = {name: values[name] for name in SECRET_FIELDS[channel.kind] if values.get(name)}
    plain = {name: values[name] for name in PLAIN_FIELDS[channel.kind] if values.get(name)}
    return SealedChannel(
        channel, plain, cipher.encrypt(json.dumps(hidden), _place(tenant, channel.id))
    )


def platforms_of_settings(settings: Settings) -> Platforms:
    """Give what the settings configure."""
    webhook = settings.wecom.group_webhook
    group = GroupConfig(GROUP, webhook) if webhook.get_secret_value() else None
    return Platforms(_wecom_of(settings), _dingtalk_of(settings), group)


def platforms_of_rows(tenant: TenantId, rows: Sequence[SealedChannel], cipher: Cipher) -> Platforms:
    """Give what a tenant's rows configure; one app, one kf account, one robot each.

    Raises:
        ValueError: a row can't work.
    """
    by_kind = {row.channel.kind: (row, _values(tenant, row, cipher)) for row in rows}
    group = None
    if ChannelKind.WECOM_GROUP in by_kind:
        row, values = by_kind[ChannelKind.WECOM_GROUP]
        group = GroupConfig(row.channel.id, SecretStr(values["url"]))
    return Platforms(_wecom_of_rows(by_kind), _dingtalk_of_rows(by_kind), group)


_ByKind = Mapping[ChannelKind, tuple[SealedChannel, dict[str, str]]]


def _wecom_of(settings: Settings) -> WecomConfig | None:
    given = settings.wecom
    if not given.is_configured:
        return None
    kf = None
    if given.kf_id:
        # Corps made since 2023-12 have no secret of their own for kf (WeCom doc 94670).
        own = given.kf_secret if given.kf_secret.get_secret_value() else given.secret
        kf = KfConfig(given.kf_id, own, KF)
    return WecomConfig(
        corp_id=given.corp_id,
        agent_id=given.agent_id,
        secret=given.secret,
        callback_token=given.callback_token,
        callback_aes_key=given.callback_aes_key,
        app_channel=WECOM,
        kf=kf,
        api_base=given.api_base,
    )


def _dingtalk_of(settings: Settings) -> DingtalkConfig | None:
    given = settings.dingtalk
    if not given.is_configured:
        return None
    return DingtalkConfig(channel=DINGTALK, **given.model_dump())


def _values(tenant: TenantId, row: SealedChannel, cipher: Cipher) -> dict[str, str]:
    hidden: dict[str, str] = {}
    if row.secrets:
        hidden = json.loads(cipher.decrypt(row.secrets, _place(tenant, row.channel.id)))
    return {**row.settings, **hidden}


def _wecom_of_rows(by_kind: _ByKind) -> WecomConfig | None:
    if ChannelKind.WECOM_APP not in by_kind:
        return None
    app, values = by_kind[ChannelKind.WECOM_APP]
    kf = None
    if ChannelKind.WECOM_KF in by_kind:
        row, of_kf = by_kind[ChannelKind.WECOM_KF]
        secret = SecretStr(of_kf.get("secret") or values["secret"])
        kf = KfConfig(of_kf["open_kfid"], secret, row.channel.id)
    more = {"api_base": values["api_base"]} if "api_base" in values else {}
    return WecomConfig(
        corp_id=values["corp_id"],
        agent_id=int(values["agent_id"]),
        secret=SecretStr(values["secret"]),
        callback_token=SecretStr(values["callback_token"]),
        callback_aes_key=SecretStr(values["callback_aes_key"]),
        app_channel=app.channel.id,
        kf=kf,
        **more,
    )


def _dingtalk_of_rows(by_kind: _ByKind) -> DingtalkConfig | None:
    if ChannelKind.DINGTALK not in by_kind:
        return None
    row, values = by_kind[ChannelKind.DINGTALK]
    hidden: dict[str, Any] = {
        name: SecretStr(values[name])
        for name in SECRET_FIELDS[ChannelKind.DINGTALK]
        if name in values
    }
    plain: dict[str, Any] = {
        name: values[name] for name in PLAIN_FIELDS[ChannelKind.DINGTALK] if name in values
    }
    if plain.get("mode", "stream") not in get_args(Mode):
        raise ValueError("mode is neither stream nor http")
    return DingtalkConfig(channel=row.channel.id, **plain, **hidden)


def _place(tenant: TenantId, channel: ChannelId) -> str:
    return f"channel:{tenant}:{channel}"
