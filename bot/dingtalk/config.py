"""What one DingTalk connection needs to know; built from settings or from a channel's row.

Secrets are SecretStr, so that no repr, log or error shows them.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from domain.ids import ChannelId

API_BASE = "https://api.dingtalk.com"
OAPI_BASE = "https://oapi.dingtalk.com"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
AES_KEY_CHARACTERS = 43
AES_KEY_BYTES = 32

NONE = SecretStr("")

Mode = Literal["stream", "http"]


@dataclass(frozen=True, slots=True)
class DingtalkConfig:
    """One internal app and its robot."""

    channel: ChannelId
    client_id: str
    client_secret: SecretStr
    robot_code: str
    """The robot's code; an internal app's is its client id. Source: DingTalk doc 0699."""
    corp_id: str
    event_token: SecretStr = NONE
    event_aes_key: SecretStr = NONE
    """Both empty: events over HTTP are refused. Over Stream they need neither."""
    card_template_id: str = ""
    """Empty: ActionCards instead of interactive cards."""
    mode: Mode = "stream"
    api_base: str = API_BASE
    oapi_base: str = OAPI_BASE

    def __post_init__(self) -> None:
        """Refuse a connection that can't work or would be open to anybody.

        Raises:
            ValueError: something is empty or malformed; its value is not named.
        """
        needed = {
            "channel": self.channel,
            "client_id": self.client_id,
            "client_secret": self.client_secret.get_secret_value(),
            "robot_code": self.robot_code,
            "corp_id": self.corp_id,
        }
        for name, value in needed.items():
            if not value.strip():
                raise ValueError(f"{name} is empty")
        for address in (self.api_base, self.oapi_base):
            _require_safe_address(address)
        if bool(self._token) != bool(self._aes_key):
            raise ValueError("event_token and event_aes_key belong together")
        if self._aes_key:
            _require_aes_key(self._aes_key)

    @property
    def takes_http_events(self) -> bool:
        """Tell whether events can be verified and read over HTTP."""
        return bool(self._token)

    @property
    def card_secret(self) -> str:
        """What card callbacks over HTTP are signed with: ours to choose when registering them."""
        key = self.client_secret.get_secret_value().encode()
        return hmac.digest(key, b"zhufen card callback", "sha256").hex()

    @property
    def card_route(self) -> str:
        """Name the address of card callbacks over HTTP."""
        return f"zhufen-{self.channel}"

    @property
    def webhook_origins(self) -> frozenset[str]:
        """The only servers a session webhook may name: DingTalk's own and the configured ones."""
        return frozenset({API_BASE, OAPI_BASE, _origin(self.api_base), _origin(self.oapi_base)})

    @property
    def _token(self) -> str:
        return self.event_token.get_secret_value()

    @property
    def _aes_key(self) -> str:
        return self.event_aes_key.get_secret_value()


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _require_safe_address(address: str) -> None:
    parts = urlsplit(address)
    is_local = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or is_local):
        raise ValueError("an API address must be https")


def _require_aes_key(text: str) -> None:
    try:
        key = base64.b64decode(text + "=", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(text) != AES_KEY_CHARACTERS or len(key) != AES_KEY_BYTES:
        raise ValueError("event_aes_key must be 43 base64 characters")
