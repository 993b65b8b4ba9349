"""The names and numbers of the corp in these tests."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.platform import CardUpdate, Outgoing, Rendered
from domain.ids import CardKey, ChannelId, DeliveryId
from handlers.incoming import ReplyHandle

CORP = "wwdemo0000000001"
TOKEN = "callback-token"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
SECRET = "app-secret-of-the-corp"
KF_SECRET = "kf-secret-of-the-corp"
NOW = 1_760_000_030
DELIVERY = DeliveryId("01JZZZZZZZZZZZZZZZZZZZZZZZ")
CARD = CardKey(DELIVERY)
FIXTURES = Path(__file__).parents[2] / "fixtures" / "wecom"


@dataclass
class Clock:
    """Time that moves only when told."""

    at: datetime

    @classmethod
    def at_unix(cls, seconds: float) -> "Clock":
        return cls(datetime.fromtimestamp(seconds, UTC))

    def now(self) -> datetime:
        return self.at

    def pass_by(self, **parts: float) -> None:
        self.at += timedelta(**parts)


def xml(name: str) -> str:
    """Read a decrypted callback."""
    return (FIXTURES / f"{name}.xml").read_text(encoding="utf-8")


def from_json(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def a_card() -> dict[str, Any]:
    """Give a card that comes back as a click."""
    card: dict[str, Any] = from_json("card_button")
    return card


def a_notice() -> dict[str, Any]:
    """Give a card nobody can press."""
    return {
        "card_type": "text_notice",
        "main_title": {"title": "已处理"},
        "card_action": {"type": 1, "url": "https://example.com/app"},
    }


def outgoing(
    card: dict[str, Any] | None = None,
    *,
    to: str = "pm01",
    text: str = "积分 1280",
    attempt: int = 1,
    handle: ReplyHandle | None = None,
) -> Outgoing:
    return Outgoing(
        delivery=DELIVERY,
        channel=ChannelId("app"),
        external_id=to,
        message=Rendered("balance", text, card),
        attempt=attempt,
        reply_handle=handle,
    )


def change(card: dict[str, Any] | None, code: str | None, *, to: str = "pm01") -> CardUpdate:
    return CardUpdate(
        card=CARD,
        channel=ChannelId("app"),
        external_id=to,
        message=Rendered("alert", "王总已接手", card),
        response_code=code,
    )
