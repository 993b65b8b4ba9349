"""What every person's phone shows: the emulator's only memory of conversations.

A phone is named "<app>:<user id>": `wecom:pm01` (a member in the WeCom client), `wechat:wmWang` (a
customer in 微信客服), `dingtalk:0412337`; a group robot's messages are at `wecom-group:<name>`. The
platform servers add and change bubbles; the demo page and the flow tests read them.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Bubble:
    """One message as it stands on one phone; `version` grows when it is changed in place."""

    id: int
    phone: str
    mine: bool
    """True when the phone's owner sent it."""
    kind: str
    """text, card, menu, event or notice."""
    body: dict[str, Any]
    """text: {"text"}; card/menu: the platform's own card or menu object."""
    key: str | None
    """What the platform updates it by: a WeCom task_id, a DingTalk outTrackId."""
    at: float
    version: int = 1
    meta: dict[str, Any] = field(default_factory=dict)


class Phones:
    """All phones; used from one event loop."""

    def __init__(self) -> None:
        self._bubbles: dict[str, list[Bubble]] = defaultdict(list)
        self._watchers: set[asyncio.Queue[Bubble]] = set()
        self._next_id = 0

    def show(
        self,
        phone: str,
        kind: str,
        body: dict[str, Any],
        *,
        mine: bool = False,
        key: str | None = None,
        meta: dict[str, Any] | None = None,
    ) -> Bubble:
        """Put a new bubble on a phone."""
        self._next_id += 1
        bubble = Bubble(
            self._next_id, phone, mine, kind, body, key, time.time(), meta=dict(meta or {})
        )
        self._bubbles[phone].append(bubble)
        self._tell(bubble)
        return bubble

    def change(self, phone: str, key: str, body: dict[str, Any]) -> Bubble | None:
        """Replace the body of the newest bubble with this key; None when the phone has none."""
        for bubble in reversed(self._bubbles[phone]):
            if bubble.key == key:
                return self.redraw(bubble, body)
        return None

    def redraw(self, bubble: Bubble, body: dict[str, Any], *, kind: str | None = None) -> Bubble:
        """Replace the body (and kind, when given) of this very bubble."""
        bubble.body = body
        bubble.kind = kind or bubble.kind
        bubble.version += 1
        self._tell(bubble)
        return bubble

    def of(self, phone: str) -> list[Bubble]:
        """List a phone's bubbles, oldest first."""
        return list(self._bubbles[phone])

    def with_key(self, key: str) -> Iterator[Bubble]:
        """Every copy of a card, on whichever phone."""
        for bubbles in self._bubbles.values():
            yield from (b for b in bubbles if b.key == key)

    def find(self, bubble_id: int) -> Bubble | None:
        """Find one bubble by its id."""
        for bubbles in self._bubbles.values():
            for bubble in bubbles:
                if bubble.id == bubble_id:
                    return bubble
        return None

    @contextlib.asynccontextmanager
    async def watch(self) -> AsyncIterator[asyncio.Queue[Bubble]]:
        """Receive every new or changed bubble while the context is open."""
        queue: asyncio.Queue[Bubble] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            yield queue
        finally:
            self._watchers.discard(queue)

    def _tell(self, bubble: Bubble) -> None:
        for queue in self._watchers:
            queue.put_nowait(bubble)
