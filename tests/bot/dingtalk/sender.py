"""An outbound with its clock, for tests against the emulated platform."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from bot.dingtalk.client import DingtalkClient
from bot.dingtalk.outbound import DingtalkOutbound
from bot.emulator.dingtalk import Push
from bot.platform import CardUpdate, DeliveryError, Outgoing, Rendered
from domain.ids import CardKey, DeliveryId
from handlers.incoming import ReplyHandle
from tests.bot.dingtalk.stage import CONFIG, LI, Emulated, StandingClock, half

TICKET = "ABCDEFGHJKMNPQRSTVWXYZ0123"
TEXT = Rendered("help", "你好\n[x](javascript:y)")
CARD = Rendered(
    "alert_card",
    "文字版",
    {
        "title": "差评预警",
        "markdown": "滨江一期",
        "status": "待处理",
        "buttons": [{"text": "我来处理", "action": f"{TICKET}:take", "style": "primary"}],
        "form": None,
    },
)
DONE = replace(CARD, card={**(CARD.card or {}), "status": "已处理", "buttons": []})
BATCH, CREATE, SESSION = "batchSend", "createAndDeliver", "sendBySession"


KEY = "01JD01"


class Sender:
    """An outbound with its clock, for one emulated platform."""

    def __init__(
        self, emulated: Emulated, timeout: httpx2.Timeout | None = None, **changes: Any
    ) -> None:
        self.emulated = emulated
        self.clock = StandingClock()
        self.key = CardKey(KEY)
        config = emulated.config(**changes)
        self.client = DingtalkClient(
            config,
            None,
            clock=self.clock,
            jitter=half,
            timeout=timeout or httpx2.Timeout(5.0),
        )
        self.outbound = DingtalkOutbound(config, self.client, self.clock)

    def send(self, message: Rendered = TEXT, **changes: Any) -> Any:
        outgoing = Outgoing(DeliveryId(KEY), CONFIG.channel, LI, message, attempt=1)
        return self.outbound.send(replace(outgoing, **changes))

    def refused(self, message: Rendered = TEXT, **changes: Any) -> DeliveryError:
        with pytest.raises(DeliveryError) as error:
            self.send(message, **changes)
        return error.value

    def update(self, message: Rendered, card: str = KEY) -> Any:
        return self.outbound.update(CardUpdate(CardKey(card), CONFIG.channel, LI, message, None))

    def handle(self, group: str | None = None) -> ReplyHandle:
        """Give the reply address of a message somebody really sent."""
        push = self.emulated.do(self.emulated.platform.member_says(LI, "积分", group=group))
        assert isinstance(push, Push)
        url = push.payload["sessionWebhook"]
        return ReplyHandle(url, self.clock.now() + timedelta(minutes=90))
