"""The group robot (消息推送), a second way for warnings that survives trouble with the app.

Outgoing text only: no clicks come back and nothing proves delivery. Source: WeCom doc 99110.
"""

from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr
from typing_extensions import override

from bot.platform import CardNotUpdatable, CardUpdate, Limits, Outbound, Outgoing, Sent
from bot.wecom.client import JsonHttp, asked_once
from bot.wecom.limits import TEXT_BYTES, clamp_text

LIMITS = Limits(per_minute=18, merge_above=10)
"""The platform takes 20 a minute from one robot."""
_PATH = "/cgi-bin/webhook/send"


class GroupWebhook(Outbound):
    """Posts the plain text of messages into one group, whoever they are meant for."""

    def __init__(self, url: SecretStr) -> None:
        """Take the address the group shows for its robot; the key in it is the only secret.

        Raises:
            ValueError: not such an address.
        """
        parts = urlsplit(url.get_secret_value())
        keys = parse_qs(parts.query).get("key", [])
        if parts.path != _PATH or len(keys) != 1 or parts.username is not None:
            raise ValueError("not the address of a group robot")
        self._key = SecretStr(keys[0])
        self._http = JsonHttp(f"{parts.scheme}://{parts.netloc}")

    @override
    def send(self, outgoing: Outgoing) -> Sent:
        """Post one message's text.

        Raises:
            DeliveryError: it was not taken.
        """
        text = clamp_text(outgoing.message.text, TEXT_BYTES)
        body = {"msgtype": "text", "text": {"content": text}}
        asked_once(self._http, "webhook/send", {"key": self._key.get_secret_value()}, body)
        return Sent()

    @override
    def update(self, change: CardUpdate) -> Sent:
        """Refuse: what a robot has posted can't be changed.

        Raises:
            CardNotUpdatable: always.
        """
        raise CardNotUpdatable("no_cards", permanent=True)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
