"""Group robots: outgoing messages to a group by key (doc 99110)."""

from collections import defaultdict, deque
from typing import Any

from bot.emulator.wecom import cards
from bot.emulator.wecom.core import Core
from bot.emulator.wecom.errors import ApiError

Json = dict[str, Any]

_PER_MINUTE = 20
_TEXT_BYTES = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}


class Webhooks:
    """All group robots."""

    PLACE = "wecom.webhook.send"

    def __init__(self, core: Core) -> None:
        self._core = core
        self._past: dict[str, deque[float]] = defaultdict(deque)

    def send(self, key: str, body: Json) -> Json:
        """Answer webhook/send.

        Raises:
            ApiError: 93000 unknown key, 45009 over 20 a minute, 40008/40058/45002 content.
        """
        group = self._core.world.webhooks.get(key)
        if group is None:
            raise ApiError(93000)
        self._count(key)
        msgtype = str(body.get("msgtype"))
        content = body.get(msgtype)
        if not isinstance(content, dict):
            raise ApiError(40008)
        kind, shown = self._look(msgtype, content)

        def show() -> None:
            self._core.phones.show(f"wecom-group:{group}", kind, shown)

        self._core.arrive(self.PLACE, show)
        return {"errcode": 0, "errmsg": "ok"}

    def _look(self, msgtype: str, content: Json) -> tuple[str, Json]:
        if msgtype in _TEXT_BYTES:
            text = content.get("content")
            if not isinstance(text, str) or not text:
                raise ApiError(44004)
            if len(text.encode()) > _TEXT_BYTES[msgtype]:
                raise ApiError(45002)
            return "text", {"text": text, "format": msgtype}
        if msgtype == "template_card":
            problems = cards.check(content)
            if content["card_type"] in cards.INTERACTIVE:
                raise ApiError(40058, "a group robot has no buttons that call back")
            self._core.records.complain("webhook/send", *problems)
            return "card", dict(content)
        if msgtype in {"image", "news", "file", "voice"}:
            return "notice", {"msgtype": msgtype, **content}
        raise ApiError(40008)

    def _count(self, key: str) -> None:
        now, past = self._core.clock(), self._past[key]
        while past and past[0] <= now - 60:
            past.popleft()
        if len(past) >= _PER_MINUTE:
            raise ApiError(45009)
        past.append(now)
