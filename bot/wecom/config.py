"""What one WeCom connection needs to know; built from settings or from a channel's row.

Secrets are SecretStr, so that no repr, log or error shows them.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from domain.ids import ChannelId

API_BASE = "https://qyapi.weixin.qq.com"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class KfConfig:
    """One customer service account (微信客服)."""

    open_kfid: str
    secret: SecretStr
    """The secret of the app that may call the account; corps made since 2023-12 have only that."""
    channel: ChannelId

    def __post_init__(self) -> None:
        """Refuse an account that can't work.

        Raises:
            ValueError: something is empty.
        """
        require_filled(open_kfid=self.open_kfid, secret=self.secret, channel=self.channel)


@dataclass(frozen=True, slots=True)
class WecomConfig:
    """One self-built app and, with it, the customer service account whose callbacks it gets."""

    corp_id: str
    agent_id: int
    secret: SecretStr
    callback_token: SecretStr
    callback_aes_key: SecretStr
    app_channel: ChannelId
    kf: KfConfig | None = None
    api_base: str = API_BASE

    def __post_init__(self) -> None:
        """Refuse a connection that can't work or would be open to anybody.

        Raises:
            ValueError: something is empty, or the address would carry secrets in the clear.
        """
        require_filled(
            corp_id=self.corp_id,
            secret=self.secret,
            callback_token=self.callback_token,
            callback_aes_key=self.callback_aes_key,
            app_channel=self.app_channel,
        )
        if self.agent_id <= 0:
            raise ValueError("agent_id must be positive")
        require_safe_address(self.api_base)


def require_filled(**values: str | SecretStr) -> None:
    """Refuse empty values, naming the first one.

    Raises:
        ValueError: one is empty.
    """
    for name, value in values.items():
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not plain.strip():
            raise ValueError(f"{name} is empty")


def require_safe_address(address: str) -> None:
    """Refuse an address that would carry tokens unencrypted past this machine.

    Raises:
        ValueError: neither https nor this machine.
    """
    parts = urlsplit(address)
    is_local = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or is_local):
        raise ValueError("an API address must be https")
