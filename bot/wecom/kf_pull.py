"""Fetching what customers wrote: 微信客服 only rings, the messages are pulled with a cursor.

The caller keeps the cursor, in the transaction that stores a page, and lets one puller at a time
run for an account. Source: WeCom doc 94670.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.platform import Clockwork, DeliveryError
from bot.wecom import errcodes
from bot.wecom.client import WecomClient
from bot.wecom.config import KfConfig
from bot.wecom.kf_items import incoming_of
from handlers.incoming import Incoming

PAGE_SIZE = 200
"""Less than the 1000 allowed: a page is one transaction."""
STANDSTILLS_MAX = 3
"""How often the platform may promise more without moving on."""


@dataclass(frozen=True, slots=True)
class KfPage:
    """Some messages and events, oldest first, and where to go on from after storing them."""

    items: list[Incoming]
    next_cursor: str


class KfPuller:
    """Pulls for one customer service account."""

    def __init__(
        self, client: WecomClient, kf: KfConfig, clock: Clockwork, page_size: int = PAGE_SIZE
    ) -> None:
        self._kf = client.api.kf
        self._config = kf
        self._clock = clock
        self._page_size = page_size

    def pages(self, cursor: str | None, token: str | None) -> Iterator[KfPage]:
        """Give page after page until the platform has no more.

        Without a cursor WeCom replays three days: what is old comes marked `is_stale`. A token that
        has ended is done without, which WeCom allows only rarely.

        Raises:
            DeliveryError: the platform gave no page.
        """
        here, standstills = cursor or "", 0
        while True:
            try:
                answer = self._page(here, token)
            except DeliveryError as error:
                if error.code != errcodes.PULL_TOKEN_STALE or token is None:
                    raise
                token = None
                continue
            following = str(answer.get("next_cursor") or here)
            yield KfPage(self._items(answer), following)
            # An empty page may stand before full ones; only has_more counts.
            if answer.get("has_more") != 1:
                return
            standstills = standstills + 1 if following == here else 0
            if standstills >= STANDSTILLS_MAX:
                raise DeliveryError("cursor_stuck", permanent=False)
            here = following

    def _page(self, cursor: str, token: str | None) -> dict[str, Any]:
        answer: dict[str, Any] = self._kf.sync_msg(
            token or "", cursor=cursor, limit=self._page_size, open_kfid=self._config.open_kfid
        )
        return answer

    def _items(self, answer: dict[str, Any]) -> list[Incoming]:
        listed = answer.get("msg_list")
        now = self._clock.now()
        return [
            incoming_of(item, self._config, now)
            for item in (listed if isinstance(listed, list) else [])
            if isinstance(item, dict)
        ]
