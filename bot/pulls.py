"""Fetching a channel's message log: a page's messages and the cursor in one commit."""

import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog

from bot.intake import Intake
from bot.platform import DeliveryError
from domain.ids import ChannelId, InboxId, TenantId
from domain.ports import Store
from handlers.incoming import Incoming, PullWanted

log = structlog.get_logger(__name__)

OVERTAKEN_MAX = 5
"""How often a pull starts again because another process was faster."""

LOOK_EVERY_SECONDS = 300
"""How often a log is looked at without a ring; WeCom allows that only rarely (doc 94670)."""
REPLAYING = "replaying:"
"""Stands before a cursor until the log has been read to its end for the first time."""


def own_ring(channel: ChannelId, now: datetime) -> Incoming:
    """Make the wish to fetch a log that nobody has rung for, one per five minutes and channel."""
    number = int(now.timestamp()) // LOOK_EVERY_SECONDS
    return Incoming(channel, f"sweep:{channel}:{number}", "", now, PullWanted(""))


class Page(Protocol):
    """One page of a channel's log."""

    @property
    def items(self) -> list[Incoming]:
        """Give the messages, oldest first."""
        ...

    @property
    def next_cursor(self) -> str:
        """Give where the next page starts."""
        ...


class Log(Protocol):
    """A channel whose messages are fetched."""

    def pages(self, cursor: str | None, token: str | None) -> Iterator[Page]:
        """Fetch from a cursor on until there is no more; a token is the right to do so at any time.

        Raises:
            DeliveryError: the platform would not give them.
        """
        ...


class Puller:
    """Pulls logs; one puller per channel at a time in a process, and the cursor guards the rest.

    Two processes that pull the same page store each message once (its id is unique) and only one of
    them moves the cursor; the other goes on from there, for its page may have held more.
    """

    def __init__(
        self, store: Store, intake: Intake, logs: Callable[[TenantId, ChannelId], Log | None]
    ) -> None:
        """Keep what every pull needs."""
        self._store = store
        self._intake = intake
        self._logs = logs
        self._guard = threading.Lock()
        self._locks: dict[tuple[TenantId, ChannelId], threading.Lock] = {}

    def pull(self, tenant: TenantId, channel: ChannelId, token: str) -> Iterator[InboxId]:
        """Store what is new and give the ids of the items, in order, page by page.

        Without a token (empty) the platform allows it only rarely.

        Raises:
            DeliveryError: the platform would not give the messages; what was stored stays.
        """
        source = self._logs(tenant, channel)
        if source is None:
            log.error("pull_without_channel", channel=channel)
            return
        with self._lock_of(tenant, channel):
            for _ in range(OVERTAKEN_MAX):
                is_done = yield from self._pages(source, tenant, channel, token or None)
                if is_done:
                    return
                log.info("pull_overtaken", channel=channel)
        raise DeliveryError("cursor_contended", permanent=False)

    def _pages(
        self, source: Log, tenant: TenantId, channel: ChannelId, token: str | None
    ) -> Generator[InboxId, None, bool]:
        """Store page after page; False when somebody else has moved the cursor meanwhile.

        What the first reading of a log brings is history: the platform replays some days that
        nobody has waited for an answer to.
        """
        with self._store.reading(tenant) as work:
            stands = work.channels.cursor(channel)
        is_history = not stands or stands.startswith(REPLAYING)
        cursor = (stands or "").removeprefix(REPLAYING)
        for page in source.pages(cursor or None, token):
            fresh: list[InboxId] = []
            cursor = page.next_cursor
            following = f"{REPLAYING}{cursor}" if is_history else cursor
            with self._store.work(tenant) as work:
                for incoming in page.items:
                    received = self._intake.put(
                        work.inbox, replace(incoming, is_history=is_history)
                    )
                    if received.is_new:
                        fresh.append(received.item)
                if not work.channels.set_cursor(channel, following, after=stands):
                    return False
                work.commit()
            stands = following
            yield from fresh
        return not is_history or self._is_read(tenant, channel, cursor, stands)

    def _is_read(
        self, tenant: TenantId, channel: ChannelId, cursor: str, stands: str | None
    ) -> bool:
        """Note that a log has been read to its end for the first time."""
        with self._store.work(tenant) as work:
            if not work.channels.set_cursor(channel, cursor, after=stands):
                return False
            work.commit()
        return True

    def _lock_of(self, tenant: TenantId, channel: ChannelId) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault((tenant, channel), threading.Lock())
